/** Transcripts: every attempt of every call with what was asked, what came back and which tools were used. */
import * as z from 'zod';
import { attemptKey, type EventOf, type TraceEvent } from '../trace/events.ts';
import type { RecordedPlan } from './record-plans.ts';
import { type CallRecord, messageSchema, toolCallSchema } from './record-schema.ts';
import { parsedText, type ReadText } from './record-texts.ts';

/** In the order they began. */
export async function readCalls(
  events: readonly TraceEvent[],
  planOf: (hash: string | undefined) => RecordedPlan,
  text: ReadText,
): Promise<CallRecord[]> {
  const calls = new Map<string, CallRecord>();
  /** The newest attempt of each call. */
  const newest = new Map<string, CallRecord>();
  for (const event of events) {
    switch (event.type) {
      case 'call.started': {
        const plan = planOf(event.planHash);
        const designs = event.step === 'design';
        const call: CallRecord = {
          call: event.call,
          attempt: event.attempt,
          agent: event.agent,
          role: plan.roleOf(event.agent),
          step: event.step,
          kind: designs ? 'design' : plan.kindOf(event.step),
          plan: plan.index,
          model: event.model,
          servedModel: '',
          startedAt: event.at,
          messages: parsedText(await text(event.prompt), messageSchema.array()) ?? [],
          inputTokens: 0,
          outputTokens: 0,
          cachedInputTokens: 0,
          usd: 0,
          tools: [],
        };
        calls.set(attemptKey(event), call);
        newest.set(event.call, call);
        break;
      }
      case 'call.done': {
        const call = calls.get(attemptKey(event));
        if (call) await end(call, event, text);
        break;
      }
      case 'call.failed': {
        const call = calls.get(attemptKey(event));
        if (call) {
          call.endedAt = event.at;
          call.failure = { code: event.failure.code, message: event.failure.message };
          meter(call, event.usage);
        }
        break;
      }
      case 'tool.used': {
        const { tool, arguments: given, ok, ms } = event;
        newest.get(event.call)?.tools.push({ tool, arguments: given, ok, result: (await text(event.result)) ?? '', ms });
        break;
      }
      default:
    }
  }
  return [...calls.values()];
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
