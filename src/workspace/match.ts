/** How a block was found, from strict to lenient. */
export const matchLevels = ['exact', 'trailing-space', 'punctuation', 'indent'] as const;
export type MatchLevel = (typeof matchLevels)[number];

/** Where a block stands in the text: characters from `start` to `end`, to be replaced by `replacement`. */
export interface Match {
  readonly level: MatchLevel;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export type MatchResult = Match | { readonly failed: 'not-found' | 'ambiguous'; readonly lines: readonly number[] };

export const isMatch = (result: MatchResult): result is Match => 'start' in result;

/**
 * Finds `search` in `text` by the ladder exact → trailing space → quotes, dashes and no-break spaces → common indent. The first level
 * that finds anything decides, and it must find exactly one place. `nearLine` (from 0) settles between several when it is given.
 */
export function findBlock(text: string, search: string, replace: string, nearLine?: number): MatchResult {
  const lines = splitLines(text);
  const wanted = splitLines(search);
  const substitute = splitLines(replace);
  for (const level of matchLevels) {
    const found = placesAt(level, lines, wanted);
    const place = found.length > 1 && nearLine !== undefined ? nearest(found, nearLine) : found.length === 1 ? found[0] : undefined;
    if (place !== undefined) return matchOf(level, text, lines, wanted, substitute, place);
    if (found.length > 1) return { failed: 'ambiguous', lines: found.map((line) => line + 1) };
  }
  return insideLines(text, search.replace(/\n$/, ''), replace.replace(/\n$/, '')) ?? { failed: 'not-found', lines: [] };
}

/** Lines without their ends; a final newline makes no further line. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function nearest(places: readonly number[], line: number): number | undefined {
  const sorted = [...places].sort((a, b) => Math.abs(a - line) - Math.abs(b - line));
  const [first, second] = sorted;
  if (first === undefined || second === undefined) return first;
  return Math.abs(first - line) === Math.abs(second - line) ? undefined : first;
}

const plainSpace = (line: string): string => line.trimEnd();

const plainPunctuation = (line: string): string =>
  line
    .replace(/[\u2018\u2019\u201a\u201b]/g, "'")
    .replace(/[\u201c\u201d\u201e\u201f]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\u2026/g, '...')
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .trimEnd();

/** First lines (from 0) of every place where the level finds the block. */
function placesAt(level: MatchLevel, lines: readonly string[], wanted: readonly string[]): number[] {
  if (wanted.length === 0 || wanted.length > lines.length) return [];
  if (level === 'indent') {
    if (wanted.every((line) => line.trim() === '')) return [];
    return places(lines, wanted, (have, want) => plainPunctuation(have).trimStart() === plainPunctuation(want).trimStart()).filter(
      (place) => indentShift(lines.slice(place, place + wanted.length), wanted) !== undefined,
    );
  }
  const form = level === 'exact' ? (line: string) => line : level === 'trailing-space' ? plainSpace : plainPunctuation;
  const forms = lines.map(form);
  const wantedForms = wanted.map(form);
  return places(forms, wantedForms, (have, want) => have === want);
}

function places(lines: readonly string[], wanted: readonly string[], same: (have: string, want: string) => boolean): number[] {
  const found: number[] = [];
  for (let at = 0; at + wanted.length <= lines.length; at++) {
    if (wanted.every((want, n) => same(lines[at + n] ?? '', want))) found.push(at);
  }
  return found;
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

/** The one difference of indent between file and block: what to add to, or take from, every line of the replacement. */
function indentShift(have: readonly string[], wanted: readonly string[]): { add: string } | { remove: string } | undefined {
  let shift: { add: string } | { remove: string } | undefined;
  for (const [n, want] of wanted.entries()) {
    if (want.trim() === '') continue;
    const mine = indentOf(have[n] ?? '');
    const theirs = indentOf(want);
    const one = mine.endsWith(theirs)
      ? { add: mine.slice(0, mine.length - theirs.length) }
      : theirs.endsWith(mine)
        ? { remove: theirs.slice(0, theirs.length - mine.length) }
        : undefined;
    if (one === undefined || (shift !== undefined && JSON.stringify(shift) !== JSON.stringify(one) && !isNothing(shift, one)))
      return undefined;
    shift = one;
  }
  return shift ?? { add: '' };
}

const isNothing = (a: object, b: object): boolean =>
  Object.values(a).every((value) => value === '') && Object.values(b).every((value) => value === '');

function matchOf(
  level: MatchLevel,
  text: string,
  lines: readonly string[],
  wanted: readonly string[],
  substitute: readonly string[],
  place: number,
): Match {
  const have = lines.slice(place, place + wanted.length);
  const start = lines.slice(0, place).reduce((sum, line) => sum + line.length + 1, 0);
  const length = have.reduce((sum, line) => sum + line.length + 1, 0);
  const end = Math.min(start + length, text.length);
  const endsWithNewline = text[end - 1] === '\n' && end - start === length;
  const shift = level === 'indent' ? indentShift(have, wanted) : undefined;
  const written = substitute.map((line) => {
    const kept = level === 'exact' ? undefined : keptLine(line, have, wanted);
    return kept ?? (shift === undefined ? line : shifted(line, shift));
  });
  const replacement = written.join('\n') + (written.length > 0 && endsWithNewline ? '\n' : '');
  return { level, start, end, replacement };
}

/** A line that the block repeats unchanged stays as it is in the file, with its own spaces and quotes. */
function keptLine(line: string, have: readonly string[], wanted: readonly string[]): string | undefined {
  const at = wanted.indexOf(line);
  return at >= 0 && wanted.lastIndexOf(line) === at ? have[at] : undefined;
}

function shifted(line: string, shift: { add: string } | { remove: string }): string {
  if (line.trim() === '') return line;
  if ('add' in shift) return shift.add + line;
  return line.startsWith(shift.remove) ? line.slice(shift.remove.length) : line.trimStart();
}

/** A block that is a part of a line, or of several, found character by character; it must be unique. */
function insideLines(text: string, search: string, replace: string): Match | undefined {
  if (search.trim().length < 4) return undefined;
  const start = text.indexOf(search);
  if (start < 0 || text.indexOf(search, start + 1) >= 0) return undefined;
  // A block whose last line is a whole line's beginning would leave that line's tail behind.
  const end = start + search.length;
  if (search.includes('\n') && text[end] !== undefined && text[end] !== '\n') return undefined;
  return { level: 'exact', start, end, replacement: replace };
}

/** The region of the text that is most like the block, with line numbers, for the one who has to try again. */
export function nearestRegion(text: string, search: string, most = 12): string | undefined {
  const lines = splitLines(text);
  const wanted = splitLines(search).map((line) => line.trim());
  const words = new Set(wanted.filter((line) => line.length > 2));
  if (lines.length === 0 || words.size === 0) return undefined;
  const tokens = new Set(search.match(/[\p{L}\p{N}_]{3,}/gu) ?? []);
  const scores = lines.map((line) => {
    const trimmed = line.trim();
    if (words.has(trimmed)) return 3;
    const own = trimmed.match(/[\p{L}\p{N}_]{3,}/gu) ?? [];
    return own.length === 0 ? 0 : (2 * own.filter((token) => tokens.has(token)).length) / Math.max(own.length, 3);
  });
  const span = Math.min(Math.max(wanted.length, 1), most, lines.length);
  let best = 0;
  let bestScore = -1;
  let running = scores.slice(0, span).reduce((sum, score) => sum + score, 0);
  for (let at = 0; at + span <= lines.length; at++) {
    if (running > bestScore) {
      best = at;
      bestScore = running;
    }
    running += (scores[at + span] ?? 0) - (scores[at] ?? 0);
  }
  if (bestScore <= 0.5) return undefined;
  const from = Math.max(0, best - 1);
  return lines
    .slice(from, best + span + 1)
    .map((line, n) => `${from + n + 1}| ${line.slice(0, 200)}`)
    .join('\n');
}
