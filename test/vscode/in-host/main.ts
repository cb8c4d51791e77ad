/**
 * The module that VS Code calls in its extension host (`extensionTestsPath`): runs one suite, writes its report to the file named in the
 * environment, and throws when a test failed. The same bundle runs in the offline lane and by `@vscode/test-electron`.
 */
import process from 'node:process';
import { activation } from './activation.ts';
import { manifest } from './manifest.ts';
import { restricted } from './restricted.ts';
import { type HostTest, runTests } from './suite.ts';

const suites: Readonly<Record<string, readonly HostTest[]>> = {
  trusted: [...activation, ...manifest],
  restricted,
  activation,
};

export async function run(): Promise<void> {
  const name = process.env.TEAMWRIGHT_HOST_SUITE ?? 'trusted';
  const tests = suites[name];
  if (tests === undefined) throw new Error(`There is no suite ${name}.`);
  await runTests(tests, process.env.TEAMWRIGHT_HOST_REPORT);
}
