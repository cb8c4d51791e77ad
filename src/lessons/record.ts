/** Makes a verdict record from a run's events and texts. What a damaged trace no longer has is left out; what is there is true. */
import { type Briefing, briefingSchema } from '../briefing/types.ts';
import { score } from '../feedback/index.ts';
import { testReportSchema } from '../feedback/types.ts';
import { costTerms } from '../learning/index.ts';
import type { TraceEvent } from '../trace/events.ts';
import { type CandidateState, fold, type PlanState, type RunState } from '../trace/index.ts';
import { firstGeneration, problemId, requestHash } from './identity.ts';
import { readCalls } from './record-calls.ts';
import { readPlans, recordedPlan } from './record-plans.ts';
import {
  type CallRecord,
  type CandidateRecord,
  type DesignRecord,
  messageSchema,
  type PlanRecord,
  recordVersion,
  type VerdictRecord,
} from './record-schema.ts';
import { parsedText, type ReadBlob, type ReadText, textsOf } from './record-texts.ts';
import { termsOf } from './terms.ts';

/** Undefined when the trace does not even say what was asked. */
export async function verdictRecord(events: readonly TraceEvent[], readBlob: ReadBlob): Promise<VerdictRecord | undefined> {
  const state = fold(events);
  const { start, result } = state;
  if (start === undefined || state.startedAt === undefined) return undefined;
  const text = textsOf(readBlob);
  const plans = await readPlans(state, text);
  const calls = await readCalls(events, (hash) => recordedPlan(hash, plans, state), text);
  const callAt: CallAt = (place) => calls.findLast(({ call }) => call === place);
  const briefing = parsedText(await text(state.briefing?.briefing), briefingSchema);
  const candidates = await readCandidates(state, briefing, callAt, text);
  return {
    version: recordVersion,
    runId: start.runId,
    startedAt: state.startedAt,
    finishedAt: state.finishedAt,
    program: start.program,
    workspace: start.workspace,
    designer: start.designer,
    seed: start.seed,
    models: Object.fromEntries(Object.entries(start.models).map(([tier, { endpoint, model }]) => [tier, { endpoint, model }])),
    generations: start.generations ?? firstGeneration,
    continues: start.continues && { runId: start.continues.runId, how: start.continues.how },
    requestHash: requestHash(start.request.text),
    problem: problemId(start.request, (state.snapshot?.start ?? state.snapshot?.snapshot)?.tree ?? ''),
    request: start.request,
    briefing,
    design: await readDesign(state, text),
    plans: plans.map(({ state: plan, text: planText, edits }, index) => ({
      round: plan.round,
      hash: plan.hash,
      name: plan.name,
      origin: plan.origin,
      reason: plan.reason,
      difficulty: plan.difficulty,
      budget: plan.budget,
      text: planText,
      approval: plan.approval,
      approvedBy: plan.approvedBy,
      comment: plan.comment,
      edits,
      outcome: plan.approval === 'approved' ? outcomeOf(index, plan, calls, candidates) : undefined,
    })),
    calls,
    candidates,
    refused: events.flatMap((event) =>
      event.type === 'candidate.refused'
        ? [{ step: event.step, agent: event.agent, call: event.call, reason: event.reason, sameAs: event.sameAs }]
        : [],
    ),
    notes: await readNotes(state, callAt, text),
    hunks: [...state.hunks],
    verdict: state.verdict,
    standing: {
      kind: state.standing.kind,
      candidate: state.standing.apply?.candidate,
      files: state.standing.apply?.files ?? [],
      hunks: state.standing.apply?.hunks,
    },
    survival: state.survival.map(({ when, minutes, fourGram, noRevert, files }) => ({ when, minutes, fourGram, noRevert, files })),
    result: result && {
      outcome: result.outcome,
      candidate: result.candidate,
      patch: await text(result.patch),
      answer: await text(result.answer),
      before: result.before,
      after: result.after,
      tampering: [...result.tampering],
      failure: result.failure && { code: result.failure.code, message: result.failure.message },
    },
    spend: state.spend,
    reward: termsOf(state),
  };
}

