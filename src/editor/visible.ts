/** What VS Code shows of others' words (names of files and tests, replies, failures), with every hidden character named in its place. */
import type * as vscode from 'vscode';
import { named } from '../text/index.ts';

/** A plain value with its texts as a person may see them; names of fields stay. */
export function shown<T>(value: T): T {
  const deep = (part: unknown): unknown => {
    if (typeof part === 'string') return named(part);
    if (Array.isArray(part)) return part.map(deep);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, deep(item)]));
  };
  return deep(value) as T;
}

/** VS Code's objects, whose messages and lists say hidden characters: no caller has to think of it. */
export function visibly(api: typeof vscode): typeof vscode {
  return derived(api, { window: windowOf(api.window) });
}

/** The window is asked by its own methods, whatever `this` they are called with. */
function windowOf(window: typeof vscode.window): typeof vscode.window {
  type Message = (message: string, ...rest: unknown[]) => Thenable<unknown>;
  const saying =
    (kind: 'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage'): Message =>
    (message, options, ...rest) => {
      const about = typeof options === 'object' && options !== null ? withWords(options as object) : options;
      return (window[kind] as Message)(named(message), ...(about === undefined ? [] : [about]), ...rest);
    };
  return derived(window, {
    showInformationMessage: saying('showInformationMessage'),
    showWarningMessage: saying('showWarningMessage'),
    showErrorMessage: saying('showErrorMessage'),
    showQuickPick: async (items: unknown, options?: vscode.QuickPickOptions, token?: vscode.CancellationToken) => {
      const given = (await items) as readonly (string | vscode.QuickPickItem)[];
      const entries = given.map(entryOf);
      const picked: unknown = await window.showQuickPick(entries as vscode.QuickPickItem[], withWords(options), token);
      const original = (entry: unknown): unknown => given[entries.indexOf(entry as vscode.QuickPickItem)];
      return Array.isArray(picked) ? picked.map(original) : picked === undefined ? undefined : original(picked);
    },
    createQuickPick: () => visibleList(window.createQuickPick()),
  });
}

const text = (value: unknown): unknown => (typeof value === 'string' ? named(value) : value);

/** What a list has in the place of an entry. */
function entryOf<T extends string | vscode.QuickPickItem>(item: T): T {
  return (typeof item === 'string' ? named(item) : withWords(item)) as T;
}

const words = ['label', 'description', 'detail', 'title', 'placeHolder', 'prompt'];

function withWords<T extends object | undefined>(of: T): T {
  if (of === undefined) return of;
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, words.includes(name) ? text(value) : value])) as T;
}

function visibleList<T extends vscode.QuickPickItem>(list: vscode.QuickPick<T>): vscode.QuickPick<T> {
  const entries = new WeakMap<T, T>();
  const entry = (item: T): T => {
    const made = entries.get(item) ?? entryOf(item);
    entries.set(item, made);
    return made;
  };
  return new Proxy(list, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => {
      const items = name === 'items' || name === 'activeItems' || name === 'selectedItems';
      const says = name === 'title' || name === 'placeholder';
      return Reflect.set(target, name, items ? (value as T[]).map(entry) : says ? text(value) : value, target);
    },
  });
}

/** An object like another with some parts of its own; neither is changed by the other. */
function derived<T extends object>(like: T, parts: object): T {
  return Object.create(like, Object.getOwnPropertyDescriptors(parts)) as T;
}
