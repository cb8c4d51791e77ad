import { caseBuilder, unguarded } from '../reading.ts';
import type { TestCase } from '../types.ts';
import { type CargoCall, plainly } from './cargo-call.ts';
import { isNoise, withoutIds } from './cargo-output.ts';
import { lineReader } from './lines.ts';
import type { Prepared, RunPlace } from './runner.ts';

/** What is read of it: a line for each test, what a failed one said behind its line, nothing else. */
const told = {
  NEXTEST_STATUS_LEVEL: 'all',
  NEXTEST_FINAL_STATUS_LEVEL: 'none',
  NEXTEST_FAILURE_OUTPUT: 'immediate',
  NEXTEST_SUCCESS_OUTPUT: 'never',
  NEXTEST_SHOW_PROGRESS: 'none',
};

const why = 'Read from what cargo nextest prints: it starts each test as a program of its own, in which no guard of ours stands';

const keptMessage = 8000;
const longestLine = 2000;
const passes = ['PASS', 'LEAK', 'FLAKY'];
const underWay = ['SLOW', 'TERMINATING', 'SETUP'];
/** What libtest says around the words of one test. */
const frame = /^(?:std(?:out|err) ───|running 1 test|test .* \.\.\. FAILED|failures:|test result: .*)$/;

interface Told {
  /** The program's name in nextest's words: `x`, `x::it`. */
  readonly file: string;
  readonly name: string;
  readonly outcome: TestCase['outcome'];
  message: string;
}

/** `cargo nextest run`, by the lines that it prints. */
export function nextest({ front, rest }: CargoCall, place: RunPlace): Prepared {
  const first = rest.some((word) => /^--(?:(?:no-)?fail-fast|nff?|ff|max-fail)(?:=|$)/.test(word)) ? [] : ['--no-fail-fast'];
  /** By program and test: of one that is tried again the last word counts. */
  const cases = new Map<string, Told>();
  let current: Told | undefined;
  let started = false;
  let total: number | undefined;
  let errors = '';
  const stderr = lineReader((line) => {
    const [, status = '', file, name] =
      /^ *(?:TRY \d+ )?([A-Z][A-Z-]*)(?: \+ LEAK| \d+\/\d+)? \[[ >\d.s]*\] (?:\( *\d+\/\d+\) )?(\S+) (\S.*)$/.exec(
        line.slice(0, longestLine),
      ) ?? [];
    const summary = /^ *Summary \[[^\]]*\] +(\d+)(?:\/\d+)? tests? run:/.exec(line);
    if (file !== undefined && name !== undefined && !underWay.includes(status)) {
      const outcome = passes.includes(status) ? 'passed' : status === 'SKIP' ? 'skipped' : 'failed';
      const one: Told = { file, name, outcome, message: '' };
      current = outcome === 'failed' ? one : undefined;
      cases.set(`${file}\0${name}`, one);
    } else if (/^ {4}Starting \d+ tests? across /.test(line)) started = true;
    else if (summary !== null) total = Number(summary[1]);
    else if (/^─{4,}$/.test(line)) current = undefined;
    else if (isNoise(line)) return;
    else if (current !== undefined) current.message = `${current.message}${line.replace(/^ {2,4}/, '')}\n`.slice(0, keptMessage);
    else if (!started && errors.length < 4 * keptMessage) errors += `${line}\n`;
  });
  return {
    argv: [...front, 'nextest', 'run', ...first, ...rest.filter((word) => !/^(?:-q|--quiet|-v+|--verbose)$/.test(word))],
    env: { ...plainly, ...told },
    onOutput: (chunk, stream) => (stream === 'stderr' ? stderr.add(chunk) : undefined),
    read() {
      stderr.end();
      const builder = caseBuilder({ root: place.root, normalise: place.normalise, separator: ' ', isFile: () => false });
      for (const one of cases.values()) {
        const { file, name, outcome } = one;
        builder.add({ file, name, outcome, ...(outcome === 'failed' ? { message: wordsOf(one) } : {}) });
      }
      const isBroken = !started && /^error/m.test(errors);
      if (isBroken)
        builder.add({ file: '', name: 'cargo build', outcome: 'failed', message: errors.slice(errors.search(/^error/m)), whole: true });
      const ran = [...cases.values()].filter(({ outcome }) => outcome !== 'skipped').length;
      return { cases: builder.cases(), pending: builder.pending(), ...unguarded(why), complete: isBroken || total === ran };
    },
  };
}

/** What a test said, without what libtest says around it. */
const wordsOf = ({ name, message }: Told): string =>
  withoutIds(
    message
      .split('\n')
      .filter((line) => !frame.test(line.trim()) && line.trim() !== name)
      .join('\n'),
  ).trim();
