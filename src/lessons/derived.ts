/**
 * Files of what was learned: derived from the traces, written anew whenever something more is known. A process that looks again and again (the editor)
 * finds most of it as it was: a text that it has checked, or written, is not checked again, and what did not change is not worded again.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { contentAt, replaceFile } from '../process/index.ts';
import { jsonIn } from '../text/index.ts';

/** By schema, the last bytes that were read or written, and what they say. Other bytes on the disk say something else, whoever wrote them. */
const lastOf = new WeakMap<z.ZodType, { readonly bytes: Buffer; readonly says: unknown }>();

/**
 * What is kept in a file of it; nobody may change it. What was to be forgotten may not come back because the file was torn: then it begins anew, and says
 * so.
 */
export async function readDerived<Kept>(
  file: string,
  schema: z.ZodType<Kept>,
  emptyFrom: (since: number) => Kept,
  clock: () => number,
): Promise<{ readonly stored: Kept; readonly damaged: boolean }> {
  const bytes = await contentAt(file);
  if (bytes === undefined) return { stored: emptyFrom(0), damaged: false };
  const last = lastOf.get(schema);
  if (last?.bytes.equals(bytes)) return { stored: last.says as Kept, damaged: false };
  const stored = schema.safeParse(jsonIn(bytes.toString('utf8'))).data;
  if (stored === undefined) return { stored: emptyFrom(clock()), damaged: true };
  lastOf.set(schema, { bytes, says: stored });
  return { stored, damaged: false };
}

/** Writes what a user has said of it. Rejects when the file cannot be written. */
export async function writeDurably(file: string, content: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, `${JSON.stringify(content)}\n`, { durable: true });
}

/** Writes what follows from the traces. Nothing of it is worth a run: a full or read-only disk is met again next time. */
export async function writeDerived<Kept>(file: string, schema: z.ZodType<Kept>, content: Kept): Promise<void> {
  const bytes = Buffer.from(`${jsonOf(content)}\n`);
  try {
    await replaceFile(file, bytes).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, bytes);
    });
    lastOf.set(schema, { bytes, says: content });
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

const texts = new WeakMap<object, string>();
/** So far down a value is put together from its parts: a store, its lists, their records, and what these hold. */
const deepest = 3;
/** The store itself and its lists change with every run. */
const oftenOther = 2;

/** As `JSON.stringify`, of plain data that nobody changes: what was worded before is not worded again. */
export function jsonOf(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = depth === deepest ? JSON.stringify(value) : Array.isArray(value) ? listOf(value, depth) : recordOf(value, depth);
  if (depth >= oftenOther) texts.set(value, text);
  return text;
}

const listOf = (values: readonly unknown[], depth: number): string =>
  `[${values.map((one) => jsonOf(one, depth + 1) ?? 'null').join(',')}]`;

function recordOf(value: object, depth: number): string {
  const fields: string[] = [];
  for (const [name, one] of Object.entries(value)) {
    const text = jsonOf(one, depth + 1);
    if (text !== undefined) fields.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${fields.join(',')}}`;
}
