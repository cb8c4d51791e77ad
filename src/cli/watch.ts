/** Follows a run on the screen: folds its events, prints what stays, and keeps the moving lines going. */
import type { ChatDelta } from '../models/types.ts';
import type { TraceEvent } from '../trace/events.ts';
import { initialState, type RunState, reduce } from '../trace/index.ts';
import type { Cli } from './context.ts';
import { startLive } from './output/live.ts';
import { linesFor, movingLines, type Streamed } from './output/progress.ts';

export interface Watch {
  onEvent(event: TraceEvent): void;
  onDelta(call: string, agent: string, delta: ChatDelta): void;
  state(): RunState;
  /** Keeps the screen still while `work` asks or shows something. */
  still<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** `also` hears every event too (`--json-events`). */
export function watchRun(cli: Cli, also: (event: TraceEvent) => void = () => undefined): Watch {
  const { err } = cli.terminal;
  let state = initialState;
  const streamed = new Map<string, Streamed>();
  const live = startLive(err, () => movingLines(state, streamed, cli.clock(), err));
  return {
    onEvent: (event) => {
      state = reduce(state, event);
      if (event.type === 'call.done' || event.type === 'call.failed') streamed.delete(event.call);
      also(event);
      live.print(linesFor(event, state, err));
    },
    onDelta: (call, _agent, delta) => {
      const { characters, preparing } = streamed.get(call) ?? { characters: 0 };
      streamed.set(call, {
        characters: characters + (delta.text?.length ?? 0) + (delta.reasoning?.length ?? 0),
        preparing: delta.preparing ?? preparing,
      });
    },
    state: () => state,
    still: async (work) => {
      live.pause();
      try {
        return await work();
      } finally {
        live.resume();
      }
    },
    stop: live.stop,
  };
}
