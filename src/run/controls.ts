/** The user's hand on a running team, made by whoever starts the run and handed in with it. */
import type { ConnectableControls, RunControls } from './types.ts';

/** Until a run is connected, and after it ended, every use does nothing. */
export function createRunControls(): ConnectableControls {
  let connected: RunControls | undefined;
  return {
    pause: () => connected?.pause(),
    continue: () => connected?.continue(),
    skip: (path) => connected?.skip(path),
    hint: (agent, text) => connected?.hint(agent, text),
    raiseBudget: (limits) => connected?.raiseBudget(limits),
    point: (file, line) => connected?.point(file, line),
    connect: (run) => {
      connected = run;
      return () => {
        if (connected === run) connected = undefined;
      };
    },
  };
}
