/** One piece of work of an agent that changes files: asked once, or in a loop with tools, ending in a candidate (or none). */
import type { RelevantFile } from '../briefing/types.ts';
import type { ChatMessage } from '../models/types.ts';
import { candidateFromReply, editFormatFor, type Origin } from './candidates.ts';
import type { StepContext } from './context.ts';
import type { Candidate } from './pool.ts';
import { answerFormat, type Note, openingMessages } from './prompts.ts';
import { toolAnswer, toolLoop, usesTools } from './tool-loop.ts';

export interface Work {
  readonly origin: Origin;
  readonly notes: readonly Note[];
  /** What the agent must see besides the shared part, when it starts afresh. */
  readonly extra?: string;
  /** Goes on from an earlier exchange instead of starting afresh, where the agent works without tools. */
  readonly goOn?: (answer: string) => readonly ChatMessage[];
}

export async function work(
  { origin, notes, extra, goOn }: Work,
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { agent } = origin;
  const { shared } = context;
  if (usesTools(agent, context)) {
    return toolLoop(origin, openingMessages({ shared, agent, notes, extra, answer: toolAnswer(agent, context) }), context, signal);
  }
  const format = editFormatFor(agent, context);
  const sources = context.facts.briefing.files.filter(isInPlay).map((file) => file.path);
  const answer = answerFormat(agent, format, sources);
  const messages = goOn?.(answer) ?? openingMessages({ shared, agent, notes, extra, answer });
  const reply = await context.ask(
    { place: origin.call, step: origin.step, agent: origin.agentName, tier: agent.tier, messages, temperature: agent.temperature },
    signal,
  );
  return candidateFromReply(reply, messages, format, origin, context, signal);
}

/** A file that something points at; others are only shown because the workspace is small. */
function isInPlay(file: RelevantFile): boolean {
  return !file.isTest && file.reasons.some((reason) => reason !== 'small-workspace');
}
