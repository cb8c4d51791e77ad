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

/** The response, its body ended with `tooLong()` when it grows beyond so many bytes. */
export function withinBytes(response: Response, most: number, tooLong: () => Error): Response {
  if (response.body === null) return response;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > most) controller.error(tooLong());
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}
