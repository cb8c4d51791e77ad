/** The view of runs, as it is registered: an empty frame that loads its inside when VS Code shows it. */
import type * as vscode from 'vscode';
import type { Core } from '../core.ts';
import type { EditorHost } from '../flow-types.ts';
import type { Lazy } from '../lazy.ts';
import { mayRun } from '../trust.ts';
import type { TreeNode } from './runs-tree.ts';

export function registerRunsTree({ vscode: api, showFailure }: EditorHost, core: Lazy<Core>): vscode.Disposable {
  const changed = new api.EventEmitter<TreeNode | undefined>();
  let listening: vscode.Disposable | undefined;
  const tree = async (): Promise<Core['tree']> => {
    const { tree: inside } = await core();
    listening ??= inside.onDidChange(() => changed.fire(undefined));
    return inside;
  };
  const view = api.window.createTreeView<TreeNode>('teamwright.runs', {
    showCollapseAll: true,
    canSelectMany: true,
    // Files from the explorer, from tabs and from outside; a row cannot be dragged.
    dragAndDropController: {
      dropMimeTypes: ['text/uri-list', 'files'],
      dragMimeTypes: [],
      handleDrop: async (_row, transfer) => {
        if (!mayRun(api, 'teamwright.newRequestOnFiles')) return;
        try {
          await (await core()).requests.onDropped(transfer);
        } catch (error) {
          void showFailure(error);
        }
      },
    },
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => (await tree()).children(node),
      getTreeItem: async (node) => (await tree()).item(node),
      getParent: async (node) => (await tree()).parent(node),
      resolveTreeItem: async (item, node) => (await tree()).resolve(item, node),
    },
  });
  const follow = async (visible: boolean): Promise<void> => {
    if (visible || core.now() !== undefined) (await tree()).setVisible(visible);
  };
  const marked = view.onDidChangeSelection(({ selection }) => core.now()?.tree.select(selection));
  // What fails to load is shown by VS Code in the view itself.
  view.onDidChangeVisibility(({ visible }) => void follow(visible).catch(() => undefined));
  if (view.visible) void follow(true).catch(() => undefined);
  return api.Disposable.from(view, marked, changed, new api.Disposable(() => listening?.dispose()));
}
