/**
 * VS Code as the models of the editor meet it: settings in scopes, secrets, language models, and a person who answers lists, inputs and
 * questions by a script. A step that does not fit what is on screen fails the test.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as vscode from 'vscode';
import type { EditorHost } from '../../src/editor/flow-types.ts';
import { languageModels, type ScriptedLanguageModels, type ScriptedModel } from './language-models.ts';

/** What the person does next. */
export type Step =
  | { readonly do: 'choose'; readonly label: string }
  | { readonly do: 'back' | 'close' }
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'press'; readonly button: string }
  | { readonly do: 'dismiss' };

export const choose = (label: string): Step => ({ do: 'choose', label });
export const type = (text: string): Step => ({ do: 'type', text });
export const press = (button: string): Step => ({ do: 'press', button });
export const back: Step = { do: 'back' };
export const close: Step = { do: 'close' };
export const dismiss: Step = { do: 'dismiss' };

/** A list, an input, a question or a message that was on screen. */
export interface Shown {
  readonly kind: 'list' | 'input' | 'question' | 'message' | 'progress';
  readonly title: string;
  /** Items as `label | description | detail`, buttons, or reports of a progress. */
  lines: readonly string[];
  readonly isPassword?: boolean;
}

type Scope = 'globalValue' | 'workspaceValue' | 'workspaceFolderValue';

export interface ModelsHostDouble {
  readonly host: EditorHost;
  readonly shown: readonly Shown[];
  /** Everything that was on screen or in the log, as one text. */
  said(): string;
  readonly secrets: ReadonlyMap<string, string>;
  readonly failures: readonly unknown[];
  readonly executed: readonly (readonly unknown[])[];
  readonly languageModels: ScriptedLanguageModels;
  set(name: string, value: unknown, scope?: Scope): void;
  get(name: string, scope?: Scope): unknown;
  /** The person's next steps. */
  does(...steps: readonly Step[]): void;
  /** Steps that nobody asked for yet. */
  readonly left: readonly Step[];
  /** Cancels the next progress at the first report that holds the text. */
  cancelAt(text: string): void;
}

interface Options {
  readonly models?: readonly ScriptedModel[];
  readonly trusted?: boolean;
}

const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly contributes: { readonly configuration: { readonly properties: Readonly<Record<string, { readonly default?: unknown }>> } };
};

/** How long a person waits for an item to turn up, ms. */
const patienceMs = 20_000;

