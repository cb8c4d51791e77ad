/** Everything that VS Code asks the user, as a queue that a test answers: messages, picks, inputs. */
import { setTimeout as wait } from 'node:timers/promises';
import { FakeEventEmitter } from './values.ts';

export interface ShownMessage {
  readonly kind: 'information' | 'warning' | 'error';
  readonly text: string;
  readonly buttons: readonly string[];
  readonly modal: boolean;
  readonly detail: string | undefined;
  /** Presses a button by its title. */
  press(button: string): void;
  dismiss(): void;
}

export interface ShownPick {
  readonly labels: readonly string[];
  readonly placeHolder: string | undefined;
  choose(...labels: string[]): void;
  dismiss(): void;
}

export interface ShownInput {
  readonly prompt: string | undefined;
  readonly value: string | undefined;
  readonly password: boolean;
  enter(text: string): void;
  dismiss(): void;
}

/** `QuickPickItemKind.Separator`. */
const separator = -1;

interface Item {
  label: string;
  kind?: number;
  description?: string;
  text?: string;
}

/** `createQuickPick`, held by the test as the user sees it. */
export class FakeQuickPick<T extends Item> {
  title = '';
  placeholder = '';
  matchOnDetail = false;
  matchOnDescription = false;
  ignoreFocusOut = false;
  canSelectMany = false;
  busy = false;
  enabled = true;
  buttons: readonly { tooltip?: string }[] = [];
  selectedItems: readonly T[] = [];
  visible = false;
  #value = '';
  #items: readonly T[] = [];
  #active: readonly T[] | undefined;
  readonly #changed = new FakeEventEmitter<string>();
  readonly #accepted = new FakeEventEmitter<void>();
  readonly #hidden = new FakeEventEmitter<void>();
  readonly #button = new FakeEventEmitter<unknown>();
  readonly #itemButton = new FakeEventEmitter<{ item: T; button: unknown }>();
  readonly #selection = new FakeEventEmitter<readonly T[]>();
  readonly #activeChanged = new FakeEventEmitter<readonly T[]>();
  readonly onDidChangeValue = this.#changed.event;
  readonly onDidAccept = this.#accepted.event;
  readonly onDidHide = this.#hidden.event;
  readonly onDidTriggerButton = this.#button.event;
  readonly onDidTriggerItemButton = this.#itemButton.event;
  readonly onDidChangeSelection = this.#selection.event;
  readonly onDidChangeActive = this.#activeChanged.event;

  get value(): string {
    return this.#value;
  }
  set value(text: string) {
    this.#value = text;
  }
  get items(): readonly T[] {
    return this.#items;
  }
  set items(items: readonly T[]) {
    this.#items = items;
    this.#active = undefined;
  }
  get activeItems(): readonly T[] {
    return this.#active ?? this.#items.slice(0, 1);
  }
  set activeItems(items: readonly T[]) {
    this.#active = items;
  }
  show(): void {
    this.visible = true;
  }
  hide(): void {
    if (!this.visible) return;
    this.visible = false;
    this.#hidden.fire();
  }
  dispose(): void {
    this.hide();
  }

  // What the user does.
  type(text: string): void {
    this.#value = text;
    this.#changed.fire(text);
  }
  enter(label?: string): void {
    if (label !== undefined) this.#active = [this.#find(label)];
    this.selectedItems = this.activeItems;
    this.#selection.fire(this.selectedItems);
    this.#accepted.fire();
  }
  pressButton(tooltip: string): void {
    this.#button.fire(this.buttons.find((button) => button.tooltip === tooltip) ?? missing(tooltip));
  }
  pressItemButton(label: string, tooltip: string): void {
    const item = this.#find(label);
    const { buttons = [] } = item as { buttons?: readonly { tooltip?: string }[] };
    this.#itemButton.fire({ item, button: buttons.find((button) => button.tooltip === tooltip) ?? missing(tooltip) });
  }
  /** Rows, without the lines between them. */
  labels(): string[] {
    return this.#items.filter(({ kind }) => kind !== separator).map(read);
  }
  #find(label: string): T {
    return this.#items.find((item) => read(item) === label) ?? missing(label);
  }
}