/** The last attempt of the call at a place. */
type CallAt = (place: string | undefined) => CallRecord | undefined;

async function readDesign({ rounds, plans }: RunState, text: ReadText): Promise<DesignRecord[]> {
  return Promise.all(
    rounds.map(async ({ round, designer, prompt, reply, reasoning, valid, problems, failure }) => ({
      round,
      designer,
      messages: parsedText(await text(prompt), messageSchema.array()),
      reply: await text(reply),
      reasoning,
      valid,
      problems,
      failure,
      plan: plans.find((plan) => plan.rounds?.includes(round))?.hash,
    })),
  );
}

async function readCandidates(state: RunState, briefing: Briefing | undefined, callAt: CallAt, text: ReadText): Promise<CandidateRecord[]> {
  const candidates: CandidateRecord[] = [];
  for (const candidate of state.candidates) {
    const call = callAt(candidate.call);
    const report = parsedText(await text(candidate.test?.report), testReportSchema);
    const { test } = candidate;
    candidates.push({
      id: candidate.id,
      from: candidate.from,
      step: candidate.step,
      kind: call?.kind ?? candidate.step,
      agent: candidate.agent,
      role: call?.role ?? candidate.agent,
      plan: call?.plan,
      call: candidate.call,
      changed: [...candidate.changed],
      tests: test && {
        before: state.briefing?.baseline,
        after: test.counts,
        ending: test.ending,
        delta: test.delta,
        tampering: [...test.tampering],
      },
      score: test && (report && briefing?.baseline ? score(report, briefing.baseline) : scoreOfDelta(test)),
      right: isRight(candidate, state),
      checks: [...candidate.checks],
    });
  }
  return candidates;
}

/** The score as far as the delta tells it, for a trace whose reports are lost. */
function scoreOfDelta({ counts, delta }: NonNullable<CandidateState['test']>): number {
  if (counts.green) return 1;
  const targets = delta.fixed.length + delta.stillFailing.length;
  if (targets === 0) return 0;
  return Math.max(0, delta.fixed.length - delta.broken.length - delta.missing.length) / targets;
}

/** As the run judged it; a trace from before there were judgements has the counts alone. */
function isRight({ id, test }: CandidateState, { result }: RunState): boolean {
  if (test === undefined || test.stale || test.tampering.length > 0) return false;
  if (test.judgement !== undefined) return test.judgement.state === 'solved';
  return test.counts.green || (result?.outcome === 'solved' && result.candidate === id);
}

/** What one executed plan gave: its own calls, and the candidates made while it ran. */
function outcomeOf(
  index: number,
  plan: PlanState,
  calls: readonly CallRecord[],
  candidates: readonly CandidateRecord[],
): NonNullable<PlanRecord['outcome']> {
  const own = calls.filter((call) => call.plan === index);
  const made = candidates.filter((candidate) => candidate.plan === index);
  const scores = made.flatMap(({ score: value }) => (value === undefined ? [] : [value]));
  const sum = (field: 'inputTokens' | 'outputTokens' | 'usd'): number => own.reduce((total, call) => total + call[field], 0);
  const spend = { calls: own.length, inputTokens: sum('inputTokens'), outputTokens: sum('outputTokens') };
  const best = scores.length > 0 ? Math.max(...scores) : undefined;
  return {
    score: best,
    solved: made.some(({ right }) => right),
    calls: spend.calls,
    tokens: spend.inputTokens + spend.outputTokens,
    usd: sum('usd'),
    terms: { performance: best, ...costTerms(spend, plan) },
  };
}

async function readNotes({ notes }: RunState, callAt: CallAt, text: ReadText): Promise<VerdictRecord['notes']> {
  return Promise.all(
    notes.map(async ({ step, agent, call, about, verdict, text: blob }) => ({
      step,
      agent,
      role: callAt(call)?.role ?? agent,
      plan: callAt(call)?.plan,
      call,
      text: (await text(blob)) ?? '',
      verdict,
      about,
    })),
  );
}
