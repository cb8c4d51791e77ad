/**
 * The module that VS Code calls in its extension host (`extensionTestsPath`): runs one suite, writes its report to the file named in the
 * environment, and throws when a test failed. The same bundle runs in the offline lane and by `@vscode/test-electron`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { activation } from './activation.ts';
import { manifest } from './manifest.ts';
import { restricted } from './restricted.ts';
import { facts, type HostReport, type HostTest } from './suite.ts';

const suites: Readonly<Record<string, readonly HostTest[]>> = {
  trusted: [...activation, ...manifest],
  restricted,
  activation,
};

export async function run(): Promise<void> {
  const name = process.env.TEAMWRIGHT_HOST_SUITE ?? 'trusted';
  const tests = suites[name];
  if (tests === undefined) throw new Error(`There is no suite ${name}.`);
  const results: { name: string; error?: string }[] = [];
  for (const test of tests) {
    try {
      await test.run();
      results.push({ name: test.name });
    } catch (error) {
      results.push({ name: test.name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  const report: HostReport = { results, facts };
  const file = process.env.TEAMWRIGHT_HOST_REPORT;
  if (file !== undefined) {
    // Whole or not at all: somebody waits for the file.
    writeFileSync(`${file}.half`, JSON.stringify(report));
    renameSync(`${file}.half`, file);
  }
  const failed = results.filter((each) => each.error !== undefined);
  if (failed.length > 0) throw new Error(failed.map((each) => `${each.name}: ${each.error}`).join('\n'));
}
