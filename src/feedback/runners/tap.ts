/** The Test Anything Protocol, which many programs of JavaScript print: their word, which no guard of ours confirms. */
import { shorten } from '../normalise.ts';
import type { TestCase } from '../types.ts';
import { lineReader } from './lines.ts';
import { programName, withoutOption } from './runner.ts';

const programs = /^(ava|tap|tape|qunit)$/;

/** Whether some words, past `VAR=value` and `npx`, start a program whose output is TAP, or can be. */
export const isTapProgram = (words: readonly string[]): boolean =>
  programs.test(programName(words.find((word) => !/^[A-Za-z_]\w*=/.test(word) && !['npx', 'cross-env', 'env'].includes(word))));

/** The words with TAP switched on where it is not what the program prints, and without what makes it watch. */
export function asTap(argv: readonly string[]): string[] {
  const [program = '', ...rest] = argv;
  const words = rest.filter((word) => !/^(-w|--watch)$/.test(word));
  if (programName(program) === 'ava') return [program, '--tap', ...words.filter((word) => word !== '--tap')];
  if (programName(program) === 'tap') return [program, '--reporter=tap', ...withoutOption(words, '--reporter', '-R')];
  return [program, ...words];
}

/** `tape test | tap-spec` without the program that makes the output pretty. */
export const withoutPrettyTap = (line: string): string =>
  line.replace(/^((?:npx )?(?:tape|tap|node|ava)\s[^|&;<>]*?)\s*\|\s*(?:npx )?(?:tap-[\w-]+|faucet|colortape|tnyan)\s*$/, '$1');

const mostCases = 100_000;
/** Characters looked at of a line. */
const longestLine = 2000;

/** Reads what a program prints; `read` gives nothing where it was no TAP. */
export function tapReader(): { add(chunk: string): void; read(): { cases: TestCase[]; complete: boolean } | undefined } {
  const cases: TestCase[] = [];
  const seen = new Map<string, number>();
  let isTap = false;
  let planned: number | undefined;
  let told = 0;
  let bailed = false;
  let comment = '';
  let details: string[] | undefined;
  const endDetails = (): void => {
    const last = cases.at(-1);
    if (details !== undefined && last?.outcome === 'failed') cases[cases.length - 1] = { ...last, message: shorten(details.join('\n')) };
    details = undefined;
  };
  const reader = lineReader((line) => {
    if (/^TAP version \d+/.test(line)) isTap = true;
    if (!isTap) return;
    if (/^ +---/.test(line)) details = [];
    else if (/^ +\.\.\./.test(line)) endDetails();
    else if (details !== undefined) details.push(line.replace(/^ {2,4}/, ''));
    else if (line.startsWith('# '))
      comment = line
        .slice(2)
        .replace(/^Subtest: /, '')
        .trim();
    else if (line.startsWith('Bail out!')) bailed = true;
    const plan = /^1\.\.(\d+)/.exec(line);
    if (plan !== null) planned = Number(plan[1]);
    const [, not, title = '', directive = ''] =
      /^(not )?ok\b(?:\s+\d+)?(?:\s+-)?\s*(.*?)(?:\s+# ?((?:SKIP|TODO)\b.*|time=.*))?(?:\s*\{)?$/i.exec(line.slice(0, longestLine)) ?? [];
    if (!/^(not )?ok\b/.test(line)) return;
    told += 1;
    if (cases.length >= mostCases) return;
    // tape names assertions, and the test around them in a comment.
    const base = [comment, title].filter((part, at, all) => part !== '' && all.indexOf(part) === at).join(' > ') || `test ${told}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    const name = count === 1 ? base : `${base} (${count})`;
    const outcome = /^(skip|todo)/i.test(directive) ? 'skipped' : not === undefined ? 'passed' : 'failed';
    cases.push({ id: name, name, outcome, ...(outcome === 'failed' ? { message: name } : {}) });
  });
  return {
    add: (chunk) => reader.add(chunk),
    read: () => {
      reader.end();
      endDetails();
      return isTap && told > 0 ? { cases, complete: planned === told && !bailed } : undefined;
    },
  };
}
