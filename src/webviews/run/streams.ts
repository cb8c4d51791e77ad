/** What calls say and said, by call. Pure. */
import type { StreamPart } from '../run-types.ts';

export interface Stream {
  readonly text: string;
  readonly thinking: boolean;
}

export type Streams = Readonly<Record<string, Stream>>;

/** Characters kept of each call; the beginning goes first. */
const longest = 12_000;

export function addStream(streams: Streams, parts: readonly StreamPart[]): Streams {
  const next: Record<string, Stream> = { ...streams };
  for (const { call, text, thinking, restart } of parts) {
    const before = restart || !Object.hasOwn(next, call) ? '' : (next[call]?.text ?? '');
    next[call] = { text: `${before}${text}`.slice(-longest), thinking };
  }
  return next;
}
