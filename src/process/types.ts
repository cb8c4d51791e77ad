import type { Writable } from 'node:stream';
import type { Fenced } from './fence/types.ts';

/** One child process with everything it starts. */
export interface CommandSpec {
  /** Program and arguments, run without a shell. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Added to the allow-listed environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Wall clock limit, ms. */
  readonly wallMs: number;
  /** Longest silence, ms; undefined: no limit. */
  readonly idleMs?: number;
  /** Bytes of each of stdout and stderr kept (half head, half tail). */
  readonly outputBytes?: number;
  readonly stdin?: string;
  /** Its input stays open: told once where to write, in place of `stdin`. */
  readonly onInput?: (input: Writable) => void;
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /** Epoch ms of activity that is not output (a report file that grows), asked when the silence limit is reached. */
  readonly lastActivity?: () => number;
}

export interface CommandOptions {
  /** Foreign code runs in a fence. Without it the command runs as the user, in a process group of its own. */
  readonly fence?: Fenced;
  /** The environment to pick from; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export type CommandEnding = 'exited' | 'signal' | 'wall-limit' | 'idle-limit' | 'stopped' | 'not-found' | 'not-started';

/** Never throws for what the process does; `ending` says how it ended. All its descendants are gone when this is returned. */
export interface CommandResult {
  readonly ending: CommandEnding;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes dropped between head and tail, both streams. */
  readonly droppedBytes: number;
  readonly ms: number;
  readonly fenced: boolean;
}
