/**
 * Redaction: exact known secrets, secretlint's rules, our own patterns, and names of people, machines and folders; everything found becomes a
 * stable placeholder. `docs/privacy.md` says how well it does, and what it cannot find.
 */
import { isSecretField } from './assignments.ts';
import { type Leaf, type Taken, takeText, takeValue } from './leaves.ts';
import { nameFinder } from './names.ts';
import { createPlaceholders } from './placeholders.ts';
import { type Detectors, findSpans, knownForms } from './redact.ts';
import { mergeSpans, replaceSpans } from './spans.ts';
import type { Redaction, RedactionOptions, Span } from './types.ts';

export { formsOf } from './encoded.ts';
export { knownSecrets, secretsInKeyFile } from './known.ts';
export { redactionMemorySchema } from './placeholders.ts';
export { type HiddenSecrets, type PromptRedaction, promptRedaction, putBack } from './prompts.ts';
export type { Redaction, RedactionOptions, RedactionReport } from './types.ts';

/** One redaction serves one export or one upload: within it the same value has the same placeholder. */
export function createRedaction(options: RedactionOptions): Redaction {
  const detectors: Detectors = { known: knownForms(options.known), names: nameFinder(options) };
  const placeholders = createPlaceholders(options.memory);

  const replace = (text: string, spans: readonly Span[]): string => replaceSpans(text, spans, placeholders.of);

  const run = async <T>(taken: Taken<T>): Promise<T> => {
    const redacted = await redactAll(taken.leaves, detectors, replace);
    let next = 0;
    return taken.rebuild(() => redacted[next++] as string);
  };

  return {
    text: (text) => run(takeText(text)),
    value: async (value) => (await run(takeValue(value))) as typeof value,
    report: placeholders.report,
    memory: placeholders.memory,
  };
}

/** Strings are looked through together, up to so many characters: a rule costs the same for one as for a thousand short ones. */
const togetherCharacters = 200_000;
const between = '\n\n';

async function redactAll(
  strings: readonly Leaf[],
  detectors: Detectors,
  replace: (text: string, spans: readonly Span[]) => string,
): Promise<string[]> {
  const redacted: string[] = [];
  let group: Leaf[] = [];
  let size = 0;
  const finish = async (): Promise<void> => {
    const joined = group.map(({ text }) => text).join(between);
    const spans = await findSpans(joined, detectors);
    let place = 0;
    let at = 0;
    for (const { text, key } of group) {
      const end = at + text.length;
      while (place < spans.length && (spans[place] as Span).end <= at) place += 1;
      const own: Span[] = [];
      for (let index = place; index < spans.length && (spans[index] as Span).start < end; index++) {
        const span = spans[index] as Span;
        own.push({ ...span, start: Math.max(0, span.start - at), end: Math.min(text.length, span.end - at) });
      }
      if (key !== undefined && isSecretField(key, text.trim()))
        own.push({ start: 0, end: text.length, placeholder: 'secret', kind: 'assignment', value: text });
      redacted.push(replace(text, mergeSpans(own)));
      at = end + between.length;
    }
    group = [];
    size = 0;
  };
  for (const found of strings) {
    if (size > 0 && size + found.text.length > togetherCharacters) await finish();
    group.push(found);
    size += found.text.length;
  }
  if (group.length > 0) await finish();
  return redacted;
}
