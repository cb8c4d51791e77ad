/** Finds what must go in one text, with all detectors in all views of it. */
import { assignedSecrets } from './assignments.ts';
import { encodedTexts, formsOf } from './encoded.ts';
import type { NameFinder } from './names.ts';
import { secretPatterns } from './patterns.ts';
import { placeholderPattern } from './placeholders.ts';
import { secretlintMatches } from './secretlint.ts';
import { mergeSpans } from './spans.ts';
import type { Span } from './types.ts';
import { type View, viewsOf } from './views.ts';

/** Shorter values are placeholders such as `none` or `ollama`: replacing them would only damage the text. */
const shortestKnown = 6;
const placeholderWords = [
  'ollama',
  'dummy',
  'unused',
  'nokey',
  'no-key',
  'not-needed',
  'secret',
  'password',
  'changeme',
  'sk-none',
  'lm-studio',
  'apikey',
];

/** A known value, in one of the forms it may take in a text. */
interface KnownForm {
  readonly form: string;
  readonly value: string;
}

export function knownForms(known: readonly string[]): KnownForm[] {
  const values = [...new Set(known.map((value) => value.trim()))].filter(
    (value) => value.length >= shortestKnown && !placeholderWords.includes(value.toLowerCase()),
  );
  const forms = values.flatMap((value) => formsOf(value).map((form) => ({ form, value })));
  // Longest first, so that a value which contains another one leaves no rest.
  return forms.sort((a, b) => b.form.length - a.form.length);
}

export interface Detectors {
  readonly known: readonly KnownForm[];
  readonly names: NameFinder;
}

/** Everything that must go, in order and without overlaps. */
export async function findSpans(text: string, detectors: Detectors): Promise<Span[]> {
  if (text.length < 2) return [];
  const spans: Span[] = [];
  for (const view of viewsOf(text)) {
    const inView = [...plainSpans(view.text, detectors), ...(await ruleSpans(view.text)), ...encodedSpans(view.text, detectors)];
    spans.push(...toOriginal(inView, view));
  }
  return withoutPlaceholders(text, mergeSpans(spans));
}

function toOriginal(spans: readonly Span[], view: View): Span[] {
  return spans.map((span) => ({ ...span, start: view.origin(span.start), end: view.origin(span.end) }));
}

function plainSpans(text: string, { known, names }: Detectors): Span[] {
  const secret = (start: number, value: string, kind: string): Span => ({
    start,
    end: start + value.length,
    placeholder: 'secret',
    kind,
    value,
  });
  const spans: Span[] = [];
  for (const { form, value } of known) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      if (form.length < 8 && !standsAlone(text, at, form.length)) continue;
      spans.push({ start: at, end: at + form.length, placeholder: 'secret', kind: 'known', value });
    }
  }
  for (const { kind, pattern, accept } of secretPatterns) {
    for (const match of text.matchAll(pattern)) {
      const found = match[1] ?? match[0];
      if (found === '' || (accept !== undefined && !accept(found))) continue;
      spans.push(secret(match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(found)), found, kind));
    }
  }
  for (const { start, value } of assignedSecrets(text)) spans.push(secret(start, value, 'assignment'));
  return [...spans, ...names(text)];
}

/** Nothing of a word goes on before or after it. */
export const standsAlone = (text: string, at: number, length: number): boolean =>
  !/[A-Za-z0-9]/.test(text[at - 1] ?? '') && !/[A-Za-z0-9]/.test(text[at + length] ?? '');

async function ruleSpans(text: string): Promise<Span[]> {
  return (await secretlintMatches(text)).map(({ start, end, rule }) => ({
    start,
    end,
    placeholder: 'secret',
    kind: `secretlint-${rule}`,
    value: text.slice(start, end),
  }));
}

/** A base64 text goes as a whole when its content holds anything that must go. */
function encodedSpans(text: string, detectors: Detectors): Span[] {
  return encodedTexts(text).flatMap(({ start, end, text: inner }) => {
    const [first] = plainSpans(inner, detectors);
    return first === undefined ? [] : [{ start, end, placeholder: 'secret' as const, kind: 'encoded', value: text.slice(start, end) }];
  });
}

/** A text that was redacted before keeps its placeholders. */
function withoutPlaceholders(text: string, spans: readonly Span[]): Span[] {
  if (!text.includes('<')) return [...spans];
  const kept = [...text.matchAll(placeholderPattern)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  return spans.filter((span) => !kept.some((place) => place.start <= span.start && span.end <= place.end));
}
