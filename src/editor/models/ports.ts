/** What the models of the editor get from outside: the host, and the world as the command line has it too. */
import { homedir } from 'node:os';
import type { ServeOptions } from '../../local-model/index.ts';
import { userDataDir } from '../../trace/index.ts';
import type { EditorHost } from '../flow-types.ts';

export interface ModelsPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's data folder. */
  readonly dataDir: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** How the embedded model's server is started and where its files are. */
  readonly serve: ServeOptions;
}

/** What each file of the models gets. */
export interface ModelsHost extends ModelsPorts {
  readonly host: EditorHost;
  /** Fires when the window closes. */
  readonly closing: AbortSignal;
  /** Set-ups under way, by embedded model: a second wish joins the first. */
  readonly setUps: Map<string, Promise<boolean>>;
}

export const usualPorts = (): ModelsPorts => ({
  env: process.env,
  dataDir: userDataDir(process.env, process.platform, homedir()),
  clock: Date.now,
  serve: {},
});
