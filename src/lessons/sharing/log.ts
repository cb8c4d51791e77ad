/**
 * The record of sharing: one append-only file of events, made durable after each, from which the queue and the list of what was shared are
 * folded. A crash between two lines loses nothing: what was queued is still queued, and an upload whose end was not recorded is made again
 * under the same name, where it replaces itself.
 */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { textAt } from '../../process/index.ts';
import { jsonIn } from '../../text/index.ts';
import { openAppendLog } from '../../trace/index.ts';
import { sharingDir } from './consent.ts';
import { type ItemStatus, type SharedItem, sharingLevels, targetSchema } from './types.ts';

const head = { v: z.literal(1), at: z.number(), id: z.string() };
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    ...head,
    type: z.literal('queued'),
    runId: z.string(),
    workspace: z.string(),
    level: z.enum(sharingLevels),
    target: targetSchema,
    bytes: z.number(),
    sha256: z.string(),
  }),
  z.object({ ...head, type: z.literal('attempted') }),
  /** `retryAt` absent: it is not tried again by itself. */
  z.object({ ...head, type: z.literal('failed'), problem: z.string(), retryAt: z.number().optional() }),
  z.object({ ...head, type: z.literal('shared'), receipt: z.string() }),
  z.object({ ...head, type: z.literal('removed'), why: z.string() }),
  z.object({ ...head, type: z.literal('delete-asked') }),
  z.object({ ...head, type: z.literal('delete-failed'), problem: z.string() }),
  z.object({ ...head, type: z.literal('deleted'), receipt: z.string() }),
]);
export type SharingEvent = z.infer<typeof eventSchema>;
type WithoutHead<T> = T extends unknown ? Omit<T, 'v' | 'at'> : never;
export type NewSharingEvent = WithoutHead<SharingEvent>;

const logFile = (dataDir: string): string => path.join(sharingDir(dataDir), 'log.jsonl');

/** On disk when it resolves. */
export async function record(dataDir: string, event: NewSharingEvent, at: number): Promise<void> {
  await mkdir(sharingDir(dataDir), { recursive: true, mode: 0o700 });
  const log = openAppendLog(logFile(dataDir));
  try {
    log.append(`${JSON.stringify({ v: 1, at, ...event })}\n`);
    log.write();
    await log.sync();
  } finally {
    log.close();
  }
}

/** Everything that was ever queued, oldest first. Lines that a crash tore are left out. */
export async function readItems(dataDir: string): Promise<SharedItem[]> {
  const text = (await textAt(logFile(dataDir))) ?? '';
  const items = new Map<string, SharedItem>();
  for (const line of text.split('\n')) {
    const event = parsed(line);
    if (event !== undefined) fold(items, event);
  }
  return [...items.values()];
}

function parsed(line: string): SharingEvent | undefined {
  if (line === '') return undefined;
  return eventSchema.safeParse(jsonIn(line)).data;
}

function fold(items: Map<string, SharedItem>, event: SharingEvent): void {
  if (event.type === 'queued') {
    const { v: _v, at, type: _type, ...facts } = event;
    items.set(event.id, { ...facts, status: 'waiting', queuedAt: at, attempts: 0 });
    return;
  }
  const item = items.get(event.id);
  if (item === undefined) return;
  items.set(event.id, { ...item, ...changeOf(event, item) });
}

function changeOf(event: Exclude<SharingEvent, { type: 'queued' }>, item: SharedItem): Partial<SharedItem> {
  const to = (status: ItemStatus, rest: Partial<SharedItem> = {}): Partial<SharedItem> => ({
    status,
    problem: undefined,
    retryAt: undefined,
    ...rest,
  });
  switch (event.type) {
    case 'attempted':
      return { attempts: item.attempts + 1 };
    case 'failed':
      return to(event.retryAt === undefined ? 'refused' : 'waiting', { problem: event.problem, retryAt: event.retryAt });
    case 'shared':
      return to('shared', { sharedAt: event.at, receipt: event.receipt });
    case 'removed':
      return to('removed', { problem: event.why });
    case 'delete-asked':
      return to('deleting');
    case 'delete-failed':
      return to('deleting', { problem: event.problem });
    case 'deleted':
      return to('deleted', { deletedAt: event.at, receipt: event.receipt });
  }
}
