/**
 * What a reply may grow to when its server does not keep to the limit that was asked for. Generous, because tokens are counted differently
 * everywhere: a server that keeps to the limit never meets it.
 */

/** For a reply without a limit, and for thoughts, which many servers do not count. */
const usualTokens = 128_000;
/** UTF-16 units; the average is about four. */
const charactersPerToken = 12;
/** A token that comes in a piece of its own brings some hundred bytes of frame with it. */
const bytesPerToken = 1_000;

export interface ReplyLimit {
  /** Of the answer and of its tool calls together. */
  readonly characters: number;
  readonly thoughtCharacters: number;
  /** Of the whole body, frames included. */
  readonly bytes: number;
}

export function replyLimit(maxTokens: number = usualTokens): ReplyLimit {
  return {
    characters: charactersPerToken * maxTokens,
    thoughtCharacters: charactersPerToken * (maxTokens + usualTokens),
    bytes: bytesPerToken * (maxTokens + usualTokens),
  };
}

/** The body, ended with `tooLong()` when it grows beyond so many bytes. */
export async function* withinBytes({ body }: Response, most: number, tooLong: () => Error): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > most) throw tooLong();
    yield part;
  }
}
