/**
 * What a crash in the middle of an apply leaves to be done. A journal stands in the store from before the first file of the workspace is touched
 * until the last temporary name is gone. With `undo` it leads back to the state before; sealed, once the change is on record, it leads nowhere
 * back and only names what is to be removed.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ifThere, type Lock, type Owner, replaceFile, takeLock } from '../process/index.ts';

const journalSchema = z.object({
  version: z.literal(1),
  undo: z.object({ commit: z.string(), tree: z.string() }).optional(),
  /** Temporary names, relative to the workspace. */
  temporaries: z.array(z.string()),
});
export type Journal = Omit<z.infer<typeof journalSchema>, 'version'>;

const openFile = (gitDir: string): string => join(gitDir, 'apply-journal.json');
const sealedFile = (gitDir: string): string => join(gitDir, 'apply-journal.sealed.json');

/** An apply takes seconds; a process of another host has this long. */
const awayMs = 10 * 60_000;

/** Whoever writes into a workspace, or recovers it, holds this lock. */
export const takeApplyLock = (gitDir: string): Lock | { readonly heldBy: Owner } => takeLock(join(gitDir, 'apply'), awayMs);

/** One that cannot be read names nothing: it was cut short before anything was touched. Undefined: there is none. */
export async function readJournal(gitDir: string): Promise<Journal | undefined> {
  const text = await ifThere(readFile(openFile(gitDir), 'utf8'));
  if (text === undefined) return undefined;
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return { temporaries: [] };
    throw error;
  }
}

/** On the disk when it resolves, its sealed form as well: sealing then fails for no lack of space. */
export async function writeJournal(gitDir: string, { undo, temporaries }: Journal): Promise<void> {
  const text = (journal: Journal): string => JSON.stringify({ version: 1, ...journal });
  await replaceFile(sealedFile(gitDir), text({ temporaries }), { durable: true });
  await replaceFile(openFile(gitDir), text({ undo, temporaries }), { durable: true });
}

export const sealJournal = (gitDir: string): Promise<void> => rename(sealedFile(gitDir), openFile(gitDir));

export async function removeJournal(gitDir: string): Promise<void> {
  await rm(openFile(gitDir), { force: true });
  await rm(sealedFile(gitDir), { force: true });
}
