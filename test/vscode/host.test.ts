/** The suites of `in-host/` in a real VS Code 1.139. What they say of themselves is said here once more, test by test. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../../scripts/vscode/browser.ts';
import { brokenSum, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';
import type { HostReport } from './in-host/suite.ts';
import { runInHost } from './in-host.ts';

let browser: Browser;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  browser = await launchBrowser();
  workspace = temporaryWorkspace(brokenSum);
});
afterAll(async () => {
  await browser?.close();
  workspace?.dispose();
});

const failures = (report: HostReport): string[] =>
  report.results.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]));

describe('in the extension host', () => {
  test('of a trusted workspace: activation, commands, settings, strings', async () => {
    const report = await runInHost(browser, 'trusted', workspace.root, { 'security.workspace.trust.enabled': false });
    expect(failures(report)).toEqual([]);
    expect(report.results.length).toBeGreaterThanOrEqual(5);
    expect(report.facts).toMatchObject({ vscode: '1.139.1', node: expect.stringMatching(/^v24\./) });
  });

  test('of a workspace that is not trusted: no process is started, whatever is asked', async () => {
    const before = workspace.contents();
    const report = await runInHost(browser, 'restricted', workspace.root, { 'security.workspace.trust.startupPrompt': 'never' });
    expect(failures(report)).toEqual([]);
    expect(report.results).toHaveLength(3);
    expect(workspace.contents()).toEqual(before);
  });
});
