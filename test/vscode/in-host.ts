/** Runs a suite of `in-host/` in a real VS Code and gives its report. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { openWindow } from '../../scripts/vscode/browser.ts';
import { startVscode } from '../../scripts/vscode/start.ts';
import type { HostReport } from './in-host/suite.ts';

const root = resolve(import.meta.dirname, '../..');

/** Bundles the tests into one CommonJS module in `folder`; gives its path. */
export async function bundleHostTests(folder: string): Promise<string> {
  const outfile = join(folder, 'in-host.cjs');
  const entry = join(import.meta.dirname, 'in-host', 'main.ts');
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node22', external: ['vscode'] });
  return outfile;
}

/** One window, one suite. The extension is loaded from its sources' folder with what `dist/` holds. */
export async function runInHost(
  browser: Browser,
  suite: string,
  workspace: string,
  settings: Record<string, unknown>,
): Promise<HostReport> {
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-in-host-'));
  const report = join(folder, 'report.json');
  const module = await bundleHostTests(folder);
  const environment = { TEAMWRIGHT_HOST_SUITE: suite, TEAMWRIGHT_HOST_REPORT: report, TEAMWRIGHT_DATA: join(folder, 'data') };
  const server = await startVscode({ driver: true, settings, env: environment });
  try {
    const { context, errors } = await openWindow(browser, server, { folder: workspace, tests: { development: root, module } });
    const until = Date.now() + 120_000;
    while (!existsSync(report)) {
      if (Date.now() > until) throw new Error(`The tests in the host came to no end.\n${errors.join('\n')}\n${server.output()}`);
      await wait(100);
    }
    await context.close();
    return JSON.parse(readFileSync(report, 'utf8')) as HostReport;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
