/** Past runs, as the `runs` commands find them. */
import { fold, listRuns, type OpenRun, openRun, type RunState, type TraceReading, userDataDir } from '../trace/index.ts';
import { badArgument } from './bad-argument.ts';
import type { Cli } from './context.ts';

export const dataDirOf = (cli: Cli): string => userDataDir(cli.env, cli.platform, cli.home);

/** Stands for the newest run of this machine. */
const newest = 'last';

/** Gives the full id of a run that is named by the beginning of its id, or by `last`. Rejects with `run-unknown` or `bad-argument`. */
export async function findRunId(cli: Cli, name: string): Promise<string> {
  return (await openPastRun(cli, name)).runId;
}

export async function openPastRun(cli: Cli, name: string): Promise<OpenRun> {
  const dataDir = dataDirOf(cli);
  if (name !== newest) return await openRun(dataDir, name);
  const run = (await listRuns(dataDir))[0];
  if (run === undefined) throw badArgument('There are no runs yet.', 'Start one: teamwright run "make the failing test pass".');
  return await openRun(dataDir, run.runId);
}

export interface PastRun {
  readonly run: OpenRun;
  readonly reading: TraceReading;
  readonly state: RunState;
}

export async function readPastRun(cli: Cli, name: string): Promise<PastRun> {
  const run = await openPastRun(cli, name);
  const reading = await run.read();
  return { run, reading, state: fold(reading.events) };
}
