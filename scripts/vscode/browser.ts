/** Chromium for the tests and the pictures, and the opening of VS Code in it. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { installVscode } from './install.ts';
import type { OpenOptions, VscodeServer } from './start.ts';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const moreFlags = ['--disable-component-update', '--disable-sync'];

export async function launchBrowser(): Promise<Browser> {
  const found = await installVscode();
  return chromium.launch({ executablePath: found.chromium, args: [...flags, ...moreFlags], timeout: 60_000 });
}

export interface OpenWindow {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What pages and frames printed as errors, uncaught errors included. */
  readonly errors: readonly string[];
  /** Those of them that are ours. */
  readonly ownErrors: readonly string[];
}

/**
 * Opens VS Code in a browser of its own profile and waits until the workbench stands. Opening is the one thing that is tried again:
 * a machine under load may let the first connection time out.
 */
export async function openWindow(browser: Browser, server: VscodeServer, options: OpenOptions = {}, tries = 3): Promise<OpenWindow> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', locale: 'en-US' });
  const page = await context.newPage();
  const { errors, ownErrors } = collectErrors(page);
  for (let attempt = 1; ; attempt++) {
    try {
      await page.goto(server.url(options), { waitUntil: 'domcontentloaded' });
      await workbenchStands(page);
      return { page, context, errors, ownErrors };
    } catch (error) {
      if (attempt >= tries) throw new Error(`VS Code did not open: ${String(error)}\n${errors.join('\n')}\n${server.output()}`);
    }
  }
}

/** Waits until the window is there and its extension host answers; also after a reload. */
export async function workbenchStands(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
  await page.locator('.monaco-workbench .part.activitybar .action-item').first().waitFor({ timeout: 60_000 });
}

/** What this build of VS Code says about itself: modules that are not built here, and services that it looks for on the network. */
const noise = [
  /could not locate the bindings file/i,
  /watchdog/i,
  /ENOTFOUND|ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED/,
  /ServiceWorker|bad HTTP response code \(404\)|status of 404/,
];
/** From the frame of a webview, from our extension's code, or about what a page may load. */
const ours = /teamwright|\/fake\.html|vscode-cdn\.net|content security policy/i;

function collectErrors(page: Page): { errors: string[]; ownErrors: string[] } {
  const errors: string[] = [];
  const ownErrors: string[] = [];
  const collect = (text: string, where: string): void => {
    if (noise.some((pattern) => pattern.test(text))) return;
    errors.push(text);
    if (ours.test(`${text} ${where}`)) ownErrors.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') collect(message.text(), message.location().url);
  });
  page.on('pageerror', (error) => collect(error.stack ?? String(error), ''));
  return { errors, ownErrors };
}
