/** While a repair looks for a mistake: the lines it suspects, drawn in the editors, and the way to point it at another one. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { realOrGiven } from '../../process/index.ts';
import type { RunState } from '../../trace/index.ts';
import type { EditorHost, RunHandle } from '../flow-types.ts';
import { decorate } from '../visible.ts';
import { placeWords } from '../words.ts';
import type { EditorRunBook } from './book.ts';

export interface SuspiciousLines extends vscode.Disposable {
  /** The mistake may be where the cursor is: the repair that is under way there looks next. */
  pointHere(): Promise<void>;
}

/** Drawn of a repair: more would mark half a file. */
const mostDrawn = 8;
/** Set while a repair is under way in this window, for the menus. */
const repairingKey = 'teamwright.repairing';

export function createSuspiciousLines(host: EditorHost, runs: EditorRunBook): SuspiciousLines {
  const { vscode: api } = host;
  const { window, l10n } = api;
  let type: vscode.TextEditorDecorationType | undefined;
  let told = false;
  /** Where files really lie, links followed: by that a run knows its workspace. */
  const realPaths = new Map<string, string>();

  const drawn = (): vscode.TextEditorDecorationType => {
    type ??= window.createTextEditorDecorationType({
      isWholeLine: true,
      backgroundColor: new api.ThemeColor('editor.wordHighlightBackground'),
      overviewRulerColor: new api.ThemeColor('editorWarning.foreground'),
      overviewRulerLane: api.OverviewRulerLane.Right,
      after: { color: new api.ThemeColor('editorCodeLens.foreground') },
    });
    return type;
  };

  const draw = (): void => {
    const repairing = runs.live().filter((handle) => isRepairing(handle.state()));
    if (repairing.length > 0 !== told) {
      told = repairing.length > 0;
      void api.commands.executeCommand('setContext', repairingKey, told);
    }
    if (!told && type === undefined) return;
    for (const editor of window.visibleTextEditors) {
      const { scheme, fsPath } = editor.document.uri;
      if (scheme === 'file' && !realPaths.has(fsPath)) void look(fsPath);
      decorate(
        editor,
        drawn(),
        repairing.flatMap((handle) => linesIn(handle, editor.document)),
      );
    }
  };

  const look = async (file: string): Promise<void> => {
    realPaths.set(file, file);
    realPaths.set(file, await realOrGiven(file));
    draw();
  };

  /** The file's name in the workspace of a run; undefined outside of it. */
  const nameIn = (handle: RunHandle, { scheme, fsPath }: vscode.Uri): string | undefined => {
    const workspace = handle.state().start?.workspace;
    if (workspace === undefined || scheme !== 'file') return undefined;
    const name = path.relative(workspace, realPaths.get(fsPath) ?? fsPath);
    return name === '' || name.startsWith('..') || path.isAbsolute(name) ? undefined : name.split(path.sep).join('/');
  };

  const linesIn = (handle: RunHandle, { uri, lineCount }: vscode.TextDocument): vscode.DecorationOptions[] => {
    const name = nameIn(handle, uri);
    const { places = [], tried = [] } = handle.state().repairs.at(-1) ?? {};
    return places.slice(0, mostDrawn).flatMap((place, rank): vscode.DecorationOptions[] => {
      if (place.path !== name || place.line > lineCount) return [];
      const own = tried.find(({ file, line }) => file === place.path && line === place.line);
      const said =
        own?.failed === undefined
          ? l10n.t('suspicious place {0}: {1}', rank + 1, placeWords(place.because, l10n))
          : l10n.t('suspicious place {0}: tried, tests failing at best: {1}', rank + 1, own.failed);
      const range = new api.Range(place.line - 1, 0, Math.min(place.endLine, lineCount) - 1, 0);
      const after = place.line === place.endLine ? { renderOptions: { after: { contentText: `  ${said}` } } } : {};
      return [{ range, hoverMessage: said, ...after }];
    });
  };

  const subscriptions = [runs.onDidChange(draw), window.onDidChangeVisibleTextEditors(draw)];
  return {
    pointHere: async () => {
      const editor = window.activeTextEditor;
      const handle = editor && runs.live().find((one) => isRepairing(one.state()) && nameIn(one, editor.document.uri) !== undefined);
      const name = handle && nameIn(handle, editor.document.uri);
      if (editor === undefined || handle === undefined || name === undefined) {
        await window.showInformationMessage(l10n.t('No repair is under way in the folder of this file.'));
        return;
      }
      handle.controls?.point(name, editor.selection.active.line + 1);
      void window.setStatusBarMessage(l10n.t('The repair looks at line {0} next.', editor.selection.active.line + 1), 5_000);
    },
    dispose: () => {
      for (const each of subscriptions) each.dispose();
      type?.dispose();
    },
  };
}

const isRepairing = (state: RunState): boolean =>
  state.result === undefined &&
  state.repairs.some(({ path: own }) => state.steps.some((step) => step.path === own && step.state === 'running'));
