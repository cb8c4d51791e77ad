/**
 * One request from beginning to end: snapshot, baseline, briefing, then rounds of design → review → execution until the tests pass or there
 * is nothing left to try, then the verdict. Nothing outside the run's own copies is written.
 */
import pLimit from 'p-limit';
import { libraryGeneration } from '../design/index.ts';
import type { Failure } from '../design/types.ts';
import { failureOf, isTeamwrightError, type RecordedFailure, stopOf, stopped } from '../errors.ts';
import { createCalibration } from '../models/index.ts';
import { type Analysis, abortOf, budgetSchema, type Plan, pricePlan } from '../plan/index.ts';
import type { EventOf, Outcome } from '../trace/events.ts';
import { agree } from './agree.ts';
import { watchAnswers } from './answers.ts';
import { createAsk } from './ask.ts';
import type { Session, SessionInput, StepContext } from './context.ts';
import { estimateFacts } from './estimate.ts';
import { runSteps } from './execute.ts';
import { describeFailure } from './failures.ts';
import { finish } from './finish.ts';
import { gather } from './gather.ts';
import { imagesFor } from './images.ts';
import { testCandidates } from './judge.ts';
import { Meter } from './meter.ts';
import { createOutside } from './outside.ts';
import { isSolved, Pool } from './pool.ts';
import { promptsGeneration, sharedPrompt } from './prompts.ts';
import { RepairProgress } from './repair/progress.ts';
import { createSteering } from './steering.ts';
import { Triggers } from './triggers.ts';
import { Troubles } from './troubles.ts';
import type { RunPorts, RunResult } from './types.ts';

/** Runs a request. Failures of the environment end in an outcome, never in a half-written trace; `stopped` ends as outcome too. */
export async function runSession(input: SessionInput, ports: RunPorts, outerSignal: AbortSignal): Promise<RunResult> {
  const { trace, controls } = ports;
  const { past } = input;
  const meter = new Meter(ports.clock, past?.seconds);
  const timeUp = new AbortController();
  const signal = AbortSignal.any([outerSignal, timeUp.signal]);
  for (const text of input.imageTexts?.values() ?? []) trace.blob(text);
  trace.emit({
    type: 'run.started',
    runId: trace.runId,
    request: input.request,
    workspace: ports.copies.workspace,
    program: input.program,
    models: Object.fromEntries(
      Object.entries(ports.models).map(([tier, { client, model, capabilities, price }]) => [
        tier,
        { endpoint: client.endpoint, model, capabilities: { ...capabilities }, price: { ...price } },
      ]),
    ),
    settings: { ...input.settings },
    fence: told(ports.fence),
    designer: ports.designer.name,
    team: ports.designer.team && trace.blob(JSON.stringify(ports.designer.team)),
    seed: input.settings.seed,
    continues: past?.continues,
    generations: { prompts: promptsGeneration, library: libraryGeneration, weights: ports.models.worker.model },
  });
  const steering = createSteering({ trace, meter, steerable: controls !== undefined, recorded: past?.steering });
  const session: Session = {
    input,
    ports,
    meter,
    steering,
    pool: new Pool(),
    rounds: [],
    designRounds: 0,
    onTimeUp: (error) => timeUp.abort(error),
  };
  const disconnect = controls?.connect(steering);
  let outcome: Outcome;
  let failure: RecordedFailure | undefined;
  try {
    outcome = await attempt(session, signal);
    if (outcome !== 'solved') failure = session.endedEarly;
  } catch (error) {
    // Whatever an aborted wait threw: the cause is why it was aborted.
    failure = failureOf(signal.aborted ? stopOf(signal) : error);
    outcome = failure.code === 'stopped' ? 'stopped' : failure.code === 'budget-exceeded' ? 'budget' : 'failed';
  } finally {
    disconnect?.();
    meter.close();
  }
  return finish(session, outcome, failure);
}

const told = (fence: RunPorts['fence']): EventOf<'run.started'>['fence'] => ({
  by: fence.by,
  reason: fence.by === 'none' ? fence.reason : undefined,
});

