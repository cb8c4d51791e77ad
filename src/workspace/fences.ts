/** A fenced block of a reply, with the lines before it that may name its file. */
export interface Fence {
  /** Everything after the opening marks. */
  readonly info: string;
  /** First word of the info string, without a path glued to it. */
  readonly language: string;
  /** Ends in a newline unless it is empty. */
  readonly body: string;
  /** Up to three non-empty lines above, nearest first. */
  readonly above: readonly string[];
  readonly closed: boolean;
  /** First line after the block. */
  readonly end: number;
  /** It might as well end elsewhere: fences stand inside that are no longer than its own. */
  readonly doubtful: boolean;
}

interface Opening {
  readonly indent: string;
  readonly marks: string;
  readonly info: string;
}

export function fenceOpening(line: string): Opening | undefined {
  const found = /^(\s*)(`{3,}(?!`)|~{3,}(?!~))([^`]*)$/.exec(line);
  return found === null ? undefined : { indent: found[1] ?? '', marks: found[2] ?? '', info: (found[3] ?? '').trim() };
}

/** A line that can close a fence opened with these marks: at least as many of the same, and nothing else. */
export function closesFence(line: string, marks: string): boolean {
  const plain = line.trim();
  return plain.startsWith(marks) && plain === (marks[0] ?? '').repeat(plain.length);
}

/**
 * Reads the block that opens at `at`, up to `limit` at most. It ends as CommonMark has it, at the first fence that is long enough, unless openings
 * with an info string inside are balanced (a README with examples); one that is never closed ends with the reply. Where a later fence could be
 * its end just as well, the file as it is now decides (`before`), and where that does not, the block is doubtful.
 */
export function readFence(lines: readonly string[], at: number, limit: number, about: { before: string; prose: boolean }): Fence {
  const { indent, marks, info } = fenceOpening(lines[at] ?? '') ?? { indent: '', marks: '```', info: '' };
  const bare: number[] = [];
  const named: number[] = [];
  for (let n = at + 1; n < lines.length; n++) {
    const line = lines[n] ?? '';
    if (closesFence(line, marks)) bare.push(n);
    else if (fenceOpening(line)?.marks.startsWith(marks)) named.push(n);
  }
  const bodyTo = (end: number): string => {
    const body = lines.slice(at + 1, end).map((line) => (indent !== '' && line.startsWith(indent) ? line.slice(indent.length) : line));
    return body.length === 0 ? '' : `${body.join('\n')}\n`;
  };
  const made = (end: number, doubtful = false): Fence => ({
    info,
    language: /^[A-Za-z0-9+#-]*/.exec(info)?.[0] ?? '',
    body: bodyTo(end),
    above: linesAbove(lines, at),
    closed: end < lines.length,
    end: Math.min(end + 1, lines.length),
    doubtful,
  });
  const balanced = balancedEnd(bare, named);
  const first = balanced ?? bare[0];
  if (first === undefined) {
    let end = lines.length;
    while (end > at + 1 && (lines[end - 1] ?? '').trim() === '') end--;
    return { ...made(end), closed: false, end: lines.length };
  }
  const within = (list: readonly number[]) => list.filter((n) => n > first && n < limit);
  const last = within(bare).at(-1);
  // What follows an end is prose, or a block that opens with a language: then the first end is one.
  if (last === undefined || (within(named)[0] ?? Infinity) < (within(bare)[0] ?? 0)) return made(first);
  const body = bodyTo(first);
  const known = new Set(body.split('\n'));
  const old = new Set(about.before.split('\n').filter((line) => line.trim().length > 2 && !closesFence(line, marks)));
  const left = lines.slice(first + 1, limit).some((line) => old.has(line) && !known.has(line));
  if (!left && !about.prose && !isTorn(body) && !hasFence(about.before, marks)) return made(first);
  return left && sameFences(about.before, bodyTo(last), marks) && covers(bodyTo(last), about.before) ? made(last) : made(first, true);
}

/** The end when every opening with an info string inside has its own closing fence. */
function balancedEnd(bare: readonly number[], named: readonly number[]): number | undefined {
  let depth = 1;
  for (const { n, opens } of [...bare.map((n) => ({ n, opens: false })), ...named.map((n) => ({ n, opens: true }))].sort(
    (a, b) => a.n - b.n,
  )) {
    depth += opens ? 1 : -1;
    if (depth === 0) return n;
  }
  return undefined;
}

const fenceLines = (text: string, marks: string): string[] =>
  text.split('\n').filter((line) => closesFence(line, marks) || fenceOpening(line)?.marks.startsWith(marks));

const hasFence = (text: string, marks: string): boolean => fenceLines(text, marks).length > 0;

/** All fences inside are those that the file has already: none of them can be the block's own. */
function sameFences(before: string, body: string, marks: string): boolean {
  const own = fenceLines(before, marks);
  return own.length > 0 && JSON.stringify(own) === JSON.stringify(fenceLines(body, marks));
}

/** Most lines of the file are there. */
function covers(body: string, before: string): boolean {
  const lines = new Set(body.split('\n'));
  const old = before.split('\n').filter((line) => line.trim() !== '');
  return old.filter((line) => lines.has(line)).length >= old.length * 0.7;
}

/** A string or a comment of several lines is open at the end: the text was cut inside it. */
function isTorn(body: string): boolean {
  return ['"""', "'''", '`'].some((mark) => body.split(mark).length % 2 === 0) || body.lastIndexOf('/*') > body.lastIndexOf('*/');
}

function linesAbove(lines: readonly string[], at: number): string[] {
  const above: string[] = [];
  for (let n = at - 1; n >= 0 && n >= at - 6 && above.length < 3; n--) {
    const line = lines[n] ?? '';
    if (/^\s*(`{3,}|~{3,})/.test(line)) break;
    if (line.trim() !== '') above.push(line);
  }
  return above;
}
