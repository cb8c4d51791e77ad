import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// For the processes of the tests: threads that they start from the sources (the index of runs has one) would strip and compile them anew each time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/tests');

/**
 * One project per kind of test. Limits are generous because CI machines are busy, never because a test may wait. `workers`: test files side by
 * side on two cores; more than two where tests wait much of the time, for pages to load and for processes to end.
 */
const lane = (name: string, seconds: number, workers: number) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    maxWorkers: workers,
    fileParallelism: workers > 1,
  },
});

/**
 * For lanes whose tests start many processes: each start copies the page tables of the one that starts it, a sixth of all time where the young
 * objects of the test may fill 130 MB.
 */
const withSmallForks = (project: ReturnType<typeof lane>) => ({
  ...project,
  test: { ...project.test, execArgv: ['--max-semi-space-size=2'] },
});

/** Builds what the tests start before the first of them. */
const withBundles = (project: ReturnType<typeof lane>) => ({
  ...project,
  test: { ...project.test, globalSetup: ['test/support/built.ts'] },
});

/** Packs the extension before the first test and tells the tests where it lies. */
const withPackedExtension = (project: ReturnType<typeof lane>) => ({
  ...project,
  test: { ...project.test, globalSetup: ['test/support/vscode-pages/packed.ts'] },
});

/** Lets VS Code install the packed extension once, before the first test. */
const withInstalledExtension = (project: ReturnType<typeof lane>) => ({
  ...project,
  test: { ...project.test, globalSetup: ['test/support/vscode-pages/installed.ts'] },
});

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    projects: [
      lane('unit', 60, 2),
      withBundles(withSmallForks(lane('process', 120, 3))),
      withSmallForks(lane('runners', 120, 2)),
      withSmallForks(lane('escape', 120, 2)),
      withBundles(withSmallForks(lane('attacks', 120, 2))),
      withBundles(withSmallForks(lane('crash', 180, 1))),
      lane('model', 1800, 1),
      withBundles(lane('training', 900, 1)),
      withBundles(withSmallForks(lane('host', 60, 2))),
      lane('pages', 120, 1),
      withPackedExtension(lane('package', 300, 1)),
      lane('vscode', 300, 1),
      withInstalledExtension(lane('browser', 300, 2)),
    ],
  },
});
