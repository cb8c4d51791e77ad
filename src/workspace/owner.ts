import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { runBusy } from '../errors.ts';
import { isAbsent } from './store.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Start of the process as the system counts it: a process number may come again, this pair does not. '' when unknown. */
  readonly started: string;
  readonly host: string;
}

export const thisProcess = async (): Promise<ProcessIdentity> => ({
  pid: process.pid,
  started: await startOf(process.pid),
  host: hostname(),
});

/** Who holds the copies of a run: `copies/<runId>/owner.json`. */
const ownerSchema = z.object({
  version: z.literal(1),
  pid: z.number().int(),
  started: z.string(),
  host: z.string(),
  workspace: z.string(),
  store: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;

export const copiesFolder = (dataDir: string): string => join(dataDir, 'copies');

const ownerFile = (folder: string): string => join(folder, 'owner.json');

/** Takes a run's folder, or throws `run-busy` when a living process has it. Re-entrant within one process. */
export async function takeFolder(folder: string, runId: string, workspace: string, store: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const owner: Owner = { version: 1, ...(await thisProcess()), workspace, store };
  const text = `${JSON.stringify(owner)}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(ownerFile(folder), text, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readOwner(folder);
    if (holder !== undefined && (await isAlive(holder))) {
      if (holder.pid === process.pid && holder.host === owner.host) return;
      throw runBusy(runId, holder.pid);
    }
    const stale = join(folder, `.stale-${process.pid}-${attempt}`);
    try {
      await rename(ownerFile(folder), stale);
      await rm(stale, { force: true });
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  throw runBusy(runId, 0);
}

/** The owner of a run's folder; undefined when there is none or its record is torn. */
export async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(ownerFile(folder), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (isAbsent(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A process of another machine (shared home folder) counts as alive: only its own machine can tell. */
export async function isAlive(owner: ProcessIdentity): Promise<boolean> {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = await startOf(owner.pid);
  return owner.started === '' || started === '' || started === owner.started;
}

/** Field 22 of /proc/PID/stat, see proc(5); '' where there is no /proc. */
async function startOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch (error) {
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'ESRCH') return '';
    throw error;
  }
}
