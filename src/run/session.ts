/**
 * One request from beginning to end: snapshot, baseline, briefing, then rounds of design → review → execution until the tests pass or there
 * is nothing left to try, then the verdict. Nothing outside the run's own copies is written.
 */
import pLimit from 'p-limit';
import type { DesignInput, Failure } from '../design/types.ts';
import {
  approvalStale,
  errorText,
  isTeamwrightError,
  planInvalid,
  planOverBudget,
  stopped,
  testsNotStarted,
  throwIfStopped,
} from '../errors.ts';
import type { TestReport } from '../feedback/types.ts';
import { createCalibration } from '../models/index.ts';
import {
  type Analysis,
  analyse,
  type Budget,
  budgetSchema,
  checkPlan,
  childSteps,
  isError,
  type Plan,
  planHash,
  printPlan,
  type Step,
} from '../plan/index.ts';
import type { Request } from '../request/types.ts';
import type { EventOf, Outcome, PlanOrigin, TraceWriter } from '../trace/events.ts';
import type { Snapshot, WorkspaceDiff } from '../workspace/types.ts';
import { watchAnswers } from './answers.ts';
import { type Ask, createAsk } from './ask.ts';
import type { RunFacts, StepContext } from './context.ts';
import { estimateFacts } from './estimate.ts';
import { runSteps } from './execute.ts';
import { describeFailure } from './failures.ts';
import { countsOf, testCandidate } from './judge.ts';
import { Meter } from './meter.ts';
import { inPlanOrder } from './plan-order.ts';
import { type Candidate, Pool } from './pool.ts';
import { type Note, sharedPrompt } from './prompts.ts';
import { rewardTerms } from './reward.ts';
import { allEnded } from './sample.ts';
import type { Proposal, ReviewAnswer, RunPorts, RunResult, RunSettings } from './types.ts';

export interface SessionInput {
  readonly request: Request;
  readonly settings: RunSettings;
  readonly program: string;
}

interface Round {
  readonly plan: Plan;
  readonly origin: PlanOrigin;
  readonly notes: ReadonlyMap<string, Note>;
}

/** Runs a request. Failures of the environment end in an outcome, never in a half-written trace; `stopped` ends as outcome too. */
export async function runSession(input: SessionInput, ports: RunPorts, outerSignal: AbortSignal): Promise<RunResult> {
  const { trace } = ports;
  const meter = new Meter(ports.clock);
  const timeUp = new AbortController();
  const signal = AbortSignal.any([outerSignal, timeUp.signal]);
  const pool = new Pool();
  const rounds: Round[] = [];
  const session: Session = {
    input,
    ports,
    meter,
    pool,
    rounds,
    limits: undefined,
    designRounds: 0,
    onTimeUp: (error) => timeUp.abort(error),
  };
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
    designer: ports.designer.name,
    seed: input.settings.seed,
  });
  let outcome: Outcome;
  let failure: RunFailure | undefined;
  try {
    outcome = await attempt(session, signal);
  } catch (error) {
    // Whatever an aborted wait threw: the cause is why it was aborted.
    failure = failureOf(signal.aborted ? (isTeamwrightError(signal.reason) ? signal.reason : stopped('request')) : error);
    outcome = failure.code === 'stopped' ? 'stopped' : failure.code === 'budget-exceeded' ? 'budget' : 'failed';
  } finally {
    meter.close();
  }
  return finish(session, outcome, failure);
}

type RunFailure = NonNullable<RunResult['failure']>;

function failureOf(error: unknown): RunFailure {
  return isTeamwrightError(error)
    ? { code: error.code, message: error.message, next: error.next }
    : { code: 'internal', message: errorText(error), next: 'Please report this with the trace of the run.' };
}

/** What the parts of a session share. */
interface Session {
  readonly input: SessionInput;
  readonly ports: RunPorts;
  readonly meter: Meter;
  readonly pool: Pool;
  readonly rounds: Round[];
  facts?: RunFacts;
  limits: Budget | undefined;
  /** Rounds of design so far, all plans together. */
  designRounds: number;
  readonly onTimeUp: (error: Error) => void;
}

