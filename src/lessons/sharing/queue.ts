/** The queue on disk: payloads wait here until they are shared, through failures, restarts and crashes. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { throwIfStopped } from '../../errors.ts';
import { ifThere, type Lock, replaceFile, takeLock } from '../../process/index.ts';
import { senderLock, sharingDir } from './consent.ts';
import { deleteAtEndpoint, putToEndpoint } from './endpoint.ts';
import { commitDelete, commitUpload } from './hugging-face.ts';
import { readItems, record } from './log.ts';
import { type Payload, packed, sha256, unpacked } from './payload.ts';
import { fileNameOf } from './target.ts';
import type { SharedItem, SharingGate, SharingLevel, SharingTarget, TokenOf, UploadResult } from './types.ts';

export interface QueuePorts {
  readonly dataDir: string;
  readonly gate: SharingGate;
  readonly tokenOf: TokenOf;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

const payloadFile = (dataDir: string, id: string): string => path.join(sharingDir(dataDir), 'payloads', fileNameOf(id));

export interface NewItem {
  readonly runId: string;
  readonly workspace: string;
  readonly level: SharingLevel;
  readonly target: SharingTarget;
}

/**
 * Puts a payload into the queue; it is on disk when this resolves. A payload that is queued or shared already is not queued again: its item is
 * given as it is.
 */
export async function enqueue(ports: Pick<QueuePorts, 'dataDir' | 'clock'>, item: NewItem, payload: Payload): Promise<SharedItem> {
  const { dataDir, clock } = ports;
  const id = `${item.runId}-${item.level}-${payload.hash.slice(0, 12)}`;
  const before = (await readItems(dataDir)).find((known) => known.id === id);
  if (before !== undefined && ['waiting', 'shared', 'deleting'].includes(before.status)) return before;
  const content = packed(payload.text);
  const file = payloadFile(dataDir, id);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, content, { durable: true });
  await record(dataDir, { type: 'queued', id, ...item, bytes: content.length, sha256: sha256(content) }, clock());
  return await itemOf(dataDir, id);
}

async function itemOf(dataDir: string, id: string): Promise<SharedItem> {
  const item = (await readItems(dataDir)).find((known) => known.id === id);
  if (item === undefined) throw new Error(`The item ${id} was recorded and is not there.`);
  return item;
}

/** The text of an item as it was or will be sent; undefined when it was taken out of the queue. */
export async function payloadText(dataDir: string, id: string): Promise<string | undefined> {
  const content = await payloadContent(dataDir, id);
  return content === undefined ? undefined : unpacked(content);
}

const payloadContent = (dataDir: string, id: string): Promise<Buffer | undefined> => ifThere(readFile(payloadFile(dataDir, id)));

export interface DrainReport {
  readonly shared: readonly string[];
  /** Items that stay in the queue, and why. */
  readonly waiting: readonly { readonly id: string; readonly why: string; readonly retryAt?: number }[];
  /** Another process is at it. */
  readonly busy: boolean;
}

/**
 * Sends what waits and is due, oldest first, one at a time. Before every single upload the gate is asked; while it says no, nothing is sent and
 * everything stays. One process at a time drains. Rejects with `stopped`.
 */
export async function drainQueue(ports: QueuePorts, signal: AbortSignal): Promise<DrainReport> {
  const held = await hold(ports.dataDir);
  if (held === undefined) return { shared: [], waiting: [], busy: true };
  try {
    const shared: string[] = [];
    const waiting: { id: string; why: string; retryAt?: number }[] = [];
    for (const { id, status } of await readItems(ports.dataDir)) {
      if (status !== 'waiting') continue;
      throwIfStopped(signal);
      // Uploads take their time: it may have been taken back while others went.
      const item = await itemOf(ports.dataDir, id);
      if (item.status !== 'waiting') continue;
      if (item.retryAt !== undefined && item.retryAt > ports.clock()) {
        waiting.push({ id: item.id, why: item.problem ?? '', retryAt: item.retryAt });
        continue;
      }
      const no = await ports.gate(item.workspace);
      if (no !== undefined) {
        waiting.push({ id: item.id, why: no });
        continue;
      }
      const after = await send(ports, item, signal);
      if (after.status === 'shared') shared.push(item.id);
      else if (after.status === 'waiting' || after.status === 'refused')
        waiting.push({ id: item.id, why: after.problem ?? '', ...(after.retryAt !== undefined && { retryAt: after.retryAt }) });
    }
    return { shared, waiting, busy: false };
  } finally {
    held.release();
  }
}

