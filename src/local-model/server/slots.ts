/**
 * Prompt reuse: reading the prompt is the price of a local model, so every slot keeps the tokens of its last conversation, and a request
 * goes where most of its beginning is already there.
 */
import type { Token } from './llama.ts';

export interface SlotState {
  readonly tokens: readonly Token[];
  /** How many of `tokens` were prompt; what follows is the model's own reply. */
  readonly promptTokens: number;
  /** Any rising number; 0 when never used. */
  readonly lastUsed: number;
}

export interface SlotChoice {
  readonly slot: number;
  /** Tokens at the start of the prompt that need not be read again. */
  readonly reused: number;
  /** Slot whose state is copied first; undefined when the chosen slot continues its own. */
  readonly copyFrom?: number;
}

/** Reading fewer tokens than this again costs less than copying a state, or than losing a slot over it. */
const worthKeeping = 64;

export function commonPrefix(left: readonly Token[], right: readonly Token[]): number {
  const limit = Math.min(left.length, right.length);
  let index = 0;
  while (index < limit && left[index] === right[index]) index += 1;
  return index;
}

/**
 * The slot with the longest common beginning continues when that throws away next to nothing; otherwise the conversation it holds is
 * kept, and the least recently used slot takes the request, starting from a copy of the common beginning when that is worth it.
 * At least one prompt token is always left to evaluate, because the next token is sampled from the last one.
 */
export function chooseSlot(slots: readonly SlotState[], prompt: readonly Token[]): SlotChoice {
  const reusable = (slot: SlotState): number => Math.min(commonPrefix(slot.tokens, prompt), prompt.length - 1);
  const ranked = slots.map((slot, index) => ({ index, slot, reused: reusable(slot) }));
  const best = ranked.reduce((a, b) => (b.reused > a.reused || (b.reused === a.reused && b.slot.lastUsed < a.slot.lastUsed) ? b : a));
  const lost = best.slot.promptTokens - best.reused;
  if (lost <= worthKeeping) return { slot: best.index, reused: best.reused };
  const oldest = ranked.reduce((a, b) => (b.slot.lastUsed < a.slot.lastUsed ? b : a));
  if (best.reused - oldest.reused < worthKeeping) return { slot: oldest.index, reused: oldest.reused };
  return { slot: oldest.index, reused: best.reused, copyFrom: best.index };
}
