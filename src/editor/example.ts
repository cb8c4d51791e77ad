/** The example workspace: a copy of a small project whose test fails, in a folder of the user's choice. */
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { EditorHost } from './flow-types.ts';

/** Copies the example and opens it; the extension's own copy stays as it is. Gives the folder. */
export async function openExample({ vscode: api, context }: EditorHost): Promise<string> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'teamwright-example-')), 'failing-test');
  await cp(context.asAbsolutePath('examples/failing-test'), folder, { recursive: true });
  await api.commands.executeCommand('vscode.openFolder', api.Uri.file(folder), { forceNewWindow: hasFolder(api) });
  return folder;
}

const hasFolder = ({ workspace }: Pick<typeof vscode, 'workspace'>): boolean => (workspace.workspaceFolders?.length ?? 0) > 0;