async function attempt(session: Session, signal: AbortSignal): Promise<Outcome> {
  const { input, ports, meter, pool } = session;
  const facts = await gather(session, signal);
  session.facts = facts;
  const calibration = createCalibration();
  const answers = watchAnswers(createAsk(ports, meter, input.settings, calibration));
  const { ask } = answers;
  // Until a plan is approved, design calls are bound by the user's budget and the usual limits.
  meter.limit({ ...budgetSchema.parse({}), ...input.settings.budget }, session.onTimeUp);
  const failures: Failure[] = [];
  const tried = new Set<string>();
  for (let round = 0; round <= input.settings.replans; round += 1) {
    const proposal = await propose(session, facts, failures, round, ask, signal);
    if (tried.has(proposal.hash)) break;
    requireJudge(facts, proposal.plan);
    const approved = await meter.whileWaiting(() => approve(session, proposal, signal));
    if (!approved) return 'declined';
    tried.add(proposal.hash).add(approved.hash);
    // The first approved plan sets the limits; later ones draw on what is left, unless the user wrote other limits into one.
    if (!session.limits || approved.edited) {
      session.limits = approved.plan.budget;
      meter.limit(session.limits, session.onTimeUp);
    }
    const context: StepContext = {
      plan: approved.plan,
      facts,
      ports,
      settings: input.settings,
      ask,
      pool,
      notes: new Map(),
      start: facts.base,
      sideBySide: pLimit(input.settings.parallel),
      shared: sharedPrompt(input.request, facts.briefing),
    };
    answers.begin();
    session.rounds.push({ plan: approved.plan, origin: proposal.origin, notes: context.notes });
    try {
      await runSteps(approved.plan.steps, `r${round}`, context, signal);
    } catch (error) {
      // Candidates that were paid for are judged before the run ends: tests cost nothing that a budget of calls, tokens or money counts.
      if (isTeamwrightError(error, 'budget-exceeded') && !signal.aborted) await testAll(context, signal);
      throw error;
    }
    const unanswered = answers.unanswered();
    if (unanswered !== undefined && !pool.best()) throw unanswered;
    if (approved.plan.finish.when === 'answer') return context.notes.size > 0 ? 'answered' : 'failed';
    await testAll(context, signal);
    const best = pool.choice();
    if (best?.verdict?.solved) return 'solved';
    if (best && !facts.test) return 'no-tests';
    if (round === input.settings.replans) break;
    const failure = describeFailure(approved.plan, best);
    failures.push(failure);
    ports.trace.emit({ type: 'run.replanned', round: round + 1, failure: failure.signature });
    // A new plan may choose among all candidates again.
    pool.keep(pool.all());
  }
  return 'tests-fail';
}

async function testAll(context: StepContext, signal: AbortSignal): Promise<void> {
  await allEnded(context.pool.live().map((candidate) => testCandidate(candidate, context, signal)));
}

async function gather(session: Session, signal: AbortSignal): Promise<RunFacts> {
  const { input, ports } = session;
  const { trace, clock } = ports;
  const startedAt = clock();
  const { snapshot, leftOut } = await ports.copies.snapshot(signal);
  trace.emit({ type: 'snapshot.taken', snapshot, leftOut: [...leftOut], ms: clock() - startedAt });
  const copy = await ports.copies.create('baseline', snapshot, signal);
  try {
    const test = await ports.detectTests(copy.root, signal);
    const baseline: TestReport | undefined = test && (await ports.runTests(test, copy.root, input.settings.testLimits, signal));
    throwIfStopped(signal);
    const briefing = await ports.brief({ request: input.request, root: copy.root, test, baseline }, signal);
    trace.emit({
      type: 'briefing.done',
      briefing: trace.blob(JSON.stringify(briefing)),
      test,
      baseline: baseline && countsOf(baseline),
      languages: briefing.languages.map((language) => language.name),
      files: briefing.files.map((file) => file.path),
      git: briefing.git,
      ms: clock() - startedAt,
    });
    await trace.flush();
    return { request: input.request, briefing, test, baseline, base: snapshot };
  } finally {
    await copy.remove();
  }
}

