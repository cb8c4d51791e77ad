/** Never recording a folder, and deleting everything. */
import type * as vscode from 'vscode';
import {
  deleteEverything,
  type EraseReport,
  mayBeOutThere,
  readRetention,
  type Sharing,
  storedPlaces,
  sweepByWorkspace,
  writeRetention,
} from '../../lessons/index.ts';
import { defaultCacheDir, list as localModels } from '../../local-model/index.ts';
import { realOrGiven } from '../../process/index.ts';
import { numbersIn } from '../../text/index.ts';
import type { EditorHost } from '../flow-types.ts';
import { chooseFolder } from '../folders.ts';
import { withStop } from './items.ts';
import type { SharingPartPorts } from './ports.ts';

/** Turns recording of a folder off or on again. */
export async function exclude({ vscode: api }: EditorHost, { dataDir, clock, runs }: SharingPartPorts, never: boolean): Promise<void> {
  const { l10n, window } = api;
  const folder = await chooseFolder(api);
  if (folder === undefined) return;
  const workspace = await realOrGiven(folder.uri.fsPath);
  if (never) {
    const yes = l10n.t('Never Record');
    const detail = l10n.t(
      'Its past runs are deleted now, and each new one once you have looked at it. What was applied can then not be undone.',
    );
    if ((await window.showWarningMessage(l10n.t('Never record runs of {0}?', folder.name), { modal: true, detail }, yes)) !== yes) return;
  }
  await writeRetention(dataDir, workspace, { ...(await readRetention(dataDir))[workspace], never });
  const { deleted } = await sweepByWorkspace(
    dataDir,
    clock,
    runs.live().map(({ runId }) => runId),
  );
  void window.showInformationMessage(
    never
      ? l10n.t('{0} is never recorded. Runs deleted: {1}.', folder.name, deleted.length)
      : l10n.t('{0} is recorded again.', folder.name),
  );
}

export async function deleteAll({ vscode: api, context }: EditorHost, sharing: Sharing, ports: SharingPartPorts): Promise<void> {
  const { env, l10n, window, workspace } = api;
  const places = await storedPlaces(ports.dataDir);
  const shared = (await sharing.items()).filter(mayBeOutThere).length;
  const yes = l10n.t('Delete Everything');
  const detail = [
    ...places.map(({ title, items, bytes }) => `${title}: ${items} (${numbersIn(env.language).bytes(bytes)})`),
    ...(shared > 0
      ? [
          '',
          l10n.t('{0} shared payloads stay where they are, and the list of them goes. Withdraw them first to have them deleted.', shared),
        ]
      : []),
  ].join('\n');
  const question = l10n.t('Delete everything Teamwright keeps on this machine?');
  if ((await window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
  const cacheDir = await chooseWeights(api, ports);
  const report = await withStop(api, l10n.t('Deleting everything'), (signal) =>
    deleteEverything({ dataDir: ports.dataDir, clock: ports.clock, ...(cacheDir !== undefined && { cacheDir }) }, signal),
  );
  for (const key of context.globalState.keys()) await context.globalState.update(key, undefined);
  for (const key of context.workspaceState.keys()) await context.workspaceState.update(key, undefined);
  await api.commands.executeCommand('teamwright.refreshRuns');
  const document = await workspace.openTextDocument({ language: 'markdown', content: reportText(api, report, ports.dataDir) });
  await window.showTextDocument(document, { preview: true });
}

/** The folder of the weights when they go too. */
async function chooseWeights(api: typeof vscode, { env }: SharingPartPorts): Promise<string | undefined> {
  const { l10n, window } = api;
  const cacheDir = defaultCacheDir({ ...env });
  const installed = (await localModels({ cacheDir }, new AbortController().signal)).some((entry) => entry.installed || entry.partial);
  if (!installed) return undefined;
  const yes = l10n.t('Delete Weights Too');
  const keep = l10n.t('Keep Weights');
  return (await window.showInformationMessage(
    l10n.t('The embedded model’s weights can be fetched again, which takes a while.'),
    { modal: true },
    yes,
    keep,
  )) === yes
    ? cacheDir
    : undefined;
}

function reportText({ env, l10n }: Pick<typeof vscode, 'env' | 'l10n'>, report: EraseReport, dataDir: string): string {
  const lines = [`# ${l10n.t('What was deleted')}`, ''];
  for (const { name, title, files, bytes } of report.before) {
    const left = report.after.find((place) => place.name === name);
    lines.push(
      `- ${title}: ${left === undefined ? l10n.t('gone') : l10n.t('{0} left', left.items)} (${files}, ${numbersIn(env.language).bytes(bytes)})`,
    );
  }
  if (report.before.length === 0) lines.push(l10n.t('Nothing was kept in {0}.', dataDir));
  for (const name of report.weights) lines.push(`- ${name}: ${l10n.t('gone')}`);
  lines.push('', l10n.t('{0} was read again afterwards. Left of ours: {1}.', dataDir, report.remains.length));
  for (const { path, why } of report.remains) lines.push(`- ${path}: ${why}`);
  if (report.applied.length > 0) lines.push('', l10n.t('What {0} runs wrote into your folders is yours and stays.', report.applied.length));
  if (report.foreign.length > 0) lines.push('', l10n.t('Not ours, and left alone: {0}', report.foreign.join(', ')));
  lines.push('', l10n.t('Your settings and the keys in VS Code’s secret storage stay.'), '');
  return lines.join('\n');
}
