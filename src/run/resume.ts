/** Resume: the same request after an interruption; what was answered and approved is not paid for or asked again. */
import { designerByName, fileDesigner, isDesigner } from '../design/index.ts';
import type { Designer } from '../design/types.ts';
import { isTeamwrightError, notContinuable } from '../errors.ts';
import type { Capabilities, ModelSet, Price } from '../models/types.ts';
import type { EventOf, Outcome, TraceEvent } from '../trace/events.ts';
import { openRun, type RecordedAttempt } from '../trace/index.ts';
import { endsRun } from './failures.ts';
import { checkKey, inOrder, type Judged, judgedIn, judgedInBoth } from './judged.ts';
import type { RunWithPast } from './past.ts';
import { beganAs, clientOf, openEnded, pastOf, type RecordedRun, readRecorded, requireUnchanged } from './recorded.ts';
import type { WorkspaceRun } from './types.ts';

/** Ends that leave nothing of the request to do, or nothing that the same budget could do. */
const finalOutcomes: readonly Outcome[] = ['solved', 'unproven', 'tests-fail', 'no-tests', 'answered', 'declined', 'budget'];

/** A run that was cut short, as it began. */
export interface Resumable extends Pick<EventOf<'run.started'>, 'runId' | 'workspace' | 'request' | 'models' | 'designer'> {}

/** Rejects with `run-unknown`, `run-busy`, or `not-continuable` when the run cannot be resumed. */
export async function readResumable(dataDir: string, runId: string): Promise<Resumable> {
  return (await readInterrupted(dataDir, runId)).started;
}

/** A run and those it was resumed from, as one. */
interface Chain extends RecordedRun {
  /** What all of them had used. */
  readonly seconds: number;
  /** Read when the run goes on; who only asks whether it can needs none of it. */
  readonly judged: () => Promise<Judged>;
}

async function readInterrupted(dataDir: string, wanted: string): Promise<{ recorded: Chain; started: EventOf<'run.started'> }> {
  const { runId } = await openEnded(dataDir, wanted);
  const recorded = await readChain(dataDir, runId);
  const started = recorded.event('run.started');
  if (!started) throw notContinuable({ why: 'no-request', runId });
  const finished = recorded.events.find((event) => event.type === 'run.finished');
  if (finished && finalOutcomes.includes(finished.outcome)) {
    throw notContinuable({ why: 'ended', runId, outcome: finished.outcome });
  }
  await requireOpen(recorded, dataDir);
  return { recorded, started };
}

/** The run as it was recorded, its replies and the user's words first. Rejects as `readResumable`. */
export async function resume(run: WorkspaceRun, wanted: string): Promise<RunWithPast> {
  const { recorded, started } = await readInterrupted(run.dataDir, wanted);
  const { runId, replies } = recorded;
  const judged = await recorded.judged();
  const { earlier } = started.continues ?? {};
  const past = pastOf(recorded);
  // Where a follow-up starts is known once it is on record; before that nothing was paid for.
  if (earlier && !(past.beginning && past.found)) {
    throw notContinuable({ why: 'not-begun', runId });
  }
  return {
    ...run,
    ...beganAs(started),
    models: asRecorded(run.models, started),
    designer: designerOf(recorded, started, run.designer),
    past: {
      ...past,
      continues: { runId, how: 'resume', earlier },
      ...(past.found && { found: { ...past.found, ...(judged.seen.length > 0 && { seen: judged.seen }) } }),
      tested: inOrder(judged),
      checked: (tree, name) => judged.checked.get(checkKey(tree, name)),
      seconds: recorded.seconds,
      clientFor: (place, attempt, promptHash) => {
        const attempted = replies.get(place)?.[attempt - 1];
        return attempted?.promptHash === promptHash ? clientOf(attempted) : undefined;
      },
    },
  };
}

/** The run with those it was resumed from: a resumed run that was cut short early may know less than the one before. */
async function readChain(dataDir: string, runId: string): Promise<Chain> {
  const run = await openRun(dataDir, runId);
  const recorded = await readRecorded(run);
  requireUnchanged(recorded);
  const replies = new Map([...recorded.replies].map(([place, attempts]) => [place, withoutEnd(attempts)]));
  const own = { ...recorded, replies, seconds: secondsUsed(recorded.events), judged: () => judgedIn(recorded.events, run) };
  const before = recorded.event('run.started')?.continues;
  if (before?.how !== 'resume') return own;
  const older = await readChain(dataDir, before.runId).catch((error: unknown) => {
    // Deleted since: what this run recorded itself has to do.
    if (!isTeamwrightError(error, 'run-unknown')) throw error;
    return undefined;
  });
  return older ? joined(older, own) : own;
}

