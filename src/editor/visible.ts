/**
 * VS Code's interface as the editor gets it: wherever VS Code shows words of others (names of files and tests, replies, failures), every hidden
 * character is named in its place. All functions that show something are guarded in the same way, so that no caller has to think of it.
 * Content of documents stays as it is.
 */
import type * as vscode from 'vscode';
import { named } from '../text/index.ts';

type Call = (...given: unknown[]) => unknown;
type Fields = Record<string, unknown> & { appendMarkdown?: unknown; value?: unknown };

/** The parts that show words. `workspace` opens content, and models (`lm`) get prompts as they are. */
const telling = ['window', 'languages', 'chat', 'commands', 'comments', 'tests', 'scm', 'tasks', 'debug', 'notebooks'] as const;

export function visibly(api: typeof vscode): typeof vscode {
  const there = telling.filter((name) => (api as Partial<typeof vscode>)[name] !== undefined);
  return Object.create(api, Object.fromEntries(there.map((name) => [name, { value: guarded(api[name]) }]))) as typeof vscode;
}

/** Draws in a text editor. Editors come from VS Code as they are, so this is the way to their hovers and labels. */
export function decorate(
  editor: vscode.TextEditor,
  type: vscode.TextEditorDecorationType,
  options: readonly vscode.DecorationOptions[],
): void {
  editor.setDecorations(type, options.map(said));
}

/** A plain value with all its texts as a person may see them; names of fields stay. */
export function shown<T>(value: T): T {
  const deep = (part: unknown): unknown => {
    if (typeof part === 'string') return named(part);
    if (Array.isArray(part)) return part.map(deep);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, deep(item)]));
  };
  return deep(value) as T;
}

/** A part of the interface whose functions are handed words as a person may see them, and whose objects take them so. */
function guarded<T extends object>(part: T): T {
  return like(part, (value, name) => {
    const call: Call = (...given) => value.apply(part, given);
    const other = special[name];
    if (other !== undefined) return other(call);
    if (name.startsWith('create')) return (...given) => written(call(...given.map(said)) as object);
    return name.startsWith('on') ? call : (...given) => call(...given.map(said));
  });
}

/** Functions that do more than be handed words, each made from VS Code's own. */
const special: Readonly<Record<string, (call: Call) => Call>> = {
  showInformationMessage: choosing,
  showWarningMessage: choosing,
  showErrorMessage: choosing,
  showQuickPick: (call) => async (items, options, token) => {
    const given = (await items) as readonly unknown[];
    const entries = given.map(said);
    const picked = await call(entries, said(options), token);
    return Array.isArray(picked) ? picked.map((each) => given[entries.indexOf(each)]) : given[entries.indexOf(picked)];
  },
  // Its options are sent to another process, so they stay a plain object, whose names are its own.
  showInputBox: (call) => (options, token) => {
    const { value, validateInput, ...rest } = (options ?? {}) as vscode.InputBoxOptions;
    return call(
      {
        ...said(rest),
        ...(value !== undefined && { value: named(value) }),
        ...(validateInput && { validateInput: (text: string) => answered(validateInput(text)) }),
      },
      token,
    );
  },
  createQuickPick: (call) => () => visibleList(call() as vscode.QuickPick<vscode.QuickPickItem>),
  createTextEditorDecorationType: (call) => (options) => call(said(options)),
  withProgress: (call) => (options, task) =>
    call(said(options), (progress: object, token: unknown) => (task as Call)(written(progress), token)),
  registerWebviewPanelSerializer: (call) => (type, serializer) =>
    call(type, {
      deserializeWebviewPanel: (panel: vscode.WebviewPanel, state: unknown) =>
        (serializer as vscode.WebviewPanelSerializer).deserializeWebviewPanel(written(panel), state),
    }),
  createChatParticipant: (call) => (id, handler) =>
    call(id, (request: unknown, context: unknown, stream: object, token: unknown) =>
      (handler as Call)(request, context, written(stream), token),
    ),
  // VS Code's own commands are handed titles of tabs; those of extensions are handed values.
  executeCommand:
    (call) =>
    (command, ...values) =>
      call(command, ...(String(command).startsWith('vscode.') ? values.map(said) : values)),
};

/** A message gives back the button as its caller handed it. */
function choosing(call: Call): Call {
  return async (...given) => {
    const handed = given.map(said);
    return given[handed.indexOf(await call(...handed))];
  };
}

/** Fields of options, rows, lenses, hovers, problems and decorations that VS Code shows, or that hold such fields. */
const words = [
  ...['label', 'description', 'detail', 'title', 'tooltip', 'placeHolder', 'prompt', 'message', 'text', 'name', 'reason', 'disabled'],
  ...['contents', 'documentation', 'command', 'accessibilityInformation', 'badge', 'openLabel', 'saveLabel', 'relatedInformation', 'items'],
  ...['hoverMessage', 'renderOptions', 'before', 'after', 'contentText', 'treeDataProvider', 'buttons'],
];
const answering = /^(?:provide|resolve)[A-Z]|^getTreeItem$/;

