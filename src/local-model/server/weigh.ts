/** How likely a text is to the model, token by token: where code surprises it, a mistake is more likely than elsewhere. */
import type { Engine, Token, WeighedToken } from './llama.ts';

export interface Weighed {
  readonly tokens: readonly string[];
  /** Natural logarithm; null for the first, which nothing stands before. */
  readonly logprobs: readonly (number | null)[];
  /** Where each token begins in the text, in UTF-16 units. */
  readonly offsets: readonly number[];
}

/** Tokens weighed between two looks at the signal. */
const chunkTokens = 32;

/** Reads `tokens` anew into the sequence; rejects with the signal's reason when it fires. */
export async function weigh(
  sequence: Engine['sequences'][number],
  tokens: readonly Token[],
  textOf: (tokens: readonly Token[], before: readonly Token[]) => string,
  signal: AbortSignal,
): Promise<Weighed> {
  await sequence.clearHistory();
  const logprobs: (number | null)[] = [null];
  for (let start = 0; start < tokens.length; start += chunkTokens) {
    signal.throwIfAborted();
    const chunk = tokens.slice(start, start + chunkTokens).map((token, index): WeighedToken => {
      const following = tokens[start + index + 1];
      return following === undefined
        ? token
        : [token, { generateNext: { logits: { filter: { tokens: [following], includeTop: 1 } }, totalLogitWeight: true } }];
    });
    const weights = await sequence.controlledEvaluate(chunk);
    for (const [index, weight] of weights.entries()) {
      const following = tokens[start + index + 1];
      if (following === undefined) continue;
      const logits = weight?.next.logits;
      const logit = logits?.get(following);
      const total = weight?.next.totalLogitWeight;
      if (logits === undefined || logit === undefined || total === undefined) throw new Error('The engine gave no weights.');
      logprobs.push(logit - Math.max(...logits.values()) - Math.log(total));
    }
  }
  return { ...placed(tokens, textOf), logprobs };
}

/** A character of several tokens begins with the first of them; the others have no text of their own. */
function placed(
  tokens: readonly Token[],
  textOf: (tokens: readonly Token[], before: readonly Token[]) => string,
): { tokens: string[]; offsets: number[] } {
  const texts: string[] = [];
  const offsets: number[] = [];
  let offset = 0;
  let pending: Token[] = [];
  for (const [index, token] of tokens.entries()) {
    pending.push(token);
    offsets.push(offset);
    const text = textOf(pending, tokens.slice(Math.max(0, index + 1 - pending.length - 4), index + 1 - pending.length));
    if (text.endsWith('\uFFFD') && pending.length < 8) {
      texts.push('');
      continue;
    }
    texts.push(text);
    offset += text.length;
    pending = [];
  }
  return { tokens: texts, offsets };
}
