/** The two limits of silence of a call: before its reply begins, and between two pieces of it. */

export interface Timeouts {
  /** Silence before the reply begins, in milliseconds. A model on a processor reads some 35 tokens a second: 16k tokens take 8 minutes. */
  readonly firstByteMs: number;
  /** Silence between two pieces of a reply, in milliseconds. */
  readonly idleMs: number;
}

export const defaultTimeouts: Timeouts = { firstByteMs: 900_000, idleMs: 120_000 };

export interface SilenceWatch {
  readonly signal: AbortSignal;
  /** Which limit was broken, once one was. */
  readonly phase: 'first-byte' | 'idle' | undefined;
  heard(): void;
  end(): void;
}

/** Watches one call; its signal fires when a limit is broken. Call `heard` at every piece, and `end` in the end. */
export function silenceWatch(timeouts: Timeouts): SilenceWatch {
  const controller = new AbortController();
  let heard = false;
  let phase: 'first-byte' | 'idle' | undefined;
  const expire = (): void => {
    phase = heard ? 'idle' : 'first-byte';
    controller.abort();
  };
  let timer = setTimeout(expire, timeouts.firstByteMs);
  return {
    signal: controller.signal,
    get phase() {
      return phase;
    },
    heard: () => {
      if (heard) timer.refresh();
      else {
        clearTimeout(timer);
        heard = true;
        timer = setTimeout(expire, timeouts.idleMs);
      }
    },
    end: () => clearTimeout(timer),
  };
}
