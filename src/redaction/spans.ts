/** Spans of several detectors become one list without overlaps. Pure. */
import type { Span } from './types.ts';

/**
 * A span inside another goes with it. Spans that overlap in part become one that covers both; it counts as a secret when either is one.
 */
export function mergeSpans(spans: readonly Span[]): Span[] {
  const sorted = spans.filter((span) => span.end > span.start).sort((a, b) => a.start - b.start || b.end - a.end || rank(a) - rank(b));
  const merged: Span[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) {
      const leading = rank(span) < rank(last) ? span : last;
      merged[merged.length - 1] = { ...leading, start: last.start, end: span.end, value: `${last.value}${span.value}` };
    } else if (span.start === last.start && span.end === last.end && rank(span) < rank(last)) merged[merged.length - 1] = span;
  }
  return merged;
}

const order: readonly Span['placeholder'][] = ['secret', 'workspace', 'data', 'path', 'home', 'email', 'name', 'host', 'user'];
const rank = (span: Span): number => order.indexOf(span.placeholder);

/** The text with another one in the place of each span; spans are in order and do not overlap. */
export function replaceSpans(text: string, spans: readonly Span[], by: (span: Span) => string): string {
  let output = '';
  let done = 0;
  for (const span of spans) {
    output += text.slice(done, span.start) + by(span);
    done = span.end;
  }
  return output + text.slice(done);
}
