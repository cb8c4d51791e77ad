/** The tabs of the editor over a fake host, a real workspace and real runs; the test plays the page. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Panels, RunHandle } from '../../src/editor/flow-types.ts';
import { createHost } from '../../src/editor/host.ts';
import { createPanels } from '../../src/editor/panels/index.ts';
import { type Command, messageVersion, type PageModel, type ToPage, toPageSchema } from '../../src/webviews/messages-types.ts';
import type { PlanModel } from '../../src/webviews/plan-types.ts';
import type { RunModel } from '../../src/webviews/run-types.ts';
import { type EditorSetup, type OpenedEditor, openEditorCore } from './editor.ts';
import type { FakeWebviewPanel } from './fake-vscode/webviews.ts';

export interface OpenedPanels {
  readonly editor: OpenedEditor;
  readonly panels: Panels;
  /** Runs whose diff was opened. */
  readonly diffs: RunHandle[];
  start(text?: string): Promise<RunHandle>;
  /** The newest panel of this kind that is not closed. */
  panel(kind: 'review' | 'run' | 'dashboard'): FakeWebviewPanel;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openPanels(setup: EditorSetup = {}): Promise<OpenedPanels> {
  const editor = await openEditorCore(setup);
  const diffs: RunHandle[] = [];
  const panels = createPanels(createHost(editor.fake.vscode, editor.fake.context), {
    runs: editor.core.runs,
    reviewDiff: async (handle) => void diffs.push(handle),
  });
  return {
    editor,
    panels,
    diffs,
    start: (text = 'Make the failing test pass.') =>
      editor.core.runs.start({ request: { text, files: [] }, workspace: editor.workspace.root }),
    panel: (kind) => {
      const found = editor.fake.panels.findLast((panel) => panel.viewType === `teamwright.${kind}` && !panel.disposed);
      if (found === undefined)
        throw new Error(`There is no ${kind} tab; there are ${editor.fake.panels.map((each) => each.viewType).join(', ')}`);
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      panels.dispose();
      await editor[Symbol.asyncDispose]();
    },
  };
}

export const say = (panel: FakeWebviewPanel, command: Command): void => panel.send({ v: messageVersion, command });

/** Messages the page got, each held against the vocabulary. */
export const messages = (panel: FakeWebviewPanel): ToPage[] => panel.posted.map((raw) => toPageSchema.parse(raw).message);

export async function until<T>(what: () => T | undefined | false): Promise<T> {
  const limit = Date.now() + 30_000;
  for (;;) {
    const found = what();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > limit) throw new Error(`It did not come: ${what}`);
    await wait(10);
  }
}

const lastModel = (panel: FakeWebviewPanel): PageModel | undefined => {
  const last = messages(panel).findLast((message) => message.type === 'model');
  return last?.type === 'model' ? last.model : undefined;
};

/** Waits until the page has a model that fits. */
export const planShown = (panel: FakeWebviewPanel, fits: (model: PlanModel) => boolean = () => true): Promise<PlanModel> =>
  until(() => {
    const model = lastModel(panel);
    return model?.page === 'plan' && fits(model) && model;
  });

export const runShown = (panel: FakeWebviewPanel, fits: (model: RunModel) => boolean = () => true): Promise<RunModel> =>
  until(() => {
    const model = lastModel(panel);
    return model?.page === 'run' && fits(model) && model;
  });
