/** The editor's core over a fake host and a real workspace; the parts with screens only keep what they were asked to show. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Core, createCore } from '../../src/editor/core.ts';
import type { DiffReview, Models, Panels, RunHandle } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { lazy } from '../../src/editor/lazy.ts';
import type { Parts } from '../../src/editor/parts.ts';
import { type FakeOptions, type FakeVscode, fakeVscode } from './fake-vscode.ts';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { brokenSum, modelsAt, type TemporaryWorkspace, temporaryWorkspace } from './workspaces.ts';

export interface EditorSetup extends FakeOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly script?: Script;
  readonly capabilities?: Parameters<typeof modelsAt>[1];
  /** What comes before models are there. */
  readonly choosing?: (signal: AbortSignal) => Promise<void>;
  /** What the user picks when asked for the model of one request. */
  readonly picks?: Awaited<ReturnType<Models['pick']>>;
  /** An earlier one's workspace. */
  readonly at?: TemporaryWorkspace;
}

export interface OpenedEditor {
  readonly fake: FakeVscode;
  readonly core: Core;
  readonly parts: Parts;
  readonly workspace: TemporaryWorkspace;
  readonly server: ScriptedServer;
  /** Runs whose tab was opened, and whose diff was; `visible` is what the user has on screen. */
  /** For each run: the model that was asked for by name. */
  readonly asked: readonly (string | undefined)[];
  readonly shown: { readonly runs: RunHandle[]; readonly diffs: RunHandle[]; visible: boolean; hash?: string };
  command(name: string, ...values: unknown[]): Promise<unknown>;
  /** Approves the plan that waits, and every later one. */
  approveAll(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openEditorCore(setup: EditorSetup = {}): Promise<OpenedEditor> {
  const workspace = setup.at ?? temporaryWorkspace(setup.files ?? brokenSum);
  // Cleared away just now: no sweep comes between a run and what a test looks at.
  mkdirSync(workspace.dataDir, { recursive: true });
  writeFileSync(path.join(workspace.dataDir, 'last-tidy'), '');
  const server = await startScriptedServer(setup.script ?? []);
  const fake = fakeVscode({ ...setup, folders: setup.folders ?? [workspace.root] });
  const host = createHost(fake.vscode, fake.context);
  const shown: OpenedEditor['shown'] = { runs: [], diffs: [], visible: true };
  const asked: (string | undefined)[] = [];
  const part = { commands: {}, dispose: () => {} };
  const parts: Parts = {
    models: lazy<Models>(async () => ({
      ...part,
      choose: async (_workspace, { model }, signal) => {
        asked.push(model);
        await setup.choosing?.(signal);
        return { set: modelsAt(server.url, setup.capabilities), secrets: [], close: async () => {} };
      },
      pick: async () => setup.picks,
      describe: async () => ['worker: scripted'],
    })),
    panels: lazy<Panels>(async () => ({
      ...part,
      open: async (handle) => void shown.runs.push(handle),
      openDashboard: async () => {},
      isVisible: () => shown.visible,
      activeRun: () => undefined,
      hashInReview: () => shown.hash,
      restore: async () => {},
    })),
    diffReview: lazy<DiffReview>(async () => ({
      ...part,
      open: async (handle) => void shown.diffs.push(handle),
      isVisible: () => false,
      textOf: async () => '',
    })),
    sharing: lazy(async () => part),
  };
  await parts.panels();
  const core = createCore(host, { env: { TEAMWRIGHT_DATA: workspace.dataDir }, clock: Date.now, random: Math.random }, parts);
  return {
    fake,
    core,
    parts,
    workspace,
    server,
    asked,
    shown,
    command: async (name, ...values) => {
      const handler = core.commands[name];
      if (handler === undefined) throw new Error(`There is no command ${name}.`);
      return handler(...(values as never[]));
    },
    approveAll: () => {
      const approve = (handle: RunHandle): void => {
        const proposal = handle.proposal();
        if (proposal !== undefined) handle.approve(proposal.hash);
      };
      for (const handle of core.runs.live()) approve(handle);
      core.runs.onDidChangeWaiting(approve);
    },
    [Symbol.asyncDispose]: async () => {
      await core.runs.close(new Error('the test is over'));
      core.dispose();
      await server.close();
      if (setup.at === undefined) workspace.dispose();
    },
  };
}