/** What a row is read by: its label, or what stands beside an icon alone. */
const read = ({ label, description = '' }: Item): string => (/^\$\([^)]*\)$/.test(label) ? description : label);

function missing(what: string): never {
  throw new Error(`"${what}" is not on screen.`);
}

/** A queue whose next entry can be waited for. */
export class Shown<T> {
  readonly all: T[] = [];
  #taken = 0;
  add(entry: T): void {
    this.all.push(entry);
  }
  /** The next one that no test has taken yet. */
  async next(): Promise<T> {
    const until = Date.now() + 20_000;
    while (this.all.length <= this.#taken) {
      if (Date.now() > until) throw new Error('Nothing was shown within 20 seconds.');
      await wait(5);
    }
    const entry = this.all[this.#taken] as T;
    this.#taken += 1;
    return entry;
  }
  /** How many are shown that no test has taken. */
  get waiting(): number {
    return this.all.length - this.#taken;
  }
}

export interface Prompts {
  readonly messages: Shown<ShownMessage>;
  readonly picks: Shown<ShownPick>;
  readonly inputs: Shown<ShownInput>;
  readonly quickPicks: Shown<FakeQuickPick<Item>>;
}

/** The part of `vscode.window` that asks. */
export function createPrompts(): { prompts: Prompts; window: Record<string, unknown> } {
  const prompts: Prompts = { messages: new Shown(), picks: new Shown(), inputs: new Shown(), quickPicks: new Shown() };
  const message =
    (kind: ShownMessage['kind']) =>
    (text: string, ...rest: unknown[]): Promise<unknown> =>
      new Promise((resolve) => {
        const options = rest.find((entry): entry is { modal?: boolean; detail?: string } => isOptions(entry));
        const buttons = rest.filter((entry) => entry !== options);
        const title = (button: unknown): string => (typeof button === 'string' ? button : (button as { title: string }).title);
        prompts.messages.add({
          kind,
          text,
          buttons: buttons.map(title),
          modal: options?.modal ?? false,
          detail: options?.detail,
          press: (wanted) => resolve(buttons.find((button) => title(button) === wanted) ?? missing(wanted)),
          dismiss: () => resolve(undefined),
        });
      });
  return {
    prompts,
    window: {
      showInformationMessage: message('information'),
      showWarningMessage: message('warning'),
      showErrorMessage: message('error'),
      showQuickPick: async (given: unknown, options: { placeHolder?: string; canPickMany?: boolean } = {}) => {
        const items = (await given) as (string | Item)[];
        const label = (item: string | Item): string => (typeof item === 'string' ? item : item.label);
        const find = (wanted: string): string | Item => items.find((item) => label(item) === wanted) ?? missing(wanted);
        return new Promise((resolve) =>
          prompts.picks.add({
            labels: items.map(label),
            placeHolder: options.placeHolder,
            choose: (...labels) => resolve(options.canPickMany ? labels.map(find) : find(labels[0] ?? '')),
            dismiss: () => resolve(undefined),
          }),
        );
      },
      showInputBox: (options: { prompt?: string; value?: string; password?: boolean } = {}) =>
        new Promise((resolve) =>
          prompts.inputs.add({
            prompt: options.prompt,
            value: options.value,
            password: options.password ?? false,
            enter: resolve,
            dismiss: () => resolve(undefined),
          }),
        ),
      createQuickPick: () => {
        const pick = new FakeQuickPick<Item>();
        prompts.quickPicks.add(pick);
        return pick;
      },
    },
  };
}

const isOptions = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && !('title' in entry) && ('modal' in entry || 'detail' in entry);
