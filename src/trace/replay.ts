/** What the models answered, so that a run can be run again without them. */
import * as z from 'zod';
import { traceUnreadable } from '../errors.ts';
import type { ChatReply } from '../models/types.ts';
import { attemptKey, type EventOf, type TraceEvent } from './events.ts';

const extraSchema = z.record(z.string(), z.unknown()).optional();

const replySchema = z.object({
  text: z.string(),
  reasoning: z.string(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string(), extra: extraSchema })),
  extra: extraSchema,
  finish: z.enum(['stop', 'length', 'tool-calls', 'filter', 'unknown']),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number(), cachedInputTokens: z.number(), estimated: z.boolean() }),
  weights: z.array(z.object({ start: z.number(), logprob: z.number() })).optional(),
  servedModel: z.string(),
  ms: z.number(),
});

/** One attempt of a call, as it ended. */
export type RecordedAttempt = {
  /** Hash of the prompt that was sent; another one in a replay means that the run took another way. */
  readonly promptHash: string;
} & (
  | { readonly reply: ChatReply }
  | {
      readonly failure: EventOf<'call.failed'>['failure'];
      readonly usage: EventOf<'call.failed'>['usage'];
      /** It was not tried again. */
      readonly last: boolean;
    }
);

/**
 * From `call` (its place in the plan) to its attempts in the order they were made, failed ones included. A call that was under way when
 * the run was cut off is left out. Rejects with `trace-unreadable` when a reply's text is absent or not a reply.
 */
export async function recordedReplies(
  events: Iterable<TraceEvent>,
  readBlob: (sha256: string) => Promise<string>,
): Promise<ReadonlyMap<string, readonly RecordedAttempt[]>> {
  const promptHashes = new Map<string, string>();
  const calls = new Map<string, RecordedAttempt[]>();
  for (const event of events) {
    if (event.type === 'call.started') promptHashes.set(attemptKey(event), event.promptHash);
    if (event.type !== 'call.done' && event.type !== 'call.failed') continue;
    const promptHash = promptHashes.get(attemptKey(event)) ?? '';
    const attempt: RecordedAttempt =
      event.type === 'call.done'
        ? { promptHash, reply: readReply(event.call, await readBlob(event.reply)) }
        : { promptHash, failure: event.failure, usage: event.usage, last: !event.willRetry };
    calls.set(event.call, [...(calls.get(event.call) ?? []), attempt]);
  }
  return calls;
}

function readReply(call: string, text: string): ChatReply {
  try {
    return replySchema.parse(JSON.parse(text));
  } catch (error) {
    throw traceUnreadable(`reply of ${call}`, 'it is not a recorded reply', error);
  }
}
