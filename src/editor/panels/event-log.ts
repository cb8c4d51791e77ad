/**
 * All events of a run for its log: those on disk, and those that a live run tells, without a gap between them. The disk may lag behind what was
 * told, and what came before the page was opened is told by the disk alone.
 */
import type { TraceEvent } from '../../trace/events.ts';

/** Least time between two readings that are only to close a gap, ms. */
const rereadMs = 1000;

export interface EventLog {
  /** A live run told an event; undefined: the trace has grown by another process's hand. */
  note(event: TraceEvent | undefined): void;
  /** In order, each once. */
  all(): Promise<readonly TraceEvent[]>;
}

export function createEventLog(read: () => Promise<readonly TraceEvent[]>, clock: () => number): EventLog {
  const told: TraceEvent[] = [];
  let events: TraceEvent[] | undefined;
  let whole = false;
  let readAt = Number.NEGATIVE_INFINITY;

  const append = (more: Iterable<TraceEvent>): void => {
    if (!events) return;
    for (const event of more) {
      const last = events.at(-1)?.seq ?? -1;
      if (event.seq <= last) continue;
      if (event.seq > last + 1) whole = false;
      events.push(event);
    }
  };

  return {
    note(event) {
      if (event === undefined) {
        whole = false;
        readAt = Number.NEGATIVE_INFINITY;
        return;
      }
      told.push(event);
      append([event]);
    },
    async all() {
      if (events === undefined || (!whole && clock() - readAt >= rereadMs)) {
        readAt = clock();
        const found = [...(await read())];
        events = found;
        whole = true;
        append(told);
      }
      return events;
    },
  };
}
