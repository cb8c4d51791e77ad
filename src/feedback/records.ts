import { existsSync, readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import * as z from 'zod';
import type { Normalise } from './normalise.ts';
import { shorten } from './normalise.ts';
import type { TestCase } from './types.ts';

/**
 * The lines our own small reporters write, one JSON object each, as things happen. So a run that is cut short still tells what passed,
 * what failed and what was running. `end` says the runner got to its end.
 */
const recordSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('start'), file: z.string(), name: z.string() }),
  /** Something started is over and is no test (a file was loaded). */
  z.object({ t: z.literal('over'), file: z.string(), name: z.string() }),
  z.object({
    t: z.literal('case'),
    file: z.string(),
    name: z.string(),
    outcome: z.enum(['passed', 'failed', 'skipped']),
    message: z.string().nullish(),
    ms: z.number().nullish(),
    whole: z.boolean().nullish(),
  }),
  z.object({ t: z.literal('end') }),
]);
export type Record = z.infer<typeof recordSchema>;

/** A report above this size is not read (a runaway run; its cases would not fit anywhere). */
const largestReport = 256 * 1024 * 1024;

export function readRecords(path: string): Record[] {
  if (!existsSync(path) || statSync(path).size > largestReport) return [];
  const records: Record[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const record = parseLine(line);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** A torn line (the process was killed while writing) is no record. */
function parseLine(line: string): Record | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const parsed = recordSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** What a runner said, whatever its form. */
export interface Reading {
  readonly cases: TestCase[];
  /** Started, never ended: the suspects when a limit was reached. */
  readonly pending: readonly TestCase[];
  /** The report reaches to the runner's end. */
  readonly complete: boolean;
  /** Console text, where the process' own output is not readable (JSON streams). */
  readonly output?: string;
}

export interface Naming {
  /** Absolute top of the workspace; files are told relative to it. */
  readonly root: string;
  readonly normalise: Normalise;
  /** Between file and name; pytest's users know `::`. */
  readonly separator: string;
  /** False where the first part of an id is a package or the like; default: it is a file. */
  readonly isFile?: (shown: string) => boolean;
}

export function readingOf(records: readonly Record[], naming: Naming): Reading {
  const builder = caseBuilder(naming);
  for (const record of records) {
    if (record.t === 'start') builder.start(record.file, record.name);
    else if (record.t === 'over') builder.over(record.file, record.name);
    else if (record.t === 'case') builder.add(record);
  }
  const { cases, pending } = builder.result();
  // A file is a suspect only while no test inside it is.
  const inner = new Set(pending.filter((one) => !one.whole).map((one) => one.file));
  return {
    cases,
    pending: pending.filter((one) => !one.whole || !inner.has(one.file)),
    complete: records.some((record) => record.t === 'end'),
  };
}

interface NewCase {
  readonly file: string;
  readonly name: string;
  readonly outcome: TestCase['outcome'];
  readonly message?: string | null;
  readonly ms?: number | null;
  readonly whole?: boolean | null;
}

/** Gives every case its stable id; tests of one name in one file get `#2`, `#3` in the order they ran. */
export function caseBuilder({ root, normalise, separator, isFile = () => true }: Naming) {
  const cases: TestCase[] = [];
  const started = new Map<string, TestCase>();
  const seen = new Map<string, number>();
  const identify = (file: string, name: string): { id: string; file?: string; name: string } => {
    const shown = file === '' ? undefined : relativePath(root, file);
    const cleanName = normalise(name).replaceAll('\n', ' ') || '(unnamed)';
    if (shown === undefined) return { id: cleanName, name: cleanName };
    const place = isFile(shown) ? { file: shown } : {};
    return { id: name === '' ? shown : `${shown}${separator}${cleanName}`, ...place, name: name === '' ? shown : cleanName };
  };
  return {
    start(file: string, name: string): void {
      const who = identify(file, name);
      started.set(who.id, { ...who, outcome: 'failed', ...(name === '' ? { whole: true } : {}) });
    },
    over(file: string, name: string): void {
      started.delete(identify(file, name).id);
    },
    add(one: NewCase): void {
      const who = identify(one.file, one.name);
      started.delete(who.id);
      const count = (seen.get(who.id) ?? 0) + 1;
      seen.set(who.id, count);
      cases.push({
        ...who,
        id: count === 1 ? who.id : `${who.id} #${count}`,
        outcome: one.outcome,
        ...(one.whole && one.outcome !== 'passed' ? { whole: true } : {}),
        ...(one.message ? { message: shorten(normalise(one.message)) } : {}),
        ...(one.ms == null ? {} : { ms: Math.round(one.ms * 100) / 100 }),
      });
    },
    // Files run side by side and end in any order; the report does not.
    result: () => ({ cases: cases.sort((one, other) => compareText(one.file ?? '', other.file ?? '')), pending: [...started.values()] }),
  };
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Forward slashes, relative to the workspace; a path outside of it stays as it is. */
export function relativePath(root: string, file: string): string {
  const inside = file.startsWith(root) ? relative(root, file) : file;
  return inside.replaceAll('\\', '/').replace(/^\.\//, '');
}
