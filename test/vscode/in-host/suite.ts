import { renameSync, writeFileSync } from 'node:fs';

/** Tests that run inside the extension host, where no test framework is: a test is a name and a function that throws. */
export interface HostTest {
  readonly name: string;
  run(): Promise<void> | void;
}

/** What the host hands out of its process. */
export interface HostReport {
  readonly results: readonly { readonly name: string; readonly error?: string }[];
  /** Facts that were measured, by name. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Facts that tests leave for the report. */
export const facts: Record<string, unknown> = {};

/** Runs the tests one after the other, writes their report to the file, and throws when one failed. */
export async function runTests(tests: readonly HostTest[], file: string | undefined): Promise<void> {
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
  if (file !== undefined) {
    // Whole or not at all: somebody waits for the file.
    writeFileSync(`${file}.half`, JSON.stringify(report));
    renameSync(`${file}.half`, file);
  }
  const failed = results.filter((each) => each.error !== undefined);
  if (failed.length > 0) throw new Error(failed.map((each) => `${each.name}: ${each.error}`).join('\n'));
}
