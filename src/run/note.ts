/** Steps whose product is a text. */
import type { Agent } from '../plan/schema.ts';
import type { EventOf } from '../trace/events.ts';
import { replyForm } from '../workspace/index.ts';
import { agentNamed, notesFor, type StepContext } from './context.ts';
import { answerFormat, openingMessages } from './prompts.ts';

const noteTokens = 400;

export interface NoteOptions {
  /** What the agent must see besides the shared part. */
  readonly extra?: string;
  /** The candidate it is about. */
  readonly about?: string;
  /** Reads a word on that candidate out of the answer. */
  readonly verdictOf?: (text: string) => EventOf<'note.written'>['verdict'];
}

/** Asks the step's agent once and keeps its answer as the step's note. */
export async function writeNote(
  step: { readonly id: string; readonly agent: string; readonly uses: readonly string[] },
  place: string,
  { extra, about, verdictOf = () => 'none' }: NoteOptions,
  context: StepContext,
  signal: AbortSignal,
): Promise<string> {
  const agent = agentNamed(context, step.agent);
  const messages = openingMessages({
    shared: context.shared,
    agent,
    notes: notesFor(context, step.uses),
    recalled: context.facts.recalled,
    extra,
    answer: answerFormat(agent, replyForm('whole-file', []), ''),
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
  const { text } = await context.sideBySide(() => context.ask(call, signal));
  keepNote({ step, agent, call: call.place, text, about, verdict: verdictOf(text) }, context);
  return text;
}

export interface KeptNote {
  readonly step: { readonly id: string; readonly agent: string };
  readonly agent: Agent;
  /** Place of the call that gave it. */
  readonly call: string;
  readonly text: string;
  readonly about?: string;
  readonly verdict?: EventOf<'note.written'>['verdict'];
}

/** Puts a note where the steps after this one read it, and on record. */
export function keepNote({ step, agent, call, text, about, verdict = 'none' }: KeptNote, { notes, ports }: StepContext): void {
  const { trace } = ports;
  notes.set(step.id, { step: step.id, role: agent.role, text });
  trace.emit({ type: 'note.written', step: step.id, agent: step.agent, call, about, text: trace.blob(text), verdict });
}
