/** Where runs live on this machine, and which there are. `userDataDir` and `newRunId` are pure. */
import fs from 'node:fs';
import path from 'node:path';
import { errorText, TeamwrightError, traceUnreadable } from '../errors.ts';

/**
 * The user's data folder. `TEAMWRIGHT_DATA` wins and must be absolute; a relative `XDG_DATA_HOME` is ignored, as the XDG base directory
 * specification demands.
 */
export function userDataDir(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform, home: string): string {
  const paths = platform === 'win32' ? path.win32 : path.posix;
  const own = env.TEAMWRIGHT_DATA;
  if (own) {
    if (!paths.isAbsolute(own)) throw new TeamwrightError('bad-variable', { variable: 'TEAMWRIGHT_DATA', value: own, wanted: 'path' });
    return paths.normalize(own);
  }
  if (env.XDG_DATA_HOME && paths.isAbsolute(env.XDG_DATA_HOME)) return paths.join(env.XDG_DATA_HOME, 'teamwright');
  if (platform === 'win32') return paths.join(env.APPDATA || paths.join(home, 'AppData', 'Roaming'), 'teamwright');
  if (platform === 'darwin') return paths.join(home, 'Library', 'Application Support', 'teamwright');
  return paths.join(home, '.local', 'share', 'teamwright');
}

const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** A run id is one plain folder name; anything else (separators, `..`, empty) is refused before it reaches the disk. */
export function checkRunId(runId: string): string {
  if (!runIdPattern.test(runId) || runId.endsWith('.')) {
    throw new TeamwrightError('run-id-invalid', { runId: runId.slice(0, 120) });
  }
  return runId;
}

/** `20261122-101530-k3x9q2`: sorts by time (UTC). `random` gives numbers from 0 up to, not including, 1. */
export function newRunId(clock: () => number, random: () => number): string {
  const time = new Date(clock()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const tail = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  return `${time}-${tail}`;
}

/** When a run began that `newRunId` named, milliseconds since the epoch; undefined for any other name. */
export function timeInRunId(runId: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(runId)?.slice(1);
  if (parts === undefined) return undefined;
  const [year = 0, month = 1, day, hours, minutes, seconds] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hours, minutes, seconds);
}

export const runsDir = (dataDir: string): string => path.join(dataDir, 'runs');
export const runDir = (dataDir: string, runId: string): string => path.join(runsDir(dataDir), checkRunId(runId));

/** The files of one run. */
export const eventsFile = (dir: string): string => path.join(dir, 'events.jsonl');
export const blobsFile = (dir: string): string => path.join(dir, 'blobs.jsonl');
export const summaryFile = (dir: string): string => path.join(dir, 'summary.json');

/** Ids of the runs there are, in no order. Rejects with `trace-unreadable`. */
export async function runIds(dataDir: string): Promise<string[]> {
  const entries = await listed(dataDir, (folder) => fs.promises.readdir(folder, { withFileTypes: true }));
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
}

/**
 * Ids of the newest runs by their names, at most so many, the oldest first. Ids sort by time as they are, and nobody asks whether each is a folder: for
 * ten thousand that would take longer than what is done with the newest. Rejects with `trace-unreadable`.
 */
export async function newestRunIds(dataDir: string, count: number): Promise<string[]> {
  const names = await listed(dataDir, (folder) => fs.promises.readdir(folder));
  return names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .slice(-count);
}

/** What the folder of the runs holds; nothing where there is none yet. */
async function listed<Entry>(dataDir: string, read: (folder: string) => Promise<Entry[]>): Promise<Entry[]> {
  const folder = runsDir(dataDir);
  try {
    return await read(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw traceUnreadable(folder, errorText(error), error);
  }
}
