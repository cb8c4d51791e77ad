/** The opt-in: one record per workspace, in the data folder. Absent or unreadable means no. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { readRecord, replaceFile } from '../../process/index.ts';
import { type Consent, consentSchema, type SharingGate } from './types.ts';

const fileSchema = z.strictObject({ version: z.literal(1), workspaces: z.record(z.string(), consentSchema) });

export const sharingDir = (dataDir: string): string => path.join(dataDir, 'sharing');
/** One process sends at a time. */
export const senderLock = (dataDir: string): string => path.join(sharingDir(dataDir), 'sender', 'lock');
const consentFile = (dataDir: string): string => path.join(sharingDir(dataDir), 'consent.json');

/** By absolute path of the workspace. */
export async function readConsents(dataDir: string): Promise<Readonly<Record<string, Consent>>> {
  return (await readRecord(consentFile(dataDir), fileSchema))?.workspaces ?? {};
}

/** Gives (or, with undefined, takes back) the word for one workspace. */
export async function writeConsent(dataDir: string, workspace: string, consent: Consent | undefined): Promise<void> {
  const { [workspace]: _before, ...others } = await readConsents(dataDir);
  const workspaces = consent === undefined ? others : { ...others, [workspace]: consent };
  await mkdir(sharingDir(dataDir), { recursive: true, mode: 0o700 });
  await replaceFile(consentFile(dataDir), `${JSON.stringify({ version: 1, workspaces }, undefined, 2)}\n`);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Switches for all programs (https://consoledonottrack.com) and for ours. Undefined: the environment has nothing against it. */
export function environmentSaysNo(env: Environment): string | undefined {
  if (!['', '0', 'false', undefined].includes(env.DO_NOT_TRACK?.toLowerCase())) return 'DO_NOT_TRACK is set.';
  if (['off', '0', 'false', 'no'].includes(env.TEAMWRIGHT_TELEMETRY?.toLowerCase() ?? '')) return 'TEAMWRIGHT_TELEMETRY is off.';
  return undefined;
}

/**
 * Every condition, read anew at each call: the opt-in of this workspace, the environment, and the switch of the program around us (VS Code's
 * telemetry switch; the command line has none and gives nothing).
 */
export function sharingGate(dataDir: string, env: Environment, switchSaysNo: () => string | undefined = () => undefined): SharingGate {
  return async (workspace) => {
    if ((await readConsents(dataDir))[workspace] === undefined) return 'Sharing is off for this workspace.';
    return environmentSaysNo(env) ?? switchSaysNo();
  };
}