async function propose(
  session: Session,
  facts: RunFacts,
  failures: readonly Failure[],
  round: number,
  ask: Ask,
  signal: AbortSignal,
): Promise<Proposal> {
  const { input, ports } = session;
  const { trace } = ports;
  const designInput: DesignInput = {
    request: input.request,
    briefing: facts.briefing,
    failures,
    models: ports.models,
    ask: ({ place, messages, format, maxTokens }) =>
      ask(
        {
          place: `design/${round}/${place}`,
          step: 'design',
          agent: 'designer',
          tier: 'strong',
          messages,
          temperature: 0.2,
          maxTokens,
          format,
        },
        signal,
      ),
  };
  const design = await ports.designer.design(designInput, signal);
  for (const designRound of design.rounds) {
    trace.emit({
      type: 'design.round',
      round: session.designRounds,
      designer: ports.designer.name,
      call: designRound.call && `design/${round}/${designRound.call}`,
      prompt: designRound.prompt === undefined ? undefined : trace.blob(designRound.prompt),
      reply: designRound.reply === undefined ? undefined : trace.blob(designRound.reply),
      reasoning: designRound.reasoning,
      valid: designRound.valid,
      problems: [...designRound.problems],
      failure: failures.at(-1)?.signature,
    });
    session.designRounds += 1;
  }
  const plan: Plan = { ...design.plan, budget: { ...design.plan.budget, ...input.settings.budget } };
  requireValid(plan);
  const price = (priced: Plan): Analysis => analyse(priced, estimateFacts(input.request, facts, ports.models, input.settings));
  const analysis = price(plan);
  const proposal: Proposal = {
    round,
    plan,
    hash: planHash(plan),
    origin: design.origin,
    reason: design.reason,
    analysis,
    estimate: analysis.estimate,
    price,
    briefing: facts.briefing,
    failure: failures.at(-1)?.signature,
    alternatives: [],
  };
  announce(trace, plan, { round, hash: proposal.hash, origin: design.origin, reason: design.reason, estimate: proposal.estimate });
  await trace.flush();
  return proposal;
}

/** Puts a plan on record as the review shows it: the designer's, or the user's own. */
function announce(
  trace: TraceWriter,
  plan: Plan,
  as: Pick<EventOf<'plan.proposed'>, 'round' | 'hash' | 'origin' | 'reason' | 'estimate'>,
): void {
  trace.emit({
    type: 'plan.proposed',
    ...as,
    plan: trace.blob(printPlan(plan)),
    name: plan.name,
    difficulty: plan.difficulty,
    budget: plan.budget,
    outline: outlineOf(plan, as.round),
  });
}

/** Approval binds to the hash of exactly what was seen: of the proposal, or of the plan the user edited, validated anew. */
async function approve(
  session: Session,
  proposal: Proposal,
  signal: AbortSignal,
): Promise<{ plan: Plan; hash: string; edited: boolean } | undefined> {
  const { trace, review } = session.ports;
  const answer: ReviewAnswer = await review(proposal, signal);
  throwIfStopped(signal);
  if (answer.kind !== 'approve') {
    trace.emit({ type: 'plan.declined', hash: proposal.hash, comment: answer.comment });
    return undefined;
  }
  const plan = answer.edited ?? proposal.plan;
  const hash = planHash(plan);
  if (hash !== answer.hash) throw approvalStale(answer.hash, hash);
  const edited = hash !== proposal.hash;
  if (edited) {
    requireValid(plan);
    const { estimate } = proposal.price(plan);
    announce(trace, plan, { round: proposal.round, hash, origin: 'user-edit', reason: plan.reason, estimate });
  }
  trace.emit({ type: 'plan.approved', hash, by: answer.by });
  await trace.flush();
  return { plan, hash, edited };
}

