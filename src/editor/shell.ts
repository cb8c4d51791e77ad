/**
 * The shell of the extension: what is registered at activation, which must cost next to nothing, and the way from each command to the part
 * that answers it. Everything with weight is loaded by the first command, view or tab that needs it.
 */
import type * as vscode from 'vscode';
import { stopped } from '../errors.ts';
import type { Core } from './core.ts';
import {
  candidateScheme,
  type EditorHost,
  type EditorPorts,
  liveRunsKey,
  panelTypes,
  partPrefixes,
  pendingSurvivalKey,
} from './flow-types.ts';
import { lazy } from './lazy.ts';
import { registerPlanLanguage } from './panels/plan-language.ts';
import { createParts } from './parts.ts';
import { registerChat } from './start/chat.ts';
import { registerRequestSurfaces } from './start/surfaces.ts';
import { registerRunsTree } from './tree/runs-view.ts';
import { mayRun } from './trust.ts';

export interface Editor {
  /** Stops every run of this window and lets go of everything. Resolves within two seconds. */
  close(): Promise<void>;
}

/** How long the runs may take to come down. The guards of the processes end what is left. */
const closeMs = 1700;

export function openEditor(host: EditorHost, ports: EditorPorts): Editor {
  const { vscode: api, context } = host;
  const parts = createParts(host, ports, async () => (await core()).runs);
  const core = lazy<Core>(async () => (await import('./core.ts')).createCore(host, ports, parts));
  const failed = (error: unknown): void => void host.showFailure(error);

  const answer = async (command: string, values: readonly unknown[]): Promise<unknown> => {
    if (!mayRun(api, command)) return undefined;
    try {
      const handler = await handlerOf(command);
      return await handler(...(values as never[]));
    } catch (error) {
      await host.showFailure(error);
      return undefined;
    }
  };
  const handlerOf = async (command: string): Promise<(...values: never[]) => unknown> => {
    const prefix = (Object.keys(partPrefixes) as (keyof typeof partPrefixes)[]).find((start) => command.startsWith(start));
    const { commands } = prefix === undefined ? await core() : await parts[partPrefixes[prefix]]();
    const handler = commands[command];
    if (handler === undefined) throw new Error(`The manifest names the command ${command}, and nothing answers it.`);
    return handler;
  };

  for (const { command } of manifestCommands(context)) {
    context.subscriptions.push(api.commands.registerCommand(command, (...values: unknown[]) => answer(command, values)));
  }
  for (const viewType of Object.values(panelTypes)) {
    const restore = async (panel: vscode.WebviewPanel, state: unknown): Promise<void> => (await parts.panels()).restore(panel, state);
    context.subscriptions.push(
      api.window.registerWebviewPanelSerializer(viewType, {
        deserializeWebviewPanel: (panel, state) => restore(panel, state).catch(failed),
      }),
    );
  }
  context.subscriptions.push(
    registerRunsTree(host, core),
    registerPlanLanguage(api, failed),
    ...registerRequestSurfaces(api, async () => (await core()).requests),
    ...registerChat(api, async () => (await core()).requests, failed),
    api.workspace.registerTextDocumentContentProvider('teamwright-trace', {
      provideTextDocumentContent: async (uri) => (await core()).traceText(uri),
    }),
    api.workspace.registerTextDocumentContentProvider(candidateScheme, {
      // Reading a candidate asks git, and in Restricted Mode nothing is started.
      provideTextDocumentContent: async (uri) => (api.workspace.isTrusted ? (await parts.diffReview()).textOf(uri) : ''),
    }),
  );
  // What the last window left half done: the only things that are looked at without being asked, and only in a trusted folder.
  const goOn = (): void => {
    if (context.workspaceState.get(pendingSurvivalKey) !== undefined) void parts.diffReview().catch(failed);
    if (remembered(context).length > 0)
      void core()
        .then(({ tellOfInterrupted }) => tellOfInterrupted(remembered(context)))
        .catch(failed);
  };
  if (api.workspace.isTrusted) goOn();
  else context.subscriptions.push(api.workspace.onDidGrantWorkspaceTrust(goOn));

  return {
    close: async () => {
      const opened = core.now();
      const limit = new Promise<void>((resolve) => setTimeout(resolve, closeMs).unref());
      if (opened !== undefined) await Promise.race([opened.runs.close(stopped('the closing of the window')), limit]);
      for (const part of [parts.panels.now(), parts.diffReview.now(), parts.models.now(), parts.sharing.now(), opened]) part?.dispose();
    },
  };
}

const remembered = (context: vscode.ExtensionContext): readonly string[] => context.workspaceState.get<string[]>(liveRunsKey, []);

interface ManifestCommand {
  readonly command: string;
}

const manifestCommands = (context: vscode.ExtensionContext): readonly ManifestCommand[] =>
  (context.extension.packageJSON as { contributes: { commands: ManifestCommand[] } }).contributes.commands;
