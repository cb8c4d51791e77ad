/** What runners say at their end, as a person reads it. */
import type { Counts } from './record.ts';

/** Of one runner: numbers behind each word are added up (cargo and workspaces have a summary for each part). */
const summaries: readonly { readonly passed: RegExp; readonly failed: RegExp }[] = [
  { passed: /^test result: .*?(\d+) passed/gm, failed: /^test result: .*?(\d+) failed/gm },
  { passed: /^\s*(\d+) passing\b/gm, failed: /^\s*(\d+) failing\b/gm },
  { passed: /^\s*Tests:?\s.*?(\d+) passed/gm, failed: /^\s*Tests:?\s.*?(\d+) failed/gm },
  { passed: /^(?:#|ℹ) pass\s+(\d+)/gm, failed: /^(?:#|ℹ) fail\s+(\d+)/gm },
  { passed: /(\d+) (?:tests? )?passed/g, failed: /(\d+) (?:tests? )?failed/g },
];

/** Undefined for a runner whose summary is not known. Subtests of Go count where `-v` tells them, as the tests that hold them do. */
export function countsIn(output: string): Counts | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of runners that do not ask whether there is a terminal
  const plain = output.replace(/\u001b\[[\d;]*m/g, '');
  const lines = [...plain.matchAll(/^\s*--- (PASS|FAIL|SKIP): /gm)].map(([, word]) => word);
  if (lines.length > 0)
    return { passed: lines.filter((word) => word === 'PASS').length, failed: lines.filter((word) => word === 'FAIL').length };
  const ran = /^Ran (\d+) tests? in/m.exec(plain);
  if (ran) {
    const count = (word: string): number => Number(new RegExp(`(?<!expected )\\b${word}=(\\d+)`).exec(plain)?.[1] ?? 0);
    const failed = count('failures') + count('errors');
    return { passed: Number(ran[1]) - failed - count('skipped'), failed };
  }
  const sum = (pattern: RegExp): number => [...plain.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
  const found = summaries.map(({ passed, failed }) => ({ passed: sum(passed), failed: sum(failed) }));
  const tap = { passed: plain.match(/^ok\b/gm)?.length ?? 0, failed: plain.match(/^not ok\b/gm)?.length ?? 0 };
  return found.find(({ passed, failed }) => passed + failed > 0) ?? (/^TAP version/m.test(plain) ? tap : undefined);
}
