/** Waiting for what cannot be told to stop: a dialog, a provider that does not listen. */
import { stoppedCall } from '../../models/index.ts';

/** The result, or the stop that the signal asks for, whichever comes first. */
export async function orStopped<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const ending = Promise.withResolvers<never>();
  const end = (): void => ending.reject(stoppedCall(signal));
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) end();
    // The stop stands first: it wins over a result that is there at the same moment.
    return await Promise.race([ending.promise, work]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
