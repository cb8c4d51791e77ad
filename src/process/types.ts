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
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /** Epoch ms of activity that is not output (a report file that grows), asked when the silence limit is reached. */
  readonly lastActivity?: () => number;
}

/** What a sandboxed command may touch. Everything else is read-only; the network is off unless allowed. */
export interface SandboxRequest {
  /** Folders it may write below (the copy, caches), absolute. Missing ones are left out. */
  readonly writable: readonly string[];
  readonly network?: boolean;
  /** Folders shown empty (keys, other projects), absolute; the usual key folders of the home are always among them. */
  readonly hidden?: readonly string[];
  /** Where no sandbox works: true refuses to start (`not-started`); default false runs unsandboxed and says so. */
  readonly required?: boolean;
}

export interface CommandOptions {
  readonly sandbox?: SandboxRequest;
  /** The environment to pick from; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** `auto`: a PID namespace where one works, else process group and tag. `group` forces the latter (tests, nested sandboxes). */
  readonly containment?: 'auto' | 'group';
}

/** What this machine can do, found out by running real commands in it. */
export interface SandboxProbe {
  /** A file system and network sandbox works. */
  readonly sandbox: boolean;
  /** Process trees are ended by the kernel (PID namespace). */
  readonly containment: boolean;
  /** Why not, for the user. */
  readonly reason?: string;
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
  readonly sandboxed: boolean;
}
