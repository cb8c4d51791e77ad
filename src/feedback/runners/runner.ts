import type { Channel } from '../channel.ts';
import type { Naming, Reading } from '../reading.ts';
import type { RunnerName } from '../types.ts';

/** Where a run happens. */
export interface RunPlace extends Omit<Naming, 'separator'> {
  /** Absolute folder the command runs in. */
  readonly cwd: string;
  /** Fresh folder for reporters and reports, outside the workspace. */
  readonly reports: string;
  readonly channel: Channel;
  /** Absolute real path of the user's folder that `root` is a copy of; undefined where it is none. */
  readonly workspace?: string | undefined;
  /** The lines that its tests run over are recorded (`coverage.ts`): a runner that has to be told does its part. */
  readonly recordsLines?: boolean;
  /** Variables that the command and the user's settings set for it. */
  readonly env: Readonly<Record<string, string>>;
}

/** A command with its machine-readable report switched on. */
export interface Prepared {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Script that Node loads before the runner's program, where that is one of Node's. */
  readonly preload?: string;
  /** Grows while tests run; its age tells silence from work. */
  readonly reportFile?: string;
  /** For runners whose report is their output. */
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /**
   * Reads the report once the process is gone. `cutShort`: we ended it, so that what its last moments say of a test may be our own doing. `killed`:
   * somebody else did.
   */
  read(cutShort: boolean, killed: boolean): Reading;
}

/** What a command prints that is run where the tests are, in their fence and environment; undefined when it fails. */
export type Ask = (argv: readonly string[]) => Promise<string | undefined>;

/** One test runner: how its command is recognised, and how it is made to tell what happened. */
export interface Runner {
  readonly name: RunnerName;
  /** Does this command line (without a shell) start this runner? */
  recognises(words: readonly string[]): boolean;
  prepare(argv: readonly string[], place: RunPlace, ask: Ask): Prepared | Promise<Prepared>;
}

/** File name without folder and Windows ending: `/usr/bin/node` and `node.exe` are `node`. */
export function programName(word: string | undefined): string {
  return (word ?? '').replace(/^.*[\\/]/, '').replace(/\.(exe|cmd|bat|ps1)$/i, '');
}

/** The words without an option and its value, in both spellings (`--reporter x`, `--reporter=x`). */
export function withoutOption(words: readonly string[], ...names: string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (names.includes(word)) index += 1;
    else if (!names.some((name) => word.startsWith(`${name}=`))) kept.push(word);
  }
  return kept;
}