/** The newer run's word counts, the older one's where the newer has none. */
function joined(older: Chain, newer: Chain): Chain {
  const known = new Set(newer.proposals.filter(({ answer }) => answer !== undefined).map(({ hash }) => hash));
  const answered = [...newer.replies].filter(([, attempts]) => attempts.length > 0);
  return {
    ...newer,
    replies: new Map([...older.replies, ...answered]),
    proposals: [...newer.proposals, ...older.proposals.filter(({ hash }) => !known.has(hash))],
    imageTexts: new Map([...older.imageTexts, ...newer.imageTexts]),
    // One that both hold is the same: the newer run took it from the older one.
    outside: [...newer.outside, ...older.outside],
    offered: new Map([...older.offered, ...newer.offered]),
    briefing: newer.briefing ?? older.briefing,
    team: newer.team ?? older.team,
    judged: async () => judgedInBoth(await older.judged(), await newer.judged()),
    // The newer one counted on from the older one, unless it was cut short before its first call.
    seconds: Math.max(newer.seconds, older.seconds),
    steering: {
      hints: newer.steering.hints.length < older.steering.hints.length ? older.steering.hints : newer.steering.hints,
      raised: { ...older.steering.raised, ...newer.steering.raised },
      pointAt: (place) => newer.steering.pointAt(place) ?? older.steering.pointAt(place),
      hintsAt: (place) => newer.steering.hintsAt(place) ?? older.steering.hintsAt(place),
      skips: (path) => newer.steering.skips(path) || older.steering.skips(path),
      cutBefore: (place, underWay) => {
        const paths = [...underWay];
        return newer.steering.cutBefore(place, paths) ?? older.steering.cutBefore(place, paths);
      },
    },
    event: (type) => newer.event(type) ?? older.event(type),
  };
}

/** The failure that ended the run must not end this one as well: that attempt is made again. */
function withoutEnd(attempts: readonly RecordedAttempt[]): readonly RecordedAttempt[] {
  const last = attempts.at(-1);
  return last && 'failure' in last && last.last && endsRun(last.failure.code) ? attempts.slice(0, -1) : attempts;
}

/** Rejects with `not-continuable` when the run was resumed already. */
export async function requireOpen(recorded: Pick<RecordedRun, 'runId' | 'events'>, dataDir: string): Promise<void> {
  const already = await resumedAs(recorded, dataDir);
  if (already) throw notContinuable({ why: 'resumed', runId: recorded.runId, as: already });
}

async function resumedAs({ events }: Pick<RecordedRun, 'events'>, dataDir: string): Promise<string | undefined> {
  for (const event of events.toReversed()) {
    if (event.type !== 'run.continued' || event.how !== 'resume') continue;
    if (await hasBegun(dataDir, event.as)) return event.as;
  }
  return undefined;
}

async function hasBegun(dataDir: string, runId: string): Promise<boolean> {
  try {
    const run = await openRun(dataDir, runId);
    return run.ownerAlive() || (await run.read()).events.some(({ type }) => type === 'run.started');
  } catch (error) {
    if (isTeamwrightError(error, 'run-unknown') || isTeamwrightError(error, 'trace-unreadable')) return false;
    throw error;
  }
}

/** Prompts and prices follow from what was known of the models when the run began. Another model could not use its replies. */
function asRecorded(models: ModelSet, started: EventOf<'run.started'>): ModelSet {
  const tier = (name: keyof ModelSet): ModelSet['worker'] => {
    const [now, then] = [models[name], started.models[name]];
    if (!then) return now;
    if (then.model !== now.model) {
      const { runId } = started;
      throw notContinuable({ why: 'other-model', runId, tier: name, began: then.model, endpoint: then.endpoint, now: now.model });
    }
    return {
      ...now,
      ...(then.capabilities && { capabilities: then.capabilities as unknown as Capabilities }),
      ...(then.price && { price: then.price as unknown as Price }),
    };
  };
  return { worker: tier('worker'), strong: tier('strong') };
}

function designerOf(recorded: RecordedRun, started: EventOf<'run.started'>, otherwise: Designer): Designer {
  const team = recorded.team ?? recorded.proposals.find(({ origin }) => origin === 'file')?.plan;
  if (team) return fileDesigner(team);
  return isDesigner(started.designer) ? designerByName(started.designer) : otherwise;
}

function secondsUsed(events: readonly TraceEvent[]): number {
  const last = events.findLast((event) => event.type === 'run.finished' || event.type === 'call.done' || event.type === 'call.failed');
  return last && 'spend' in last ? last.spend.seconds : 0;
}