async function attempt(session: Session, signal: AbortSignal): Promise<Outcome> {
  const { input, meter, pool, steering } = session;
  const triggers = new Triggers();
  const ports = watchedBy(triggers, session.ports);
  const facts = await gather({ ...session, ports }, signal);
  session.facts = facts;
  const answers = watchAnswers(createAsk(ports, meter, input.settings, createCalibration(), steering, input.past, input.imageTexts));
  const { ask } = answers;
  const outside = createOutside(ports, meter, input.past);
  // Until a plan is approved, design calls are bound by the user's budget and the usual limits.
  meter.limit({ ...budgetSchema.parse({}), ...input.settings.budget }, session.onTimeUp);
  const shared = sharedPrompt(input.request, facts.briefing, facts.earlier);
  const costs = estimateFacts(shared, facts, ports.models, input.settings);
  const price = (plan: Plan): Analysis => pricePlan(plan, costs);
  const failures: Failure[] = [];
  const tried = new Set<string>();
  // A later plan asks no hole again that an earlier one filled.
  const repairs = new RepairProgress();
  for (let round = 0; round <= input.settings.replans; round += 1) {
    const agreed = await agree(session, { facts, price, failures, round, tried, ask }, signal);
    if (agreed === 'declined') return 'declined';
    if (agreed === 'nothing-new') break;
    tried.add(agreed.proposed).add(agreed.hash);
    // The first approved plan sets the limits; later ones draw on what is left, unless the user wrote other limits into one.
    if (session.rounds.length === 0 || agreed.ownLimits) meter.limit(agreed.plan.budget, session.onTimeUp);
    meter.holdBelow(agreed.below);
    const context: StepContext = {
      plan: agreed.plan,
      planHash: agreed.hash,
      facts,
      ports,
      settings: input.settings,
      ask: (call, stop) => ask({ ...call, planHash: agreed.hash, images: imagesFor(call.agent, agreed.plan, input.request) }, stop),
      outside,
      steering,
      pool,
      notes: new Map(),
      start: facts.start,
      sideBySide: pLimit(input.settings.parallel),
      otherBaselines: new Map(),
      repairs,
      refused: {},
      troubles: new Troubles((trouble) => triggers.noteTrouble(trouble)),
      shared,
      past: input.past,
    };
    answers.begin();
    session.rounds.push({ plan: agreed.plan, origin: agreed.origin, notes: context.notes });
    const early = new AbortController();
    triggers.begin(abortOf(agreed.plan), (why) => early.abort(why));
    try {
      await runSteps(agreed.plan.steps, `r${round}`, context, AbortSignal.any([signal, early.signal]));
    } catch (error) {
      if (!early.signal.aborted || signal.aborted) throw await whenBroken(error, context, signal);
    } finally {
      triggers.end();
    }
    if (early.signal.aborted) session.endedEarly = failureOf(stopOf(early.signal));
    const unanswered = answers.unanswered();
    if (unanswered !== undefined && !pool.best()) throw unanswered;
    if (agreed.plan.finish.when === 'answer') {
      if (context.notes.size === 0 && early.signal.aborted) throw stopOf(early.signal);
      // Every call that was made was answered: without an answer all the same, the user has skipped it.
      if (context.notes.size === 0) throw stopped('the user');
      return 'answered';
    }
    await testAll(context, signal);
    const best = pool.choice();
    if (best && isSolved(best)) return 'solved';
    if (best && !facts.test) return 'no-tests';
    if (best && pool.isDone(best)) return 'unproven';
    if (context.refused.by !== undefined && !early.signal.aborted) throw context.refused.by;
    if (round === input.settings.replans || early.signal.aborted) break;
    const failure = describeFailure(agreed.plan, best);
    failures.push(failure);
    ports.trace.emit({ type: 'run.replanned', round: round + 1, failure: failure.signature });
    // A new plan may choose among all candidates again.
    pool.keep(pool.all());
  }
  return pool.choice()?.verdict?.judgement.state === 'unproven' ? 'unproven' : 'tests-fail';
}

/** Candidates that were paid for are judged before the run ends: tests cost nothing that a budget of calls, tokens or money counts. */
async function whenBroken(error: unknown, context: StepContext, signal: AbortSignal): Promise<unknown> {
  if (isTeamwrightError(error, 'budget-exceeded') && !signal.aborted) await testAll(context, signal);
  return error;
}

/** The same ports, with every event told to the triggers too. */
const watchedBy = (triggers: Triggers, ports: RunPorts): RunPorts => ({
  ...ports,
  trace: {
    runId: ports.trace.runId,
    emit: (event) => {
      ports.trace.emit(event);
      triggers.note(event);
    },
    blob: (text) => ports.trace.blob(text),
    flush: () => ports.trace.flush(),
    close: () => ports.trace.close(),
  },
});

async function testAll(context: StepContext, signal: AbortSignal): Promise<void> {
  await testCandidates(context.pool.live(), () => context.pool.choice(), context, signal);
}
