/** Answers that depend on how often they were asked for. */
import type { CodeText } from './code-text.ts';
import { counters } from './signs.ts';

/**
 * Where a number that outlives a call, and only ever grows by steps, decides by a number: `if (calls++ === 0)`. What counts down again is a depth or a
 * size; what is only given away is an id.
 */
export function countsCalls(text: CodeText, isNew: (from: number, end: number) => boolean): number[] {
  const { code } = text;
  const found: number[] = [];
  for (const { 0: definition, 1: first, 2: second, 3: third, index } of code.matchAll(counters[text.language])) {
    const name = first ?? second ?? third;
    if (name === undefined || !isNew(index, index + definition.length)) continue;
    const counter = String.raw`(?<![\w$])(?:[\w$]+\.)?${name.replaceAll('$', '\\$')}(?:\[0\])?(?![\w$])`;
    const step = String.raw`(?:${counter}(?:\+\+|\s*\+=\s*1\b|\s*=\s*(?:${counter}|getattr\([^()\n]{0,60}\))\s*\+\s*1\b|\.(?:fetch_add|Add|set)\()|\+\+${counter}|\bnext\(\s*${counter}|\bAdd(?:Int|Uint)\d+\(\s*&${counter})`;
    if (!new RegExp(step).test(code) || new RegExp(String.raw`${counter}(?:--|\s*-=|\.fetch_sub)|--${counter}`).test(code)) continue;
    const alias = new RegExp(String.raw`([A-Za-z_$][\w$]{0,60})\s*:?=\s*[^;\n=]{0,40}${step}`).exec(code)?.[1];
    const read =
      alias === undefined || alias === name ? counter : String.raw`(?:${counter}|(?<![\w$.])${alias.replaceAll('$', '\\$')}(?![\w$]))`;
    const value = String.raw`(?:\+\+)?${read}(?:\+\+|\.(?:fetch_add|Add|load|Load|get)\([^()\n]{0,60}\))?(?:,\s*1\s*\)|\))?`;
    const decision = new RegExp(
      String.raw`${value}\s*(?:===?|!==?|<=?|>=?|%)\s*\d|\d\s*(?:===?|<=?|>=?)\s*${value}|\bswitch\s*\(?\s*${value}|\bmatch\s+${value}|\]\s*\[\s*${value}`,
      'g',
    );
    for (const match of code.matchAll(decision)) if (isNew(match.index, match.index + match[0].length)) found.push(match.index);
  }
  return found;
}
