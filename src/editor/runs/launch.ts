/** From what the user asked to a run under way: everything that a run needs is put together here. Loaded when the first run starts. */
import type * as vscode from 'vscode';
import { designerFor } from '../../design/index.ts';
import { taughtByRuns } from '../../lessons/index.ts';
import { checkTemporaryFolder } from '../../process/index.ts';
import { createRunControls, type RunResult, runOnWorkspace, runSettings } from '../../run/index.ts';
import { checkDataFolder, workspaceFolder } from '../../workspace/index.ts';
import type { Models, StartOptions } from '../flow-types.ts';
import { registeredServers } from '../settings/registered-servers.ts';
import { readSettings } from '../settings/settings.ts';
import { outsideOf } from './outside.ts';
import type { EditorRun } from './run.ts';
import { askUnfenced } from './unfenced.ts';

export interface LaunchPorts {
  readonly vscode: typeof vscode;
  readonly dataDir: string;
  /** Where VS Code keeps what is the extension's; undefined: nowhere. */
  readonly storage: string | undefined;
  readonly models: () => Promise<Models>;
  /** Name and version, as traces keep it. */
  readonly program: string;
  readonly clock: () => number;
}

export interface Launched {
  /** The end of the run. */
  readonly result: Promise<RunResult>;
}

/**
 * Starts the run. Resolves when its trace has begun, with the promise of its end; rejects with what came before there was a trace:
 * `bad-settings`, `designer-unknown`, `plan-…`, `workspace-unusable`, `git-missing`, `data-folder-…`, `temporary-folder-unusable`, `model-…`.
 */
export async function launch(run: EditorRun, options: StartOptions, ports: LaunchPorts, stop: AbortController): Promise<Launched> {
  const { Uri, workspace: files } = ports.vscode;
  const workspace = await workspaceFolder(options.workspace);
  const settings = readSettings(ports.vscode, Uri.file(options.workspace));
  const designer = await designerFor(options.designer ?? settings.designer, async (file) =>
    new TextDecoder().decode(await files.fs.readFile(Uri.file(file))),
  );
  // Before a model is asked: nothing of ours may land in the project.
  await checkDataFolder(workspace, ports.dataDir, stop.signal);
  checkTemporaryFolder();
  const models = await (await ports.models()).choose(
    workspace,
    { model: options.model, images: options.request.images !== undefined },
    stop.signal,
  );
  const controls = createRunControls();
  const begun = Promise.withResolvers<void>();
  const finish = async (): Promise<RunResult> => {
    try {
      return await runOnWorkspace(
        {
          runId: run.handle.runId,
          workspace,
          request: options.request,
          imageTexts: options.imageTexts,
          dataDir: ports.dataDir,
          models: models.set,
          designer,
          ...taughtByRuns({ ...ports, workspace }, settings.learning, stop.signal),
          settings: runSettings(settings, workspace, { testCommand: settings.test.command }),
          review: run.review,
          askUser: run.askUser,
          ...(settings.approveBelow !== undefined && { approveBelow: { usd: settings.approveBelow, by: 'setting' as const } }),
          ...outsideOf(ports.vscode, options.workspace),
          // What the user wrote for Teamwright comes before what they registered in VS Code.
          servers: { ...(await registeredServers(ports.storage)), ...settings.mcp.servers },
          mayRunUnfenced: (reason, folder) => askUnfenced(ports, reason, folder),
          onDelta: run.onDelta,
          onEvent: (event) => {
            run.onEvent(event);
            begun.resolve();
          },
          program: ports.program,
          secrets: models.secrets,
          clock: ports.clock,
          controls,
          ...(options.continues && { continues: options.continues }),
        },
        stop.signal,
      );
    } finally {
      await models.close();
    }
  };
  const result = finish();
  run.begin({ controls, result, stop: (reason) => stop.abort(reason) });
  await Promise.race([begun.promise, result]);
  return { result };
}
