import type * as vscode from 'vscode';
import { giveConsent, hasConsent } from '../../run/index.ts';

/** Where no fence works: asked once for each workspace, with the reason. `clock`: milliseconds since the epoch. */
export async function askUnfenced(
  {
    vscode: { window, l10n },
    dataDir,
    clock,
  }: { readonly vscode: Pick<typeof vscode, 'window' | 'l10n'>; readonly dataDir: string; readonly clock: () => number },
  reason: string,
  workspace: string,
): Promise<boolean> {
  if (await hasConsent(dataDir, 'unfenced', workspace)) return true;
  const run = l10n.t('Run without a Fence');
  const message = l10n.t('Tests cannot be kept apart from your files here: {0}.', reason);
  const detail = l10n.t(
    'Tests and checks, with what a model wrote in them, would run as you: they could read and change your files and use the network. The answer is remembered for this folder.',
  );
  if ((await window.showWarningMessage(message, { modal: true, detail }, run)) !== run) return false;
  await giveConsent(dataDir, 'unfenced', workspace, clock());
  return true;
}
