/**
 * One run as the screens see it. While it is live in this window its events come from the runtime; before and after, and for a run of another
 * window, they are read from the trace, again whenever it has grown, and only while somebody looks.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { stopped, TeamwrightError } from '../../errors.ts';
import type { ChatDelta, Preparing } from '../../models/types.ts';
import { planHash } from '../../plan/index.ts';
import type { Proposal, Question, ReviewAnswer, RunControls, RunResult } from '../../run/types.ts';
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
  askUser(question: Question, signal: AbortSignal): Promise<string | undefined>;
  /** Makes it live: from now on until `result` settles. */
  begin(live: { controls: RunControls; result: Promise<RunResult>; stop: (reason: Error) => void }): void;
  /** Reads the trace again if it has changed. */
  look(): Promise<void>;
  /** As the handle's, but nobody who listens here makes it look at the disk. */
  readonly onDidChange: vscode.Event<TraceEvent | undefined>;
  /** What waits for the user has changed: a plan or a question came, or was answered. */
  readonly onDidChangeWaiting: vscode.Event<void>;
}

export interface EditorRunPorts {
  readonly vscode: Pick<typeof vscode, 'EventEmitter' | 'Disposable'>;
  readonly runId: string;
  readonly openTrace: () => Promise<OpenRun>;
  /** Hears what could not be read. */
  readonly onFailure: (error: unknown) => void;
}

/** Something that the run wants of the user, and the way to give it. */
interface Waiting<Wanted, Given> {
  readonly wanted: Wanted;
  readonly give: (given: Given) => void;
}

export function createEditorRun(ports: EditorRunPorts): EditorRun {
  const changed = new ports.vscode.EventEmitter<TraceEvent | undefined>();
  const streamed = new ports.vscode.EventEmitter<{ call: string; agent: string; delta: ChatDelta }>();
  const waits = new ports.vscode.EventEmitter<void>();
  let state: RunState = initialState;
  let plan: Waiting<Proposal, ReviewAnswer> | undefined;
  let question: Waiting<Question, string | undefined> | undefined;
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

  const tellWaiting = (): void => {
    waits.fire();
    // Screens that follow the run draw what waits.
    changed.fire(undefined);
  };
  /** Waits until it is given, and lets go when the signal fires. `keep` holds the one that waits, or nothing. */
  const waitFor = <Wanted, Given>(
    wanted: Wanted,
    keep: (waiting: Waiting<Wanted, Given> | undefined) => void,
    signal: AbortSignal,
  ): Promise<Given> => {
    const { promise, resolve, reject } = Promise.withResolvers<Given>();
    const end = (): void => {
      signal.removeEventListener('abort', stop);
      keep(undefined);
      tellWaiting();
    };
    const stop = (): void => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    keep({
      wanted,
      give: (given) => {
        end();
        resolve(given);
      },
    });
    tellWaiting();
    if (signal.aborted) stop();
    return promise;
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
    if (plan === undefined) throw new TeamwrightError('approval-stale', { seen: '', now: state.plans.at(-1)?.hash ?? '' });
    plan.give(given);
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
    proposal: () => plan?.wanted,
    question: () => question?.wanted,
    answer: (asked, text) => {
      // Of a question that is over nobody waits for the answer.
      if (question?.wanted.text === asked) question.give(text.trim() === '' ? undefined : text);
    },
    approve: (hash, edited) => {
      // What is approved is what was on screen: a plan edited since has another hash.
      const now = edited === undefined ? (plan?.wanted.hash ?? '') : planHash(edited);
      if (now !== hash) throw new TeamwrightError('approval-stale', { seen: hash, now });
      answer({ kind: 'approve', hash, by: 'user', ...(edited && hash !== plan?.wanted.hash ? { edited } : {}) });
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
    onDidChangeWaiting: waits.event,
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
      waitFor<Proposal, ReviewAnswer>(
        proposal,
        (next) => {
          plan = next;
        },
        signal,
      ),
    askUser: (asked, signal) =>
      waitFor<Question, string | undefined>(
        asked,
        (next) => {
          question = next;
        },
        signal,
      ),
    begin: (begun) => {
      live = begun;
      lastResult = begun.result;
      unwatch();
      const end = (): void => {
        live = undefined;
        if (plan !== undefined || question !== undefined) {
          plan = undefined;
          question = undefined;
          tellWaiting();
        }
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
      waits.dispose();
    },
  };
}
