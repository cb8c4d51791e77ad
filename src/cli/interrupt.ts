/** Ctrl-C: once stops cleanly, twice leaves at once. */
import { stopped } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';

/** What the process gives us; in tests an emitter. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface Interrupts {
  /** Fires with a `stopped` error at the first signal. */
  readonly signal: AbortSignal;
  dispose(): void;
}

const names: Partial<Record<NodeJS.Signals, string>> = { SIGINT: 'Ctrl-C', SIGTERM: 'SIGTERM', SIGHUP: 'the closing of the terminal' };

/** Ms that a clean stop may take. The promise to the user is two seconds, process start and end included. */
export const graceMs = 1700;

/**
 * The first signal fires the AbortSignal. The second one, or the end of the grace, calls `leave`: the process room's guards then end every
 * child, for they watch this process and not its good will.
 */
export function watchInterrupts(source: SignalSource, ports: { say: (text: string) => void; leave: (code: number) => void }): Interrupts {
  const controller = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      ports.leave(exitCodes.stopped);
      return;
    }
    ports.say('Stopping … (once more to leave at once)');
    grace = setTimeout(() => {
      ports.say('This takes too long; leaving now.');
      ports.leave(exitCodes.stopped);
    }, graceMs);
    grace.unref();
    controller.abort(stopped(names[signal] ?? signal));
  };
  const signals = Object.keys(names) as NodeJS.Signals[];
  for (const signal of signals) source.on(signal, listener);
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(grace);
      for (const signal of signals) source.off(signal, listener);
    },
  };
}
