/**
 * Replies kept by what was asked (model, messages, temperature, seed). The arms of a comparison begin with the same calls; asking once makes
 * them comparable sample by sample and saves hours on a small machine. A kept reply counts with its full tokens and its original time.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChatReply, ChatRequest, ModelClient } from '../models/types.ts';

export interface CachedClient extends ModelClient {
  /** Milliseconds that kept replies took when they were made, since the last call of this function. */
  takeSavedMs(): number;
}

export function cachedClient(client: ModelClient, file: string): CachedClient {
  const kept = readKept(file);
  let savedMs = 0;
  return {
    endpoint: client.endpoint,
    listModels: (signal) => client.listModels(signal),
    takeSavedMs: () => {
      const taken = savedMs;
      savedMs = 0;
      return taken;
    },
    chat: async (request, onDelta, signal) => {
      const key = keyOf(request);
      const found = kept.get(key);
      // The limit is no part of the key: a reply that ended by itself within the limit is the same under any.
      if (found && found.usage.outputTokens <= (request.maxTokens ?? Number.POSITIVE_INFINITY) && found.finish !== 'length') {
        savedMs += found.ms;
        onDelta?.({ text: found.text });
        return found;
      }
      const reply = await client.chat(request, onDelta, signal);
      // A reply that was cut off at a smaller limit does not take the place of the whole one.
      if (found && found.finish !== 'length' && reply.finish === 'length') return reply;
      kept.set(key, reply);
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, `${JSON.stringify({ key, reply })}\n`);
      return reply;
    },
  };
}

function keyOf({ model, messages, temperature, seed, tools, format, hole, weigh }: ChatRequest): string {
  const text = hole === undefined && weigh === undefined ? [] : [hole, weigh];
  // At temperature 0 the seed changes nothing.
  return createHash('sha256')
    .update(JSON.stringify([model, messages, temperature, temperature === 0 ? 0 : seed, tools, format, ...text]))
    .digest('hex');
}

function readKept(file: string): Map<string, ChatReply> {
  const kept = new Map<string, ChatReply>();
  if (!existsSync(file)) return kept;
  const text = readFileSync(file, 'utf8');
  // What is appended after a torn last line must not become part of it.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const { key, reply } = JSON.parse(line) as { key: string; reply: ChatReply };
      kept.set(key, reply);
    } catch (error) {
      // A torn last line after a crash: that reply is asked again.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return kept;
}
