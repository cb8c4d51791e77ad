/**
 * Sharing, off by default. A run is shared when the workspace is opted in, no switch says no, and the user has seen exactly what goes. The parts
 * here know neither the command line nor the editor; both put the same ports in.
 */
import { TeamwrightError } from '../../errors.ts';
import { createRedaction, type Redaction, type RedactionOptions } from '../../redaction/index.ts';
import { changedBefore, openRun } from '../../trace/index.ts';
import { verdictRecord } from '../record.ts';
import { readConsents, writeConsent } from './consent.ts';
import { readItems } from './log.ts';
import { editedPayload, type Payload, payloadOf } from './payload.ts';
import { type DrainReport, deleteShared, drainQueue, enqueue, payloadText, type QueuePorts, removeItem, retryNow } from './queue.ts';
import { type Consent, mayBeOutThere, type SharedItem, type SharingLevel, type SharingTarget } from './types.ts';

export { environmentSaysNo, sharingGate } from './consent.ts';
export type { Payload } from './payload.ts';
export type { DrainReport } from './queue.ts';
export { payloadRead, readablePayload } from './readable.ts';
export { defaultHub, parseTarget, targetText } from './target.ts';
export {
  type Consent,
  mayBeOutThere,
  type SharedItem,
  type SharingLevel,
  type SharingTarget,
} from './types.ts';

export interface SharingPorts extends QueuePorts {
  /** What redaction must know of this machine; the workspace is the run's. */
  readonly privacy: Omit<RedactionOptions, 'workspace' | 'memory'>;
}

/** A payload that was made, with what is needed to look through a changed one again. */
export interface Draft {
  readonly runId: string;
  readonly workspace: string;
  readonly level: SharingLevel;
  readonly payload: Payload;
  /** The payload of a changed text. Throws `payload-broken`. */
  edited(text: string): Promise<Payload>;
}

export interface Sharing {
  consents(): Promise<Readonly<Record<string, Consent>>>;
  turnOn(workspace: string, level: SharingLevel, target: SharingTarget): Promise<void>;
  /** Nothing more is sent from this workspace; what waits stays until it is withdrawn or turned on again. */
  turnOff(workspace: string): Promise<void>;
  /** Why nothing may be sent from there now; undefined when it may. */
  blocked(workspace: string): Promise<string | undefined>;
  /**
   * What would be sent of a run. `level`: the opt-in's when undefined, and plans only where there is none. Sends nothing. Rejects with
   * `nothing-to-share`, also when the record of the run was changed after it was written.
   */
  draft(runId: string, level?: SharingLevel): Promise<Draft>;
  /** Queues exactly this payload. Rejects with `sharing-off` while it may not be sent. */
  approve(draft: Draft, payload: Payload): Promise<SharedItem>;
  /** Sends what is due. */
  drain(signal: AbortSignal): Promise<DrainReport>;
  items(): Promise<readonly SharedItem[]>;
  payloadText(id: string): Promise<string | undefined>;
  /** A refused item is tried at the next drain. */
  retry(id: string): Promise<void>;
  /** Takes back one item, by the beginning of its id: out of the queue, or deleted at the target. Rejects with `shared-item-unknown`. */
  takeBack(id: string, signal: AbortSignal): Promise<SharedItem>;
  /** Turns a workspace off and empties its queue. Gives what was shared from it and is still out there. */
  withdraw(workspace: string): Promise<{ readonly removed: readonly string[]; readonly outThere: readonly SharedItem[] }>;
}

export function openSharing(ports: SharingPorts): Sharing {
  const { dataDir, clock } = ports;
  const redactionFor = (workspace: string, before?: Redaction): Redaction =>
    createRedaction({ ...ports.privacy, workspace, ...(before !== undefined && { memory: before.memory() }) });

  const find = async (wanted: string): Promise<SharedItem> => {
    const items = await readItems(dataDir);
    const matches = items.filter((item) => item.id === wanted || (wanted !== '' && item.id.startsWith(wanted)));
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return only;
    throw new TeamwrightError('shared-item-unknown', { id: wanted, matches: matches.length });
  };

  const sharing: Sharing = {
    consents: () => readConsents(dataDir),
    turnOn: (workspace, level, target) => writeConsent(dataDir, workspace, { level, target, since: clock() }),
    turnOff: (workspace) => writeConsent(dataDir, workspace, undefined),
    blocked: ports.gate,
    draft: async (name, wanted) => {
      const run = await openRun(dataDir, name);
      const { events, damage } = await run.read();
      const line = changedBefore(damage);
      if (line !== undefined) throw new TeamwrightError('nothing-to-share', { why: 'record-changed', runId: run.runId, line });
      const record = await verdictRecord(events, run.readBlob);
      if (record === undefined) throw new TeamwrightError('nothing-to-share', { why: 'empty', runId: run.runId });
      const level = wanted ?? (await readConsents(dataDir))[record.workspace]?.level ?? 'plans';
      const redaction = redactionFor(record.workspace);
      const payload = await payloadOf(record, level, redaction);
      return {
        runId: run.runId,
        workspace: record.workspace,
        level,
        payload,
        edited: (text) => editedPayload(text, redactionFor(record.workspace, redaction)),
      };
    },
    approve: async ({ runId, workspace, level }, payload) => {
      const no = await ports.gate(workspace);
      const consent = (await readConsents(dataDir))[workspace];
      if (no !== undefined || consent === undefined)
        throw new TeamwrightError('sharing-off', { workspace, against: no ?? 'Sharing is off for this workspace.' });
      return await enqueue(ports, { runId, workspace, level, target: consent.target }, payload);
    },
    drain: (signal) => drainQueue(ports, signal),
    items: () => readItems(dataDir),
    payloadText: (id) => payloadText(dataDir, id),
    retry: async (id) => retryNow(ports, (await find(id)).id),
    takeBack: async (id, signal) => {
      const item = await find(id);
      // An upload that failed may have arrived all the same; only one that was never tried is nowhere else.
      const nowhere = item.attempts === 0;
      if (item.status === 'deleted' || (item.status === 'removed' && nowhere)) return item;
      if (!nowhere) return await deleteShared(ports, item, signal);
      await removeItem(ports, item.id, 'taken back');
      return await find(item.id);
    },
    withdraw: async (workspace) => {
      await sharing.turnOff(workspace);
      const own = (await readItems(dataDir)).filter((item) => item.workspace === workspace);
      const queued = own.filter((item) => item.status === 'waiting' || item.status === 'refused');
      for (const item of queued) await removeItem(ports, item.id, 'withdrawn');
      const outThere = own.filter(mayBeOutThere);
      const removed = queued.map(({ id }) => id);
      return { removed, outThere };
    },
  };
  return sharing;
}

/** For lists: what became of an item, in words. */
export function itemText(item: SharedItem): string {
  switch (item.status) {
    case 'waiting':
      return item.problem === undefined ? 'waiting' : `waiting: ${item.problem}`;
    case 'refused':
      return `not sent: ${item.problem ?? ''}`;
    case 'shared':
      return 'shared';
    case 'deleting':
      return item.problem === undefined ? 'deletion asked for' : `deletion asked for, not confirmed: ${item.problem}`;
    case 'deleted':
      return 'deleted';
    case 'removed':
      return 'taken out of the queue';
  }
}
