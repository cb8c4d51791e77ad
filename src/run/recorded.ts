/** What the trace of a run holds for a later one: replies by place, plans with the user's word on them, how the user steered it. */
import { type Briefing, briefingSchema } from '../briefing/types.ts';
import type { Designer } from '../design/types.ts';
import { notContinuable, notReplayable, recordedError, runBusy } from '../errors.ts';
import { recordedClient } from '../models/index.ts';
import type { ModelClient } from '../models/types.ts';
import { parsePlan } from '../plan/index.ts';
import type { Budget, Plan } from '../plan/schema.ts';
import { type ImageTexts, textsOfImages } from '../request/index.ts';
import type { EventOf, EventType, PlanOrigin, TraceEvent } from '../trace/events.ts';
import { changedBefore, type OpenRun, openRun, type RecordedAttempt, recordedReplies } from '../trace/index.ts';
import type { Past, Point, RecordedSteering } from './past.ts';
import { skippedByUser } from './steering.ts';
import { shownArguments } from './tools/tool.ts';
import { defaultRunSettings, type ReviewAnswer, type RunSettings, type WorkspaceRun } from './types.ts';

export interface RecordedProposal {
  readonly plan: Plan;
  readonly hash: string;
  readonly origin: PlanOrigin;
  readonly reason: string;
  /** The user's word; absent when the run ended before it. */
  readonly answer?: RecordedAnswer;
}

export type RecordedAnswer =
  | { readonly kind: 'approve'; readonly hash: string; readonly edited?: Plan; readonly below?: number }
  | { readonly kind: 'decline' | 'redesign'; readonly comment: string };

interface OutsideUse {
  readonly key: string;
  readonly ok: boolean;
  readonly text: string;
}

const useKey = (place: string, tool: string, argumentText: string): string => `${place}\0${tool}\0${shownArguments(argumentText)}`;

async function outsideIn(events: readonly TraceEvent[], run: OpenRun): Promise<readonly OutsideUse[]> {
  const uses = events.filter((event) => event.type === 'tool.used' && event.outside === true) as EventOf<'tool.used'>[];
  return Promise.all(
    uses.map(async ({ call, tool, arguments: said, ok, result }) => ({
      key: useKey(call, tool, said),
      ok,
      text: await run.readBlob(result),
    })),
  );
}

async function offeredIn(events: readonly TraceEvent[], run: OpenRun): Promise<ReadonlyMap<string, string>> {
  const started = events.filter((event) => event.type === 'server.started') as EventOf<'server.started'>[];
  return new Map(await Promise.all(started.map(async ({ server, tools }) => [server, await run.readBlob(tools)] as const)));
}

/** Each answer once, in order. */
function usesOf(recorded: readonly OutsideUse[]): NonNullable<Past['outside']> {
  const left = [...recorded];
  return (place, tool, argumentText) => {
    const key = useKey(place, tool, argumentText);
    const index = left.findIndex((one) => one.key === key);
    return index === -1 ? undefined : left.splice(index, 1)[0];
  };
}

export interface RecordedRun {
  readonly runId: string;
  readonly events: readonly TraceEvent[];
  /** The line before which the record was changed after it was written. */
  readonly changedBefore?: number;
  readonly replies: ReadonlyMap<string, readonly RecordedAttempt[]>;
  readonly proposals: readonly RecordedProposal[];
  readonly steering: RecordedSteering;
  readonly briefing?: Briefing;
  readonly imageTexts: ImageTexts;
  /** Of a designer that has only this plan. */
  readonly team?: Plan;
  /** Answers that came from outside of the copies, in order. */
  readonly outside: readonly OutsideUse[];
  /** What servers offered, by their names, as JSON. */
  readonly offered: ReadonlyMap<string, string>;
  /** The first event of this type. */
  event<T extends EventType>(type: T): EventOf<T> | undefined;
}

/** The run to go on from: nobody goes on from one that is under way. Rejects with `run-unknown` or `run-busy`. */
export async function openEnded(dataDir: string, runId: string): Promise<OpenRun> {
  const run = await openRun(dataDir, runId);
  if (run.ownerAlive()) throw runBusy(run.runId, run.ownerPid());
  return run;
}

/** What happened may not be what a record says that was changed afterwards. Throws `not-continuable`. */
export function requireUnchanged({ runId, changedBefore: line }: Pick<RecordedRun, 'runId' | 'changedBefore'>): void {
  if (line !== undefined) throw notContinuable({ why: 'record-changed', runId, line });
}

/** Rejects with `replay-diverged` when the trace names a plan that is not in it. */
export async function readRecorded(run: OpenRun): Promise<RecordedRun> {
  const { events, damage } = await run.read();
  const event = <T extends EventType>(type: T): EventOf<T> | undefined =>
    events.find((candidate): candidate is TraceEvent & EventOf<T> => candidate.type === type);
  const briefed = event('briefing.done');
  const { team, request } = event('run.started') ?? {};
  return {
    runId: run.runId,
    events,
    changedBefore: changedBefore(damage),
    replies: await recordedReplies(events, (hash) => run.readBlob(hash)),
    proposals: await proposalsIn(events, run),
    steering: steeringIn(events),
    outside: await outsideIn(events, run),
    offered: await offeredIn(events, run),
    imageTexts: await textsOfImages(request?.images, run.readBlob),
    team: team === undefined ? undefined : parsePlan(await run.readBlob(team)).plan,
    briefing: briefed && briefingSchema.parse(JSON.parse(await run.readBlob(briefed.briefing))),
    event,
  };
}