/**
 * What VS Code is handed, as a person may see it: a text, or the words of an object. A plain object is copied where it has hidden characters, one
 * that a class has made is changed, and one that answers questions answers so.
 */
function said<T>(value: T): T {
  const visible = (part: unknown): unknown => {
    if (typeof part === 'string') return named(part);
    if (Array.isArray(part)) return part.map(visible);
    if (typeof part !== 'object' || part === null) return part;
    if (part instanceof Error)
      return Object.create(part, { message: { value: named(part.message) }, stack: { value: visible(part.stack) } });
    const object = part as Fields;
    if (namesOf(object).some((name) => answering.test(name) && typeof object[name] === 'function')) return answers(object);
    if (typeof object.appendMarkdown === 'function') object.value = namedMarkdown(String(object.value));
    const changed = words
      .filter((name) => object[name] !== undefined)
      .map((name) => [name, object[name], visible(object[name])] as const)
      .filter(([, before, after]) => before !== after);
    const into = Object.getPrototypeOf(part) === Object.prototype ? { ...object } : object;
    for (const [name, , after] of changed) into[name] = after;
    return changed.length === 0 ? part : into;
  };
  return visible(value) as T;
}

/** Markdown has a second way to write a character: as an entity, which VS Code leaves in place also where it escapes text. */
const namedMarkdown = (markdown: string): string => named(markdown).replace(/&(?!(?:nbsp|amp|lt|gt|quot);)(?=#|[A-Za-z]\w*;)/g, '&amp;');

/** What is asked for rows, lenses, hovers and the like, and gives them as a person may see them. */
function answers<T extends object>(provider: T): T {
  return like(provider, (value, name) => (...given) => {
    const answer: unknown = value.apply(provider, given);
    return answering.test(name) ? answered(answer) : answer;
  });
}

const answered = (answer: unknown): unknown => (answer instanceof Promise ? answer.then(said) : said(answer));

/** An object of VS Code that shows what is written to it. A page's messages are words altogether. */
function written<T extends object>(object: T): T {
  const handed = (name: string) => (name.startsWith('on') ? (value: unknown) => value : name === 'postMessage' ? shown : said);
  return like(
    object,
    (value, name) =>
      (...given) =>
        value.apply(object, given.map(handed(name))),
    (value, name) => (name === 'webview' ? written(value as object) : value),
  );
}

/** A list that lives: it shows entries of its own, and speaks of them as those that it was given. */
function visibleList<T extends vscode.QuickPickItem>(list: vscode.QuickPick<T>): vscode.QuickPick<T> {
  const entries = new Map<unknown, unknown>();
  const originals = new Map<unknown, unknown>();
  const entry = (item: unknown): unknown => {
    const made = entries.get(item) ?? said(item);
    entries.set(item, made);
    originals.set(made, item);
    const buttonsOf = (of: unknown) => (of as Partial<vscode.QuickPickItem>).buttons ?? [];
    for (const [index, button] of buttonsOf(made).entries()) originals.set(button, buttonsOf(item)[index]);
    return made;
  };
  const given = (of: unknown): unknown => (Array.isArray(of) ? of.map(given) : (originals.get(of) ?? of));
  const told = (event: unknown): unknown =>
    typeof event === 'object' && event !== null && 'item' in event && 'button' in event
      ? { item: given(event.item), button: given(event.button) }
      : given(event);
  return like(
    list,
    (value, name) =>
      name.startsWith('on')
        ? (listener, ...rest) => value.call(list, (event: unknown) => (listener as Call)(told(event)), ...rest)
        : (...values) => value.apply(list, values),
    given,
    (value) => (Array.isArray(value) ? value.map(entry) : said(value)),
  );
}

/**
 * An object that stands for another one: with other functions, made from its own, and with other values, where `read` gives such. What is written
 * to it is written to that one, as `write` makes it.
 */
function like<T extends object>(
  object: T,
  instead: (own: Call, name: string) => Call,
  read: (value: unknown, name: string) => unknown = (value) => value,
  write: (value: unknown) => unknown = said,
): T {
  return new Proxy(Object.create(object) as T, {
    get: (_, name) => {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof name === 'symbol') return value;
      return typeof value === 'function' ? instead(value as Call, name) : read(value, name);
    },
    set: (_, name, value) => Reflect.set(object, name, write(value), object),
  });
}

/** All names of an object, those that its class gives included. */
function namesOf(object: object): string[] {
  const names = Object.getOwnPropertyNames(object);
  const above: unknown = Object.getPrototypeOf(object);
  return typeof above === 'object' && above !== null && above !== Object.prototype ? [...names, ...namesOf(above)] : names;
}
