import type { TestCase } from '../types.ts';
import type { TestProgram } from './cargo-guard.ts';
import { lineReader } from './lines.ts';

const keptMessage = 8000;

export interface Line {
  /** Number of the block it stands in, from 1. */
  readonly block: number;
  readonly name: string;
  readonly outcome: TestCase['outcome'];
  readonly message?: string | undefined;
}

/** What cargo runs: a program, or the tests in the documentation of a crate. */
export interface Target extends TestProgram {
  readonly isDoc: boolean;
  /** What it said past its tests, to its end: its last words. */
  readonly words: string;
  /** How it ended, in cargo's words, where that was no success: `exit status: 101`, `signal: 6, SIGABRT: process abort signal`. */
  readonly end?: string;
}

export interface Printed {
  readonly targets: readonly Target[];
  /** Tests by block and name: those of one block run side by side. */
  readonly lines: readonly Line[];
  readonly blocks: number;
  /** Blocks that never came to their end, with what was said in them beside results, in the order in which they began. */
  readonly unfinished: readonly { readonly block: number; readonly words: string }[];
  /** What the compiler said. */
  readonly errors: string;
}

/** Reads what cargo and programs of tests print. `onBuilt` is called (more than once) as soon as all is built. */
export function cargoOutput(onBuilt: () => void): { add(chunk: string, stream: 'stdout' | 'stderr'): void; read(): Printed } {
  // Targets are named on stderr and run on stdout, in the same order.
  const targets: Pick<Target, 'source' | 'path' | 'isDoc'>[] = [];
  const lines: Line[] = [];
  const messages = new Map<string, string>();
  /** Of the compiler, and then of each target. */
  const errors: string[] = [''];
  const saidInBlock: string[] = [];
  const finished = new Set<number>();
  let blocks = 0;
  let current: string | undefined;

  const stdout = lineReader((line) => {
    if (/^running \d+ tests?$/.test(line)) blocks += 1;
    const test = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/.exec(line);
    const section = /^---- (.+?) stdout ----$/.exec(line);
    if (section !== null) current = `${blocks}\0${section[1]}`;
    else if (/^(failures:|test result: )/.test(line)) current = undefined;
    else if (test !== null)
      lines.push({
        block: blocks,
        name: test[1] ?? '',
        outcome: test[2] === 'ok' ? 'passed' : test[2] === 'FAILED' ? 'failed' : 'skipped',
      });
    else if (current !== undefined) messages.set(current, `${messages.get(current) ?? ''}${line}\n`.slice(0, keptMessage));
    else if (!line.startsWith('running ') && !isNoise(line))
      saidInBlock[blocks] = `${saidInBlock[blocks] ?? ''}${line}\n`.slice(-keptMessage);
    if (line.startsWith('test result: ')) finished.add(blocks);
  });
  const stderr = lineReader((line) => {
    const [, source, path, crate] = /^\s+(?:Running (?:unittests )?(\S+) \((.+)\)$|Doc-tests (\S+))/.exec(line) ?? [];
    if (source !== undefined || /^\s+Finished /.test(line)) onBuilt();
    if (source !== undefined && path !== undefined) targets.push({ source: source.replaceAll('\\', '/'), path, isDoc: false });
    else if (crate !== undefined) targets.push({ source: `doc-tests ${crate}`, path: '', isDoc: true });
    else if (/^\s+(Compiling|Finished|Updating|Downloading|Downloaded|Blocking|Locking|Adding|Fresh) /.test(line)) return;
    else if (/^warning: unused/.test(line) || isNoise(line)) return;
    else {
      const text = `${errors[targets.length] ?? ''}${line}\n`;
      errors[targets.length] = targets.length === 0 ? text.slice(0, 4 * keptMessage) : text.slice(-4 * keptMessage);
    }
  });

  return {
    add: (chunk, stream) => (stream === 'stdout' ? stdout : stderr).add(chunk),
    read() {
      stdout.end();
      stderr.end();
      const open = Array.from({ length: blocks }, (_, index) => index + 1).filter((block) => !finished.has(block));
      return {
        targets: targets.map((target, index) => ({ ...target, ...endOf(errors[index + 1] ?? '') })),
        lines: lines
          .map((line) => ({ ...line, message: withoutIds(messages.get(`${line.block}\0${line.name}`)) }))
          .sort((one, other) => one.block - other.block || (one.name < other.name ? -1 : 1)),
        blocks,
        unfinished: open.map((block) => ({ block, words: withoutIds(saidInBlock[block] ?? '').trim() })),
        errors: fromFirstError(errors[0] ?? ''),
      };
    },
  };
}

/** Threads by their names alone. */
export const withoutIds = <T extends string | undefined>(text: T): T => text?.replace(/^(thread '[^']*') \(\d+\)/gm, '$1') as T;

/** Compiler output from its first error on: warnings before it are noise for a repair. */
function fromFirstError(text: string): string {
  const at = text.search(/^error/m);
  return at > 0 ? text.slice(at) : text;
}

/** What a program said to its end, and how cargo says that it ended. */
function endOf(said: string): Pick<Target, 'words' | 'end'> {
  const end = /^ {2}process didn't exit successfully: `.*` \((.+)\)$/m.exec(said)?.[1];
  const own = said.replace(/^error: (?:test failed, to rerun pass|\d+ targets? failed:)[\s\S]*/m, '');
  return { words: withoutIds(own).trim(), ...(end === undefined ? {} : { end }) };
}

/** What says nothing of a failure, or another thing in each run: frames of the stack, which one that aborts prints whatever is asked for. */
export const isNoise = (line: string): boolean =>
  /^\s+(?:\d+:\s|at \S)|^\s*(?:stack backtrace:|note: (?:run with|Some details))/.test(line);
