/** One reply: prompt to tokens, the slot that knows most of it, and token after token until the end. */
import { randomInt, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Engine, LlamaSequence, Token } from './llama.ts';
import { type ChatCall, type CompletionCall, type Finish, type ReplyUsage, RequestRefused } from './protocol.ts';
import { anyObject, grammarSchema } from './schema.ts';
import { chooseSlot, commonPrefix } from './slots.ts';
import { renderPrompt } from './template.ts';
import { textStream } from './text.ts';
import { type Weighed, weigh } from './weigh.ts';

export interface Generated {
  readonly text: string;
  readonly finish: Finish;
  readonly usage: ReplyUsage;
}

/** What whoever waits for a reply is told of it. */
export interface Listening {
  text(piece: string): void;
  /** Tokens of the prompt that are read so far, those that were known among them; first before any is read anew. */
  read?(tokens: number): void;
}

/** How a reply is drawn. */
export type Drawing = Pick<ChatCall, 'temperature' | 'top_p' | 'seed' | 'stop'> &
  Partial<Pick<ChatCall, 'max_tokens' | 'max_completion_tokens' | 'response_format'>>;

export interface Generator {
  readonly contextTokens: number;
  /** Prompt as tokens; refuses one that leaves no room for a reply. */
  prepare(call: ChatCall): Token[];
  /** The text before a reply without a template around it: what stands before and behind the hole, or just what stands before. */
  prepareText(call: CompletionCall): Token[];
  /** One at a time: the caller queues. Rejects with the signal's reason when it fires; the slot stays usable. */
  generate(call: Drawing, prompt: readonly Token[], heard: Listening, signal: AbortSignal): Promise<Generated>;
  /** How likely each token of a text is; one at a time, as above. */
  weigh(text: readonly Token[], signal: AbortSignal): Promise<Weighed>;
}

/** Tokens read between two looks at the signal: a stop waits for one such chunk (about 2 s on two cores) at most. */
const chunkTokens = 64;
/** A grammar allows blank space without end, and small models fall into it. */
const endlessBlank = '\n\n\n\n';

