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
}

/**
 * Finds fenced blocks as CommonMark means them, and is more lenient in two ways: a block that is never closed ends with the reply, and
 * blocks inside a block (a README with examples) are balanced when their openings have an info string.
 */
export function findFences(text: string): Fence[] {
  const lines = text.split('\n');
  const fences: Fence[] = [];
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(\s*)(`{3,}(?!`)|~{3,}(?!~))([^`]*)$/.exec(lines[at] ?? '');
    if (opening === null) continue;
    const indent = opening[1] ?? '';
    const end = closingLine(lines, at + 1, opening[2] ?? '```');
    const closed = end < lines.length;
    const body = lines
      .slice(at + 1, closed ? end : lines.length)
      .map((line) => (indent !== '' && line.startsWith(indent) ? line.slice(indent.length) : line));
    if (!closed) while (body.length > 0 && (body.at(-1) ?? '').trim() === '') body.pop();
    const info = (opening[3] ?? '').trim();
    fences.push({
      info,
      language: /^[A-Za-z0-9+#-]*/.exec(info)?.[0] ?? '',
      body: body.length === 0 ? '' : `${body.join('\n')}\n`,
      above: linesAbove(lines, at),
      closed,
    });
    at = end;
  }
  return fences;
}

function closingLine(lines: readonly string[], from: number, marks: string): number {
  const kind = marks[0] ?? '`';
  const first: number[] = [];
  let depth = 1;
  for (let at = from; at < lines.length; at++) {
    const fence = /^\s*(`{3,}(?!`)|~{3,}(?!~))(.*)$/.exec(lines[at] ?? '');
    if (fence === null || !fence[1]?.startsWith(kind) || fence[1].length < marks.length) continue;
    if ((fence[2] ?? '').trim() !== '') depth++;
    else {
      first.push(at);
      depth--;
      if (depth === 0) return at;
    }
  }
  // Unbalanced: an opening inside was no opening. The first bare fence closes, as the standard has it.
  return first[0] ?? lines.length;
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