/** One living process has the queue; a dead one is succeeded. */
async function hold(dataDir: string): Promise<Lock | undefined> {
  const lock = senderLock(dataDir);
  await mkdir(path.dirname(lock), { recursive: true, mode: 0o700 });
  const taken = takeLock(lock);
  return 'heldBy' in taken ? undefined : taken;
}

async function send(ports: QueuePorts, item: SharedItem, signal: AbortSignal): Promise<SharedItem> {
  const { dataDir, clock } = ports;
  const content = await payloadContent(dataDir, item.id);
  if (content === undefined) {
    await record(dataDir, { type: 'failed', id: item.id, problem: 'its file is gone from the data folder.' }, clock());
    return await itemOf(dataDir, item.id);
  }
  await record(dataDir, { type: 'attempted', id: item.id }, clock());
  const token = await ports.tokenOf(item.target);
  const upload = { id: item.id, content, sha256: item.sha256 };
  const result = await stoppable(signal, () =>
    item.target.kind === 'endpoint'
      ? putToEndpoint(item.target.url, upload, token, signal)
      : commitUpload(item.target, upload, token, signal),
  );
  const takenBack = (await itemOf(dataDir, item.id)).status !== 'waiting';
  if ('receipt' in result) await record(dataDir, { type: 'shared', id: item.id, receipt: result.receipt }, clock());
  // Taken back while it was on its way, it may have arrived after its deletion.
  if (takenBack) return await deleteShared(ports, item, signal);
  if ('problem' in result) {
    const wait = result.again ? retryAfter(item.attempts + 1, result.afterMs, ports.random) : undefined;
    await record(
      dataDir,
      { type: 'failed', id: item.id, problem: result.problem, ...(wait !== undefined && { retryAt: clock() + wait }) },
      clock(),
    );
  }
  return await itemOf(dataDir, item.id);
}

/** An abort in the middle of an upload is `stopped`, like everywhere. */
async function stoppable(signal: AbortSignal, work: () => Promise<UploadResult>): Promise<UploadResult> {
  try {
    return await work();
  } catch (error) {
    throwIfStopped(signal);
    throw error;
  }
}

const firstRetryMs = 1_000;
const longestRetryMs = 3_600_000;
const mostAttempts = 12;

/** Milliseconds: 1 s doubled each time up to an hour, half of it by chance; longer when the target asked for it. Undefined: given up. */
export function retryAfter(attempts: number, asked: number | undefined, random: () => number): number | undefined {
  if (attempts >= mostAttempts) return undefined;
  const whole = Math.min(longestRetryMs, firstRetryMs * 2 ** (attempts - 1));
  return Math.max(Math.round(whole / 2 + (whole / 2) * random()), Math.min(asked ?? 0, longestRetryMs));
}

/** Tries a refused or postponed item again at the next drain. */
export async function retryNow(ports: Pick<QueuePorts, 'dataDir' | 'clock'>, id: string): Promise<void> {
  await record(ports.dataDir, { type: 'failed', id, problem: 'to be tried again', retryAt: ports.clock() }, ports.clock());
}

/** Takes an item that was not sent yet out of the queue, with its payload. */
export async function removeItem(ports: Pick<QueuePorts, 'dataDir' | 'clock'>, id: string, why: string): Promise<void> {
  await record(ports.dataDir, { type: 'removed', id, why }, ports.clock());
  await rm(payloadFile(ports.dataDir, id), { force: true });
}

/**
 * Asks the target to delete an item. This needs no opt-in: undoing is always allowed. Gives the item after it: `deleted`, or `deleting` with the
 * problem, to be asked again.
 */
export async function deleteShared(
  ports: Pick<QueuePorts, 'dataDir' | 'clock' | 'tokenOf'>,
  item: SharedItem,
  signal: AbortSignal,
): Promise<SharedItem> {
  const { dataDir, clock } = ports;
  await record(dataDir, { type: 'delete-asked', id: item.id }, clock());
  const token = await ports.tokenOf(item.target);
  const result = await stoppable(signal, () =>
    item.target.kind === 'endpoint'
      ? deleteAtEndpoint(item.target.url, item.id, token, signal)
      : commitDelete(item.target, item.id, token, signal),
  );
  if ('receipt' in result) {
    await record(dataDir, { type: 'deleted', id: item.id, receipt: result.receipt }, clock());
    await rm(payloadFile(dataDir, item.id), { force: true });
  } else await record(dataDir, { type: 'delete-failed', id: item.id, problem: result.problem }, clock());
  return await itemOf(dataDir, item.id);
}
