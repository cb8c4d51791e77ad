/** Everything of the editor that has weight, put together at the first use. */
import { homedir } from 'node:os';
import type * as vscode from 'vscode';
import { tidyUp } from '../run/index.ts';
import { describeDamage, fold, openRun, renderRun, userDataDir } from '../trace/index.ts';
import { openDataFolder } from './data-folder.ts';
import { diagnosticsText } from './diagnostics.ts';
import { openExample } from './example.ts';
import { exportForTraining } from './export.ts';
import { tell } from './failure-table.ts';
import { type EditorHost, type EditorPorts, liveRunsKey, type RunHandle } from './flow-types.ts';
import { notTrusted } from './own-failures.ts';
import type { Parts } from './parts.ts';
import { createRunBook, type EditorRunBook } from './runs/book.ts';
import { chosenModels } from './runs/chosen-models.ts';
import { createRunCommands, type RunArgument } from './runs/commands.ts';
import { createSuspiciousLines } from './runs/suspicious-lines.ts';
import { readSettings } from './settings/settings.ts';
import { createRequests, type Requests } from './start/requests.ts';
import { createAttention } from './status/attention.ts';
import { createStatusItem } from './status/status-item.ts';
import { createRunsTree, type RunsTree } from './tree/runs-tree.ts';

export interface Core extends vscode.Disposable {
  readonly runs: EditorRunBook;
  readonly tree: RunsTree;
  readonly requests: Requests;
  readonly commands: Readonly<Record<string, (...values: never[]) => unknown>>;
  /** The document of "Show trace". */
  traceText(uri: vscode.Uri): Promise<string>;
  tellOfInterrupted(runIds: readonly string[]): Promise<void>;
}

export function createCore(host: EditorHost, ports: EditorPorts, parts: Parts): Core {
  const { vscode: api, context } = host;
  const failed = (error: unknown): void => void host.showFailure(error);
  const dataDir = userDataDir(ports.env, process.platform, homedir());
  const program = `teamwright ${context.extension.packageJSON.version} (VS Code ${api.version})`;
  const chosen = chosenModels(context.workspaceState);
  const runs = createRunBook({
    vscode: api,
    dataDir,
    clock: ports.clock,
    random: ports.random,
    launch: async (run, options, stop) => {
      // The last gate, whoever asked: nothing is started in a folder that the user does not trust.
      if (!api.workspace.isTrusted) throw notTrusted(api);
      const { launch } = await import('./runs/launch.ts');
      const storage = context.globalStorageUri?.fsPath;
      const launched = await launch(
        run,
        options,
        { vscode: api, dataDir, storage, models: parts.models, program, clock: ports.clock },
        stop,
      );
      if (options.model !== undefined) await chosen.keep(run.handle.runId, options.model);
      return launched;
    },
    remember: (live) => void context.workspaceState.update(liveRunsKey, live).then(undefined, failed),
    onFailure: failed,
  });
  const open = async (handle: RunHandle): Promise<void> => (await parts.panels()).open(handle);
  const reviewDiff = async (handle: RunHandle): Promise<void> => (await parts.diffReview()).open(handle);
  const tree = createRunsTree(host, runs, ports.clock);
  const requests = createRequests({ host, runs, models: parts.models, show: open });
  const runCommands = createRunCommands({
    host,
    runs,
    activeRun: () => parts.panels.now()?.activeRun(),
    modelOf: chosen.of,
    open,
    reviewDiff,
    followUp: requests.followUp,
    undo: async (runIds) => void (await api.commands.executeCommand('teamwright.diff.undo', { runIds })),
    refresh: tree.refresh,
    selected: tree.selected,
  });
  const attention = createAttention({
    vscode: api,
    runs,
    isVisible: (runId) => parts.panels.now()?.isVisible(runId) === true || parts.diffReview.now()?.isVisible(runId) === true,
    hashInReview: (runId) => parts.panels.now()?.hashInReview(runId),
    open,
    reviewDiff,
    resume: runCommands.resume,
    showList: async () => void (await api.commands.executeCommand('teamwright.runs.focus')),
    showFailure: host.showFailure,
  });
  // Old runs go when the user has just seen a new one end; those of a folder that is never recorded when they are looked at no more.
  const forget = async (inUse: readonly string[]): Promise<void> => {
    const { sweepByWorkspace } = await import('../lessons/index.ts');
    await sweepByWorkspace(dataDir, ports.clock, [...inUse, ...runs.live().map(({ runId }) => runId)]);
  };
  const clearAway = async (justEnded: string): Promise<void> => {
    await tidyUp(dataDir, readSettings(api).keep, ports.clock);
    await forget([justEnded]);
  };
  const tidied = runs.onDidEnd(({ handle }) => void clearAway(handle.runId).catch(failed));
  // Only reading in Restricted Mode.
  if (api.workspace.isTrusted) void forget([]).catch(failed);
  const suspicious = createSuspiciousLines(host, runs);
  const owned = [tidied, createStatusItem(api, runs), attention, suspicious, tree, runs];

  const copyDiagnostics = async (argument: RunArgument): Promise<void> => {
    const runId =
      typeof argument === 'string'
        ? argument
        : argument && 'kind' in argument && argument.kind === 'run'
          ? argument.listing.runId
          : undefined;
    await api.env.clipboard.writeText(await diagnosticsText({ host, runs, models: parts.models, env: ports.env }, runId));
    void api.window.showInformationMessage(
      api.l10n.t('Copied: versions, settings, models and the last failures. No key and no code is in it.'),
    );
  };

  return {
    runs,
    tree,
    requests,
    commands: {
      ...runCommands.commands,
      'teamwright.newRequest': requests.newRequest,
      'teamwright.newRequestOnSelection': requests.onEditor,
      'teamwright.newRequestOnChanges': requests.onChanges,
      'teamwright.newRequestOnFiles': requests.onFiles,
      'teamwright.fixDiagnostic': requests.onDiagnostic,
      'teamwright.fixTest': requests.onTest,
      'teamwright.writeRequest': requests.write,
      'teamwright.sendRequest': requests.send,
      'teamwright.pointAtLine': suspicious.pointHere,
      'teamwright.copyDiagnostics': copyDiagnostics,
      'teamwright.refreshRuns': tree.refresh,
      'teamwright.openDataFolder': () => openDataFolder(host, dataDir),
      'teamwright.openDashboard': async () => (await parts.panels()).openDashboard(),
      'teamwright.export': () => exportForTraining({ host, dataDir, env: ports.env, program }),
      'teamwright.openSettings': () => api.commands.executeCommand('workbench.action.openSettings', '@ext:teamwright.teamwright'),
      'teamwright.openWalkthrough': () =>
        api.commands.executeCommand('workbench.action.openWalkthrough', 'teamwright.teamwright#start', false),
      'teamwright.openExample': () => openExample(host),
    },
    traceText: async (uri) => {
      const run = await openRun(dataDir, uri.path.replace(/^\/|\.txt$/g, ''));
      const { events, damage } = await run.read();
      const ownerAlive = run.ownerAlive();
      return renderRun(fold(events), { ownerAlive, damage: describeDamage(damage), tell: (failure) => tell(api, failure) });
    },
    tellOfInterrupted: async (runIds) => {
      await context.workspaceState.update(liveRunsKey, []);
      await attention.tellOfInterrupted(runIds);
    },
    dispose: () => {
      for (const each of owned) each.dispose();
    },
  };
}
