/**
 * Going on from another run. `resume`: the same request after an interruption; what was answered and approved is not paid for or asked again.
 * `follow-up`: new remarks on what a run handed over. Both are runs of their own, with a trace of their own that names the other.
 */
import { brief, gitState } from '../briefing/index.ts';
import { designerByName, designerNames, fileDesigner } from '../design/index.ts';
import type { Designer } from '../design/types.ts';
import { isTeamwrightError, notContinuable, runBusy } from '../errors.ts';
import { isTestPath } from '../feedback/index.ts';
import type { Capabilities, ModelSet, Price } from '../models/types.ts';
import type { EventOf, TraceEvent, TraceWriter } from '../trace/events.ts';
import { createTrace, fold, type OpenRun, openRun, type RecordedAttempt } from '../trace/index.ts';
import { endsRun } from './failures.ts';
import type { Earlier } from './prompts.ts';
import { clientOf, type RecordedRun, readRecorded, recordedAnswers } from './recorded.ts';
import { defaultRunSettings, type RunSettings, type WorkspaceRun } from './types.ts';

type Finished = EventOf<'run.finished'>;

/** Ends that leave nothing of the request to do, or nothing that the same budget could do. */
const finalOutcomes: readonly Finished['outcome'][] = ['solved', 'tests-fail', 'no-tests', 'answered', 'declined', 'budget'];

/** What the run is, in the end, when it goes on from another one. Rejects with `run-unknown`, `run-busy` or `bad-argument`. */
export async function goingOn(options: WorkspaceRun): Promise<WorkspaceRun> {
  const { continues, dataDir } = options;
  if (!continues) return options;
  return continues.how === 'resume' ? resumed(options, continues.runId) : followingUp(options, await openEnded(dataDir, continues.runId));
}

/** Nobody goes on from a run that is under way. */
async function openEnded(dataDir: string, runId: string): Promise<OpenRun> {
  const run = await openRun(dataDir, runId);
  if (run.ownerAlive()) throw runBusy(run.runId, run.ownerPid());
  return run;
}

/**
 * Begins the new run's trace. When it goes on from another run, that one's record says so, and is held until the new trace stands: of two that
 * resume a run at the same moment only one begins. Rejects with `run-busy` or `bad-argument`.
 */
export async function beginTrace(
  { dataDir, continues }: WorkspaceRun,
  runId: string,
  clock: () => number,
  begin: () => Promise<TraceWriter>,
): Promise<TraceWriter> {
  if (!continues) return begin();
  const other = await openRun(dataDir, continues.runId);
  const record = await createTrace({ dataDir, runId: other.runId, clock });
  let begun: TraceWriter | undefined;
  try {
    // Somebody may have come first since it was looked at.
    if (continues.how === 'resume') await requireOpen({ runId: other.runId, events: (await other.read()).events }, dataDir);
    // First the new one: a crash in between must not leave this one resumed as a run that is not there.
    begun = await begin();
    record.emit({ type: 'run.continued', as: runId, how: continues.how });
    return begun;
  } finally {
    // A trace that nobody gets must not stay held.
    await record.close().catch(async (error: unknown) => {
      await begun?.close().catch(() => undefined);
      throw error;
    });
  }
}

// ---- resume ---------------------------------------------------------------------------------------------------------------------

/** A run that was cut short, as it began. */
export interface Resumable extends Pick<EventOf<'run.started'>, 'runId' | 'workspace' | 'request' | 'models' | 'designer'> {}

/** Rejects with `run-unknown`, `run-busy`, or `bad-argument` (with what to do instead) when the run cannot be resumed. */
export async function readResumable(dataDir: string, runId: string): Promise<Resumable> {
  return (await readInterrupted(dataDir, runId)).started;
}

/** A run and those it was resumed from, as one. */
interface Chain extends RecordedRun {
  /** What all of them had used. */
  readonly seconds: number;
}

async function readInterrupted(dataDir: string, wanted: string): Promise<{ recorded: Chain; started: EventOf<'run.started'> }> {
  const { runId } = await openEnded(dataDir, wanted);
  const recorded = await readChain(dataDir, runId);
  const started = recorded.event('run.started');
  if (!started) throw notContinuable(runId, 'its trace does not say what was asked', 'Ask again: teamwright run "…".');
  const finished = recorded.events.find((event) => event.type === 'run.finished');
  if (finished && finalOutcomes.includes(finished.outcome)) {
    const next =
      finished.outcome === 'budget'
        ? 'Ask again with a larger budget.'
        : `Give it new remarks instead: teamwright run "…" --after ${runId}.`;
    throw notContinuable(runId, `it has ended (${finished.outcome}), so there is nothing to resume`, next);
  }
  await requireOpen(recorded, dataDir);
  return { recorded, started };
}

async function resumed(options: WorkspaceRun, wanted: string): Promise<WorkspaceRun> {
  const { recorded, started } = await readInterrupted(options.dataDir, wanted);
  const { runId } = recorded;
  const taken = recorded.event('snapshot.taken');
  const briefed = recorded.event('briefing.done');
  const { briefing, replies } = recorded;
  // Where a follow-up starts is known once it is on record; before that nothing was paid for.
  if (started.continues?.earlier && !(taken && briefed)) {
    throw notContinuable(runId, 'it was cut short before it had begun', 'Ask again: teamwright run "…" --after RUN.');
  }
  const answers = recordedAnswers(recorded);
  return {
    ...options,
    workspace: started.workspace,
    request: started.request,
    settings: { ...defaultRunSettings, ...(started.settings as Partial<RunSettings> | undefined) },
    models: asRecorded(options.models, started),
    designer: designerOf(recorded, started, options.designer),
    review: async (proposal, signal) => answers(proposal) ?? options.review(proposal, signal),
    clientFor: (place, attempt, promptHash) => {
      const attempted = replies.get(place)?.[attempt - 1];
      return attempted?.promptHash === promptHash ? clientOf(attempted) : undefined;
    },
    recorded: {
      continues: { runId, how: 'resume', earlier: started.continues?.earlier },
      steering: recorded.steering,
      secondsBefore: recorded.seconds,
      ...(taken && { begin: async () => ({ snapshot: taken.snapshot, start: taken.start, leftOut: taken.leftOut }) }),
      ...(briefed && briefing && { detectTests: async () => briefed.test, brief: async () => briefing }),
    },
  };
}

