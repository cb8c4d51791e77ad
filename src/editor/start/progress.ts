/** A run that begins: told while it takes longer than a moment, with a way out. */
import type * as vscode from 'vscode';
import { isTeamwrightError, stopped } from '../../errors.ts';

/** A start that is quicker shows nothing, ms. */
const patienceMs = 400;
/** Who cancels waits no longer than this, ms, whatever a server does. */
const mostMs = 1500;

/** Undefined: the user gave up. Rejects as `start`. */
export async function startWithProgress<T>(
  { window, ProgressLocation, l10n }: Pick<typeof vscode, 'window' | 'ProgressLocation' | 'l10n'>,
  start: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const stop = new AbortController();
  const started = start(stop.signal);
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<'slow'>((resolve) => {
    timer = setTimeout(() => resolve('slow'), patienceMs);
  });
  try {
    if ((await Promise.race([started.then(() => 'begun'), slow])) !== 'slow') return await started;
  } finally {
    clearTimeout(timer);
  }
  const title = l10n.t('Teamwright is starting: it asks its models what they can do');
  return await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (_progress, token) => {
    const givenUp = new Promise<undefined>((resolve) => {
      token.onCancellationRequested(() => {
        stop.abort(stopped('the user'));
        setTimeout(() => resolve(undefined), mostMs).unref();
      });
    });
    return await Promise.race([started, givenUp]).catch((error: unknown) => {
      if (stop.signal.aborted && isTeamwrightError(error, 'stopped')) return undefined;
      throw error;
    });
  });
}
