/** "Export for Training…": a format, which runs, a folder; then the export with a way to stop it, and its data card. */
import { existsSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import { isTeamwrightError } from '../errors.ts';
import type { ExportFormat, Privacy, RunFilter } from '../lessons/index.ts';
import { realOrGiven } from '../process/index.ts';
import type { EditorHost } from './flow-types.ts';
import { readSettings } from './settings/settings.ts';

export interface ExportPorts {
  readonly host: EditorHost;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Name and version, for the data card. */
  readonly program: string;
}

/** Share of the requests held back when the user wants some held back. */
const split = 0.1;

export async function exportForTraining({ host, dataDir, env, program }: ExportPorts): Promise<void> {
  const { vscode: api, context } = host;
  const { l10n, window } = api;
  const lessons = await import('../lessons/index.ts');
  const choice = await chooseFormat(api, lessons);
  if (choice === undefined) return;
  const options = await chooseRuns(api, choice.format !== undefined);
  if (options === undefined) return;
  const privacy = await privacyOf(lessons, readSettings(api).keyFile, dataDir, env);
  const filterWords = [
    ...(options.filter.workspace ? [l10n.t('of the open folders')] : []),
    ...(options.filter.acceptedOnly ? [l10n.t('whose change was kept')] : []),
  ];
  const common = { dataDir, filter: options.filter, filterWords, privacy };

  if (choice.format === undefined) {
    const endpoint = await window.showInputBox({
      prompt: l10n.t('Address of the traces endpoint. Spans with prompts and replies are sent there, redacted.'),
      value: 'http://127.0.0.1:4318/v1/traces',
    });
    if (endpoint === undefined) return;
    const version = String(context.extension.packageJSON.version);
    const report = await withProgress(api, l10n.t('Sending runs'), (signal, onProgress) =>
      lessons.sendRuns({ ...common, endpoint, progress: path.join(dataDir, 'exports', 'otlp.jsonl'), version, onProgress }, signal),
    );
    if (report) void window.showInformationMessage(l10n.t('{0} runs sent as {1} spans.', report.runs, report.spans));
    return;
  }
  const { format } = choice;
  const [folder] = (await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel: l10n.t('Export here') })) ?? [];
  if (folder === undefined) return;
  const out = path.join(folder.fsPath, `teamwright-${format.name}`);
  const resume = existsSync(path.join(out, 'progress.jsonl'));
  const force = !resume && existsSync(path.join(out, 'README.md'));
  if (force) {
    const replace = l10n.t('Replace');
    if ((await window.showWarningMessage(l10n.t('There is an export in {0} already.', out), { modal: true }, replace)) !== replace) return;
  }
  const report = await withProgress(api, l10n.t('Exporting {0}', format.name), (signal, onProgress) =>
    lessons.exportRuns(
      { ...common, format, out, split: options.holdBack ? split : 0, seed: 1, resume, force, program, onProgress },
      signal,
    ),
  );
  if (report === undefined) return;
  const leftOut =
    report.changed > 0 ? ` ${l10n.t('Runs left out, because their record was changed after it was written: {0}.', report.changed)}` : '';
  if (report.rows === 0) {
    const none = l10n.t('No row came of {0} runs. This format needs runs that show which answer was better.', report.runs);
    void window.showWarningMessage(none + leftOut);
    return;
  }
  const open = l10n.t('Open Data Card');
  const said = l10n.t('{0} rows of {1} runs are in {2}.', report.rows, report.runs, out) + leftOut;
  if ((await window.showInformationMessage(said, open)) === open) {
    await api.commands.executeCommand('markdown.showPreview', api.Uri.file(report.card));
  }
}

interface FormatItem extends vscode.QuickPickItem {
  /** Undefined: spans to an endpoint. */
  readonly format?: ExportFormat;
}

async function chooseFormat(
  api: typeof vscode,
  { exportFormats, sentFormat }: typeof import('../lessons/index.ts'),
): Promise<FormatItem | undefined> {
  const { l10n, window } = api;
  const items: FormatItem[] = [
    ...exportFormats.map((format) => ({ label: format.name, detail: format.title(l10n.t), format })),
    { label: sentFormat.name, detail: sentFormat.title(l10n.t) },
  ];
  return await window.showQuickPick(items, { placeHolder: l10n.t('What shall past runs become?'), matchOnDetail: true });
}

interface RunsChoice {
  readonly filter: RunFilter;
  readonly holdBack: boolean;
}

async function chooseRuns(api: typeof vscode, written: boolean): Promise<RunsChoice | undefined> {
  const { l10n, window, workspace } = api;
  const open = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  // Traces name real paths.
  const folders = await Promise.all(open.map(({ uri }) => realOrGiven(uri.fsPath)));
  const here = { label: l10n.t('Only runs of the open folders') };
  const kept = { label: l10n.t('Only runs whose change was kept, at least in part') };
  const held = { label: l10n.t('Hold back a tenth of the requests for validation') };
  const items = [...(folders.length > 0 ? [here] : []), kept, ...(written ? [held] : [])];
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    placeHolder: l10n.t('All runs that ended, unless you narrow it down'),
  });
  if (picked === undefined) return undefined;
  return {
    filter: { ...(picked.includes(here) && { workspace: folders }), ...(picked.includes(kept) && { acceptedOnly: true }) },
    holdBack: picked.includes(held),
  };
}

async function privacyOf(
  { knownSecrets, secretsInKeyFile }: typeof import('../lessons/index.ts'),
  keyFile: string | undefined,
  dataDir: string,
  env: ExportPorts['env'],
): Promise<Privacy> {
  return {
    known: [...knownSecrets(env), ...(await secretsInKeyFile(keyFile))],
    user: userInfo().username,
    host: hostname(),
    home: homedir(),
    dataDir,
  };
}

/** Undefined when the user stopped it; what was written by then is gone on with the next time. */
async function withProgress<T>(
  api: typeof vscode,
  title: string,
  work: (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T | undefined> {
  const stop = new AbortController();
  try {
    return await api.window.withProgress(
      { location: api.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        token.onCancellationRequested(() => stop.abort());
        let shown = 0;
        return await work(stop.signal, (done, total) => {
          const percent = (100 * done) / Math.max(1, total);
          progress.report({ message: `${done}/${total}`, increment: percent - shown });
          shown = percent;
        });
      },
    );
  } catch (error) {
    if (stop.signal.aborted && isTeamwrightError(error, 'stopped')) return undefined;
    throw error;
  }
}
