/** Secrets out of what a model is asked. Names and paths stay: a model works with them. */
import { findSpans, knownForms } from './redact.ts';
import { replaceSpans } from './spans.ts';
import type { Span } from './types.ts';

/** Texts of one conversation, in order, without their secrets. */
export type PromptRedaction = (texts: readonly string[]) => Promise<string[]>;

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
    const placeholder = ({ value }: Span): string => {
      const number = numbers.get(value) ?? numbers.size + 1;
      numbers.set(value, number);
      return `<secret-${number}>`;
    };
    return texts.map((text, n) => replaceSpans(text, spans[n] ?? [], placeholder));
  };
}

/** The placeholders of secrets that stand in a text. */
export function secretPlaceholders(text: string): ReadonlySet<string> {
  return new Set(text.match(/<secret-\d+>/g));
}