export function createGenerator(engine: Engine): Generator {
  const { model, sequences } = engine;
  const slots = sequences.map((sequence) => ({ sequence, promptTokens: 0, lastUsed: 0 }));
  const contextTokens = Math.min(...sequences.map((sequence) => sequence.contextSize));
  let clock = 0;

  function prepare(call: ChatCall): Token[] {
    return fitting(renderPrompt(call.messages, (text, special) => model.tokenize(text, special)));
  }

  function prepareText({ prompt, suffix }: CompletionCall): Token[] {
    if (suffix === null || suffix === undefined || suffix === '') return fitting(model.tokenize(prompt, false));
    const { infill } = model.tokens;
    if (infill.prefix === null || infill.suffix === null || infill.middle === null) {
      throw new RequestRefused(400, 'suffix_not_supported', 'This model does not support suffix: it cannot fill a hole.');
    }
    // Text from outside can never become a mark.
    const [before, after] = [model.tokenize(prompt, false), model.tokenize(suffix, false)];
    return fitting([infill.prefix, ...before, infill.suffix, ...after, infill.middle]);
  }

  function fitting(prompt: Token[]): Token[] {
    if (prompt.length < contextTokens) return prompt;
    throw new RequestRefused(
      400,
      'context_length_exceeded',
      `This model's maximum context length is ${contextTokens} tokens, but the messages take ${prompt.length} tokens.`,
    );
  }

  async function copyState(from: LlamaSequence, to: LlamaSequence): Promise<void> {
    const file = path.join(os.tmpdir(), `teamwright-state-${randomUUID()}`);
    try {
      await from.saveStateToFile(file);
      await to.loadStateFromFile(file, { acceptRisk: true });
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Brings a slot to where only the tokens after `reused` are missing. Gives how many really were there. */
  async function reuse(prompt: readonly Token[]): Promise<{ slot: (typeof slots)[number]; reused: number }> {
    const choice = chooseSlot(
      slots.map((slot) => ({ tokens: slot.sequence.contextTokens, promptTokens: slot.promptTokens, lastUsed: slot.lastUsed })),
      prompt,
    );
    const slot = slots[choice.slot];
    if (slot === undefined) throw new Error(`There is no slot ${choice.slot}.`);
    const origin = choice.copyFrom === undefined ? undefined : slots[choice.copyFrom];
    if (origin !== undefined) await copyState(origin.sequence, slot.sequence);
    const { sequence } = slot;
    const reused = Math.min(commonPrefix(sequence.contextTokens, prompt), prompt.length - 1);
    if (sequence.nextTokenIndex > reused) await sequence.eraseContextTokenRanges([{ start: reused, end: sequence.nextTokenIndex }]);
    clock += 1;
    slot.lastUsed = clock;
    slot.promptTokens = prompt.length;
    return { slot, reused: Math.min(reused, sequence.nextTokenIndex) };
  }

  async function grammarOf(call: Drawing): Promise<unknown> {
    const format = call.response_format;
    if (format === null || format === undefined || format.type === 'text') return undefined;
    try {
      return await engine.grammarFor(format.type === 'json_object' ? anyObject : grammarSchema(format.json_schema.schema));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RequestRefused(400, 'invalid_schema', `The schema cannot be turned into a grammar: ${reason}`);
    }
  }

  async function generate(call: Drawing, prompt: readonly Token[], heard: Listening, signal: AbortSignal): Promise<Generated> {
    signal.throwIfAborted();
    const grammar = await grammarOf(call);
    const { slot, reused } = await reuse(prompt);
    const { sequence } = slot;
    for (let start = reused; start < prompt.length - 1; start += chunkTokens) {
      signal.throwIfAborted();
      heard.read?.(start);
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(start, Math.min(start + chunkTokens, prompt.length - 1)));
    }
    signal.throwIfAborted();

    // Without a temperature the reply is the most likely one: repeatable is the better default for code.
    const temperature = call.temperature ?? 0;
    const room = contextTokens - prompt.length;
    const limit = Math.min(call.max_completion_tokens ?? call.max_tokens ?? room, room);
    const stops = [call.stop ?? []].flat().filter((stop) => stop !== '');
    const stream = textStream(
      (tokens, last) => model.detokenize(tokens, false, last),
      grammar === undefined ? stops : [...stops, endlessBlank],
    );
    const tokens = sequence.evaluate(prompt.slice(-1), {
      temperature,
      topP: call.top_p ?? 0.95,
      topK: 40,
      seed: (call.seed ?? randomInt(2 ** 31)) >>> 0,
      ...(grammar === undefined ? {} : { grammarEvaluationState: grammar }),
    });

    let text = '';
    let completionTokens = 0;
    let finish: Finish = 'stop';
    const emit = (piece: string): void => {
      if (piece === '') return;
      text += piece;
      heard.text(piece);
    };
    let stoppedByText = false;
    for await (const token of tokens) {
      signal.throwIfAborted();
      completionTokens += 1;
      const piece = stream.push(token);
      emit(piece.text);
      stoppedByText = piece.stopped;
      if (stoppedByText) break;
      if (completionTokens >= limit) {
        finish = 'length';
        break;
      }
    }
    if (!stoppedByText) emit(stream.flush());
    return { text, finish, usage: { promptTokens: prompt.length, cachedTokens: reused, completionTokens } };
  }

  return {
    contextTokens,
    prepare,
    prepareText,
    generate,
    weigh: async (text, signal) => {
      signal.throwIfAborted();
      // In the slot that was used longest ago: what the others have read stays.
      const slot = slots.reduce((a, b) => (b.lastUsed < a.lastUsed ? b : a));
      clock += 1;
      slot.lastUsed = clock;
      slot.promptTokens = text.length;
      return weigh(slot.sequence, text, (tokens, before) => model.detokenize(tokens, false, before), signal);
    },
  };
}
