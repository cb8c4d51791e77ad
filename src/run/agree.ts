/** From a designer to a plan that may run: proposed, priced, put on record, reviewed; designed again as long as the user sends it back. */
import { alternativesTo, inReliableHands, knownAtStart, looksAfter, looksFor } from '../design/index.ts';
import type { Design, DesignInput, Failure, SentBack } from '../design/types.ts';
import { planInvalid, TeamwrightError, throwIfStopped } from '../errors.ts';
import { seededRandom, seedOf } from '../learning/index.ts';
import type { Expectation } from '../plan/estimate.ts';
import {
  type Analysis,
  agentNameOf,
  checkPlan,
  childSteps,
  type Difficulty,
  type Here,
  isError,
  keptProblem,
  looseRights,
  type Plan,
  planHash,
  printPlan,
  reachBeyond,
  type Step,
  stepKindOf,
} from '../plan/index.ts';
import { notShown } from '../request/index.ts';
import type { PlanOrigin } from '../trace/events.ts';
import { whyAsk } from './approve-below.ts';
import type { Ask } from './ask.ts';
import { needsNaming, type RunFacts, type Session } from './context.ts';
import { lookersOf } from './images.ts';
import type { Alternative, Proposal, ReviewAnswer } from './types.ts';

/** How often the user may send the plans of one round back. */
const redesigns = 5;

export interface Approved {
  readonly kind: 'approved';
  readonly plan: Plan;
  readonly hash: string;
  readonly origin: PlanOrigin;
  /** Hash of what the designer proposed: another one when the user edited it or took an alternative. */
  readonly proposed: string;
  /** The user wrote other limits into it than any plan that was shown has. */
  readonly ownLimits: boolean;
  /** Nobody was asked: the run costs at most this, USD, until somebody is. */
  readonly below: number | undefined;
}

export interface Agreement {
  readonly facts: RunFacts;
  /** What a plan will cost in this run. */
  readonly price: (plan: Plan) => Analysis;
  readonly failures: readonly Failure[];
  readonly round: number;
  /** Hashes of plans that ran already. */
  readonly tried: ReadonlySet<string>;
  readonly ask: Ask;
}

/** `nothing-new`: the designer has only plans that were tried. */
export async function agree(session: Session, agreement: Agreement, signal: AbortSignal): Promise<Approved | 'declined' | 'nothing-new'> {
  const sentBack: SentBack[] = [];
  for (;;) {
    const proposal = await propose(session, agreement, sentBack, signal);
    if (agreement.tried.has(proposal.hash)) return 'nothing-new';
    requireJudge(agreement.facts, proposal.plan);
    const recorded = session.input.past?.answer?.(proposal.hash);
    const answer = recorded ?? (await ask(session, proposal, sentBack.length > 0, signal));
    throwIfStopped(signal);
    const unseen = answer.kind === 'approve' && answer.by !== 'user' && recorded === undefined;
    if (unseen || (answer.kind === 'decline' && answer.comment === notGiven)) {
      if (refuseBeyondGiven(session, proposal)) return 'nothing-new';
    }
    if (answer.kind === 'approve') return approve(session, agreement.facts, proposal, answer);
    const redesign = answer.kind === 'redesign' && sentBack.length < redesigns;
    session.ports.trace.emit({
      type: 'plan.declined',
      hash: proposal.hash,
      comment: answer.comment ?? '',
      redesign: redesign ? true : undefined,
    });
    if (!redesign) return 'declined';
    await session.ports.trace.flush();
    sentBack.push({ plan: proposal.plan, comment: answer.comment });
  }
}

/** How far the rights of a plan can be kept. */
const hereOf = ({ ports, input }: Session): Here => ({ fenced: ports.fence.by !== 'none', network: input.settings.grants.network });

/** Why a plan that nobody looked at does not run; a replay knows it by these words. */
const notGiven = 'it would give agents what no plan before it gave';

/**
 * Refuses a plan after the first that nobody looked at, where it gives its agents what no plan before it gave: who designs it cannot pass on what it
 * was not given (delegation, arXiv 2602.11865). Says whether it did.
 */
function refuseBeyondGiven({ rounds, ports: { trace } }: Session, { plan, hash, round }: Proposal): boolean {
  if (rounds.length === 0) return false;
  const before = rounds.map((earlier) => earlier.plan);
  const beyond = reachBeyond(plan, before, needsNaming);
  for (const { agent, what } of beyond) trace.emit({ type: 'right.refused', agent, call: `r${round}`, right: 'delegation', what });
  if (beyond.length > 0) trace.emit({ type: 'plan.declined', hash, comment: notGiven });
  return beyond.length > 0;
}

