import { diffIndices } from 'node-diff3';

/** Lines `[from, from + length)`, from 0, of the text before and of that after. */
interface ChangedLines {
  readonly before: readonly [from: number, length: number];
  readonly after: readonly [from: number, length: number];
}

/** Beyond so many pairs of lines telling more would take seconds. */
const mostPairs = 250_000;

/**
 * The stretches of lines that are not the same. Beginning and end that both texts share cost nothing; what lies between counts as one change where
 * `isTooMuch` says so of the numbers of lines.
 */
export function changedLines(
  before: readonly string[],
  after: readonly string[],
  isTooMuch = (old: number, now: number): boolean => old * now > mostPairs,
): ChangedLines[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [old, now] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  if (old.length === 0 && now.length === 0) return [];
  if (old.length === 0 || now.length === 0 || isTooMuch(old.length, now.length))
    return [{ before: [head, old.length], after: [head, now.length] }];
  return diffIndices(old, now).map(({ buffer1, buffer2 }) => ({
    before: [head + buffer1[0], buffer1[1]],
    after: [head + buffer2[0], buffer2[1]],
  }));
}
