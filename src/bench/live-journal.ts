/** What a search with live runs measured, run by run and try by try, as lines of JSON: it goes on from them after it was cut off. */
import * as z from 'zod';
import { benchUnusable, errorText } from '../errors.ts';
import { type Plan, planSchema } from '../plan/index.ts';
import { openAppendLog } from '../trace/index.ts';
import { readRecords } from './record-lines.ts';

const count = z.number().nonnegative();

const runSchema = z.object({
  v: z.literal(1),
  kind: z.literal('live-run'),
  /** Hash of tasks, models and terms: what was measured on others is not comparable. */
  on: z.string(),
  /** What the team is known by. */
  team: z.string(),
  task: z.string(),
  reward: z.number(),
  solved: z.boolean(),
  tokens: count,
  /** What failed, in words, for the model that rewrites instructions. Absent: nothing. */
  failure: z.string().optional(),
});
const trySchema = z.object({
  v: z.literal(1),
  kind: z.literal('live-try'),
  on: z.string(),
  id: z.number().int().nonnegative(),
  /** Absent: what the search began with. */
  parent: z.number().int().optional(),
  change: z.string(),
  /** Absent: the model gave no team, as `problem` says. */
  plan: planSchema.optional(),
  problem: z.string().optional(),
  /** Mean reward on the tasks that it is searched on; on those held back only where it is better there. */
  searched: z.number().optional(),
  heldBack: z.number().optional(),
  accepted: z.boolean(),
  /** Of the model that wrote the change; those of its runs stand with them. */
  designTokens: count,
});
const undoneSchema = z.object({ v: z.literal(1), kind: z.literal('live-undone'), on: z.string(), id: z.number().int() });
const lineSchema = z.discriminatedUnion('kind', [runSchema, trySchema, undoneSchema]);

export type LiveRun = Omit<z.infer<typeof runSchema>, 'v' | 'kind' | 'on'>;
export type LiveTry = Omit<z.infer<typeof trySchema>, 'v' | 'kind' | 'on'>;

export interface LiveJournal {
  readonly runs: readonly LiveRun[];
  /** In their order; one that was taken back is not accepted any more. */
  readonly tries: readonly LiveTry[];
  /** Of all of it. */
  readonly tokens: number;
  /** Best mean reward on held-back problems, by the tokens that were spent until then. */
  readonly curve: readonly { readonly tokens: number; readonly tries: number; readonly searched: number; readonly heldBack: number }[];
  /** Lines that are none, one sentence each. */
  readonly problems: readonly string[];
}

/** Lines on other tasks, models or terms are passed over. Rejects with `bench-unusable`. */
export async function readLiveJournal(file: string, on: string): Promise<LiveJournal> {
  const { records, problems } = await readRecords(file, lineSchema, 'journal-unreadable');
  const own = records.filter((line) => line.on === on);
  const undone = new Set(own.flatMap((line) => (line.kind === 'live-undone' ? [line.id] : [])));
  const runs = own.filter((line) => line.kind === 'live-run');
  const tries = own.flatMap((line) => (line.kind === 'live-try' ? [{ ...line, accepted: line.accepted && !undone.has(line.id) }] : []));
  const curve: LiveJournal['curve'][number][] = [];
  let tokens = 0;
  for (const line of own) {
    if (line.kind === 'live-run') tokens += line.tokens;
    if (line.kind !== 'live-try') continue;
    tokens += line.designTokens;
    const { heldBack = Number.NEGATIVE_INFINITY, searched = 0 } = line;
    if (line.accepted && heldBack > (curve.at(-1)?.heldBack ?? Number.NEGATIVE_INFINITY))
      curve.push({ tokens, tries: line.id, searched, heldBack });
  }
  return { runs, tries, tokens, curve, problems };
}

export interface LiveLog {
  run(run: LiveRun): Promise<void>;
  try(one: LiveTry): Promise<void>;
  undo(id: number): Promise<void>;
  close(): void;
}

/** Each line is durable when its promise resolves. Throws `bench-unusable` when the file cannot be opened. */
export function openLiveLog(file: string, on: string): LiveLog {
  const log = opened(file);
  const append = async (line: z.input<typeof lineSchema>): Promise<void> => {
    log.append(`${JSON.stringify(line)}\n`);
    log.write();
    await log.sync();
  };
  return {
    run: (run) => append({ v: 1, kind: 'live-run', on, ...run }),
    try: (one) => append({ v: 1, kind: 'live-try', on, ...one }),
    undo: (id) => append({ v: 1, kind: 'live-undone', on, id }),
    close: () => log.close(),
  };
}

function opened(file: string): ReturnType<typeof openAppendLog> {
  try {
    return openAppendLog(file);
  } catch (error) {
    throw benchUnusable({ why: 'journal-unwritable', file, detail: errorText(error) });
  }
}

/** Of those that were accepted, the best where nothing was searched. */
export const bestOfTries = (tries: readonly LiveTry[]): (LiveTry & { readonly plan: Plan }) | undefined =>
  tries
    .filter((one): one is LiveTry & { plan: Plan } => one.accepted && one.plan !== undefined)
    .toSorted((a, b) => (b.heldBack ?? 0) - (a.heldBack ?? 0) || (b.searched ?? 0) - (a.searched ?? 0))[0];
