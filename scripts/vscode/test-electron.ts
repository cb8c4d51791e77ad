/**
 * The in-host tests in the VS Code that users download, by `@vscode/test-electron`. Ends with 0 or 1, and with 3 where it cannot be run:
 * no download, or no display.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { downloadAndUnzipVSCode, runTests, SilentReporter } from '@vscode/test-electron';
import { brokenSum, temporaryWorkspace } from '../../test/support/workspaces.ts';
import type { HostReport } from '../../test/vscode/in-host/suite.ts';
import { bundleHostTests } from '../../test/vscode/in-host.ts';
import { bootstrap, root } from '../bootstrap.mjs';

function skip(reason: string): never {
  console.log(`Skipped: ${reason} The same tests run in the lane "vscode", on VS Code's own server.`);
  process.exit(3);
}

if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
  skip('there is no display here for the VS Code window.');
const cachePath = path.join(homedir(), '.cache', 'teamwright', 'vscode-test');
mkdirSync(cachePath, { recursive: true });
let executable: string;
try {
  executable = await downloadAndUnzipVSCode({ version: '1.139.1', cachePath, reporter: new SilentReporter(), timeout: 15_000 });
} catch (error) {
  skip(`VS Code 1.139.1 cannot be downloaded here (${error instanceof Error ? error.message : String(error)}).`);
}

bootstrap();
const folder = mkdtempSync(path.join(tmpdir(), 'teamwright-electron-'));
const workspace = temporaryWorkspace(brokenSum);
let failed = 0;
try {
  const module = await bundleHostTests(folder);
  for (const [suite, more] of [
    ['trusted', ['--disable-workspace-trust']],
    ['restricted', []],
  ] as const) {
    const report = path.join(folder, `${suite}.json`);
    const folders = ['--user-data-dir', path.join(folder, `user-${suite}`), '--extensions-dir', path.join(folder, 'extensions')];
    const code = await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: module,
      extensionTestsEnv: { TEAMWRIGHT_HOST_SUITE: suite, TEAMWRIGHT_HOST_REPORT: report, TEAMWRIGHT_DATA: path.join(folder, 'data') },
      launchArgs: [workspace.root, ...folders, '--disable-extensions', ...more, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    }).catch((error: unknown) => {
      console.log(String(error));
      return 1;
    });
    const results = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as HostReport).results : [];
    for (const { name, error } of results)
      console.log(`${error === undefined ? '✓' : '✗'} ${suite}: ${name}${error === undefined ? '' : `\n${error}`}`);
    if (code !== 0 || results.length === 0 || results.some((each) => each.error !== undefined)) failed += 1;
  }
} finally {
  workspace.dispose();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
