/** What agents are saying now, by agent. Pure. */
import type { StreamPart } from '../run-types.ts';

export interface Stream {
  readonly text: string;
  readonly thinking: boolean;
}

export type Streams = Readonly<Record<string, Stream>>;

/** Characters kept of each agent; the beginning goes first. */
const longest = 12_000;

export function addStream(streams: Streams, parts: readonly StreamPart[]): Streams {
  const next: Record<string, Stream> = { ...streams };
  for (const { agent, text, thinking, restart } of parts) {
    const before = restart || !Object.hasOwn(next, agent) ? '' : (next[agent]?.text ?? '');
    next[agent] = { text: `${before}${text}`.slice(-longest), thinking };
  }
  return next;
}
