/** What a search measured, as lines of JSON that one can read, go on from and take back. */
import * as z from 'zod';
import { benchUnusable, errorText } from '../errors.ts';
import { openAppendLog } from '../trace/index.ts';
import { readRecords } from './record-lines.ts';
import type { Measured } from './search.ts';

const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    kind: z.literal('measured'),
    /** Hash of the problems and models it was measured on. */
    bank: z.string(),
    id: z.number().int(),
    round: z.number().int(),
    parent: z.number().int().optional(),
    change: z.string(),
    list: z.array(z.string()),
    searched: z.number(),
    heldBack: z.number(),
    accepted: z.boolean(),
  }),
  z.object({ v: z.literal(1), kind: z.literal('undone'), bank: z.string(), id: z.number().int() }),
]);

/** Of this bank; what was taken back is not accepted any more. Lines of other banks and lines that are none are passed over, the latter named. */
export async function readJournal(
  file: string,
  bank: string,
): Promise<{ readonly measured: readonly Measured[]; readonly problems: readonly string[] }> {
  const { records, problems } = await readRecords(file, lineSchema, 'journal-unreadable');
  const own = records.filter((line) => line.bank === bank);
  const undone = new Set(own.flatMap((line) => (line.kind === 'undone' ? [line.id] : [])));
  const measured = own.flatMap((line) => (line.kind === 'measured' ? [{ ...line, accepted: line.accepted && !undone.has(line.id) }] : []));
  return { measured, problems };
}

/** Rejects with `bench-unusable` when the file cannot be opened. */
async function append(file: string, lines: readonly z.input<typeof lineSchema>[]): Promise<void> {
  const log = opened(file);
  try {
    log.append(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    log.write();
    await log.sync();
  } finally {
    log.close();
  }
}

function opened(file: string): ReturnType<typeof openAppendLog> {
  try {
    return openAppendLog(file);
  } catch (error) {
    throw benchUnusable({ why: 'journal-unwritable', file, detail: errorText(error) });
  }
}

/** Durable when this resolves. */
export const appendMeasured = (file: string, bank: string, measured: readonly Measured[]): Promise<void> =>
  append(
    file,
    measured.map(({ id, round, parent, change, list, searched, heldBack, accepted }) => ({
      ...{ v: 1, kind: 'measured', bank, id, round, parent, change, list: [...list], searched, heldBack, accepted },
    })),
  );

/** Takes back what was accepted last; undefined: there is nothing but what the search began with. */
export async function undoLast(file: string, bank: string): Promise<Measured | undefined> {
  const last = (await readJournal(file, bank)).measured.findLast(({ accepted, id }) => accepted && id > 0);
  if (last !== undefined) await append(file, [{ v: 1, kind: 'undone', bank, id: last.id }]);
  return last;
}
