/** A client that knows its replies: a replay answers every call from the trace and needs no server. */
import { TeamwrightError } from '../errors.ts';
import { stoppedCall } from './failures.ts';
import type { ChatReply, ChatRequest, ModelClient } from './types.ts';

/** `lookup` gives the recorded reply of a request; without one the call fails with `replay-diverged`. */
export function recordedClient(lookup: (request: ChatRequest) => ChatReply | undefined, endpoint = 'recorded'): ModelClient {
  return {
    endpoint,
    chat: async (request, onDelta, signal) => {
      if (signal.aborted) throw stoppedCall(signal);
      const reply = lookup(request);
      if (reply === undefined) throw new TeamwrightError('replay-diverged', { model: request.model });
      onDelta?.({ ...(reply.reasoning === '' ? {} : { reasoning: reply.reasoning }), text: reply.text });
      return reply;
    },
    listModels: async () => [],
  };
}