/** The yes that the user has given beforehand, or their word on this plan. */
async function ask({ input, ports, meter }: Session, proposal: Proposal, sentBack: boolean, signal: AbortSignal): Promise<ReviewAnswer> {
  const { approveBelow, models, review } = ports;
  if (approveBelow === undefined) return await meter.whileWaiting(() => review(proposal, signal));
  const pricesKnown = Object.values(models).every(({ price }) => price.known);
  const whyAsked = whyAsk(approveBelow, { proposal, request: input.request, spend: meter.spend(), pricesKnown, sentBack });
  if (whyAsked !== undefined) return await meter.whileWaiting(() => review({ ...proposal, whyAsked }, signal));
  return { kind: 'approve', hash: proposal.hash, by: approveBelow.by, below: approveBelow.usd };
}

async function propose(
  session: Session,
  { facts, price, failures, round, ask }: Agreement,
  sentBack: readonly SentBack[],
  signal: AbortSignal,
): Promise<Proposal> {
  const { input, ports } = session;
  const { trace } = ports;
  const places = `design/${round}${sentBack.length === 0 ? '' : `-${sentBack.length}`}`;
  const fits = (wanted: Plan): boolean => {
    const left = session.meter.left();
    const { calls, tokens, usd } = price(wanted).estimate;
    return left === undefined || (calls.least <= left.calls && tokens.least <= left.tokens && usd.least <= left.usd);
  };
  const designInput: DesignInput = {
    request: input.request,
    briefing: facts.briefing,
    earlier: facts.earlier,
    failures,
    sentBack,
    models: ports.models,
    tokensLeft: session.meter.left()?.tokens,
    fits,
    believed: ports.believed,
    harder: await ports.harder?.(knownAtStart(input.request, facts.briefing).kind),
    proven: ports.proven,
    reliability: ports.reliability,
    schedule: input.settings.schedule,
    thrift: input.settings.thrift,
    explore: input.settings.explore ? seededRandom(seedOf(trace.runId)) : undefined,
    ask: ({ place, messages, format, maxTokens }) =>
      ask(
        {
          place: `${places}/${place}`,
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
  const design = await inReliableHands(await ports.designer.design(designInput, signal), designInput);
  const rounds = design.rounds.map((_, index) => session.designRounds + index);
  for (const designRound of design.rounds) {
    trace.emit({
      type: 'design.round',
      round: session.designRounds,
      designer: ports.designer.name,
      call: designRound.call && `${places}/${designRound.call}`,
      prompt: designRound.prompt === undefined ? undefined : trace.blob(designRound.prompt),
      reply: designRound.reply === undefined ? undefined : trace.blob(designRound.reply),
      reasoning: designRound.reasoning,
      valid: designRound.valid,
      problems: [...designRound.problems],
      failure: failures.at(-1)?.signature,
    });
    session.designRounds += 1;
  }
  const plan = withBudget(session, design.plan);
  requireValid(session, plan);
  const analysis = price(plan);
  const hash = planHash(plan);
  const proposal: Proposal = {
    round,
    plan,
    hash,
    origin: design.origin,
    reason: design.reason,
    analysis,
    estimate: analysis.estimate,
    expectation: design.expectation,
    price,
    briefing: facts.briefing,
    recalled: facts.recalled,
    workspace: ports.copies.workspace,
    fence: ports.fence,
    here: hereOf(session),
    notShown: notShown(session.input.request.images, lookersOf(ports.models)),
    looks: looksFor(design.origin, plan, looksAfter(failures.length, designInput)),
    failure: failures.at(-1)?.signature,
    alternatives: alternativesOf(session, designInput, plan, hash, price),
  };
  announce(session, proposal, {
    rounds,
    looks: proposal.looks,
    reasoning: reasoningOf(design),
    alternatives: proposal.alternatives,
    expectation: design.expectation,
    proven: design.proven,
  });
  await trace.flush();
  return proposal;
}

function withBudget({ input }: Session, plan: Plan): Plan {
  return { ...plan, budget: { ...plan.budget, ...input.settings.budget } };
}

function reasoningOf({ origin, rounds }: Design): string | undefined {
  return origin.startsWith('model') ? rounds.at(-1)?.reasoning || undefined : undefined;
}

/** Priced, valid within the limits, each once, and none of them what is proposed. */
function alternativesOf(
  session: Session,
  designInput: DesignInput,
  proposed: Plan,
  proposedHash: string,
  price: (plan: Plan) => Analysis,
): readonly Alternative[] {
  const found = new Map<string, Alternative>();
  for (const { origin, plan: team } of alternativesTo(designInput, proposed)) {
    const plan = withBudget(session, team);
    const hash = planHash(plan);
    if (hash === proposedHash || found.has(hash) || problemsOf(session, plan).length > 0) continue;
    found.set(hash, { plan, hash, origin, reason: plan.reason, estimate: price(plan).estimate });
  }
  return [...found.values()];
}

/** Puts a plan on record as the review shows it: the designer's, or what the user took in its place. */
function announce(
  { ports: { trace } }: Session,
  { round, plan, hash, origin, reason, estimate }: Pick<Proposal, 'round' | 'plan' | 'hash' | 'origin' | 'reason' | 'estimate'>,
  also: {
    rounds?: number[];
    looks?: Difficulty;
    reasoning?: string;
    alternatives?: readonly Alternative[];
    expectation?: Expectation;
    proven?: Design['proven'];
  } = {},
): void {
  trace.emit({
    type: 'plan.proposed',
    round,
    hash,
    plan: trace.blob(printPlan(plan)),
    name: plan.name,
    origin,
    reason,
    difficulty: plan.difficulty,
    budget: plan.budget,
    estimate,
    outline: outlineOf(plan, round),
    expectation: also.expectation,
    proven: also.proven,
    rounds: also.rounds,
    looks: also.looks,
    reasoning: also.reasoning,
    alternatives: also.alternatives?.map((other) => ({
      name: other.plan.name,
      hash: other.hash,
      plan: trace.blob(printPlan(other.plan)),
      origin: other.origin,
      reason: other.reason,
      estimate: other.estimate,
    })),
  });
}

/** Approval binds to the hash of exactly what was seen: of the proposal, of an alternative, or of the plan the user edited, validated anew. */
async function approve(
  session: Session,
  facts: RunFacts,
  proposal: Proposal,
  answer: Extract<ReviewAnswer, { kind: 'approve' }>,
): Promise<Approved> {
  const { trace } = session.ports;
  const alternative = proposal.alternatives.find((other) => other.hash === answer.hash);
  const plan = answer.edited ?? alternative?.plan ?? proposal.plan;
  const hash = planHash(plan);
  if (hash !== answer.hash) throw new TeamwrightError('approval-stale', { seen: answer.hash, now: hash });
  let { origin } = proposal;
  if (hash !== proposal.hash) {
    requireValid(session, plan);
    requireJudge(facts, plan);
    origin = alternative?.origin ?? 'user-edit';
    announce(session, { round: proposal.round, plan, hash, origin, reason: plan.reason, estimate: proposal.price(plan).estimate });
  }
  trace.emit({ type: 'plan.approved', hash, by: answer.by, below: answer.below });
  for (const loose of looseRights(plan, hereOf(session))) trace.emit({ type: 'right.loose', ...loose });
  await trace.flush();
  const ownLimits = origin === 'user-edit' && [proposal, ...proposal.alternatives].every((shown) => !sameLimits(shown.plan, plan));
  return { kind: 'approved', plan, hash, origin, proposed: proposal.hash, ownLimits, below: answer.below };
}

const sameLimits = ({ budget: a }: Plan, { budget: b }: Plan): boolean =>
  Object.entries(a).every(([name, limit]) => limit === b[name as keyof Plan['budget']]);

/** Every step with the place it will have in the trace, so that screens can show what is still to come. Of steps that run in rounds it shows the first. */
function outlineOf(plan: Plan, round: number): { step: string; path: string; kind: string; agent?: string }[] {
  const below = (steps: readonly Step[], place: string): ReturnType<typeof outlineOf> =>
    steps.flatMap((step) => {
      const path = `${place}/${step.id}`;
      const inner = stepKindOf(step).inside?.rounds ? `${path}/1` : path;
      return [{ step: step.id, path, kind: step.do, agent: agentNameOf(step) }, ...below(childSteps(step), inner)];
    });
  return below(plan.steps, `r${round}`);
}

/** Tests that cannot even be started would fail every change: said before anything is paid for. An answer needs none. */
function requireJudge({ test, baseline }: RunFacts, plan: Plan): void {
  if (test === undefined || baseline?.ending !== 'not-started' || plan.finish.when === 'answer') return;
  const detail = baseline.output.trim().split('\n').at(-1) ?? '';
  throw new TeamwrightError('command-not-found', { display: test.display, detail });
}

/** Within the limits as they are now: what the user has raised counts. */
function problemsOf({ meter }: Session, plan: Plan) {
  return checkPlan({ ...plan, budget: meter.grown(plan.budget) }).filter(isError);
}

function requireValid(session: Session, plan: Plan): void {
  const errors = problemsOf(session, plan);
  if (errors.length === 0) return;
  if (errors.every(({ code }) => limitCodes.includes(code)))
    throw new TeamwrightError('budget-exceeded', { plan: plan.name, problems: errors.map(keptProblem) });
  throw planInvalid(errors.map(keptProblem));
}

/** A plan that is right in itself and only too large for the limits. */
const limitCodes: readonly string[] = ['budget-too-small', 'too-many-agents', 'too-deep'];
