/** Hears that a workspace may have a new commit. */
import path from 'node:path';
import type * as vscode from 'vscode';

type Api = Pick<typeof vscode, 'workspace' | 'extensions' | 'Uri' | 'RelativePattern' | 'Disposable'>;

/** The little that is used of the API of VS Code's git extension (version 1). */
interface GitApi {
  getRepository(
    uri: vscode.Uri,
  ): { readonly state: { readonly HEAD?: { readonly commit?: string }; readonly onDidChange: vscode.Event<void> } } | null;
}

/** The git extension knows where a repository lies; the usual place is watched as well, for those who have turned that extension off. */
export function watchCommits(api: Api, workspace: string, moved: () => void): vscode.Disposable {
  const gitFolder = api.Uri.file(path.join(workspace, '.git'));
  const watcher = api.workspace.createFileSystemWatcher(new api.RelativePattern(gitFolder, 'logs/HEAD'));
  const heard = [watcher, watcher.onDidChange(moved), watcher.onDidCreate(moved)];
  const state = gitApi(api)?.getRepository(api.Uri.file(workspace))?.state;
  let seen = state?.HEAD?.commit;
  if (state !== undefined) {
    // It tells of every saved file; only another commit is news.
    const changed = (): void => {
      if (state.HEAD?.commit === seen) return;
      seen = state.HEAD?.commit;
      moved();
    };
    heard.push(state.onDidChange(changed));
  }
  return api.Disposable.from(...heard);
}

function gitApi({ extensions }: Api): GitApi | undefined {
  const extension = extensions.getExtension<{ readonly enabled: boolean; getAPI(version: 1): GitApi }>('vscode.git');
  return extension?.isActive && extension.exports.enabled ? extension.exports.getAPI(1) : undefined;
}
