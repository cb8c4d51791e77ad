/** What each call says while it says it: collected, so that it can be sent a few times a second, and again to a page that was hidden. */
import type { ChatDelta, Preparing } from '../../models/types.ts';
import type { StreamPart } from '../../webviews/run-types.ts';
import { mostTries, type Spoken } from './run-now.ts';

/** Characters kept of each call, and calls that are kept: all that are shown, and those that are under way beside them. */
const longest = 12_000;
const mostKept = 2 * mostTries;

interface Said {
  text: string;
  characters: number;
  thinking: boolean;
  preparing?: Preparing;
  /** It is over. */
  ended?: boolean;
  /** Not sent yet. */
  fresh: string;
  restart: boolean;
}

export interface SpeechBuffer {
  add(call: string, delta: ChatDelta): void;
  /** Another attempt at a call begins: what the one before it said goes. */
  begin(call: string): void;
  /** What a call that is over has said, as the trace has it. */
  put(call: string, text: string): void;
  has(call: string): boolean;
  spoken(): ReadonlyMap<string, Spoken>;
  /** Since the last time. */
  news(): StreamPart[];
  /** All that is kept, for a page that stands anew; nothing of it is news afterwards. */
  whole(): StreamPart[];
}

export function createSpeechBuffer(): SpeechBuffer {
  const calls = new Map<string, Said>();
  const keep = (call: string, said: Said): void => {
    calls.delete(call);
    calls.set(call, said);
    const oldest = calls.keys().next().value;
    if (calls.size > mostKept && oldest !== undefined) calls.delete(oldest);
  };
  return {
    add(call, delta) {
      const { preparing } = delta;
      if (preparing !== undefined) {
        const known = calls.get(call);
        if (known === undefined) keep(call, { text: '', characters: 0, thinking: false, preparing, fresh: '', restart: true });
        else known.preparing = preparing;
      }
      const text = delta.text ?? delta.reasoning ?? '';
      if (text === '') return;
      const thinking = delta.text === undefined;
      const said = calls.get(call);
      if (said === undefined) {
        keep(call, { text, characters: text.length, thinking, fresh: text, restart: true });
        return;
      }
      // The answer follows the thoughts on a line of its own.
      const piece = said.thinking && !thinking ? `\n\n${text}` : text;
      said.text = `${said.text}${piece}`.slice(-longest);
      said.characters += piece.length;
      said.fresh += piece;
      said.thinking = thinking;
    },
    begin: (call) => void calls.delete(call),
    put(call, text) {
      const kept = text.slice(-longest);
      keep(call, { text: kept, characters: text.length, thinking: false, ended: true, fresh: kept, restart: true });
    },
    has: (call) => calls.get(call)?.ended === true || (calls.get(call)?.characters ?? 0) > 0,
    spoken: () => calls,
    news() {
      const parts: StreamPart[] = [];
      for (const [call, said] of calls) {
        if (said.fresh === '') continue;
        parts.push({ call, text: said.fresh.slice(-longest), thinking: said.thinking, restart: said.restart });
        said.fresh = '';
        said.restart = false;
      }
      return parts;
    },
    whole() {
      const parts: StreamPart[] = [];
      for (const [call, said] of calls) {
        if (said.text === '') continue;
        said.fresh = '';
        said.restart = false;
        parts.push({ call, text: said.text, thinking: said.thinking, restart: true });
      }
      return parts;
    },
  };
}
