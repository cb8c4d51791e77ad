/** From tokens to text that may be sent: whole characters only, and nothing of a stop sequence. */
import type { Token } from './llama.ts';

type Detokenize = (tokens: readonly Token[], lastTokens: readonly Token[]) => string;

/** A token may end inside a character; its bytes are shown as U+FFFD until the rest arrives. */
const unfinished = '\uFFFD';
/** Longest run of tokens that may make up one character; after it a real U+FFFD is believed. */
const longestCharacter = 8;

export interface TextStream {
  /** Text that is final now; `stopped` when a stop sequence was met (its text is not included). */
  push(token: Token): { readonly text: string; readonly stopped: boolean };
  /** What was held back, at the end. */
  flush(): string;
}

export function textStream(detokenize: Detokenize, stops: readonly string[]): TextStream {
  const before: Token[] = [];
  let pending: Token[] = [];
  let held = '';

  function decode(force: boolean): string {
    if (pending.length === 0) return '';
    const text = detokenize(pending, before.slice(-4));
    if (!force && text.endsWith(unfinished) && pending.length < longestCharacter) return '';
    before.push(...pending);
    before.splice(0, Math.max(0, before.length - 8));
    pending = [];
    return text;
  }

  /** Longest end of `text` that could still become a stop sequence. */
  function holdBack(text: string): number {
    let longest = 0;
    for (const stop of stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }

  return {
    push(token) {
      pending.push(token);
      held += decode(false);
      const found = stops.map((stop) => held.indexOf(stop)).filter((index) => index >= 0);
      if (found.length > 0) {
        const text = held.slice(0, Math.min(...found));
        held = '';
        return { text, stopped: true };
      }
      const ready = held.length - holdBack(held);
      const text = held.slice(0, ready);
      held = held.slice(ready);
      return { text, stopped: false };
    },
    flush() {
      const text = held + decode(true);
      held = '';
      return text;
    },
  };
}
