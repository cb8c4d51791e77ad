/**
 * A host for the editor's logic: the part of the `vscode` API that Teamwright uses, in memory, over the real disk. A test acts as the user
 * (`fake.prompts`, `fake.run`) and reads what is on screen (`fake.tree`, `fake.statusBar`). What is not here is not used, and fails loudly.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { createDocuments, type FakeDocument } from './fake-vscode/documents.ts';
import { createPrompts, type Prompts } from './fake-vscode/prompts.ts';
import * as values from './fake-vscode/values.ts';
import { FakeWebviewPanel } from './fake-vscode/webviews.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface FakeOptions {
  /** Absolute folders. */
  readonly folders?: readonly string[];
  readonly trusted?: boolean;
  /** By whole name. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Texts of the display language, as the l10n bundle has them. */
  readonly bundle?: Readonly<Record<string, string>>;
  /** What an earlier window kept. */
  /** Where VS Code keeps what is the extension's. */
  readonly storage?: string;
  readonly kept?: Pick<FakeVscode, 'globalState' | 'workspaceState'>;
}

export interface FakeVscode {
  readonly vscode: typeof vscode;
  readonly context: vscode.ExtensionContext;
  readonly prompts: Prompts;
  readonly panels: readonly FakeWebviewPanel[];
  readonly documents: readonly FakeDocument[];
  /** What the last commands of VS Code itself were called with. */
  /** Progress that was shown. */
  readonly progresses: readonly { readonly title: string; cancel(): void }[];
  readonly executed: readonly { readonly command: string; readonly values: readonly unknown[] }[];
  readonly clipboard: { text: string };
  /** Lines of the log. */
  readonly log: readonly string[];
  readonly globalState: Map<string, unknown>;
  readonly workspaceState: Map<string, unknown>;
  readonly secrets: Map<string, string>;
  /** Runs a command of the extension as the palette does. */
  run(command: string, ...values: unknown[]): Promise<unknown>;
  commands(): string[];
  /** The view as text: an entry a line, indented. */
  tree(view: string): Promise<string>;
  treeNodes(view: string): Promise<{ readonly node: unknown; readonly item: vscode.TreeItem }[]>;
  /** Marks rows of a view by their labels. */
  mark(id: string, labels: readonly string[]): Promise<void>;
  showView(view: string, visible: boolean): void;
  /** Drops something on a view. */
  drop(view: string, transfer: values.FakeDataTransfer): Promise<void>;
  /** Pastes or drops something into a document, at its end; what was written there, or undefined where nobody answers. */
  insert(how: 'paste' | 'drop', document: FakeDocument, transfer: values.FakeDataTransfer): Promise<string | undefined>;
  /** The visible status bar items, text only. */
  statusBar(): string[];
  /** What stands in the problems of a document. */
  diagnostics(uri: vscode.Uri | FakeDocument['uri']): readonly vscode.Diagnostic[];
  /** What a person types: the whole text is another one. */
  type(document: FakeDocument, text: string): void;
  codeLenses(document: FakeDocument): Promise<vscode.CodeLens[]>;
  codeActions(document: FakeDocument, diagnostics: readonly vscode.Diagnostic[]): Promise<vscode.CodeAction[]>;
  set(setting: string, value: unknown): void;
  trust(): void;
  /** Hands a panel of an earlier window to its serializer. */
  restore(panel: FakeWebviewPanel, state: unknown): Promise<void>;
  dispose(): void;
}

interface TreeProvider {
  getChildren(node?: unknown): unknown;
  getTreeItem(node: unknown): unknown;
}

interface View {
  readonly provider: TreeProvider;
  readonly drops?: vscode.TreeDragAndDropController<unknown>;
  visible: boolean;
  readonly changed: values.FakeEventEmitter<{ visible: boolean }>;
  readonly selected: values.FakeEventEmitter<{ selection: readonly unknown[] }>;
}

interface StatusItem {
  text: string;
  tooltip: unknown;
  command: unknown;
  shown: boolean;
  [more: string]: unknown;
}

