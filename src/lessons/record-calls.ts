/** Transcripts: every attempt of every call with what was asked, what came back and which tools were used, and whose work it became. */
import * as z from 'zod';
import type { EventOf, TraceEvent } from '../trace/events.ts';
import type { RoundOf, Rounds } from './record-rounds.ts';
import { type CallRecord, messageSchema, toolCallSchema } from './record-schema.ts';
import { parsedText, type ReadText } from './record-texts.ts';

export interface RecordedCalls {
  readonly calls: CallRecord[];
  /** Place of the last call that led to the candidate. */
  callOfCandidate(id: string): string | undefined;
  callOfNote(seq: number): string | undefined;
}

export async function readCalls(
  events: readonly TraceEvent[],
  rounds: Rounds,
  roleOf: (agent: string, round: RoundOf) => string,
  text: ReadText,
): Promise<RecordedCalls> {
  const calls = new Map<string, CallRecord>();
  const candidates = new Map<string, string>();
  const notes = new Map<number, string>();
  /** Calls that ended and whose work is not claimed yet, newest last: for traces that do not say whose it is. */
  let unclaimed: { call: string; agent: string; step: string }[] = [];
  const claim = (agent: string, step: string): string | undefined => {
    const found = unclaimed.findLast((call) => call.agent === agent && call.step === step);
    unclaimed = unclaimed.filter((call) => call !== found);
    return found?.call;
  };

  for (const event of events) {
    switch (event.type) {
      case 'call.started': {
        const round = rounds.at(event.seq);
        const designs = event.step === 'design';
        calls.set(keyOf(event), {
          call: event.call,
          attempt: event.attempt,
          agent: event.agent,
          role: designs ? event.agent : roleOf(event.agent, round),
          step: event.step,
          kind: designs ? 'design' : round.kindOf(event.step),
          plan: designs ? undefined : round.plan,
          model: event.model,
          servedModel: '',
          startedAt: event.at,
          messages: parsedText(await text(event.prompt), messageSchema.array()) ?? [],
          inputTokens: 0,
          outputTokens: 0,
          cachedInputTokens: 0,
          usd: 0,
          tools: [],
        });
        break;
      }
      case 'call.done': {
        const call = calls.get(keyOf(event));
        if (call) await end(call, event, text);
        unclaimed.push({ call: event.call, agent: event.agent, step: call?.step ?? '' });
        break;
      }
      case 'call.failed': {
        const call = calls.get(keyOf(event));
        if (call) {
          call.endedAt = event.at;
          call.failure = event.failure;
          meter(call, event.usage);
        }
        break;
      }
      case 'tool.used': {
        const call = [...calls.values()].findLast((one) => one.call === event.call);
        const { tool, arguments: given, ok, ms } = event;
        call?.tools.push({ tool, arguments: given, ok, result: (await text(event.result)) ?? '', ms });
        break;
      }
      case 'candidate.made': {
        const place = event.call === undefined ? claim(event.agent, event.step) : lastBelow(calls, event.call);
        if (place !== undefined) candidates.set(event.candidate, place);
        break;
      }
      case 'note.written': {
        const place = claim(event.agent, event.step);
        if (place !== undefined) notes.set(event.seq, place);
        break;
      }
      default:
    }
  }
  return {
    calls: [...calls.values()],
    callOfCandidate: (id) => candidates.get(id),
    callOfNote: (seq) => notes.get(seq),
  };
}

const keyOf = (event: { call: string; attempt: number }): string => `${event.call}#${event.attempt}`;

/** An agent with tools makes many calls below one place; the last one that was answered ends its work. */
function lastBelow(calls: ReadonlyMap<string, CallRecord>, place: string): string | undefined {
  return [...calls.values()].findLast(({ call, reply }) => reply !== undefined && (call === place || call.startsWith(`${place}/`)))?.call;
}

async function end(call: CallRecord, event: EventOf<'call.done'>, text: ReadText): Promise<void> {
  call.endedAt = event.at;
  call.servedModel = event.servedModel;
  call.usd = event.usd;
  meter(call, event.usage);
  const reply = parsedText(await text(event.reply), replySchema);
  if (reply) call.reply = { ...reply, finish: event.finish };
}

/** What a transcript keeps of a `ChatReply`. */
const replySchema = z.object({ text: z.string(), reasoning: z.string().default(''), toolCalls: z.array(toolCallSchema).default([]) });

function meter(call: CallRecord, usage: EventOf<'call.failed'>['usage']): void {
  call.inputTokens = usage?.inputTokens ?? 0;
  call.outputTokens = usage?.outputTokens ?? 0;
  call.cachedInputTokens = usage?.cachedInputTokens ?? 0;
}
