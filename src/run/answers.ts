/** Whether the models answered at all: a server that fails every call is the run's failure, and no other plan would mend it. */
import type { Ask } from './ask.ts';

export interface WatchedAsk {
  readonly ask: Ask;
  /** The first failure since `begin`, when not one call was answered since; undefined otherwise. */
  unanswered(): unknown;
  begin(): void;
}

export function watchAnswers(ask: Ask): WatchedAsk {
  let answered = false;
  let failure: unknown;
  return {
    ask: async (call, signal) => {
      try {
        const reply = await ask(call, signal);
        answered = true;
        return reply;
      } catch (error) {
        // A step that was skipped says nothing about the server.
        if (!signal.aborted) failure ??= error;
        throw error;
      }
    },
    unanswered: () => (answered ? undefined : failure),
    begin: () => {
      answered = false;
      failure = undefined;
    },
  };
}
