/** One page of the editor alone in Chromium: the real bundle under the real content policy; the test plays the host. */
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { pageHtml } from '../../../src/editor/panels/page-host.ts';
import type { Speech } from '../../../src/editor/panels/words.ts';
import { type Command, messageVersion, type PageModel, type ToPage, toHostSchema } from '../../../src/webviews/messages-types.ts';
import { pageStrings } from '../../../src/webviews/strings.ts';
import { english } from './speech.ts';
import { type PageTheme, pageThemes } from './themes.ts';

export interface OpenPage {
  readonly page: Page;
  /** Commands the page sent, oldest first; each was valid. */
  readonly commands: Command[];
  /** Errors in the console, breaches of the content policy among them. */
  readonly errors: string[];
  show(model: PageModel): Promise<void>;
  send(message: ToPage): Promise<void>;
  /** Anything at all, for what the page must drop. */
  sendRaw(message: unknown): Promise<void>;
  /** Waits for the next command of this kind. */
  command<T extends Command['type']>(type: T): Promise<Extract<Command, { type: T }>>;
  state(): Promise<unknown>;
  close(): Promise<void>;
}

export interface OpenPageOptions {
  readonly theme?: PageTheme;
  readonly width?: number;
  readonly height?: number;
  readonly state?: unknown;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  /** English without it. */
  readonly speech?: Speech;
}

const dist = path.join(import.meta.dirname, '..', '..', '..', 'dist', 'webviews');

export async function openPage(browser: Browser, model: PageModel, options: OpenPageOptions = {}): Promise<OpenPage> {
  const { theme = 'dark', width = 1400, height = 900, speech = english } = options;
  const server = http.createServer(async (request, response) => {
    const name = new URL(request.url ?? '/', 'http://page').pathname;
    if (name === '/') {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const setup = { page: model.page, runId: 'r1', locale: speech.locale, strings: pageStrings(speech.l10n.t) };
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        pageHtml({
          script: `${origin}/pages.js`,
          style: `${origin}/pages.css`,
          source: origin,
          nonce: 'bm9uY2U',
          title: 'Teamwright',
          setup,
        }),
      );
      return;
    }
    if (name !== '/pages.js' && name !== '/pages.css') return response.writeHead(404).end();
    response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'text/css');
    response.end(await readFile(path.join(dist, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext({
    viewport: { width, height },
    locale: speech.locale === 'en' ? 'en-US' : speech.locale,
    reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
    forcedColors: options.forcedColors === true ? 'active' : 'none',
  });
  const page = await context.newPage();
  const commands: Command[] = [];
  const errors: string[] = [];
  const waiting: { type: string; found: (command: Command) => void }[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.exposeFunction('toHost', (message: unknown) => {
    const { command } = toHostSchema.parse(message);
    commands.push(command);
    const index = waiting.findIndex(({ type }) => type === command.type);
    if (index >= 0) waiting.splice(index, 1)[0]?.found(command);
  });
  await page.addInitScript(vscodeStandIn, { ...pageThemes[theme], state: options.state });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

  const sendRaw = (message: unknown): Promise<void> =>
    page.evaluate(
      (data) => (globalThis as unknown as { postMessage(data: unknown, target: string): void }).postMessage(data, '*'),
      message,
    );
  const send = (message: ToPage): Promise<void> => sendRaw({ v: messageVersion, message });
  const command: OpenPage['command'] = (type) =>
    new Promise((found, failed) => {
      const late = setTimeout(
        () => failed(new Error(`The page sent no "${type}"; it sent ${commands.map((one) => one.type).join(', ')}`)),
        20_000,
      );
      waiting.push({
        type,
        found: (one) => {
          clearTimeout(late);
          found(one as never);
        },
      });
    });
  await page.locator('main').waitFor();
  await send({ type: 'model', model });
  await page.locator('h1').waitFor();
  return {
    page,
    commands,
    errors,
    show: (next) => send({ type: 'model', model: next }),
    send,
    sendRaw,
    command,
    state: () => page.evaluate('window.keptState'),
    close: async () => {
      await context.close();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Runs in the page before anything else: what VS Code puts into a webview. */
function vscodeStandIn({ kind, variables, state }: { kind: string; variables: Record<string, string>; state: unknown }): void {
  const global = globalThis as unknown as {
    acquireVsCodeApi: unknown;
    keptState: unknown;
    toHost: (message: unknown) => void;
    document: { documentElement: { style: { setProperty(name: string, value: string): void } }; body: { className: string } };
    addEventListener(type: string, listener: () => void): void;
  };
  global.keptState = state;
  global.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => global.toHost(message),
    getState: () => global.keptState,
    setState: (next: unknown) => {
      global.keptState = next;
    },
  });
  global.addEventListener('DOMContentLoaded', () => {
    for (const [name, value] of Object.entries(variables)) global.document.documentElement.style.setProperty(`--vscode-${name}`, value);
    global.document.body.className = kind;
  });
}
