/** Files of the workspace that the pages name: teams that are saved there, files of the briefing that are opened. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { teamsFolder } from '../../design/index.ts';
import { pathEscapes } from '../../errors.ts';
import { nameSchema, type Plan, printPlan } from '../../plan/index.ts';
import type { EditorHost, RunHandle } from '../flow-types.ts';

function workspaceOf(host: EditorHost, handle: RunHandle): vscode.Uri | undefined {
  const workspace = handle.state().start?.workspace;
  return workspace === undefined ? undefined : host.vscode.Uri.file(workspace);
}

/** Asks for a name and saves the plan by it with the workspace; gives the path, or undefined when the user leaves, or keeps the file that is there. */
export async function saveTeam(host: EditorHost, handle: RunHandle, plan: Plan): Promise<string | undefined> {
  const { l10n, Uri, window, workspace } = host.vscode;
  const folder = workspaceOf(host, handle);
  if (!folder) return undefined;
  const name = await window.showInputBox({
    prompt: l10n.t('Name of the team. It is saved in {0}, with the folder.', teamsFolder),
    value: plan.name,
    ignoreFocusOut: true,
    validateInput: (text) => (nameSchema.safeParse(text.trim()).success ? undefined : l10n.t('Lower-case letters, digits and dashes.')),
  });
  if (name === undefined) return undefined;
  const team = { ...plan, name: name.trim() };
  const place = `${teamsFolder}/${team.name}.team.yaml`;
  const file = Uri.joinPath(folder, place);
  if (await exists(host, file)) {
    const replace = l10n.t('Replace');
    const answer = await window.showWarningMessage(
      l10n.t('There is a team {0} already.', team.name),
      { modal: true, detail: place },
      replace,
    );
    if (answer !== replace) return undefined;
  }
  await workspace.fs.writeFile(file, new TextEncoder().encode(printPlan(team)));
  return place;
}

async function exists(host: EditorHost, file: vscode.Uri): Promise<boolean> {
  try {
    await host.vscode.workspace.fs.stat(file);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'FileNotFound' || (error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Names looked for on the disk at the same time. */
const atOnce = 32;

/** Those of the names that are files of the workspace, each with its path in it (forward slashes). A name may be a whole path. */
export async function filesThere(host: EditorHost, handle: RunHandle, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const folder = workspaceOf(host, handle);
  const found = new Map<string, string>();
  if (!folder) return found;
  const look = async (name: string): Promise<void> => {
    const inside = pathInside(folder.fsPath, name);
    if (inside !== undefined && (await isFile(host, host.vscode.Uri.joinPath(folder, inside)))) found.set(name, inside);
  };
  for (let start = 0; start < names.length; start += atOnce) await Promise.all(names.slice(start, start + atOnce).map(look));
  return found;
}

function pathInside(folder: string, name: string): string | undefined {
  const inside = path.isAbsolute(name) ? path.relative(folder, name) : path.normalize(name);
  const parts = inside.split(path.sep);
  return inside === '' || inside.includes('\0') || path.isAbsolute(inside) || parts[0] === '..' ? undefined : parts.join('/');
}

/** What keeps us from looking at it would keep the user from opening it. */
const isFile = async ({ vscode: { FileType, workspace } }: EditorHost, file: vscode.Uri): Promise<boolean> =>
  workspace.fs.stat(file).then(
    ({ type }) => (type & FileType.File) !== 0,
    () => false,
  );

/** Opens a file that a page names, beside the page: at a line (from 1) where one is given, with the lines to the last one marked. Rejects with `path-escapes` for anything outside the workspace. */
export async function openWorkspaceFile(host: EditorHost, handle: RunHandle, name: string, line?: number, endLine = line): Promise<void> {
  const folder = workspaceOf(host, handle);
  if (!folder) return;
  const inside = path.posix.normalize(name);
  if (path.posix.isAbsolute(inside) || inside.split('/')[0] === '..') throw pathEscapes(name, 'it is outside the workspace');
  const { Position, Range, Uri, ViewColumn, window } = host.vscode;
  const start = line === undefined ? undefined : new Position(line - 1, 0);
  // Several lines are marked; one is only gone to.
  const end = line === undefined || endLine === undefined || endLine <= line ? start : new Position(endLine, 0);
  await window.showTextDocument(Uri.joinPath(folder, inside), {
    preview: true,
    viewColumn: ViewColumn.Beside,
    ...(start && end && { selection: new Range(start, end) }),
  });
}
