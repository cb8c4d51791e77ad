/** The events of a run as lines of JSON. Those of one turn of the event loop are written together: each write waits for the pipe. */
import type { TraceEvent } from '../../trace/events.ts';
import type { Screen } from './terminal.ts';

export interface EventLines {
  readonly add: (event: TraceEvent) => void;
  /** Writes what waits now. */
  readonly flush: () => void;
}

export function eventLines(out: Screen): EventLines {
  let waiting = '';
  const flush = (): void => {
    if (waiting !== '') out.write(waiting);
    waiting = '';
  };
  return {
    add: (event) => {
      if (waiting === '') setImmediate(flush);
      waiting += `${JSON.stringify(event)}\n`;
    },
    flush,
  };
}
