/** What agents say while they say it: collected, so that it can be sent a few times a second, and again to a page that was hidden. */
import type { ChatDelta } from '../../models/types.ts';
import type { StreamPart } from '../../webviews/run-types.ts';

/** Characters kept of each agent. */
const longest = 12_000;

interface Said {
  call: string;
  text: string;
  thinking: boolean;
  /** Not sent yet. */
  fresh: string;
  restart: boolean;
}

export interface SpeechBuffer {
  add(call: string, agent: string, delta: ChatDelta): void;
  /** Since the last time. */
  news(): StreamPart[];
  /** All that is kept, for a page that stands anew; nothing of it is news afterwards. */
  whole(): StreamPart[];
}

export function createSpeechBuffer(): SpeechBuffer {
  const agents = new Map<string, Said>();
  return {
    add(call, agent, delta) {
      const text = delta.text ?? delta.reasoning ?? '';
      if (text === '') return;
      const thinking = delta.text === undefined;
      const said = agents.get(agent);
      if (said?.call !== call) {
        agents.set(agent, { call, text, thinking, fresh: text, restart: true });
        return;
      }
      // The answer follows the thoughts on a line of its own.
      const piece = said.thinking && !thinking ? `\n\n${text}` : text;
      said.text = `${said.text}${piece}`.slice(-longest);
      said.fresh += piece;
      said.thinking = thinking;
    },
    news() {
      const parts: StreamPart[] = [];
      for (const [agent, said] of agents) {
        if (said.fresh === '') continue;
        parts.push({ agent, text: said.fresh.slice(-longest), thinking: said.thinking, restart: said.restart });
        said.fresh = '';
        said.restart = false;
      }
      return parts;
    },
    whole() {
      return [...agents].map(([agent, said]) => {
        said.fresh = '';
        said.restart = false;
        return { agent, text: said.text, thinking: said.thinking, restart: true };
      });
    },
  };
}
