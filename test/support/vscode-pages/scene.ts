/** Everything a browser test stands on: a workspace, a scripted model, the packed extension in a real VS Code, a browser window. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { inject } from 'vitest';
import { type OpenWindow, openWindow } from '../../../scripts/vscode/browser.ts';
import { startVscode, type VscodeServer } from '../../../scripts/vscode/start.ts';
import { type ThemeName, themes } from '../../../scripts/vscode/themes.ts';
import { capabilityStore } from '../../../src/models/index.ts';
import type { EventType, TraceEvent } from '../../../src/trace/events.ts';
import { listRuns, openRun } from '../../../src/trace/index.ts';
import { worksHere } from '../fences.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../scripted-server.ts';
import { brokenSum, type TemporaryWorkspace, temporaryWorkspace } from '../workspaces.ts';
import { type Workbench, workbenchOf } from './workbench.ts';

export interface SceneOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** A workspace that is there already, with what its data folder holds; it goes with the scene. */
  readonly at?: TemporaryWorkspace;
  readonly script?: Script;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly theme?: ThemeName;
  /** Default true: the workspace is trusted from the start. */
  readonly trusted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Scene {
  readonly workspace: TemporaryWorkspace;
  readonly dataDir: string;
  readonly model: ScriptedServer;
  readonly server: VscodeServer;
  readonly window: OpenWindow;
  readonly workbench: Workbench;
  /** Another window of this VS Code, on the same folder. */
  another(): Promise<{ readonly window: OpenWindow; readonly workbench: Workbench }>;
  /** Events of a run, of the newest when none is named, read from its trace. */
  events(runId?: string): Promise<readonly TraceEvent[]>;
  eventsOf<T extends EventType>(type: T, runId?: string): Promise<readonly Extract<TraceEvent, { type: T }>[]>;
  /** Ids of all runs, newest first. */
  runIds(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openScene(browser: Browser, options: SceneOptions = {}): Promise<Scene> {
  const workspace = options.at ?? temporaryWorkspace(options.files ?? brokenSum);
  const { dataDir } = workspace;
  mkdirSync(dataDir, { recursive: true });
  const closing: (() => unknown)[] = [workspace.dispose];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const model = await startScriptedServer(options.script ?? []);
    closing.push(model.close);
    // Known already, so that no probe takes a reply of the script.
    await capabilityStore(join(dataDir, 'models')).set(model.url, 'scripted', {
      format: 'json-object',
      tools: false,
      usage: true,
      seed: true,
      strength: 'weak',
    });
    const server = await startVscode({
      sources: inject('installed'),
      settings: {
        'workbench.colorTheme': themes[options.theme ?? 'dark'],
        'security.workspace.trust.enabled': true,
        ...(options.trusted === false
          ? { 'security.workspace.trust.startupPrompt': 'never' }
          : { 'security.workspace.trust.enabled': false }),
        'teamwright.models.worker': `scripted@${model.url}`,
        'teamwright.models.strong': `scripted@${model.url}`,
        ...(!worksHere && { 'teamwright.fence': false }),
        ...options.settings,
      },
      env: { TEAMWRIGHT_DATA: dataDir, TEAMWRIGHT_CACHE: join(dataDir, '..', 'cache'), ...options.env },
    });
    closing.push(server.stop);
    const open = async (): Promise<OpenWindow> => {
      const window = await openWindow(browser, server, { folder: workspace.root });
      closing.push(() => window.context.close());
      return window;
    };
    const window = await open();
    const events: Scene['events'] = async (runId) => {
      const wanted = runId ?? (await runIds())[0];
      return wanted === undefined ? [] : (await (await openRun(dataDir, wanted)).read()).events;
    };
    const runIds = async (): Promise<readonly string[]> => (await listRuns(dataDir)).map((run) => run.runId);
    return {
      workspace,
      dataDir,
      model,
      server,
      window,
      workbench: workbenchOf(window.page),
      another: async () => {
        const other = await open();
        return { window: other, workbench: workbenchOf(other.page) };
      },
      events,
      eventsOf: async <T extends EventType>(type: T, runId?: string) =>
        (await events(runId)).filter((event): event is Extract<TraceEvent, { type: T }> => event.type === type),
      runIds,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