/** In order. A plan that was edited or chosen in the review stands in the answer to the one that was proposed. */
async function proposalsIn(events: readonly TraceEvent[], run: OpenRun): Promise<readonly RecordedProposal[]> {
  const proposals: RecordedProposal[] = [];
  let open: RecordedProposal | undefined;
  let replaced: RecordedProposal | undefined;
  const answer = (given: RecordedAnswer): void => {
    if (open) proposals.push({ ...open, answer: given });
    open = undefined;
    replaced = undefined;
  };
  let round = -1;
  for (const event of events) {
    if (event.type === 'plan.proposed') {
      const parsed = parsePlan(await run.readBlob(event.plan));
      if (!parsed.plan) throw notReplayable(run.runId, 'a plan cannot be read');
      const proposal = { plan: parsed.plan, hash: event.hash, origin: event.origin, reason: event.reason };
      if (open && event.round === round) replaced = proposal;
      else {
        if (open) proposals.push(open);
        open = proposal;
      }
      round = event.round;
    } else if (event.type === 'plan.approved') {
      if (!open) throw notReplayable(run.runId, 'a plan is missing');
      answer({ kind: 'approve', hash: event.hash, edited: replaced?.hash === event.hash ? replaced.plan : undefined, below: event.below });
    } else if (event.type === 'plan.declined') {
      answer({ kind: event.redesign ? 'redesign' : 'decline', comment: event.comment });
    }
  }
  return open ? [...proposals, open] : proposals;
}

function steeringIn(events: readonly TraceEvent[]): RecordedSteering {
  const hints: { agent?: string; text: string }[] = [];
  let raised: Partial<Budget> = {};
  const hintsAt = new Map<string, readonly string[]>();
  const pointed = new Map<string, Point>();
  const begun = new Set<string>();
  const skipped = new Set<string>();
  /** Steps that began and calls that ended by themselves. */
  const reached = new Set<string>();
  for (const event of events) {
    switch (event.type) {
      case 'control.used':
        if (event.action === 'hint' && event.text !== undefined) hints.push({ agent: event.agent, text: event.text });
        if (event.action === 'raise-budget') raised = { ...raised, ...event.budget };
        if (event.action === 'skip' && event.step !== undefined) skipped.add(event.step);
        break;
      case 'step.started':
        begun.add(event.path);
        reached.add(event.path);
        break;
      case 'step.done':
        if (event.skipped === skippedByUser) skipped.add(event.path);
        else skipped.delete(event.path);
        break;
      case 'place.tried':
        if (event.pointed) pointed.set(event.call, { file: event.file, line: event.line });
        break;
      case 'call.started':
        hintsAt.set(event.call, event.hints ?? []);
        break;
      case 'call.done':
        reached.add(event.call);
        break;
      case 'call.failed':
        if (!event.willRetry && event.failure.code !== 'stopped') reached.add(event.call);
    }
  }
  const below = (path: string): boolean => [...reached].some((place) => place.startsWith(`${path}/`));
  return {
    hints,
    raised,
    hintsAt: (place) => hintsAt.get(place),
    pointAt: (place) => pointed.get(place),
    skips: (path) => skipped.has(path) && (!begun.has(path) || !below(path)),
    cutBefore: (place, underWay) =>
      reached.has(place) ? undefined : [...underWay].find((path) => skipped.has(path) && place.startsWith(`${path}/`)),
  };
}

/** What a replay and a resumed run both take from it: the same beginning, the same findings, the same words of the user. */
export function pastOf(recorded: RecordedRun): Past {
  const { briefing, steering, imageTexts } = recorded;
  const taken = recorded.event('snapshot.taken');
  const briefed = recorded.event('briefing.done');
  return {
    steering,
    imageTexts,
    ...(taken && { beginning: () => taken }),
    ...(briefed &&
      briefing && {
        found: {
          test: briefed.test,
          otherSuites: briefed.otherSuites ?? [],
          briefing,
          recalled: recorded.event('memory.recalled')?.lessons ?? [],
        },
      }),
    answer: recordedAnswers(recorded.proposals),
    outside: usesOf(recorded.outside),
    offered: (server) => recorded.offered.get(server),
  };
}

/** What was asked, where, and with which settings. */
export function beganAs(started: EventOf<'run.started'>): Pick<WorkspaceRun, 'workspace' | 'request' | 'settings'> {
  const settings = { ...defaultRunSettings, ...(started.settings as Partial<RunSettings> | undefined) };
  return { workspace: started.workspace, request: started.request, settings };
}

/** Proposes what was proposed, in order; after the last one the same again, which ends the run. */
export function recordedDesigner(recorded: RecordedRun): Designer {
  let next = 0;
  return {
    name: 'library',
    design: async () => {
      const found = recorded.proposals[Math.min(next, recorded.proposals.length - 1)];
      next += 1;
      if (!found) throw notReplayable(recorded.runId, 'no plan was proposed in it');
      return { plan: found.plan, origin: found.origin, reason: found.reason, difficulty: found.plan.difficulty, rounds: [] };
    },
  };
}

/** The user's recorded word on each proposal with a hash, one after the other; undefined when there is none (left). */
function recordedAnswers(proposals: readonly RecordedProposal[]): (hash: string) => ReviewAnswer | undefined {
  const left = [...proposals];
  return (hash) => {
    const index = left.findIndex((proposal) => proposal.hash === hash && proposal.answer !== undefined);
    if (index === -1) return undefined;
    const answer = left.splice(index, 1)[0]?.answer;
    return answer?.kind === 'approve' ? { ...answer, by: 'replay' } : answer;
  };
}

/** Answers, or fails, as the attempt did; a call that was never made fails with `replay-diverged`. */
export function clientOf(recorded: RecordedAttempt | undefined): ModelClient {
  if (!recorded || 'reply' in recorded) return recordedClient(() => recorded?.reply);
  const { failure, usage } = recorded;
  return recordedClient(() => {
    throw recordedError(failure, { usage });
  });
}
