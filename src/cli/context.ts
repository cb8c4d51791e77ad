/** What every command gets from the composition root. */
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';
import type { Environment } from './places.ts';

export interface Cli {
  readonly terminal: Terminal;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** Absolute. */
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Name and version, as traces keep it. */
  readonly program: string;
  /** Fires at the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A command: its arguments and options as commander parsed them, the exit code as its answer. */
export type CommandAction<Options> = (cli: Cli, args: readonly string[], options: Options) => Promise<ExitCode>;

/** Version of the documents that `--json` prints; raised when a field changes its meaning or goes. */
export const documentVersion = 1;

/** The one JSON document of a command. */
export function printDocument(cli: Cli, kind: string, body: object): void {
  cli.terminal.out.line(JSON.stringify({ kind, version: documentVersion, ...body }, undefined, 2));
}
