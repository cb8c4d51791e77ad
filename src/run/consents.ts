/**
 * What the user allowed in a workspace for good, in one file of the data folder:
 * - `trust`: programs of the workspace may be started (its tests, its checks, its interpreter); holds for the folders in it as well;
 * - `unfenced`: where no fence works, they may run as the user.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isWithin, readRecord, replaceFile } from '../process/index.ts';

/** By absolute real path: when it was given, ms since the epoch. */
const given = z.record(z.string(), z.number()).default({});
const fileSchema = z.strictObject({ version: z.literal(1), trust: given, unfenced: given });

type Consents = z.infer<typeof fileSchema>;
export type Consent = Exclude<keyof Consents, 'version'>;

const fileIn = (dataDir: string): string => join(dataDir, 'consents.json');

/** A file that nobody can read any more allows nothing. */
const read = async (dataDir: string): Promise<Consents> =>
  (await readRecord(fileIn(dataDir), fileSchema)) ?? { version: 1, trust: {}, unfenced: {} };

/** `workspace`: absolute real path. */
export async function hasConsent(dataDir: string, consent: Consent, workspace: string): Promise<boolean> {
  const folders = Object.keys((await read(dataDir))[consent]);
  return folders.some((folder) => folder === workspace || (consent === 'trust' && isWithin(folder, workspace)));
}

/** `at`: ms since the epoch. */
export async function giveConsent(dataDir: string, consent: Consent, workspace: string, at: number): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const consents = await read(dataDir);
  const more: Consents = { ...consents, [consent]: { ...consents[consent], [workspace]: at } };
  await replaceFile(fileIn(dataDir), `${JSON.stringify(more, undefined, 2)}\n`);
}