/** Every step with the place it will have in the trace, so that screens can show what is still to come. A repeat shows its first round. */
function outlineOf(plan: Plan, round: number): { step: string; path: string; kind: string; agent?: string }[] {
  const below = (steps: readonly Step[], place: string): ReturnType<typeof outlineOf> =>
    steps.flatMap((step) => {
      const path = `${place}/${step.id}`;
      const inner = step.do === 'repeat' ? `${path}/1` : path;
      return [{ step: step.id, path, kind: step.do, agent: 'agent' in step ? step.agent : undefined }, ...below(childSteps(step), inner)];
    });
  return below(plan.steps, `r${round}`);
}

/** Tests that cannot even be started would fail every change: said before anything is paid for. An answer needs none. */
function requireJudge({ test, baseline }: RunFacts, plan: Plan): void {
  if (test === undefined || baseline?.ending !== 'not-started' || plan.finish.when === 'answer') return;
  throw testsNotStarted(test.display, baseline.output.trim().split('\n').at(-1) ?? '');
}

function requireValid(plan: Plan): void {
  const errors = checkPlan(plan).filter(isError);
  if (errors.length === 0) return;
  throw errors.every(({ code }) => limitCodes.includes(code)) ? planOverBudget(plan.name, errors) : planInvalid(errors);
}

/** A plan that is right in itself and only too large for the limits. */
const limitCodes: readonly string[] = ['budget-too-small', 'too-many-agents', 'too-deep'];

/** Ends the trace with `run.finished`, whatever came before. Rejects only when the trace itself cannot be written. */
async function finish(session: Session, ended: Outcome, endedBy: RunFailure | undefined): Promise<RunResult> {
  const { ports, meter, pool, rounds, facts } = session;
  const { trace } = ports;
  const best = pool.choice();
  const last = rounds.at(-1);
  let failure = endedBy;
  // Out of budget with a candidate in hand that solves the request: it is solved all the same.
  let outcome: Outcome = ended === 'budget' && best?.verdict?.solved ? 'solved' : ended;
  const chosen = best && handsOver(outcome, best, last?.plan) ? best : undefined;
  let diff: WorkspaceDiff | undefined;
  try {
    diff = chosen && facts && (await ports.copies.diff(facts.base, chosen.snapshot));
  } catch (error) {
    // The candidate stays named: its snapshot may be whole all the same.
    failure ??= failureOf(error);
    if (outcome !== 'stopped') outcome = 'failed';
  }
  const answer = outcome === 'answered' && last ? inPlanOrder(last.plan, last.notes.values()).at(-1)?.text : undefined;
  const spend = meter.spend();
  const before = facts?.baseline && countsOf(facts.baseline);
  const after = chosen?.verdict && countsOf(chosen.verdict.report);
  trace.emit({
    type: 'run.finished',
    outcome,
    candidate: chosen?.id,
    snapshot: chosen?.snapshot,
    patch: diff && trace.blob(diff.patch),
    answer: answer === undefined ? undefined : trace.blob(answer),
    before,
    after,
    tampering: [...(chosen?.verdict?.tampering ?? [])],
    failure,
    spend,
    reward:
      last && session.limits
        ? rewardTerms({ score: best?.verdict?.score, difficulty: last.plan.difficulty, spend, budget: session.limits })
        : {},
  });
  await trace.flush();
  const base: Snapshot | undefined = facts?.base;
  return {
    runId: trace.runId,
    outcome,
    candidate: chosen?.id,
    base,
    chosen: chosen?.snapshot,
    diff,
    answer,
    before,
    after,
    tampering: chosen?.verdict?.tampering ?? [],
    failure,
    spend,
    origins: rounds.map((round) => round.origin),
  };
}

function handsOver(outcome: Outcome, best: Candidate, plan: Plan | undefined): boolean {
  return outcome === 'solved' || outcome === 'no-tests' || (best.verdict !== undefined && plan?.finish.otherwise !== 'nothing');
}
