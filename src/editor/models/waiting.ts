/** Waiting for what cannot be told to stop: a dialog, a provider that does not listen. */
import { stoppedCall } from '../../models/index.ts';

/** The result, or the stop that the signal asks for, whichever comes first. */
export async function orStopped<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const ending = Promise.withResolvers<never>();
  const end = (): void => ending.reject(stoppedCall(signal, {}));
  signal.addEventListener('abort', end, { once: true });
  try {
    if (signal.aborted) end();
    return await Promise.race([work, ending.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
