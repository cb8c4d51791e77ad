/** Hidden characters in the words of others, wherever VS Code shows them: they are named in their place, and what is chosen stays what it was. */
import { describe, expect, test } from 'vitest';
import type * as vscode from 'vscode';
import { sourceFiles } from '../../scripts/sources.ts';
import { createHost } from '../../src/editor/host.ts';
import { decorate, shown, visibly } from '../../src/editor/visible.ts';
import { fakeVscode } from '../support/fake-vscode.ts';

const hostile = 'a\u202eb\u200bc\u{e0041}\u001b[8md\re\bf';
const visible = 'a<U+202E>b<U+200B>c<U+E0041><U+001B>[8md<U+000D>e<U+0008>f';
/** One of each kind: directions, widths, tags, fillers, selectors, controls, separators, halves. */
const members = [
  '\u202e',
  '\u2066',
  '\u200e',
  '\u200b',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u3164',
  '\u{e0041}',
  '\u034f',
  '\u001b',
  '\u2028',
  '\ud800',
];
const sneaky = members.map((member) => `x${member}`).join('');
const bare = new RegExp(`[${members.slice(0, -1).join('')}]|\\p{Cs}`, 'u');
const open = () => {
  const fake = fakeVscode({});
  return { fake, host: createHost(fake.vscode, fake.context) };
};

test.each(['showInformationMessage', 'showWarningMessage', 'showErrorMessage'] as const)(
  '%s names them, in the detail too',
  async (show) => {
    const { fake, host } = open();
    void host.vscode.window[show](hostile, { modal: true, detail: hostile }, 'Yes');
    const message = await fake.prompts.messages.next();
    expect([message.text, message.detail]).toEqual([visible, visible]);
    void host.vscode.window[show](hostile, 'Yes');
    expect((await fake.prompts.messages.next()).text).toBe(visible);
  },
);

test('a failure names them', async () => {
  const { fake, host } = open();
  void host.showFailure(new Error(hostile));
  expect((await fake.prompts.messages.next()).text).toContain(visible);
});

test('a list names them, and gives what was in it', async () => {
  const { fake, host } = open();
  const items = [
    { label: hostile, detail: hostile, path: hostile },
    { label: 'plain', path: 'p' },
  ];
  const chosen = host.vscode.window.showQuickPick(items);
  const list = await fake.prompts.picks.next();
  expect(list.labels).toEqual([visible, 'plain']);
  list.choose(visible);
  expect(await chosen).toBe(items[0]);
});

test('a list that lives names them, and knows its entries', async () => {
  const { fake, host } = open();
  const list = host.vscode.window.createQuickPick<{ label: string; path: string }>();
  const item = { label: hostile, path: hostile };
  list.title = hostile;
  list.items = [item];
  list.activeItems = [item];
  const held = await fake.prompts.quickPicks.next();
  expect([held.title, held.items[0]?.label]).toEqual([visible, visible]);
  expect(held.activeItems[0]).toBe(held.items[0]);
  expect(list.activeItems[0]?.path).toBe(hostile);
});

test('a page gets its texts so, and its numbers and names of fields as they are', () => {
  expect(shown({ list: [hostile, 1], none: null, deep: { text: hostile } })).toEqual({
    list: [visible, 1],
    none: null,
    deep: { text: visible },
  });
});

/** VS Code as a recorder: what every function was handed, by name; what it made, as it stands. */
function recorder() {
  const calls: unknown[][] = [];
  const made: Record<string, unknown>[] = [];
  const record =
    (name: string, answer: unknown = undefined) =>
    (...given: unknown[]) => {
      calls.push([name, ...given]);
      return answer;
    };
  const making =
    (name: string) =>
    (...given: unknown[]) => {
      calls.push([name, ...given]);
      const object = {
        dispose: () => {},
        report: record('report'),
        set: record('set'),
        info: record('info'),
        webview: { postMessage: record('post') },
      };
      made.push(object);
      return object;
    };
  const window = {
    showInputBox: record('showInputBox'),
    setStatusBarMessage: record('setStatusBarMessage'),
    withProgress: (options: unknown, task: (progress: unknown) => unknown) => {
      calls.push(['withProgress', options]);
      return task({ report: record('report') });
    },
    registerWebviewPanelSerializer: (_type: string, serializer: { deserializeWebviewPanel(panel: unknown): unknown }) =>
      serializer.deserializeWebviewPanel(making('panel')()),
    createTextEditorDecorationType: record('createTextEditorDecorationType', {}),
    ...Object.fromEntries(
      ['createTreeView', 'createStatusBarItem', 'createWebviewPanel', 'createOutputChannel', 'createTerminal', 'createInputBox'].map(
        (name) => [name, making(name)],
      ),
    ),
  };
  const languages = {
    ...Object.fromEntries(['Hover', 'CodeLens', 'InlayHints', 'CompletionItem'].map((kind) => [`register${kind}Provider`, record(kind)])),
    registerCodeActionsProvider: record('CodeActions'),
    createDiagnosticCollection: making('createDiagnosticCollection'),
  };
  const chat = {
    createChatParticipant: (_id: string, handler: (...given: unknown[]) => unknown) =>
      handler({}, {}, { markdown: record('chat'), button: record('chat') }),
  };
  const api = { window, languages, chat, commands: { executeCommand: record('executeCommand') }, workspace: { text: sneaky } };
  return { api: visibly(api as unknown as typeof vscode), calls, made };
}

