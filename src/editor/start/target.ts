/** What a request is asked on: an editor's selection, files, a problem, a failing test. Pure, but for looking into folders. */
import path from 'node:path';
import type * as vscode from 'vscode';
import type { Request } from '../../request/types.ts';

/** A request without its text. */
export type About = Partial<Omit<Request, 'text'>>;

export interface Target {
  readonly folder: vscode.WorkspaceFolder;
  readonly about: About;
}

/** Most files a selection in the explorer may stand for; a request about more is about the project. */
export const mostFiles = 20;

/** Relative to the folder, forward slashes. */
export const pathIn = (folder: vscode.WorkspaceFolder, uri: vscode.Uri): string =>
  path.relative(folder.uri.fsPath, uri.fsPath).split(path.sep).join('/');

/** The selection of an editor, or its whole file when nothing is selected. Lines count from 1. */
export function aboutEditor(folder: vscode.WorkspaceFolder, editor: Pick<vscode.TextEditor, 'document' | 'selection'>): About {
  const file = pathIn(folder, editor.document.uri);
  const { selection } = editor;
  if (selection.isEmpty) return { files: [file] };
  // A selection that ends at the start of a line does not include that line.
  const lastLine = selection.end.character === 0 && selection.end.line > selection.start.line ? selection.end.line : selection.end.line + 1;
  return {
    selection: { path: file, startLine: selection.start.line + 1, endLine: lastLine, text: editor.document.getText(selection) },
    files: [file],
  };
}

/** Files as they are; of a folder, the first files in it. */
export async function aboutFiles(
  api: Pick<typeof vscode, 'workspace' | 'FileType' | 'RelativePattern'>,
  folder: vscode.WorkspaceFolder,
  uris: readonly vscode.Uri[],
): Promise<About> {
  const files: string[] = [];
  for (const uri of uris) {
    const left = mostFiles - files.length;
    if (left <= 0) break;
    const { type } = await api.workspace.fs.stat(uri);
    if ((type & api.FileType.Directory) === 0) files.push(pathIn(folder, uri));
    else {
      const found = await api.workspace.findFiles(new api.RelativePattern(uri, '**/*'), undefined, left);
      files.push(...found.map((each) => pathIn(folder, each)).sort());
    }
  }
  return { files: [...new Set(files)].filter((file) => file !== '') };
}

export function aboutDiagnostic(
  folder: vscode.WorkspaceFolder,
  uri: vscode.Uri,
  diagnostic: Pick<vscode.Diagnostic, 'message' | 'range'>,
): About {
  const file = pathIn(folder, uri);
  const { start, end } = diagnostic.range;
  return { diagnostic: { path: file, startLine: start.line + 1, endLine: end.line + 1, message: diagnostic.message }, files: [file] };
}

/** A test as the Test Explorer hands it over; names of the suites around it come first. */
export type TestLike = Pick<vscode.TestItem, 'label' | 'uri' | 'range'> & { readonly parent?: TestLike };

export function aboutTest(folder: vscode.WorkspaceFolder, test: TestLike): About {
  const names = [test.label];
  // A suite has a place in the file; the file itself has none.
  for (let around = test.parent; around?.range !== undefined; around = around.parent) names.unshift(around.label);
  const file = test.uri && pathIn(folder, test.uri);
  return { failingTest: { name: names.join(' > '), ...(file && { path: file }) }, files: file ? [file] : [] };
}

/** One line that says what the request is about; empty when it is about the whole project. */
export function aboutText(about: About): string {
  if (about.failingTest !== undefined) return about.failingTest.name;
  if (about.diagnostic !== undefined) return `${about.diagnostic.path}:${about.diagnostic.startLine ?? 1}`;
  const { selection, files = [] } = about;
  if (selection !== undefined) return `${selection.path}:${selection.startLine}-${selection.endLine}`;
  return files.length > 2 ? `${files.slice(0, 2).join(', ')} … (${files.length})` : files.join(', ');
}
