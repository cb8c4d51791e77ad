import { defineConfig } from 'vitest/config';

/** One project per kind of test; limits are generous because CI machines are busy, never because a test may wait. */
const lane = (name: string, seconds: number, fileParallelism: boolean) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    fileParallelism,
  },
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

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      lane('unit', 60, true),
      withBundles(lane('process', 120, true)),
      lane('runners', 120, true),
      lane('escape', 120, true),
      withBundles(lane('attacks', 120, true)),
      withBundles(lane('crash', 180, false)),
      lane('model', 1800, false),
      withBundles(lane('training', 900, false)),
      withBundles(lane('host', 60, true)),
      lane('pages', 120, false),
      withPackedExtension(lane('package', 300, false)),
      lane('vscode', 300, false),
      withPackedExtension(lane('browser', 300, false)),
    ],
  },
});
