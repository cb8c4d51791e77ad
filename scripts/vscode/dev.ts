/**
 * Opens the extension as it is in `src/` now in a real VS Code, to be looked at:
 * `npm run vscode:dev -- [folder] [--theme dark|light|contrast] [--vsix FILE] [--settings JSON]` prints an address and serves until Ctrl-C;
 * with `--screenshot FILE [--command "Teamwright: …"]… [--type TEXT] [--wait SECONDS]` it takes one picture instead and ends.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bootstrap, root } from '../bootstrap.mjs';
import { launchBrowser, openWindow } from './browser.ts';
import { runCommand } from './palette.ts';
import { startVscode } from './start.ts';
import { themes } from './themes.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    theme: { type: 'string', default: 'dark' },
    vsix: { type: 'string' },
    settings: { type: 'string', default: '{}' },
    screenshot: { type: 'string' },
    command: { type: 'string', multiple: true, default: [] },
    type: { type: 'string' },
    wait: { type: 'string', default: '5' },
    untrusted: { type: 'boolean', default: false },
  },
});

const theme = themes[values.theme as keyof typeof themes];
if (theme === undefined) throw new Error(`There is no theme ${values.theme}. Themes: ${Object.keys(themes).join(', ')}.`);
bootstrap();

const given = positionals[0];
const copy = given === undefined ? mkdtempSync(path.join(tmpdir(), 'teamwright-example-')) : undefined;
if (copy !== undefined) cpSync(path.join(root, 'examples', 'failing-test'), copy, { recursive: true });
const folder = path.resolve(given ?? (copy as string));

const trust = values.untrusted ? {} : { 'security.workspace.trust.enabled': false };
const server = await startVscode({
  ...(values.vsix === undefined ? { sources: root } : { vsix: path.resolve(values.vsix) }),
  settings: { 'workbench.colorTheme': theme, ...trust, ...JSON.parse(values.settings) },
});
const address = { folder };

async function takePicture(file: string): Promise<void> {
  const browser = await launchBrowser();
  try {
    const { page, errors } = await openWindow(browser, server, address);
    for (const title of values.command) await runCommand(page, title);
    if (values.type !== undefined) await page.keyboard.type(values.type);
    await wait(Number(values.wait) * 1000);
    await page.screenshot({ path: file });
    console.log(`Picture: ${file}`);
    for (const each of errors) console.log(`console: ${each}`);
  } finally {
    await browser.close();
  }
}

try {
  if (values.screenshot !== undefined) await takePicture(path.resolve(values.screenshot));
  else {
    console.log(`VS Code with Teamwright: ${server.url(address)}\nCtrl-C ends it.`);
    await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  }
} finally {
  await server.stop();
  if (copy !== undefined) rmSync(copy, { recursive: true, force: true });
}
