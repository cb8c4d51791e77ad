/** The user's word that tests may run as the user where no fence works: one record for each workspace, in the data folder. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ifThere, replaceFile } from '../process/index.ts';

/** By absolute real path: when it was given, ms since the epoch. */
const fileSchema = z.strictObject({ version: z.literal(1), workspaces: z.record(z.string(), z.number()) });

const fileIn = (dataDir: string): string => join(dataDir, 'unfenced.json');

/** A file that nobody can read any more holds no word. */
async function read(dataDir: string): Promise<Readonly<Record<string, number>>> {
  const text = await ifThere(readFile(fileIn(dataDir), 'utf8'));
  try {
    return text === undefined ? {} : fileSchema.parse(JSON.parse(text)).workspaces;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/** `workspace`: absolute real path. */
export async function mayGoUnfenced(dataDir: string, workspace: string): Promise<boolean> {
  return (await read(dataDir))[workspace] !== undefined;
}

/** `at`: ms since the epoch. */
export async function allowUnfenced(dataDir: string, workspace: string, at: number): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const workspaces = { ...(await read(dataDir)), [workspace]: at };
  await replaceFile(fileIn(dataDir), `${JSON.stringify({ version: 1, workspaces }, undefined, 2)}\n`);
}
