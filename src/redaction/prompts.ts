/** Secrets out of what a model is asked, and back into files that have them. Names and paths stay: a model works with them. */
import { findSpans, knownForms, standsAlone } from './redact.ts';
import { replaceSpans } from './spans.ts';
import type { Span } from './types.ts';

/** What stands behind each placeholder of a conversation, in every form that its texts had. */
export type HiddenSecrets = ReadonlyMap<string, ReadonlySet<string>>;

/** Texts of one conversation, in order, without their secrets. */
export type PromptRedaction = (texts: readonly string[]) => Promise<{ readonly texts: string[]; readonly hidden: HiddenSecrets }>;

/**
 * A redaction for prompts; `known` are exact values that must go, whatever they look like. Placeholders are numbered by conversation, so the
 * same conversation always reads the same, and its beginning stays as it was when it grows.
 */
export function promptRedaction(known: readonly string[]): PromptRedaction {
  const detectors = { known: knownForms(known), names: () => [] };
  /** By text: conversations repeat what was said before, and samples a whole prompt. */
  const found = new Map<string, Promise<readonly Span[]>>();
  const spansOf = (text: string): Promise<readonly Span[]> => {
    const before = found.get(text);
    if (before) return before;
    const spans = findSpans(text, detectors);
    found.set(text, spans);
    return spans;
  };
  return async (texts) => {
    const spans = await Promise.all(texts.map(spansOf));
    const numbers = new Map<string, number>();
    const hidden = new Map<string, Set<string>>();
    const hide = ({ value }: Span, written: string): string => {
      const number = numbers.get(value) ?? numbers.size + 1;
      numbers.set(value, number);
      const placeholder = `<secret-${number}>`;
      hidden.set(placeholder, (hidden.get(placeholder) ?? new Set()).add(written));
      return placeholder;
    };
    return {
      texts: texts.map((text, n) => replaceSpans(text, spans[n] ?? [], (span) => hide(span, text.slice(span.start, span.end)))),
      hidden,
    };
  };
}

const placeholders = /<secret-\d+>/g;

/** A text with values in it again. `absent`: placeholders of values that the file does not have; `unclear`: of more than one thing in it. */
export interface PutBack {
  readonly text: string;
  readonly absent: readonly string[];
  readonly unclear: readonly string[];
}

/** Puts the values of this file where the text has their placeholders. What the file itself calls so stays as it is. */
export function putBack(text: string, file: string, hidden: HiddenSecrets): PutBack {
  const [absent, unclear, values] = [new Set<string>(), new Set<string>(), new Map<string, string>()];
  for (const [placeholder] of text.matchAll(placeholders)) {
    const forms = [...(hidden.get(placeholder) ?? [])].filter((form) => file.includes(form));
    const own = file.includes(placeholder);
    const [value] = forms;
    if (value === undefined) {
      if (!own) absent.add(placeholder);
    } else if (own || forms.length > 1 || !isWhole(value, file)) unclear.add(placeholder);
    else values.set(placeholder, value);
  }
  return {
    text: text.replace(placeholders, (placeholder) => values.get(placeholder) ?? placeholder),
    absent: [...absent],
    unclear: [...unclear],
  };
}

/** What was shown of a file may have ended inside a value. */
function isWhole(value: string, file: string): boolean {
  for (let at = file.indexOf(value); at >= 0; at = file.indexOf(value, at + value.length)) {
    if (!standsAlone(file, at, value.length)) return false;
  }
  return true;
}
