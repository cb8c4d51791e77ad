/** Runs of a project's tests before and after a change, and whether what they say of the change would be believed. */
import { breachesOf, runTests, testCommandFromText } from '../../src/feedback/index.ts';
import type { TestReport } from '../../src/feedback/types.ts';
import { temporaryWorkspace } from './workspaces.ts';

const limits = { wallMs: 60_000, idleMs: 60_000, outputBytes: 64 * 1024 };

export interface GuardedRuns {
  readonly before: TestReport;
  readonly after: TestReport;
  /** What speaks against the change beside its tests. */
  readonly breaches: readonly string[];
  /** Names of the tests that passed after the change. */
  readonly passed: readonly string[];
  /** All is green, and nothing speaks against it. */
  readonly believed: boolean;
}

/** `prepare` is called with the root of the project before anything runs; `cwd` is the folder in it that the command runs in. */
export async function guardedRuns(
  command: string,
  files: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>>,
  prepare: (root: string) => void = () => undefined,
  cwd = '',
): Promise<GuardedRuns> {
  const workspace = temporaryWorkspace(files);
  try {
    prepare(workspace.root);
    const run = () => runTests({ ...testCommandFromText(command), cwd }, workspace.root, limits, {}, new AbortController().signal);
    const before = await run();
    for (const [path, text] of Object.entries(change)) workspace.write(path, text);
    const after = await run();
    const breaches = breachesOf({ report: after, baseline: before, changed: Object.keys(change) }).map((one) => one.kind);
    const passed = after.cases.filter((one) => one.outcome === 'passed').map((one) => one.name);
    return { before, after, breaches, passed, believed: after.green && breaches.length === 0 };
  } finally {
    workspace.dispose();
  }
}
