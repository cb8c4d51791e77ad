/**
 * Token counts before a server has told them. tokenx guesses from the text alone (it knows no vocabulary, so it is within about a
 * tenth for prose and worse for dense code); what servers report corrects it per model. Server usage is the truth, this is the plan.
 */
import { estimateTokenCount } from 'tokenx';
import { textOf } from './completions.ts';
import type { ChatMessage, ChatRequest, Usage } from './types.ts';

/** Role and separators that chat templates put around a message. */
const tokensPerMessage = 4;
/** Longer texts are estimated by pieces, so that one huge line does not cost quadratic time. */
const pieceCharacters = 100_000;

/** Estimated tokens, times `ratio` (from a `Calibration`; 1 when nothing is known). */
export function estimateTokens(input: string | readonly ChatMessage[], ratio = 1): number {
  const raw = typeof input === 'string' ? rawTokens(input) : input.reduce((sum, message) => sum + messageTokens(message), 0);
  return Math.ceil(raw * ratio);
}

/** As `estimateTokens`, with the tool definitions that travel along. */
export function estimateRequestTokens(request: Pick<ChatRequest, 'messages' | 'tools' | 'hole' | 'weigh'>, ratio = 1): number {
  return (
    estimateTokens(request.messages, ratio) + estimateTokens(textOf(request), ratio) + Math.ceil(estimateToolTokens(request.tools) * ratio)
  );
}

/** Of tool definitions alone. */
export function estimateToolTokens(tools: ChatRequest['tools']): number {
  return tools?.length ? rawTokens(JSON.stringify(tools)) : 0;
}

function messageTokens(message: ChatMessage): number {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  const extra = [message.role === 'assistant' ? message.extra : undefined, ...calls.map((call) => call.extra)].filter(
    (one) => one !== undefined,
  );
  const images = message.role === 'user' ? (message.images ?? []) : [];
  const extraTokens = extra.length === 0 ? 0 : rawTokens(JSON.stringify(extra));
  return (
    extraTokens +
    tokensPerMessage +
    rawTokens(message.content) +
    images.reduce((sum, { tokens }) => sum + tokens, 0) +
    calls.reduce((sum, call) => sum + rawTokens(call.name + call.arguments), 0)
  );
}

/**
 * Counted paragraph by paragraph and remembered: prompts of a run share most of their text, and counting it again for every call was the
 * largest part of what a call cost us.
 */
function rawTokens(text: string): number {
  let sum = 0;
  for (const paragraph of text.split('\n\n'))
    sum += paragraph.length < rememberedCharacters ? estimateTokenCount(paragraph) : remembered(paragraph);
  return sum;
}

/** Shorter paragraphs are counted faster than they are found. */
const rememberedCharacters = 80;
const mostRemembered = 500;
const counts = new Map<string, number>();

function remembered(paragraph: string): number {
  const known = counts.get(paragraph);
  if (known !== undefined) return known;
  let count = 0;
  for (let at = 0; at < paragraph.length; at += pieceCharacters) count += estimateTokenCount(paragraph.slice(at, at + pieceCharacters));
  if (counts.size >= mostRemembered) counts.clear();
  counts.set(paragraph, count);
  return count;
}

/** A running mean of reported / estimated. */
export interface TokenRatio {
  readonly ratio: number;
  readonly samples: number;
}

export const neutralRatio: TokenRatio = { ratio: 1, samples: 0 };

/** Below this many estimated tokens the chat template outweighs the text, and the report says little about it. */
const leastTokens = 40;
const bounds = { low: 0.5, high: 2.5 };
/** The mean forgets: after ten samples each new one weighs a tenth. */
const memory = 10;

/**
 * Moves the ratio by one report. Reports outside twice the bounds are no tokenizer's doing (a server that leaves out what it had
 * cached, or counts a hidden prompt) and change nothing.
 */
export function updateRatio(known: TokenRatio, estimatedTokens: number, reportedTokens: number): TokenRatio {
  if (!(estimatedTokens >= leastTokens) || !(reportedTokens > 0)) return known;
  const seen = reportedTokens / estimatedTokens;
  if (seen < bounds.low / 2 || seen > bounds.high * 2) return known;
  const weight = 1 / Math.min(known.samples + 1, memory);
  const ratio = known.ratio + (seen - known.ratio) * weight;
  return { ratio: Math.min(bounds.high, Math.max(bounds.low, ratio)), samples: known.samples + 1 };
}

/** What has been learnt about each model's tokenizer. */
export interface Calibration {
  ratio(model: string): number;
  /** Whether the model's own counts have corrected it. */
  knows(model: string): boolean;
  /** Learns from a reported usage (of the messages, or of their estimate); an estimated one teaches nothing. */
  learn(model: string, messages: readonly ChatMessage[] | number, usage: Usage): void;
}

export function createCalibration(): Calibration {
  const ratios = new Map<string, TokenRatio>();
  return {
    ratio: (model) => (ratios.get(model) ?? neutralRatio).ratio,
    knows: (model) => ratios.has(model),
    learn: (model, messages, usage) => {
      if (usage.estimated) return;
      const estimated = typeof messages === 'number' ? messages : estimateTokens(messages);
      ratios.set(model, updateRatio(ratios.get(model) ?? neutralRatio, estimated, usage.inputTokens));
    },
  };
}
