/** One piece of work of an agent that changes files: asked once, or in a loop with tools, ending in a candidate (or none). */
import type { TestReport } from '../feedback/types.ts';
import type { ChatMessage } from '../models/types.ts';
import type { Answer } from './ask.ts';
import { askedOf, candidateFromReply, type Origin, readReply, refuseReply } from './candidates.ts';
import type { StepContext } from './context.ts';
import { askedPart, partAsked, partInFile, sharedWithPart, tellPart } from './part.ts';
import type { Candidate } from './pool.ts';
import { againMessages, answerFormat, type Note, openingMessages, sharedPrompt } from './prompts.ts';
import { toolAnswer, toolLoop, usesTools } from './tool-loop.ts';

export interface Work {
  readonly origin: Origin;
  readonly notes: readonly Note[];
  /** What the agent must see besides the shared part, when it starts afresh. */
  readonly extra?: string;
  /** One function or class is asked for, where it is clear which one; by what these tests said. */
  readonly part?: { readonly report: TestReport | undefined };
  /** Goes on from an earlier exchange instead of starting afresh, where the agent works without tools. */
  readonly goOn?: (answer: string) => readonly ChatMessage[];
}

export async function work(
  { origin, notes, extra, goOn, part }: Work,
  context: StepContext,
  signal: AbortSignal,
): Promise<Candidate | undefined> {
  const { agent } = origin;
  const { shared } = context;
  const { recalled } = context.facts;
  if (usesTools(agent, context)) {
    const { request, briefing, earlier } = context.facts;
    const opening = (only?: ReadonlySet<string>) =>
      openingMessages({
        shared: only === undefined ? shared : sharedPrompt(request, briefing, earlier, only),
        ...{ agent, notes, recalled, extra, answer: toolAnswer(agent, context) },
      });
    return toolLoop(origin, opening, context, signal);
  }
  const one = part && (await partAsked(origin, part.report, context));
  if (one !== undefined) tellPart(one, origin, context);
  const asked = one === undefined ? await askedOf(origin, context) : askedPart(one);
  const answer = answerFormat(agent, asked.form, context.facts.request.text);
  const read = async (said: Answer) => (one === undefined ? readReply(said, asked) : partInFile(readReply(said, asked), one));
  const messages =
    one === undefined
      ? (goOn?.(answer) ?? openingMessages({ shared, agent, notes, recalled, extra, answer }))
      : openingMessages({ shared: sharedWithPart(one, context), agent, notes, recalled, extra, answer });
  const ask = (place: string, said: readonly ChatMessage[]) =>
    context.ask(
      { place, step: origin.step, agent: origin.agentName, tier: agent.tier, messages: said, temperature: agent.temperature },
      signal,
    );
  const reply = await ask(origin.call, messages);
  const parsed = await read(reply);
  if (parsed.problems.length === 0 || reply.finish === 'length')
    return candidateFromReply(reply, parsed, messages, origin, context, signal);
  refuseReply(reply, parsed, origin, context);
  const again = againMessages(
    messages,
    reply.text,
    parsed.problems.map(({ message }) => message),
    answer,
  );
  const place = `${origin.call}/2`;
  const second = await ask(place, again);
  return candidateFromReply(second, await read(second), again, { ...origin, call: place }, context, signal);
}
