/** Runs of a project's tests before and after a change, and whether what they say of the change would be believed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
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

/** What a project's tests say without a change, of each (files, command) once: most tests ask it of the same project. */
const baselines = new WeakMap<object, Map<string, Promise<TestReport>>>();

/** `prepare` is called with the root of the project before anything runs; `cwd` is the folder in it that the command runs in. */
export async function guardedRuns(
  command: string,
  files: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>>,
  prepare: (root: string) => void = () => undefined,
  cwd = '',
  own: Partial<typeof limits> = {},
): Promise<GuardedRuns> {
  const project = guardedProject(command, files, prepare, cwd, own);
  try {
    return await project.runsWith(change);
  } finally {
    project.dispose();
  }
}

/** The same for many changes of one project, which is built and tried without a change once. */
export function guardedProject(
  command: string,
  files: Readonly<Record<string, string>>,
  prepare: (root: string) => void = () => undefined,
  cwd = '',
  own: Partial<typeof limits> = {},
): { runsWith(change: Readonly<Record<string, string>>): Promise<GuardedRuns>; dispose(): void } {
  const workspace = temporaryWorkspace(files);
  const run = () =>
    runTests({ ...testCommandFromText(command), cwd }, workspace.root, { ...limits, ...own }, {}, new AbortController().signal);
  const known = baselines.get(files) ?? new Map<string, Promise<TestReport>>();
  baselines.set(files, known);
  const key = JSON.stringify([command, cwd, own]);
  let isPrepared = false;
  return {
    async runsWith(change) {
      if (!isPrepared) prepare(workspace.root);
      isPrepared = true;
      const baseline = known.get(key) ?? run();
      known.set(key, baseline);
      const before = await baseline;
      for (const [path, text] of Object.entries(change)) workspace.write(path, text);
      // Without a change there is nothing to run again.
      const after = Object.keys(change).length === 0 ? before : await run();
      for (const path of Object.keys(change)) {
        const text = files[path];
        if (text === undefined) rmSync(join(workspace.root, path), { recursive: true });
        else workspace.write(path, text);
      }
      const breaches = breachesOf({ report: after, baseline: before, changed: Object.keys(change) }).map((one) => one.kind);
      const passed = after.cases.filter((one) => one.outcome === 'passed').map((one) => one.name);
      return { before, after, breaches, passed, believed: after.green && breaches.length === 0 };
    },
    dispose: () => workspace.dispose(),
  };
}