export function fakeVscode(options: FakeOptions = {}): FakeVscode {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
  const defaults = manifest.contributes.configuration.properties;
  const settings = new Map(Object.entries(options.settings ?? {}));
  const { prompts, window: asking } = createPrompts();
  const text = createDocuments();
  const commands = new Map<string, (...given: unknown[]) => unknown>();
  const executed: { command: string; values: readonly unknown[] }[] = [];
  const views = new Map<string, View>();
  const panels: FakeWebviewPanel[] = [];
  const serializers = new Map<string, { deserializeWebviewPanel(panel: unknown, state: unknown): unknown }>();
  const progresses: { title: string; cancel(): void }[] = [];
  const statusItems: StatusItem[] = [];
  const log: string[] = [];
  const clipboard = { text: '' };
  const diagnostics = new Map<string, readonly vscode.Diagnostic[]>();
  const lensProviders: { selector: { language?: string; scheme?: string }; provider: vscode.CodeLensProvider }[] = [];
  const actionProviders: vscode.CodeActionProvider[] = [];
  const pasteProviders: { selector: { language?: string }; provider: vscode.DocumentPasteEditProvider }[] = [];
  const dropProviders: { selector: { language?: string }; provider: vscode.DocumentDropEditProvider }[] = [];
  const events = {
    trust: new values.FakeEventEmitter<void>(),
    settings: new values.FakeEventEmitter<{ affectsConfiguration(name: string): boolean }>(),
    folders: new values.FakeEventEmitter<unknown>(),
    tabs: new values.FakeEventEmitter<unknown>(),
    secrets: new values.FakeEventEmitter<{ key: string }>(),
    visibleEditors: new values.FakeEventEmitter<unknown>(),
    theme: new values.FakeEventEmitter<unknown>(),
    telemetry: new values.FakeEventEmitter<boolean>(),
  };
  let trusted = options.trusted ?? true;
  const folders = (options.folders ?? []).map((folder, index) => ({
    uri: values.FakeUri.file(folder),
    name: path.basename(folder),
    index,
  }));
  const disposable = (end: () => void = () => {}): values.FakeDisposable => new values.FakeDisposable(end);
  const inFolder = (uri: values.FakeUri) => folders.find((folder) => `${uri.fsPath}/`.startsWith(`${folder.uri.fsPath}/`));
  const matches = ({ language, scheme }: { language?: string; scheme?: string }, document: FakeDocument): boolean =>
    (language === undefined || language === document.languageId) && (scheme === undefined || scheme === document.uri.scheme);

  const settingValue = (name: string): unknown => (settings.has(name) ? settings.get(name) : defaults[name]?.default);
  /** As VS Code: a name that stands for a group gives the object of all below it. */
  const settingOrGroup = (name: string): unknown => {
    if (name in defaults || settings.has(name)) return settingValue(name);
    const below = [...new Set([...Object.keys(defaults), ...settings.keys()])].filter((each) => each.startsWith(`${name}.`));
    if (below.length === 0) return undefined;
    return Object.fromEntries(below.map((each) => [each.slice(name.length + 1), settingValue(each)]));
  };
  const configuration = (section?: string) => {
    const whole = (name: string): string => (section === undefined ? name : `${section}.${name}`);
    return {
      get: (name: string, otherwise?: unknown) => settingOrGroup(whole(name)) ?? otherwise,
      has: (name: string) => settingOrGroup(whole(name)) !== undefined,
      inspect: (name: string) => ({
        key: whole(name),
        defaultValue: defaults[whole(name)]?.default,
        globalValue: settings.get(whole(name)),
      }),
      update: async (name: string, value: unknown) => set(whole(name), value),
    };
  };
  const set = (name: string, value: unknown): void => {
    if (value === undefined) settings.delete(name);
    else settings.set(name, value);
    events.settings.fire({ affectsConfiguration: (asked) => name === asked || name.startsWith(`${asked}.`) });
  };

  const createTreeView = (
    id: string,
    given: { treeDataProvider: TreeProvider; dragAndDropController?: vscode.TreeDragAndDropController<unknown> },
  ) => {
    const view: View = {
      provider: given.treeDataProvider,
      drops: given.dragAndDropController,
      visible: false,
      changed: new values.FakeEventEmitter(),
      selected: new values.FakeEventEmitter(),
    };
    views.set(id, view);
    return {
      get visible() {
        return view.visible;
      },
      onDidChangeVisibility: view.changed.event,
      onDidChangeSelection: view.selected.event,
      reveal: async () => {},
      dispose: () => views.delete(id),
    };
  };
  const createWebviewPanel = (viewType: string, title: string, _column: unknown, given: Readonly<Record<string, unknown>>) => {
    const panel = new FakeWebviewPanel(viewType, title, given);
    panels.push(panel);
    return panel;
  };

  const api = {
    version: '1.139.0-fake',
    EventEmitter: values.FakeEventEmitter,
    Disposable: values.FakeDisposable,
    Uri: values.FakeUri,
    Position: values.FakePosition,
    Range: values.FakeRange,
    Selection: values.FakeSelection,
    ThemeIcon: values.FakeThemeIcon,
    ThemeColor: values.FakeThemeColor,
    MarkdownString: values.FakeMarkdownString,
    TreeItem: values.FakeTreeItem,
    CodeLens: values.FakeCodeLens,
    CodeAction: values.FakeCodeAction,
    DocumentDropOrPasteEditKind: values.FakeDropOrPasteKind,
    DocumentDropEdit: values.FakeDropOrPasteEdit,
    DocumentPasteEdit: values.FakeDropOrPasteEdit,
    Diagnostic: values.FakeDiagnostic,
    CompletionItem: values.FakeCompletionItem,
    Hover: values.FakeHover,
    FileSystemError: values.FakeFileSystemError,
    WorkspaceEdit: values.FakeWorkspaceEdit,
    CompletionItemKind: { Property: 9, EnumMember: 19 },
    FileChangeType: { Changed: 1, Created: 2, Deleted: 3 },
    Location: values.FakeLocation,
    RelativePattern: values.FakeRelativePattern,
    TabInputText: values.FakeTabInputText,
    CancellationTokenSource: values.FakeCancellationTokenSource,
    CodeActionKind: { QuickFix: { value: 'quickfix' } },
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    StatusBarAlignment: { Left: 1, Right: 2 },
    FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 },
    UIKind: { Desktop: 1, Web: 2 },
    ViewColumn: { Active: -1, Beside: -2, One: 1, Two: 2 },
    QuickPickItemKind: { Separator: -1, Default: 0 },
    QuickInputButtons: { Back: { iconPath: { id: 'arrow-left' }, tooltip: 'Back' } },
    ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
    ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
    OverviewRulerLane: { Left: 1, Center: 2, Right: 4, Full: 7 },
    TextEditorRevealType: { Default: 0, InCenter: 1, InCenterIfOutsideViewport: 2, AtTop: 3 },
    EndOfLine: { LF: 1, CRLF: 2 },
    ColorThemeKind: { Light: 1, Dark: 2, HighContrast: 3, HighContrastLight: 4 },
    l10n: {
      t: (message: string | { message: string; args?: unknown[] }, ...args: unknown[]) => {
        const [key, given] = typeof message === 'string' ? [message, args] : [message.message, message.args ?? []];
        const named = (given.length === 1 && typeof given[0] === 'object' ? given[0] : given) as Record<string, unknown>;
        return (options.bundle?.[key] ?? key).replace(/\{(\w+)\}/g, (all, name: string) => (name in named ? String(named[name]) : all));
      },
      bundle: options.bundle,
    },
    env: {
      appName: 'Fake',
      appHost: 'desktop',
      // German is the only bundle there is.
      language: options.bundle === undefined ? 'en' : 'de',
      remoteName: undefined,
      isTelemetryEnabled: false,
      onDidChangeTelemetryEnabled: events.telemetry.event,
      uiKind: 1,
      clipboard: {
        writeText: async (value: string) => {
          clipboard.text = value;
        },
        readText: async () => clipboard.text,
      },
      openExternal: async () => true,
    },
    commands: {
      registerCommand: (command: string, handler: (...given: unknown[]) => unknown) => {
        if (commands.has(command)) throw new Error(`The command ${command} is registered already.`);
        commands.set(command, handler);
        return disposable(() => commands.delete(command));
      },
      executeCommand: async (command: string, ...given: unknown[]) => {
        const handler = commands.get(command);
        if (handler !== undefined) return handler(...given);
        executed.push({ command, values: given });
        return undefined;
      },
      getCommands: async () => [...commands.keys()],
    },
    languages: {
      registerCodeLensProvider: (selector: { language?: string }, provider: vscode.CodeLensProvider) => {
        lensProviders.push({ selector, provider });
        return disposable();
      },
      registerCodeActionsProvider: (_selector: unknown, provider: vscode.CodeActionProvider) => {
        actionProviders.push(provider);
        return disposable();
      },
      registerDocumentPasteEditProvider: (selector: { language?: string }, provider: vscode.DocumentPasteEditProvider) => {
        pasteProviders.push({ selector, provider });
        return disposable();
      },
      registerDocumentDropEditProvider: (selector: { language?: string }, provider: vscode.DocumentDropEditProvider) => {
        dropProviders.push({ selector, provider });
        return disposable();
      },
      registerCompletionItemProvider: () => disposable(),
      registerHoverProvider: () => disposable(),
      getDiagnostics: () => [...diagnostics].map(([uri, found]) => [values.FakeUri.parse(uri), found]),
      createDiagnosticCollection: () => ({
        set: (uri: values.FakeUri, found: readonly vscode.Diagnostic[]) => diagnostics.set(uri.toString(), found),
        delete: (uri: values.FakeUri) => diagnostics.delete(uri.toString()),
        clear: () => diagnostics.clear(),
        dispose: () => diagnostics.clear(),
      }),
      setTextDocumentLanguage: async (document: FakeDocument) => document,
    },
    window: {
      ...asking,
      get activeTextEditor() {
        return text.active();
      },
      get visibleTextEditors() {
        return text.editors;
      },
      onDidChangeActiveTextEditor: text.events.activeChanged.event,
      onDidChangeVisibleTextEditors: events.visibleEditors.event,
      onDidChangeActiveColorTheme: events.theme.event,
      activeColorTheme: { kind: 2 },
      showTextDocument: text.show,
      setStatusBarMessage: () => ({ dispose: () => {} }),
      showWorkspaceFolderPick: () =>
        new Promise((resolve) =>
          prompts.picks.add({
            labels: folders.map(({ name }) => name),
            placeHolder: undefined,
            choose: (name) => resolve(folders.find((folder) => folder.name === name)),
            dismiss: () => resolve(undefined),
          }),
        ),
      showOpenDialog: async () => undefined,
      showSaveDialog: async () => undefined,
      createTreeView,
      createWebviewPanel,
      registerWebviewPanelSerializer: (
        viewType: string,
        serializer: { deserializeWebviewPanel(panel: unknown, state: unknown): unknown },
      ) => {
        serializers.set(viewType, serializer);
        return disposable();
      },
      createStatusBarItem: () => {
        const item: StatusItem = { text: '', tooltip: undefined, command: undefined, shown: false };
        statusItems.push(item);
        return Object.assign(item, {
          show: () => {
            item.shown = true;
          },
          hide: () => {
            item.shown = false;
          },
          dispose: () => statusItems.splice(statusItems.indexOf(item), 1),
        });
      },
      createOutputChannel: () => {
        const line =
          (level: string) =>
          (said: unknown): void =>
            void log.push(`${level}: ${said instanceof Error ? said.message : String(said)}`);
        return {
          trace: line('trace'),
          debug: line('debug'),
          info: line('info'),
          warn: line('warn'),
          error: line('error'),
          show: () => {},
          dispose: () => {},
        };
      },
      createTextEditorDecorationType: () => ({ key: 'decoration', dispose: () => {} }),
      withProgress: async (options: { title?: string }, task: (progress: unknown, token: unknown) => unknown) => {
        const source = new values.FakeCancellationTokenSource();
        progresses.push({ title: options.title ?? '', cancel: () => source.cancel() });
        return task({ report: () => {} }, source.token);
      },
      tabGroups: {
        get all() {
          return [{ tabs: text.tabs(), isActive: true, viewColumn: 1 }];
        },
        get activeTabGroup() {
          return { tabs: text.tabs(), activeTab: text.tabs().at(-1), isActive: true, viewColumn: 1 };
        },
        onDidChangeTabs: events.tabs.event,
        onDidChangeTabGroups: events.tabs.event,
        close: async (tab: { input: { uri: values.FakeUri } }) => {
          // The real one would ask whether to save.
          if (text.documents.some(({ uri, isDirty }) => isDirty && uri.toString() === tab.input.uri.toString())) return false;
          text.close(tab.input.uri);
          return true;
        },
      },
    },
    workspace: {
      get isTrusted() {
        return trusted;
      },
      get workspaceFolders() {
        return folders.length === 0 ? undefined : folders;
      },
      get textDocuments() {
        return text.documents;
      },
      name: folders[0]?.name,
      onDidGrantWorkspaceTrust: events.trust.event,
      onDidChangeConfiguration: events.settings.event,
      onDidChangeWorkspaceFolders: events.folders.event,
      onDidChangeTextDocument: text.events.changed.event,
      onDidOpenTextDocument: text.events.opened.event,
      onDidCloseTextDocument: text.events.closed.event,
      onDidSaveTextDocument: text.events.saved.event,
      getConfiguration: configuration,
      getWorkspaceFolder: inFolder,
      asRelativePath: (uri: values.FakeUri) => path.relative(inFolder(uri)?.uri.fsPath ?? '', uri.fsPath),
      openTextDocument: text.open,
      applyEdit: async ({ changes }: values.FakeWorkspaceEdit) => {
        for (const { uri, range, text: written } of changes) {
          const document = text.documents.find((each) => each.uri.toString() === uri.toString());
          if (document === undefined) throw new Error(`${uri.toString()} is not open.`);
          document.replace(range, written);
          text.events.changed.fire({ document, contentChanges: [{}] });
        }
        return true;
      },
      registerFileSystemProvider: (scheme: string, provider: never) => {
        text.fileProviders.set(scheme, provider);
        return disposable(() => text.fileProviders.delete(scheme));
      },
      registerTextDocumentContentProvider: (scheme: string, provider: never) => {
        text.providers.set(scheme, provider);
        return disposable(() => text.providers.delete(scheme));
      },
      findFiles: async (pattern: values.FakeRelativePattern, _exclude: unknown, most = 1000) => filesBelow(pattern.baseUri, most),
      createFileSystemWatcher: () => ({
        onDidChange: () => disposable(),
        onDidCreate: () => disposable(),
        onDidDelete: () => disposable(),
        dispose: () => {},
      }),
      fs: {
        stat: async (uri: values.FakeUri) => {
          const found = await stat(uri.fsPath);
          return { type: found.isDirectory() ? 2 : 1, size: found.size, mtime: found.mtimeMs, ctime: found.ctimeMs };
        },
        readFile: async (uri: values.FakeUri) => new Uint8Array(await readFile(uri.fsPath)),
        readDirectory: async (uri: values.FakeUri) =>
          (await readdir(uri.fsPath, { withFileTypes: true })).map((entry) => [entry.name, entry.isDirectory() ? 2 : 1]),
        writeFile: async (uri: values.FakeUri, content: Uint8Array) => {
          await mkdir(path.dirname(uri.fsPath), { recursive: true });
          await writeFile(uri.fsPath, content);
        },
      },
    },
  };

  const memory = (kept: Map<string, unknown>) => ({
    get: (key: string, otherwise?: unknown) => (kept.has(key) ? structuredClone(kept.get(key)) : otherwise),
    update: async (key: string, value: unknown) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, structuredClone(value));
    },
    keys: () => [...kept.keys()],
    setKeysForSync: () => {},
  });
  const globalState = options.kept?.globalState ?? new Map<string, unknown>();
  const workspaceState = options.kept?.workspaceState ?? new Map<string, unknown>();
  const secrets = new Map<string, string>();
  const context = {
    subscriptions: [] as { dispose(): unknown }[],
    extension: { id: 'teamwright.teamwright', packageJSON: manifest, extensionUri: values.FakeUri.file(root), extensionPath: root },
    extensionUri: values.FakeUri.file(root),
    extensionPath: root,
    extensionMode: 3,
    ...(options.storage !== undefined && { globalStorageUri: values.FakeUri.file(options.storage) }),
    asAbsolutePath: (relative: string) => path.join(root, relative),
    globalState: memory(globalState),
    workspaceState: memory(workspaceState),
    secrets: {
      get: async (key: string) => secrets.get(key),
      store: async (key: string, value: string) => {
        secrets.set(key, value);
        events.secrets.fire({ key });
      },
      delete: async (key: string) => {
        secrets.delete(key);
        events.secrets.fire({ key });
      },
      onDidChange: events.secrets.event,
    },
  };

  const treeNodes = async (id: string): Promise<{ node: unknown; item: vscode.TreeItem; depth: number }[]> => {
    const view = views.get(id);
    if (view === undefined) throw new Error(`There is no view ${id}.`);
    const below = async (node: unknown, depth: number): Promise<{ node: unknown; item: vscode.TreeItem; depth: number }[]> => {
      const found: { node: unknown; item: vscode.TreeItem; depth: number }[] = [];
      for (const child of (await view.provider.getChildren(node)) as unknown[]) {
        const item = (await view.provider.getTreeItem(child)) as vscode.TreeItem;
        found.push({ node: child, item, depth });
        if (item.collapsibleState !== 0) found.push(...(await below(child, depth + 1)));
      }
      return found;
    };
    return below(undefined, 0);
  };

  return {
    vscode: api as unknown as typeof vscode,
    context: context as unknown as vscode.ExtensionContext,
    prompts,
    panels,
    documents: text.documents,
    executed,
    progresses,
    clipboard,
    log,
    globalState,
    workspaceState,
    secrets,
    run: async (command, ...given) => {
      const handler = commands.get(command);
      if (handler === undefined) throw new Error(`Nobody registered ${command}.`);
      return handler(...given);
    },
    commands: () => [...commands.keys()].sort(),
    tree: async (view) => (await treeNodes(view)).map(({ item, depth }) => `${'  '.repeat(depth)}${rendered(item)}\n`).join(''),
    treeNodes,
    showView: (id, visible) => {
      const view = views.get(id);
      if (view === undefined) throw new Error(`There is no view ${id}.`);
      view.visible = visible;
      view.changed.fire({ visible });
    },
    drop: async (id, transfer) => {
      const { drops } = views.get(id) ?? missingView(id);
      await drops?.handleDrop?.(undefined, transfer as never, undefined as never);
    },
    insert: async (how, document, transfer) => {
      const given = [document as never, undefined as never, transfer as never] as const;
      const edits =
        how === 'paste'
          ? pasteProviders
              .filter(({ selector }) => matches(selector, document))
              .map(({ provider }) => provider.provideDocumentPasteEdits?.(...given, {} as never, undefined as never))
          : dropProviders
              .filter(({ selector }) => matches(selector, document))
              .map(({ provider }) => provider.provideDocumentDropEdits(...given, undefined as never));
      const [edit] = (await Promise.all(edits)).flat();
      if (edit === undefined || edit === null) return undefined;
      text.change(document, `${document.getText()}${String(edit.insertText)}`);
      return String(edit.insertText);
    },
    mark: async (id, labels) => {
      const { provider, selected } = views.get(id) ?? missingView(id);
      const below = async (node: unknown): Promise<unknown[]> => (await provider.getChildren(node)) as unknown[];
      const nodes: unknown[] = (await Promise.all((await below(undefined)).map(below))).flat();
      const items = await Promise.all(nodes.map(async (node) => ({ node, item: (await provider.getTreeItem(node)) as vscode.TreeItem })));
      selected.fire({ selection: items.filter(({ item }) => labels.includes(String(item.label))).map(({ node }) => node) });
    },
    statusBar: () => statusItems.filter(({ shown }) => shown).map((item) => item.text),
    type: (document, typed) => text.change(document, typed),
    diagnostics: (uri) => diagnostics.get(uri.toString()) ?? [],
    codeLenses: async (document) => {
      const all = lensProviders.filter(({ selector }) => matches(selector, document));
      const found = await Promise.all(all.map(({ provider }) => provider.provideCodeLenses(document as never, undefined as never)));
      return found.flatMap((lenses) => lenses ?? []);
    },
    codeActions: async (document, diagnostics) => {
      const range = new values.FakeRange(0, 0, 0, 0) as never;
      const found = await Promise.all(
        actionProviders.map((provider) =>
          provider.provideCodeActions(document as never, range, { diagnostics } as never, undefined as never),
        ),
      );
      return found.flatMap((actions) => (actions ?? []) as vscode.CodeAction[]);
    },
    set,
    trust: () => {
      trusted = true;
      events.trust.fire();
    },
    restore: async (panel, state) => {
      await serializers.get(panel.viewType)?.deserializeWebviewPanel(panel, state);
    },
    dispose: () => {
      for (const each of context.subscriptions.splice(0).reverse()) each.dispose();
    },
  };
}

function missingView(id: string): never {
  throw new Error(`There is no view ${id}.`);
}

interface Manifest {
  readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, { readonly default?: unknown }>> } };
}

/** `[icon] label — description`. */
function rendered(item: vscode.TreeItem): string {
  const icon = (item.iconPath as { id?: string } | undefined)?.id;
  const description = typeof item.description === 'string' && item.description !== '' ? ` — ${item.description}` : '';
  return `${icon === undefined ? '' : `[${icon}] `}${String(item.label)}${description}`;
}

async function filesBelow(folder: values.FakeUri, most: number): Promise<values.FakeUri[]> {
  if (!existsSync(folder.fsPath)) return [];
  const names = await readdir(folder.fsPath, { recursive: true });
  const files = names.map((name) => path.join(folder.fsPath, name)).filter((file) => statSync(file).isFile());
  return files.sort().slice(0, most).map(values.FakeUri.file);
}
