/** Our adapter for VS Code's language models, in a real VS Code 1.139 with a provider of the test's own. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { launchBrowser, openWindow } from '../../scripts/vscode/browser.ts';
import { startVscode } from '../../scripts/vscode/start.ts';
import type { HostReport } from './in-host/suite.ts';

/** An extension that contributes the provider's name; the tests lie in it and register the provider. */
async function providerExtension(folder: string): Promise<string> {
  const extension = join(folder, 'provider');
  mkdirSync(extension);
  const manifest = {
    name: 'provider',
    publisher: 'teamwright-test',
    version: '1.0.0',
    engines: { vscode: '^1.123.0' },
    main: './extension.cjs',
    activationEvents: ['*'],
    contributes: { languageModelChatProviders: [{ vendor: 'teamwright-test', displayName: 'Scripted' }] },
  };
  writeFileSync(join(extension, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(extension, 'extension.cjs'), 'exports.activate = () => {};\n');
  await build({
    entryPoints: [join(import.meta.dirname, 'in-host', 'language-models.ts')],
    outfile: join(extension, 'tests.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': '__moduleUrl' },
  });
  // Data that lies beside the code is read from beside the bundle.
  copyFileSync(join(import.meta.dirname, '../../src/models/prices.json'), join(extension, 'prices.json'));
  return extension;
}

test('language models of VS Code answer through our adapter', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-language-models-'));
  const report = join(folder, 'report.json');
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const extension = await providerExtension(folder);
  const browser = await launchBrowser();
  const settings = { 'security.workspace.trust.enabled': false, 'chat.disableAIFeatures': false };
  const server = await startVscode({ driver: true, settings, env: { TEAMWRIGHT_HOST_REPORT: report } });
  try {
    const tests = { development: extension, module: join(extension, 'tests.cjs') };
    const { errors } = await openWindow(browser, server, { folder: workspace, tests });
    for (const until = Date.now() + 120_000; !existsSync(report); await wait(100)) {
      if (Date.now() > until) throw new Error(`The tests in the host came to no end.\n${errors.join('\n')}\n${server.output()}`);
    }
    const { results } = JSON.parse(readFileSync(report, 'utf8')) as HostReport;
    expect(results.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]))).toEqual([]);
    expect(results).toHaveLength(7);
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
