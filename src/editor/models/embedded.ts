/** The embedded model in the editor: set up with progress that can be cancelled and goes on where it was, asked for before a run needs it. */

import type * as vscode from 'vscode';
import { stopped } from '../../errors.ts';
import { isSetUp, localModel, requireTrained, type SetupProgress, setup } from '../../local-model/index.ts';
import { numbersIn } from '../../text/index.ts';
import type { ModelsHost } from './ports.ts';
import { speedMeter } from './speed-meter.ts';
import { orStopped } from './waiting.ts';

/** VS Code redraws a notification at each report: so many a second are enough, ms. */
const reportMs = 250;

/** Asks before it fetches anything. Rejects with `stopped` when the user does not want it, or as `setUpEmbedded`. */
export async function requireEmbedded(models: ModelsHost, id: string, signal: AbortSignal): Promise<void> {
  if (await isSetUp(id, models.serve)) return;
  await requireTrained(id, models.serve);
  const { window, commands, l10n } = models.host.vscode;
  const setUp = l10n.t('Set Up');
  const other = l10n.t('Choose Models…');
  const question = window.showInformationMessage(
    l10n.t('The embedded model is not set up yet.'),
    { modal: true, detail: whatIsFetched(models.host.vscode, id) },
    setUp,
    other,
  );
  const chosen = await orStopped(question, signal);
  if (chosen === other) await commands.executeCommand('teamwright.models.choose');
  if (chosen !== setUp || !(await setUpEmbedded(models, id, signal))) throw stopped('the user');
}

/** For the question before it: what, how much, from where, under which licence. */
export function whatIsFetched({ l10n, env }: Pick<typeof vscode, 'l10n' | 'env'>, id: string): string {
  const model = localModel(id);
  return l10n.t(
    '{0} ({1}, {2}) and an engine of 85 MB are downloaded once, for all projects of this machine. Then it works without a network, and nothing leaves the machine.',
    model.title,
    numbersIn(env.language).bytes(model.bytes),
    model.license,
  );
}

/**
 * True when the model is set up now, false when the user cancelled: what arrived so far is kept. Rejects with `disk-full`, `download-failed`,
 * `local-model-corrupt`, or `stopped` by the signal.
 */
export function setUpEmbedded(models: ModelsHost, id: string, signal: AbortSignal): Promise<boolean> {
  const known = models.setUps.get(id);
  // Whoever joins can leave again: a run that waits is stopped at once, and the set-up goes on.
  if (known !== undefined) return orStopped(known, signal);
  const work = withNotification(models, id, signal).finally(() => models.setUps.delete(id));
  models.setUps.set(id, work);
  return work;
}

async function withNotification(models: ModelsHost, id: string, signal: AbortSignal): Promise<boolean> {
  const { window, l10n, ProgressLocation } = models.host.vscode;
  const options = { location: ProgressLocation.Notification, title: l10n.t('Setting up the embedded model'), cancellable: true };
  const done = await window.withProgress(options, async (progress, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort(stopped('the user')));
    const report = reporter(models, progress);
    try {
      await setup(id, { cacheDir: models.serve.cacheDir, onProgress: report }, AbortSignal.any([signal, cancel.signal]));
      return true;
    } catch (error) {
      if (cancel.signal.aborted && !signal.aborted) return false;
      throw error;
    }
  });
  // Not waited for: the notification stays until somebody closes it.
  const message = done
    ? l10n.t('The embedded model is set up.')
    : l10n.t('Setting up was cancelled. What arrived so far is kept: the next time it goes on from there.');
  window.showInformationMessage(message).then(undefined, (error: unknown) => models.host.showFailure(error));
  return done;
}

/** Bytes, share and speed as the notification shows them. */
function reporter(models: ModelsHost, progress: vscode.Progress<{ message?: string; increment?: number }>): (said: SetupProgress) => void {
  const meter = speedMeter();
  const size = numbersIn(models.host.vscode.env.language).bytes;
  let shown = 0;
  let text = '';
  let last = Number.NEGATIVE_INFINITY;
  return (said) => {
    const { doneBytes, totalBytes } = said;
    const now = models.clock();
    const isNew = said.text !== text;
    const speed = doneBytes === undefined ? undefined : meter(doneBytes, now, isNew);
    if (!isNew && now - last < reportMs) return;
    last = now;
    text = said.text;
    const share = doneBytes === undefined || !totalBytes ? undefined : Math.min(100, (doneBytes / totalBytes) * 100);
    const amount = doneBytes === undefined || !totalBytes ? '' : `: ${size(doneBytes)} / ${size(totalBytes)}`;
    const rate = speed === undefined ? '' : `, ${size(speed)}/s`;
    progress.report({ message: `${said.text}${amount}${rate}`, increment: Math.max(0, (share ?? shown) - shown) });
    shown = Math.max(shown, share ?? shown);
  };
}
