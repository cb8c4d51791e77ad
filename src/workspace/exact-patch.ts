/**
 * The text that a patch makes where it fits as `git apply` wants it: its counts are right, and every line that it keeps or removes stands, with its
 * line end, exactly where the patch says. Undefined where it does not; then it may still be found by its text (`readPatch`). A patch that adds lines
 * without a line around them says only by a number where they go, which models get wrong: that is no fit either. Pure.
 */
export function exactlyPatched(text: string, patch: string): string | undefined {
  const old = text === '' ? [] : text.split(/(?<=\n)/);
  const hunks = readHunks(patch.split('\n'));
  if (hunks === undefined) return undefined;
  const written: string[] = [];
  let at = 0;
  for (const { start, have, want } of hunks) {
    const isInPlace = start >= at && have.every((line, n) => line === old[start + n]);
    if (!isInPlace || (have.length === 0 && old.length > 0)) return undefined;
    written.push(...old.slice(at, start), ...want);
    at = start + have.length;
  }
  const result = [...written, ...old.slice(at)];
  return result.every((line, n) => line.endsWith('\n') || n === result.length - 1) ? result.join('') : undefined;
}

interface ExactHunk {
  /** First line of the old text, from 0. */
  readonly start: number;
  /** Lines with their ends. */
  readonly have: readonly string[];
  readonly want: readonly string[];
}

function readHunks(lines: readonly string[]): ExactHunk[] | undefined {
  const hunks: ExactHunk[] = [];
  let n = 0;
  while (n < lines.length) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lines[n] ?? '');
    if (header === null) {
      if (lines.slice(n).every((line) => line.trim() === '')) break;
      return undefined;
    }
    const [from, left, right] = [Number(header[1]), Number(header[2] ?? 1), Number(header[3] ?? 1)];
    const [have, want]: [string[], string[]] = [[], []];
    for (n++; n < lines.length && (have.length < left || want.length < right); n++) {
      const line = lines[n] ?? '';
      const sign = line === '' ? ' ' : line[0];
      const isLast = lines[n + 1]?.startsWith('\\') === true;
      const content = `${line.slice(1)}${isLast ? '' : '\n'}`;
      if (sign !== '+' && sign !== '-' && sign !== ' ') return undefined;
      if (sign !== '+') have.push(content);
      if (sign !== '-') want.push(content);
      if (isLast) n++;
    }
    if (have.length !== left || want.length !== right) return undefined;
    hunks.push({ start: left === 0 ? from : from - 1, have, want });
  }
  return hunks.length === 0 ? undefined : hunks;
}
