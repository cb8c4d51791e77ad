/**
 * Redaction: exact known secrets, secretlint's rules, our own patterns, and names of people, machines and folders; everything found becomes a
 * stable placeholder. `docs/privacy.md` says how well it does, and what it cannot find.
 */
import { isSecretField } from './assignments.ts';
import { nameFinder } from './names.ts';
import { createPlaceholders } from './placeholders.ts';
import { type Detectors, findSpans, knownForms } from './redact.ts';
import { mergeSpans } from './spans.ts';
import type { Redaction, RedactionOptions, Span } from './types.ts';

export { knownSecrets, secretsInKeyFile } from './known.ts';
export { redactionMemorySchema } from './placeholders.ts';
export type * from './types.ts';

/** One redaction serves one export or one upload: within it the same value has the same placeholder. */
export function createRedaction(options: RedactionOptions): Redaction {
  const detectors: Detectors = { known: knownForms(options.known), names: nameFinder(options) };
  const placeholders = createPlaceholders(options.memory);

  const replace = (text: string, spans: readonly Span[]): string => {
    let output = '';
    let done = 0;
    for (const span of spans) {
      output += text.slice(done, span.start) + placeholders.of(span);
      done = span.end;
    }
    return output + text.slice(done);
  };

  const text = async (input: string): Promise<string> => replace(input, await findSpans(input, detectors));

  return {
    text,
    value: async (input) => {
      const strings: Found[] = [];
      collect(input, undefined, strings);
      const redacted = await redactAll(strings, detectors, replace);
      let next = 0;
      return rebuild(input, () => redacted[next++] as string) as typeof input;
    },
    report: placeholders.report,
    memory: placeholders.memory,
  };
}

interface Found {
  readonly text: string;
  /** The key it stands under, when it is a value. */
  readonly key: string | undefined;
}

/** Every string in a fixed order: keys before their values. */
function collect(value: unknown, key: string | undefined, strings: Found[]): void {
  if (typeof value === 'string') strings.push({ text: value, key });
  else if (Array.isArray(value)) for (const item of value) collect(item, key, strings);
  else if (typeof value === 'object' && value !== null) {
    const named = pairName(value);
    for (const [name, item] of Object.entries(value)) {
      strings.push({ text: name, key: undefined });
      collect(item, name === 'value' && named !== undefined ? named : name, strings);
    }
  }
}

/** `{"name": "password", "value": "…"}`: the value belongs to that name. */
function pairName(value: object): string | undefined {
  const { name, key } = value as { name?: unknown; key?: unknown };
  return typeof name === 'string' ? name : typeof key === 'string' ? key : undefined;
}

function rebuild(value: unknown, next: () => string): unknown {
  if (typeof value === 'string') return next();
  if (Array.isArray(value)) return value.map((item) => rebuild(item, next));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([, item]) => {
      const name = next();
      return [name, rebuild(item, next)];
    }),
  );
}

/** Strings are looked through together, up to so many characters: a rule costs the same for one as for a thousand short ones. */
const togetherCharacters = 200_000;
const between = '\n\n';

async function redactAll(
  strings: readonly Found[],
  detectors: Detectors,
  replace: (text: string, spans: readonly Span[]) => string,
): Promise<string[]> {
  const redacted: string[] = [];
  let group: Found[] = [];
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
