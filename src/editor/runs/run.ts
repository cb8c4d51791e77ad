/**
 * One run as the screens see it. While it is live in this window its events come from the runtime; before and after, and for a run of another
 * window, they are read from the trace, again whenever it has grown, and only while somebody looks.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { stopped, TeamwrightError } from '../../errors.ts';
import type { ChatDelta, Preparing } from '../../models/types.ts';
import { type Plan, planHash } from '../../plan/index.ts';
import type { Proposal, ReviewAnswer, RunControls, RunResult } from '../../run/types.ts';
import type { TraceEvent } from '../../trace/events.ts';
import { fold, initialState, type OpenRun, type RunState, reduce } from '../../trace/index.ts';
import type { RunHandle } from '../flow-types.ts';

/** How often a trace that another process writes is looked at, ms. */
const lookMs = 700;

export interface EditorRun extends vscode.Disposable {
  readonly handle: RunHandle;
  /** What the runtime calls while the run is live. */
  onEvent(event: TraceEvent): void;
  onDelta(call: string, agent: string, delta: ChatDelta): void;
  review(proposal: Proposal, signal: AbortSignal): Promise<ReviewAnswer>;
  /** Makes it live: from now on until `result` settles. */
  begin(live: { controls: RunControls; result: Promise<RunResult>; stop: (reason: Error) => void }): void;
  /** Reads the trace again if it has changed. */
  look(): Promise<void>;
  /** As the handle's, but nobody who listens here makes it look at the disk. */
  readonly onDidChange: vscode.Event<TraceEvent | undefined>;
  /** The plan that waits has changed: it came, or was answered. */
  readonly onDidChangeProposal: vscode.Event<Proposal | undefined>;
}

export interface EditorRunPorts {
  readonly vscode: Pick<typeof vscode, 'EventEmitter' | 'Disposable'>;
  readonly runId: string;
  readonly openTrace: () => Promise<OpenRun>;
  /** Hears what could not be read. */
  readonly onFailure: (error: unknown) => void;
}

interface Waiting {
  readonly proposal: Proposal;
  readonly answer: (answer: ReviewAnswer) => void;
}

export function createEditorRun(ports: EditorRunPorts): EditorRun {
  const changed = new ports.vscode.EventEmitter<TraceEvent | undefined>();
  const streamed = new ports.vscode.EventEmitter<{ call: string; agent: string; delta: ChatDelta }>();
  const proposals = new ports.vscode.EventEmitter<Proposal | undefined>();
  let state: RunState = initialState;
  let waiting: Waiting | undefined;
  let live: { controls: RunControls; result: Promise<RunResult>; stop: (reason: Error) => void } | undefined;
  let lastResult: Promise<RunResult> | undefined;
  let trace: Promise<OpenRun> | undefined;
  let seen = '';
  let looking: Promise<void> | undefined;
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Calls that have not said a word, as far as their servers tell what they do. */
  const preparing = new Map<string, Preparing['doing']>();
  const firstOfPreparing = (): Preparing['doing'] | undefined => preparing.values().next().value;

  const notePreparing = (call: string, doing: Preparing['doing'] | undefined): void => {
    const before = firstOfPreparing();
    if (doing === undefined) preparing.delete(call);
    else preparing.set(call, doing);
    if (firstOfPreparing() !== before) changed.fire(undefined);
  };

  const settle = (next: Waiting | undefined): void => {
    waiting = next;
    proposals.fire(next?.proposal);
    // Screens that follow the run draw whether a plan waits.
    changed.fire(undefined);
  };

  const read = async (): Promise<void> => {
    trace ??= ports.openTrace();
    const open = await trace;
    const { size, mtimeMs } = await stat(path.join(open.dir, 'events.jsonl'));
    const mark = `${size} ${mtimeMs}`;
    if (mark === seen || live !== undefined) return;
    const { events } = await open.read();
    if (live !== undefined) return;
    seen = mark;
    state = fold(events);
    changed.fire(undefined);
  };

  const look = async (): Promise<void> => {
    if (live !== undefined) return;
    looking ??= read().finally(() => {
      looking = undefined;
    });
    await looking;
  };

  const watch = (): void => {
    if (timer !== undefined || watchers === 0 || live !== undefined) return;
    timer = setInterval(() => void look().catch(ports.onFailure), lookMs);
    timer.unref();
  };
  const unwatch = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  const answer = (given: ReviewAnswer): void => {
    const asked = waiting;
    if (asked === undefined) throw new TeamwrightError('approval-stale', { seen: '', now: state.plans.at(-1)?.hash ?? '' });
    settle(undefined);
    asked.answer(given);
  };

  const handle: RunHandle = {
    runId: ports.runId,
    get live() {
      return live !== undefined;
    },
    get controls() {
      return live?.controls;
    },
    get result() {
      return live?.result ?? lastResult;
    },
    state: () => state,
    onDidChange: (listener) => {
      const subscription = changed.event(listener);
      watchers += 1;
      watch();
      return new ports.vscode.Disposable(() => {
        subscription.dispose();
        watchers -= 1;
        if (watchers === 0) unwatch();
      });
    },
    onDidStream: (listener) => streamed.event(({ call, agent, delta }) => listener(call, agent, delta)),
    preparing: firstOfPreparing,
    proposal: () => waiting?.proposal,
    approve: (hash: string, edited?: Plan) => {
      // What is approved is what was on screen: a plan edited since has another hash.
      const now = edited === undefined ? (waiting?.proposal.hash ?? '') : planHash(edited);
      if (now !== hash) throw new TeamwrightError('approval-stale', { seen: hash, now });
      answer({ kind: 'approve', hash, by: 'user', ...(edited && hash !== waiting?.proposal.hash ? { edited } : {}) });
    },
    decline: (comment) => answer({ kind: 'decline', comment }),
    redesign: (comment) => answer({ kind: 'redesign', comment }),
    stop: () => live?.stop(stopped('the user')),
    readBlob: async (sha256) => {
      trace ??= ports.openTrace();
      return (await trace).readBlob(sha256);
    },
  };

  return {
    handle,
    onDidChange: changed.event,
    onDidChangeProposal: proposals.event,
    onEvent: (event) => {
      state = reduce(state, event);
      if (event.type === 'call.done' || event.type === 'call.failed') preparing.delete(event.call);
      changed.fire(event);
    },
    onDelta: (call, agent, delta) => {
      streamed.fire({ call, agent, delta });
      notePreparing(call, delta.preparing?.doing);
    },
    review: (proposal, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          settle(undefined);
          reject(signal.reason);
        };
        signal.addEventListener('abort', stop, { once: true });
        settle({
          proposal,
          answer: (given) => {
            signal.removeEventListener('abort', stop);
            resolve(given);
          },
        });
        if (signal.aborted) stop();
      }),
    begin: (begun) => {
      live = begun;
      lastResult = begun.result;
      unwatch();
      const end = (): void => {
        live = undefined;
        if (waiting !== undefined) settle(undefined);
        watch();
        changed.fire(undefined);
      };
      begun.result.then(end, end);
    },
    look,
    dispose: () => {
      unwatch();
      changed.dispose();
      streamed.dispose();
      proposals.dispose();
    },
  };
}
