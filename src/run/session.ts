/**
 * One request from beginning to end: snapshot, baseline, briefing, then rounds of design → review → execution until the tests pass or there
 * is nothing left to try, then the verdict. Nothing outside the run's own copies is written.
 */
import pLimit from 'p-limit';
import type { DesignInput, Failure } from '../design/types.ts';
import { approvalStale, errorText, isTeamwrightError, planInvalid, testsNotStarted, throwIfStopped } from '../errors.ts';
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
import type { Outcome, PlanOrigin } from '../trace/events.ts';
import type { Snapshot } from '../workspace/types.ts';
import { watchAnswers } from './answers.ts';
import { type Ask, createAsk } from './ask.ts';
import type { RunFacts, StepContext } from './context.ts';
import { estimateFacts } from './estimate.ts';
import { runSteps } from './execute.ts';
import { describeFailure } from './failures.ts';
import { countsOf, testCandidate } from './judge.ts';
import { Meter } from './meter.ts';
import { type Candidate, Pool } from './pool.ts';
import { type Note, sharedPrompt } from './prompts.ts';
import { rewardTerms } from './reward.ts';
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
  const session: Session = { input, ports, meter, pool, rounds, limits: undefined, onTimeUp: (error) => timeUp.abort(error) };
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
  let outcome: Outcome | undefined;
  let failure: { code: string; message: string; next: string } | undefined;
  try {
    outcome = await attempt(session, signal);
  } catch (error) {
    failure = isTeamwrightError(error)
      ? { code: error.code, message: error.message, next: error.next }
      : { code: 'internal', message: errorText(error), next: 'Please report this with the trace of the run.' };
    outcome = outerSignal.aborted || failure.code === 'stopped' ? 'stopped' : failure.code === 'budget-exceeded' ? 'budget' : 'failed';
  } finally {
    meter.close();
  }
  return finish(session, outcome, failure);
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
    if (!session.limits) {
      session.limits = { ...approved.plan.budget, ...input.settings.budget };
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
    await runSteps(approved.plan.steps, `r${round}`, context, signal);
    const unanswered = answers.unanswered();
    if (unanswered !== undefined && !pool.best()) throw unanswered;
    if (approved.plan.finish.when === 'answer') return context.notes.size > 0 ? 'answered' : 'failed';
    for (const candidate of pool.live()) await testCandidate(candidate, context, signal);
    const best = pool.best();
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
  for (const [index, designRound] of design.rounds.entries()) {
    trace.emit({
      type: 'design.round',
      round: round * 10 + index,
      designer: ports.designer.name,
      call: designRound.call && `design/${round}/${designRound.call}`,
      prompt: designRound.prompt === undefined ? undefined : trace.blob(designRound.prompt),
      reply: designRound.reply === undefined ? undefined : trace.blob(designRound.reply),
      reasoning: designRound.reasoning,
      valid: designRound.valid,
      problems: [...designRound.problems],
      failure: failures.at(-1)?.signature,
    });
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
  };
  trace.emit({
    type: 'plan.proposed',
    round,
    hash: proposal.hash,
    plan: trace.blob(printPlan(plan)),
    name: plan.name,
    origin: design.origin,
    reason: design.reason,
    difficulty: plan.difficulty,
    budget: plan.budget,
    estimate: proposal.estimate,
    outline: outlineOf(plan, round),
  });
  await trace.flush();
  return proposal;
}

/** Approval binds to the hash of exactly what was seen: of the proposal, or of the plan the user edited, validated anew. */
async function approve(session: Session, proposal: Proposal, signal: AbortSignal): Promise<{ plan: Plan; hash: string } | undefined> {
  const { trace, review } = session.ports;
  const answer: ReviewAnswer = await review(proposal, signal);
  throwIfStopped(signal);
  if (answer.kind === 'decline') {
    trace.emit({ type: 'plan.declined', hash: proposal.hash, comment: answer.comment });
    return undefined;
  }
  const plan = answer.edited ?? proposal.plan;
  const hash = planHash(plan);
  if (hash !== answer.hash) throw approvalStale(answer.hash, hash);
  if (answer.edited && hash !== proposal.hash) {
    requireValid(plan);
    const { estimate } = proposal.price(plan);
    trace.emit({
      type: 'plan.proposed',
      round: proposal.round,
      hash,
      plan: trace.blob(printPlan(plan)),
      name: plan.name,
      origin: 'user-edit',
      reason: plan.reason,
      difficulty: plan.difficulty,
      budget: plan.budget,
      estimate,
      outline: outlineOf(plan, proposal.round),
    });
  }
  trace.emit({ type: 'plan.approved', hash, by: answer.by });
  await trace.flush();
  return { plan, hash };
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
  if (errors.length > 0) throw planInvalid(errors);
}

async function finish(session: Session, ended: Outcome, failure: RunResult['failure']): Promise<RunResult> {
  const { ports, meter, pool, rounds, facts } = session;
  const { trace } = ports;
  const best = pool.best();
  const last = rounds.at(-1);
  // Stopped or out of budget with a candidate that solves the request in hand: it is solved all the same.
  const outcome: Outcome = ended === 'budget' && best?.verdict?.solved ? 'solved' : ended;
  const chosen = best && handsOver(outcome, best, last?.plan) ? best : undefined;
  const diff = chosen && facts ? await ports.copies.diff(facts.base, chosen.snapshot) : undefined;
  const answer = outcome === 'answered' ? [...(last?.notes.values() ?? [])].at(-1)?.text : undefined;
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