export function modelsHost({ models = [], trusted = true }: Options = {}): ModelsHostDouble {
  const lm = languageModels(models);
  const shown: Shown[] = [];
  const logged: string[] = [];
  const steps: Step[] = [];
  const secrets = new Map<string, string>();
  const state = new Map<string, unknown>();
  const executed: unknown[][] = [];
  const failures: unknown[] = [];
  const settings: Record<Scope, Map<string, unknown>> = {
    globalValue: new Map(),
    workspaceValue: new Map(),
    workspaceFolderValue: new Map(),
  };
  let cancelText: string | undefined;

  const next = (kinds: readonly Step['do'][], what: string): Step => {
    const step = steps.shift();
    if (step === undefined) throw new Error(`Nobody said what to do with ${what}.`);
    if (!kinds.includes(step.do)) throw new Error(`${JSON.stringify(step)} does not fit ${what}.`);
    return step;
  };

  const createQuickPick = () => {
    const listeners = { accept: [] as (() => void)[], hide: [] as (() => void)[], button: [] as ((button: unknown) => void)[] };
    const on =
      <T>(list: T[]) =>
      (listener: T) => {
        list.push(listener);
        return { dispose: () => {} };
      };
    let items: readonly vscode.QuickPickItem[] = [];
    let entry: Shown | undefined;
    let look = (): void => {};
    let gone = false;
    const list = {
      title: '',
      placeholder: '',
      busy: false,
      buttons: [] as unknown[],
      matchOnDescription: false,
      matchOnDetail: false,
      selectedItems: [] as vscode.QuickPickItem[],
      activeItems: [] as vscode.QuickPickItem[],
      get items() {
        return items;
      },
      set items(value: readonly vscode.QuickPickItem[]) {
        items = value;
        if (entry !== undefined) entry.lines = lines();
        look();
      },
      onDidAccept: on(listeners.accept),
      onDidHide: on(listeners.hide),
      onDidTriggerButton: on(listeners.button),
      show: () => {
        entry = { kind: 'list', title: list.title, lines: lines() };
        shown.push(entry);
        act(next(['choose', 'back', 'close'], `the list "${list.title}"`));
      },
      dispose: () => {
        gone = true;
        for (const listener of listeners.hide) listener();
      },
    };
    const lines = (): string[] =>
      items.map(({ label, description, detail, kind }) =>
        kind === -1 ? `-- ${label}` : [label, description, detail].filter((part) => part !== undefined && part !== '').join(' | '),
      );
    const act = (step: Step): void => {
      if (step.do === 'close') return void setImmediate(() => list.dispose());
      if (step.do === 'back') return void setImmediate(() => listeners.button.forEach((listener) => void listener('back')));
      if (step.do !== 'choose') return;
      const until = Date.now() + patienceMs;
      look = () => {
        const found = items.find((item) => item.kind !== -1 && item.label.includes(step.label));
        if (found !== undefined && !list.busy) {
          look = () => {};
          list.selectedItems = [found];
          setImmediate(() => listeners.accept.forEach((listener) => void listener()));
        } else if (Date.now() > until) {
          failures.push(new Error(`The list "${list.title}" never had "${step.label}":\n${lines().join('\n')}`));
          look = () => {};
          list.dispose();
        } else if (!gone) setTimeout(() => look(), 50);
      };
      // The list is on screen before anybody reads it, and read in full before something is chosen.
      setImmediate(() => look());
    };
    return list;
  };

  const ask = async (message: string, ...rest: readonly unknown[]): Promise<string | undefined> => {
    const options = typeof rest[0] === 'object' ? (rest[0] as { modal?: boolean; detail?: string }) : {};
    const buttons = rest.filter((each) => typeof each === 'string');
    const isQuestion = buttons.length > 0;
    shown.push({ kind: isQuestion ? 'question' : 'message', title: [message, options.detail].filter(Boolean).join(' '), lines: buttons });
    if (!isQuestion) return undefined;
    const step = next(['press', 'dismiss'], `the question "${message}"`);
    if (step.do !== 'press') return undefined;
    if (!buttons.includes(step.button)) throw new Error(`"${message}" has no button "${step.button}", but ${buttons.join(', ')}.`);
    return step.button;
  };

  const effective = (key: string): unknown => {
    const values = [
      manifest.contributes.configuration.properties[key]?.default,
      ...(['globalValue', 'workspaceValue', 'workspaceFolderValue'] as const).map((scope) => settings[scope].get(key)),
    ].filter((value) => value !== undefined);
    const last = values.at(-1);
    const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject(last) ? Object.assign({}, ...values.filter(isObject)) : last;
  };
  const configuration = {
    get: (name: string) => {
      const key = `teamwright.${name}`;
      if (Object.hasOwn(manifest.contributes.configuration.properties, key)) return effective(key);
      const below = Object.keys(manifest.contributes.configuration.properties).filter((each) => each.startsWith(`${key}.`));
      return below.length === 0 ? undefined : Object.fromEntries(below.map((each) => [each.slice(key.length + 1), effective(each)]));
    },
    inspect: (name: string) => {
      const key = `teamwright.${name}`;
      return {
        key,
        defaultValue: manifest.contributes.configuration.properties[key]?.default,
        globalValue: settings.globalValue.get(key),
        workspaceValue: settings.workspaceValue.get(key),
        workspaceFolderValue: settings.workspaceFolderValue.get(key),
      };
    },
    update: async (name: string, value: unknown, target: number) => {
      const scope = (['', 'globalValue', 'workspaceValue', 'workspaceFolderValue'] as const)[target];
      if (!scope) throw new Error(`There is no target ${target}.`);
      if (value === undefined) settings[scope].delete(`teamwright.${name}`);
      else settings[scope].set(`teamwright.${name}`, structuredClone(value));
    },
  };

  const api = {
    ...lm.api,
    version: '1.139.1',
    ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
    QuickPickItemKind: { Separator: -1, Default: 0 },
    QuickInputButtons: { Back: 'back' },
    ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
    Uri: { file: (path: string) => ({ scheme: 'file', fsPath: path, path }) },
    env: { language: 'en' },
    l10n: { t: (text: string, ...values: readonly unknown[]) => text.replace(/\{(\d+)\}/g, (_, at) => String(values[Number(at)])) },
    workspace: { isTrusted: trusted, getConfiguration: () => configuration },
    commands: {
      executeCommand: async (...call: unknown[]) => {
        executed.push(call);
      },
    },
    window: {
      createQuickPick,
      showInformationMessage: ask,
      showWarningMessage: ask,
      showErrorMessage: ask,
      setStatusBarMessage: (text: string) => {
        shown.push({ kind: 'message', title: text, lines: [] });
        return { dispose: () => {} };
      },
      showInputBox: async (options: vscode.InputBoxOptions) => {
        shown.push({
          kind: 'input',
          title: `${options.title} ${options.prompt}`,
          lines: [options.value ?? ''],
          isPassword: options.password,
        });
        const step = next(['type', 'dismiss'], `the input "${options.title}"`);
        if (step.do !== 'type') return undefined;
        const problem = await options.validateInput?.(step.text);
        if (!problem) return step.text;
        // A person reads what is wrong and writes something else.
        shown.push({ kind: 'message', title: String(problem), lines: [] });
        const second = next(['type', 'dismiss'], `the input "${options.title}", which said: ${problem}`);
        if (second.do !== 'type') return undefined;
        const still = await options.validateInput?.(second.text);
        if (still) throw new Error(`"${second.text}" is refused too: ${still}`);
        return second.text;
      },
      withProgress: async (
        options: vscode.ProgressOptions,
        task: (progress: vscode.Progress<{ message?: string; increment?: number }>, token: vscode.CancellationToken) => Promise<unknown>,
      ) => {
        const reports: string[] = [];
        shown.push({ kind: 'progress', title: options.title ?? '', lines: reports });
        const source = new lm.api.CancellationTokenSource();
        const report = ({ message = '' }: { message?: string }): void => {
          reports.push(message);
          if (cancelText === undefined || !message.includes(cancelText)) return;
          cancelText = undefined;
          source.cancel();
        };
        return await task({ report }, source.token as unknown as vscode.CancellationToken);
      },
    },
  };

  const log = (text: unknown): void => void logged.push(String(text));
  const host = {
    vscode: api as unknown as typeof vscode,
    context: {
      secrets: {
        get: async (id: string) => secrets.get(id),
        store: async (id: string, value: string) => void secrets.set(id, value),
        delete: async (id: string) => void secrets.delete(id),
      },
      globalState: {
        get: (key: string, fallback: unknown) => state.get(key) ?? fallback,
        update: async (key: string, value: unknown) => void state.set(key, value),
      },
      languageModelAccessInformation: { canSendRequest: () => lm.allowed },
    } as unknown as vscode.ExtensionContext,
    log: { info: log, warn: log, error: log } as unknown as vscode.LogOutputChannel,
    showFailure: async (error: unknown) => void failures.push(error),
  };

  return {
    host,
    shown,
    said: () => [...shown.flatMap(({ title, lines }) => [title, ...lines]), ...logged].join('\n'),
    secrets,
    failures,
    executed,
    languageModels: lm,
    set: (name, value, scope = 'globalValue') => void settings[scope].set(`teamwright.${name}`, value),
    get: (name, scope = 'globalValue') => settings[scope].get(`teamwright.${name}`),
    does: (...more) => void steps.push(...more),
    left: steps,
    cancelAt: (text) => {
      cancelText = text;
    },
  };
}
