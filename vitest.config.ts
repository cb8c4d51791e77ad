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
      lane('process', 120, true),
      lane('runners', 120, true),
      lane('escape', 120, true),
      lane('attacks', 120, true),
      lane('crash', 180, false),
      lane('model', 1800, false),
      lane('training', 900, false),
      lane('host', 60, true),
      lane('pages', 120, false),
      withPackedExtension(lane('package', 300, false)),
      lane('vscode', 300, false),
      withPackedExtension(lane('browser', 300, false)),
    ],
  },
});
