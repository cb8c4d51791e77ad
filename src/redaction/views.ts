/**
 * Texts inside texts. A secret may stand in a string of a JSON document that is itself a string of another, or in a URL. A view is such a
 * text decoded, with the way back: which part of the original each of its characters came from. Detectors read views and know nothing
 * of the encodings.
 */
export interface View {
  readonly text: string;
  /** The place in the original where character `at` begins; `at` may be the length of the text. */
  origin(at: number): number;
}

const deepest = 3;

/** The text as it is, with its escapes undone once, twice, three times, and with `%41` undone. */
export function viewsOf(text: string): View[] {
  const views: View[] = [{ text, origin: (at) => at }];
  let last = views[0] as View;
  for (let depth = 0; depth < deepest; depth++) {
    const next = decoded(last, escapePattern, withoutBackslash);
    if (next === undefined) break;
    views.push(next);
    last = next;
  }
  for (const view of [...views]) {
    const plain = decoded(view, percentPattern, unpercent);
    if (plain !== undefined) views.push(plain);
  }
  return views;
}

const escapePattern = /\\(?:["'\\/bfnrt]|u[0-9a-fA-F]{4})/g;
const plainEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const withoutBackslash = (sequence: string): string =>
  sequence[1] === 'u'
    ? String.fromCharCode(Number.parseInt(sequence.slice(2), 16))
    : (plainEscapes[sequence[1] as string] ?? (sequence[1] as string));

/** Only ASCII: secrets and addresses are; longer sequences stay as they are. */
const percentPattern = /%[2-7][0-9a-fA-F]/g;
const unpercent = (sequence: string): string => String.fromCharCode(Number.parseInt(sequence.slice(1), 16));

/** Undefined when there is nothing to decode. */
function decoded(view: View, pattern: RegExp, decode: (sequence: string) => string): View | undefined {
  const parts: string[] = [];
  /** Where a piece begins in the decoded text, and in the text it came from; pieces in between are copied character by character. */
  const starts: number[] = [];
  const sources: number[] = [];
  let done = 0;
  let length = 0;
  const piece = (text: string, source: number): void => {
    if (text === '') return;
    starts.push(length);
    sources.push(source);
    parts.push(text);
    length += text.length;
  };
  for (const match of view.text.matchAll(pattern)) {
    piece(view.text.slice(done, match.index), done);
    piece(decode(match[0]), match.index);
    done = match.index + match[0].length;
  }
  if (parts.length === 0) return undefined;
  piece(view.text.slice(done), done);
  const total = length;
  const sourceLength = view.text.length;
  return {
    text: parts.join(''),
    origin: (at) => {
      if (at >= total) return view.origin(sourceLength);
      const index = lastAtOrBefore(starts, at);
      return view.origin((sources[index] as number) + at - (starts[index] as number));
    },
  };
}

function lastAtOrBefore(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] as number) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
