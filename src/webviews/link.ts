/** The page's end of the wire: words and state from the host, models and streams in, commands out. */
import {
  type Command,
  messageVersion,
  type PageSetup,
  pageSetupSchema,
  type TabState,
  type ToPage,
  tabStateSchema,
  toPageSchema,
} from './messages-types.ts';
import type { StringKey } from './strings.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** The element the page is drawn into; the host's HTML holds it. */
export const container = document.querySelector<HTMLElement>('#page') as HTMLElement;

export const setup: PageSetup = pageSetupSchema.parse(JSON.parse(container.dataset.setup ?? '{}'));

/** A sentence of the page in the user's language; `{0}` stands for the first value. */
export const say = (key: StringKey, ...values: readonly (string | number)[]): string =>
  (setup.strings[key] ?? key).replaceAll(/\{(\d)\}/g, (hole, index: string) => String(values[Number(index)] ?? hole));

const restored = tabStateSchema.safeParse(api.getState());
let state: TabState = restored.success
  ? restored.data
  : { v: messageVersion, page: setup.page, ...(setup.runId !== undefined && { runId: setup.runId }), view: {} };
state = { ...state, page: setup.page, ...(setup.runId !== undefined && { runId: setup.runId }) };
api.setState(state);

export const viewValue = (name: string): TabState['view'][string] | undefined => state.view[name];

/** Kept over hiding the tab and reloading the window. */
export function keepViewValue(name: string, value: TabState['view'][string]): void {
  state = { ...state, view: { ...state.view, [name]: value } };
  api.setState(state);
}

export function send(command: Command): void {
  api.postMessage({ v: messageVersion, command });
}

/** What is no message of ours is dropped. */
export function listen(receive: (message: ToPage) => void): () => void {
  const listener = ({ data }: MessageEvent<unknown>): void => {
    const parsed = toPageSchema.safeParse(data);
    if (parsed.success) receive(parsed.data.message);
    else console.warn('Teamwright: a message of the host was dropped.', parsed.error.message);
  };
  window.addEventListener('message', listener);
  return () => window.removeEventListener('message', listener);
}