/** The run with those it was resumed from: a resumed run that was cut short early may know less than the one before. */
async function readChain(dataDir: string, runId: string): Promise<Chain> {
  const recorded = await readRecorded(await openRun(dataDir, runId));
  const replies = new Map([...recorded.replies].map(([place, attempts]) => [place, withoutEnd(attempts)]));
  const own = { ...recorded, replies, seconds: secondsUsed(recorded.events) };
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
    briefing: newer.briefing ?? older.briefing,
    // The newer one counted on from the older one, unless it was cut short before its first call.
    seconds: Math.max(newer.seconds, older.seconds),
    steering: {
      hints: newer.steering.hints.length < older.steering.hints.length ? older.steering.hints : newer.steering.hints,
      raised: { ...older.steering.raised, ...newer.steering.raised },
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

async function requireOpen(recorded: Pick<RecordedRun, 'runId' | 'events'>, dataDir: string): Promise<void> {
  const already = await resumedAs(recorded, dataDir);
  if (already) throw notContinuable(recorded.runId, `it was resumed as ${already}`, `Resume that one: teamwright runs resume ${already}.`);
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
      throw notContinuable(
        started.runId,
        `it was begun with the model ${then.model} (${then.endpoint}), and the model is ${now.model} now`,
        `Choose the same model: --model or, for the tier "strong", --strong. Or ask again with the other one.`,
      );
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
  const first = recorded.proposals.find(({ origin }) => origin === 'file');
  if (first) return fileDesigner(first.plan);
  return (designerNames as readonly string[]).includes(started.designer) ? designerByName(started.designer) : otherwise;
}

function secondsUsed(events: readonly TraceEvent[]): number {
  const last = events.findLast((event) => event.type === 'run.finished' || event.type === 'call.done' || event.type === 'call.failed');
  return last && 'spend' in last ? last.spend.seconds : 0;
}

// ---- follow-up ------------------------------------------------------------------------------------------------------------------

/** Characters of the earlier request that its follow-up repeats. */
const earlierCharacters = 1500;
/** Changed files that the briefing must show. */
const filesShown = 12;

async function followingUp(options: WorkspaceRun, run: OpenRun): Promise<WorkspaceRun> {
  const recorded = await readRecorded(run);
  const { runId, events } = recorded;
  const started = recorded.event('run.started');
  const taken = recorded.event('snapshot.taken');
  const finished = recorded.event('run.finished');
  const wanted = options.continues?.candidate;
  const id = wanted ?? finished?.candidate;
  const made = events.findLast((event) => event.type === 'candidate.made' && event.candidate === id);
  const chosen = wanted === undefined ? finished?.snapshot : made?.type === 'candidate.made' ? made.snapshot : undefined;
  const again = 'Ask again without --after.';
  if (!started || !taken || !finished) throw notContinuable(runId, 'it has not ended', `Resume it first: teamwright runs resume ${runId}.`);
  if (!chosen) {
    const why = wanted === undefined ? `it ended (${finished.outcome}) without a change` : `it has no candidate ${wanted}`;
    throw notContinuable(runId, why, again);
  }
  const tested = events.findLast((event) => event.type === 'candidate.tested' && event.candidate === id);
  const after = wanted === undefined ? finished.after : tested?.type === 'candidate.tested' ? tested.counts : undefined;
  const changed = made?.type === 'candidate.made' ? made.changed : [];
  const earlier: Earlier = {
    request: [started.continues?.earlier?.request, started.request.text]
      .filter((text) => text !== undefined)
      .join('\n')
      .slice(-earlierCharacters),
    done: whatWasDone(changed, { before: finished.before, after }),
  };
  return {
    ...options,
    recorded: {
      continues: { runId, how: 'follow-up', ...(wanted !== undefined && { candidate: wanted }), earlier },
      begin: async (now, workspace) => {
        if (workspace !== started.workspace) {
          throw notContinuable(runId, `it ran on ${started.workspace}`, `Name that folder with --workspace, or ask again without --after.`);
        }
        const isApplied = fold(events).standing.apply !== undefined || now.snapshot.tree === chosen.tree;
        return isApplied ? now : { snapshot: taken.snapshot, start: chosen, leftOut: now.leftOut };
      },
      // The copy, not the workspace: what the earlier run changed must be seen as it is now.
      brief: async ({ request, root, test, baseline }, signal) => {
        const widened = {
          ...request,
          text: `${earlier.request}\n${request.text}`,
          files: [...new Set([...request.files, ...changed.slice(0, filesShown)])],
        };
        const briefing = await brief({ request: widened, root, test, baseline, isTestPath }, signal);
        return { ...briefing, git: await gitState(options.workspace, signal) };
      },
    },
  };
}

function whatWasDone(changed: readonly string[], { before, after }: Pick<Finished, 'before' | 'after'>): string {
  const tests = after
    ? ` Tests${before ? ` before: ${before.passed} passed, ${before.failed} failed;` : ''} after: ${after.passed} passed, ${after.failed} failed.`
    : '';
  return `Changed: ${changed.join(', ') || 'nothing'}. The files above are as they are after that change.${tests}`;
}
