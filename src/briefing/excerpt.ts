/** The part of a text that is worth its bytes: windows of whole lines around the lines that matter. */
import type { Focus } from './evidence.ts';
import { wordsOf } from './lexical.ts';

/** Stands before each shown part, so that a reader knows where in the file it is. */
export function markerLine(first: number, last: number, total: number): string {
  return `[lines ${first}-${last} of ${total}]`;
}

const before = 8;
const after = 24;
/** A function or class that is longer is shown in part. */
const longestBlock = 70;
const markerBytes = 32;

/**
 * @param bytes most UTF-8 bytes of the result
 * @param focus lines that matter, from 1
 * @param query words that make other lines matter a little, the more the fewer lines have them
 */
export function excerpt(text: string, bytes: number, focus: readonly Focus[], query: ReadonlyMap<string, number>): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '' && lines.length > 1) lines.pop();
  const sizes = lines.map((line) => Buffer.byteLength(line) + 1);
  const scores = lineScores(lines, focus, query);
  const shown = new Set<number>();
  let left = bytes;
  const show = (at: number): boolean => {
    if (shown.has(at)) return true;
    if (at < 0 || at >= lines.length) return true;
    const joins = shown.has(at - 1) || shown.has(at + 1);
    const cost = (sizes[at] ?? 0) + (joins ? 0 : markerBytes);
    if (cost > left) return false;
    left -= cost;
    shown.add(at);
    return true;
  };
  const centres = scores
    .map((score, at) => ({ score, at }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, 200);
  for (const { at } of [...centres, { at: 0 }]) {
    if (!show(at)) continue;
    const reach = Math.max(after, blockAfter(lines, at));
    for (let distance = 1; distance <= reach; distance += 1) {
      if (!show(at + distance)) break;
      if (distance <= before && !show(at - distance)) break;
    }
    if (left < 80) break;
  }
  if (shown.size === 0)
    return `${markerLine(1, 1, lines.length)}\n${cutToBytes(lines[centres[0]?.at ?? 0] ?? '', Math.max(0, bytes - markerBytes))}`;
  return render(
    lines,
    [...shown].sort((a, b) => a - b),
  );
}

/** Lines that belong to what a line opens: those that stand deeper than it. */
function blockAfter(lines: readonly string[], at: number): number {
  const depth = (line: string): number => line.search(/\S/);
  const own = depth(lines[at] ?? '');
  let length = 0;
  while (length < longestBlock && at + length + 1 < lines.length) {
    const next = depth(lines[at + length + 1] ?? '');
    if (next !== -1 && next <= own) break;
    length += 1;
  }
  return length;
}

function lineScores(lines: readonly string[], focus: readonly Focus[], query: ReadonlyMap<string, number>): number[] {
  const found = lines.map((line) => (line.length > 2000 ? [] : [...new Set(wordsOf(line))].filter((word) => query.has(word))));
  const holders = new Map<string, number>();
  for (const words of found) for (const word of words) holders.set(word, (holders.get(word) ?? 0) + 1);
  const most = Math.log(1 + lines.length);
  const rarity = (word: string): number => Math.log(1 + lines.length / (holders.get(word) ?? 1)) / most;
  const scores = found.map((words) => words.reduce((sum, word) => sum + (query.get(word) ?? 0) * rarity(word), 0));
  for (const { line, weight } of focus) {
    const at = Math.min(line, lines.length) - 1;
    if (at >= 0) scores[at] = (scores[at] ?? 0) + weight;
  }
  return scores;
}

function render(lines: readonly string[], shown: readonly number[]): string {
  const parts: string[] = [];
  let first = 0;
  shown.forEach((at, n) => {
    const next = shown[n + 1];
    if (next === at + 1) return;
    const start = shown[first] ?? at;
    parts.push(markerLine(start + 1, at + 1, lines.length), ...lines.slice(start, at + 1));
    first = n + 1;
  });
  return parts.join('\n');
}

/** The longest beginning of at most so many UTF-8 bytes that ends between two characters. */
export function cutToBytes(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return text;
  let end = Math.max(0, bytes);
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return buffer.subarray(0, end).toString('utf8');
}
