/** What the diff review needs of the host besides: VS Code's diff editors, decorations that can be read, contexts, file watchers. */
import type * as vscode from 'vscode';
import { FakeEventEmitter, FakeRange } from './fake-vscode/values.ts';
import type { FakeVscode } from './fake-vscode.ts';

export interface ShownDiff {
  readonly command: 'vscode.changes' | 'vscode.diff';
  readonly title: string;
  readonly rows: readonly (readonly [vscode.Uri, vscode.Uri | undefined, vscode.Uri])[];
  readonly selection?: vscode.Range;
}

export interface FakeDiffs {
  readonly shown: ShownDiff[];
  readonly contexts: Map<string, unknown>;
  /** Patterns that are watched now. */
  readonly watched: Set<string>;
  /** Something changed at every watched place. */
  touch(): void;
  /** Brings the editor of a document to the front, its cursor at a line from 0. */
  focus(uri: vscode.Uri, line: number): Promise<void>;
  /** Signs of a document: `accepted 3-4`, lines from 0. */
  signs(uri: vscode.Uri): string[];
  /** What is shown over the lines of a hunk. */
  hovers(uri: vscode.Uri): vscode.MarkdownString[];
}

const decisions: Readonly<Record<string, string>> = { 'charts.green': 'accepted', 'charts.red': 'rejected', 'charts.blue': 'open' };

export function withDiffEditors(fake: FakeVscode): FakeDiffs {
  // The fake is one plain object; what is added here belongs to diff editors alone.
  const api = fake.vscode as unknown as Record<string, Record<string, unknown>>;
  const window = api.window as unknown as typeof vscode.window & Record<string, unknown>;
  const shown: ShownDiff[] = [];
  const contexts = new Map<string, unknown>();
  const watched = new Set<string>();
  const moved = new FakeEventEmitter<unknown>();
  const tabs = new FakeEventEmitter<unknown>();
  const visible = new FakeEventEmitter<unknown>();
  const drawn = new Map<string, Map<string, readonly vscode.DecorationOptions[]>>();

  const showDocument = window.showTextDocument as unknown as (uri: vscode.Uri) => Promise<vscode.TextEditor>;
  const show = async (uri: vscode.Uri): Promise<vscode.TextEditor> => {
    const editor = await showDocument(uri);
    const own = drawn.get(uri.toString()) ?? new Map<string, readonly vscode.DecorationOptions[]>();
    drawn.set(uri.toString(), own);
    Object.assign(editor, {
      setDecorations: (type: { decision: string }, options: readonly vscode.DecorationOptions[]) => own.set(type.decision, options),
    });
    return editor;
  };
  const opened = async (diff: ShownDiff): Promise<void> => {
    shown.push(diff);
    for (const [, , right] of diff.rows) await show(right);
    tabs.fire(undefined);
    visible.fire(undefined);
  };
  const execute = fake.vscode.commands.executeCommand as (command: string, ...values: unknown[]) => Promise<unknown>;
  Object.assign(api.commands as object, {
    executeCommand: async (command: string, ...values: unknown[]) => {
      if (command === 'setContext') contexts.set(String(values[0]), values[1]);
      else if (command === 'vscode.changes') await opened({ command, title: String(values[0]), rows: values[1] as ShownDiff['rows'] });
      else if (command === 'vscode.diff') {
        const [left, right, title, options] = values as [vscode.Uri, vscode.Uri, string, { selection?: vscode.Range }];
        await opened({ command, title, rows: [[right, left, right]], selection: options.selection });
        const editor = await show(right);
        if (options.selection) Object.assign(editor, { selection: { active: options.selection.start } });
      } else return execute(command, ...values);
      return undefined;
    },
  });
  const active = () => {
    const uri = window.activeTextEditor?.document.uri;
    const diff = shown.findLast(({ rows }) => rows.some(([, , right]) => right.toString() === uri?.toString()));
    // As VS Code names the tab of its multi-file diff.
    const label = diff && (diff.command === 'vscode.changes' ? `${diff.title} (${diff.rows.length} files)` : diff.title);
    return { tabs: [], activeTab: { label: label ?? uri?.path ?? '' }, isActive: true, viewColumn: 1 };
  };
  Object.defineProperty(api.window, 'tabGroups', {
    value: {
      get all() {
        return [active()];
      },
      get activeTabGroup() {
        return active();
      },
      close: async () => true,
      onDidChangeTabs: tabs.event,
      onDidChangeTabGroups: tabs.event,
    },
  });
  Object.assign(window, {
    onDidChangeVisibleTextEditors: visible.event,
    createTextEditorDecorationType: ({ overviewRulerColor }: { overviewRulerColor: { id: string } }) => ({
      decision: decisions[overviewRulerColor.id],
      dispose: () => {},
    }),
  });
  Object.assign(api, { extensions: { getExtension: () => undefined }, QuickPickItemKind: { Separator: -1, Default: 0 } });
  Object.assign(api.workspace as object, {
    createFileSystemWatcher: ({ baseUri, pattern }: { baseUri: vscode.Uri; pattern: string }) => {
      const place = `${baseUri.fsPath}/${pattern}`;
      watched.add(place);
      return {
        onDidChange: moved.event,
        onDidCreate: moved.event,
        onDidDelete: moved.event,
        dispose: () => watched.delete(place),
      };
    },
  });

  return {
    shown,
    contexts,
    watched,
    touch: () => moved.fire(undefined),
    focus: async (uri, line) => {
      const editor = await show(uri);
      Object.assign(editor, { selection: { active: new FakeRange(line, 0, line, 0).start } });
      tabs.fire(undefined);
    },
    hovers: (uri) =>
      [...(drawn.get(uri.toString())?.values() ?? [])].flat().map(({ hoverMessage }) => hoverMessage as vscode.MarkdownString),
    signs: (uri) =>
      [...(drawn.get(uri.toString()) ?? [])].flatMap(([decision, options]) =>
        options.map(({ range }) => `${decision} ${range.start.line}-${range.end.line}`),
      ),
  };
}
