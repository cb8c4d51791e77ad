/** The steps whose product is a text: an analysis for the agents that come after, a review of the best candidate. */
import type { AnalyseStep, ReviewStep } from '../../plan/schema.ts';
import { agentOf, notesFor, type StepContext, type StepRunner } from '../context.ts';
import { testCandidate } from '../judge.ts';
import { answerFormat, openingMessages, renderFailures } from '../prompts.ts';

const noteTokens = 400;
/** Characters of a diff that a reviewer reads. */
const diffCharacters = 12_000;

export const analyse: StepRunner<AnalyseStep> = async (step, place, context, signal) => {
  const best = context.pool.best();
  const failing = best?.verdict && !best.verdict.solved ? `# What the last change gave\n${renderFailures(best.verdict.report)}` : undefined;
  await write(step, place, { extra: failing }, context, signal);
  return undefined;
};

/** A review can send a candidate back; it cannot overrule a red test. */
export const review: StepRunner<ReviewStep> = async (step, place, context, signal) => {
  const best = context.pool.best();
  if (!best) return 'there is no candidate to review';
  await testCandidate(best, context, signal);
  const { patch } = await context.ports.copies.diff(context.facts.base, best.snapshot);
  const shown = patch.length > diffCharacters ? `${patch.slice(0, diffCharacters)}\n…` : patch;
  const tests = best.verdict ? (best.verdict.solved ? 'The tests pass.' : renderFailures(best.verdict.report)) : 'No tests were run.';
  const extra = `# The change to review\n${shown}\n\n# Tests\n${tests}`;
  const text = await write(step, place, { extra, about: best.id }, context, signal);
  best.review = verdictOf(text) ?? best.review;
  return undefined;
};

async function write(
  step: AnalyseStep | ReviewStep,
  place: string,
  { extra, about }: { readonly extra?: string; readonly about?: string },
  context: StepContext,
  signal: AbortSignal,
): Promise<string> {
  const agent = agentOf(context, step.agent);
  const messages = openingMessages({
    shared: context.shared,
    agent,
    notes: notesFor(context, step.uses),
    extra,
    answer: answerFormat(agent, 'whole-file', []),
  });
  const call = {
    place: `${place}/1`,
    step: step.id,
    agent: step.agent,
    tier: agent.tier,
    messages,
    temperature: agent.temperature,
    maxTokens: noteTokens,
  };
  const reply = await context.sideBySide(() => context.ask(call, signal));
  context.notes.set(step.id, { step: step.id, role: agent.role, text: reply.text });
  const { trace } = context.ports;
  trace.emit({
    type: 'note.written',
    step: step.id,
    agent: step.agent,
    call: call.place,
    about,
    text: trace.blob(reply.text),
    verdict: step.do === 'review' ? (verdictOf(reply.text) ?? 'none') : 'none',
  });
  return reply.text;
}

/** The word that stands last decides; a review without either says nothing. */
export function verdictOf(text: string): 'approve' | 'reject' | undefined {
  const words = [...text.matchAll(/\b(APPROVE|REJECT)\b/g)];
  const last = words.at(-1)?.[1];
  return last === 'APPROVE' ? 'approve' : last === 'REJECT' ? 'reject' : undefined;
}