describe('every way to show something', () => {
  /** All texts that VS Code holds, wherever they stand. */
  const texts = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? [...Object.getOwnPropertyNames(value)].flatMap((name) => texts((value as Record<string, unknown>)[name]))
        : [];
  const clean = (...values: unknown[]): void => {
    const all = texts(values);
    expect(all.filter((text) => text.includes('U+202E')).length).toBeGreaterThan(0);
    expect(all.filter((text) => bare.test(text))).toEqual([]);
  };
  const fake = fakeVscode({}).vscode;
  const markdown = () => new fake.MarkdownString().appendText(sneaky);
  class Provider {
    getTreeItem = () =>
      Object.assign(new fake.TreeItem(sneaky), { description: sneaky, tooltip: markdown(), accessibilityInformation: { label: sneaky } });
    resolveTreeItem = async () => Object.assign(new fake.TreeItem({ label: sneaky }), { tooltip: sneaky });
    provideHover = async () => new fake.Hover([markdown()]);
    provideCodeLenses() {
      return [new fake.CodeLens(new fake.Range(0, 0, 0, 0), { command: 'c', title: sneaky, tooltip: sneaky, arguments: [1] })];
    }
    resolveCodeLens = (lens: vscode.CodeLens) => Object.assign(lens, { command: { command: 'c', title: sneaky } });
    provideCodeActions = () => [
      Object.assign(new fake.CodeAction(sneaky), { disabled: { reason: sneaky }, command: { command: 'c', title: sneaky } }),
    ];
    provideInlayHints = () => [{ label: [{ label: sneaky }], tooltip: sneaky }];
    provideCompletionItems = async () => ({
      items: [Object.assign(new fake.CompletionItem({ label: sneaky }), { detail: sneaky, documentation: markdown() })],
    });
  }

  test('an input box: title, prompt, example, value and what is said against an answer', async () => {
    const { api, calls } = recorder();
    await api.window.showInputBox({ title: sneaky, prompt: sneaky, placeHolder: sneaky, value: sneaky, validateInput: () => sneaky });
    const [[, options] = []] = calls as [string, vscode.InputBoxOptions][];
    clean(options, options?.validateInput?.(''));
    // They are sent to another process: what is not their own is lost on the way.
    expect(Object.keys(options ?? {}).sort()).toEqual(['placeHolder', 'prompt', 'title', 'validateInput', 'value']);
    expect(options?.validateInput?.('')).toBeTypeOf('string');
    expect(options?.value).toContain('<U+202E>');
  });

  test('progress, its title and each of its messages', () => {
    const { api, calls } = recorder();
    void api.window.withProgress({ location: 15, title: sneaky }, async (progress) => progress.report({ message: sneaky, increment: 1 }));
    clean(calls);
    expect(calls.map(([name]) => name)).toEqual(['withProgress', 'report']);
  });

  test('rows of a tree with their tooltips, the tree itself, the status bar, pages and their messages, the log, and what is made some day', async () => {
    const { api, calls, made } = recorder();
    const view = api.window.createTreeView('id', { treeDataProvider: new Provider() as never });
    view.title = sneaky;
    view.message = sneaky;
    view.badge = { value: 1, tooltip: sneaky };
    const [[, , options] = []] = calls as [string, string, vscode.TreeViewOptions<unknown>][];
    const treeDataProvider = options?.treeDataProvider ?? (new Provider() as never);
    clean(await treeDataProvider.getTreeItem(0));
    clean(await treeDataProvider.resolveTreeItem?.({}, 0, {} as never));
    const item = api.window.createStatusBarItem();
    Object.assign(item, {
      text: sneaky,
      tooltip: markdown(),
      accessibilityInformation: { label: sneaky },
      command: { command: 'c', title: sneaky },
    });
    const panel = api.window.createWebviewPanel('type', sneaky, 1);
    panel.title = sneaky;
    void panel.webview.postMessage({ model: { any: [sneaky] } });
    api.window.createOutputChannel('Log', { log: true }).info(sneaky, sneaky);
    api.window.createTerminal({ name: sneaky, message: sneaky });
    api.window.createInputBox().value = sneaky;
    api.window.setStatusBarMessage(sneaky);
    clean(calls.slice(1), made);
    for (const kind of ['setStatusBarMessage', 'info', 'post', 'createTerminal']) clean(calls.filter(([name]) => name === kind));
    for (const object of made.filter((each) => 'title' in each || 'text' in each || 'value' in each)) clean(object);
  });

  test('a page of an earlier window', async () => {
    const { api, calls, made } = recorder();
    api.window.registerWebviewPanelSerializer('type', {
      deserializeWebviewPanel: async (panel) => {
        panel.title = sneaky;
        void panel.webview.postMessage({ any: sneaky });
      },
    });
    clean(made);
    clean(calls);
  });

  test('lenses, hovers, light bulbs, completions and problems', async () => {
    const { api, calls } = recorder();
    const provider = new Provider();
    api.languages.registerHoverProvider('x', provider);
    api.languages.registerCodeLensProvider('x', provider);
    api.languages.registerCodeActionsProvider('x', provider);
    api.languages.registerCompletionItemProvider('x', provider);
    api.languages.registerInlayHintsProvider('x', provider as never);
    const guarded = calls[0]?.[2] as Provider;
    clean(await guarded.provideHover());
    clean(guarded.provideCodeLenses());
    clean(guarded.resolveCodeLens(provider.provideCodeLenses()[0] as vscode.CodeLens));
    clean(guarded.provideCodeActions());
    clean(guarded.provideInlayHints());
    clean(await guarded.provideCompletionItems());
    expect(guarded.provideCodeLenses()[0]?.command?.arguments).toEqual([1]);
    const problem = new fake.Diagnostic(new fake.Range(0, 0, 0, 0), sneaky, 0);
    api.languages.createDiagnosticCollection('x').set({} as vscode.Uri, [problem]);
    clean(problem);
  });

  test('hovers and labels in a text editor, which is drawn in in no other way', () => {
    const drawn: unknown[] = [];
    const editor = { setDecorations: (_type: unknown, options: unknown) => drawn.push(options) } as unknown as vscode.TextEditor;
    decorate(editor, {} as never, [
      { range: new fake.Range(0, 0, 0, 0), hoverMessage: markdown(), renderOptions: { after: { contentText: sneaky } } },
    ]);
    clean(drawn);
    expect(sourceFiles().flatMap(({ path, text }) => (text.includes('.setDecorations(') ? [path] : []))).toEqual(['editor/visible.ts']);
  });

  test('titles of diffs and of the chat; the values of a command stay as they are', () => {
    const { api, calls } = recorder();
    void api.commands.executeCommand('vscode.diff', 1, 2, sneaky);
    void api.commands.executeCommand('vscode.changes', sneaky, []);
    api.chat.createChatParticipant('id', (_request, _context, stream) => {
      stream.markdown(sneaky);
      stream.button({ command: 'c', title: sneaky });
    });
    clean(calls);
    void api.commands.executeCommand('teamwright.openRun', sneaky);
    expect(calls.at(-1)).toEqual(['executeCommand', 'teamwright.openRun', sneaky]);
  });

  test('a character written as an entity, which markdown would read', async () => {
    const hostile = new fake.MarkdownString().appendText('a &rlm;&ZeroWidthSpace;&shy; b').appendMarkdown(' &#x202E; &nbsp;&lt;');
    const { api, calls } = recorder();
    api.languages.registerHoverProvider('x', { provideHover: () => new fake.Hover(hostile) });
    const [[, , guarded] = []] = calls as [string, string, vscode.HoverProvider][];
    await guarded?.provideHover({} as never, {} as never, {} as never);
    expect(hostile.value).toBe('a &amp;rlm;&amp;ZeroWidthSpace;&amp;shy; b &amp;#x202E; &nbsp;&lt;');
  });

  test('a button comes back as it was handed, in a message and in a list', async () => {
    const { fake: shownBy, host } = open();
    const button = { title: sneaky };
    const answer = host.vscode.window.showInformationMessage('Well?', button);
    const message = await shownBy.prompts.messages.next();
    clean(message.buttons);
    message.press(message.buttons[0] ?? '');
    expect(await answer).toBe(button);

    const list = host.vscode.window.createQuickPick();
    const item = { label: sneaky, buttons: [{ iconPath: new fake.ThemeIcon('trash'), tooltip: sneaky }] };
    list.items = [item];
    const pressed: unknown[] = [];
    list.onDidTriggerItemButton((event) => pressed.push(event.item, event.button));
    const held = await shownBy.prompts.quickPicks.next();
    clean(held.items);
    held.pressItemButton(shown(sneaky), shown(sneaky));
    expect(pressed[0]).toBe(item);
    expect(pressed[1]).toBe(item.buttons[0]);
    expect(list.items[0]).toBe(item);
  });
});
