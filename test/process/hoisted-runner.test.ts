import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedNodeRunners } from '../../scripts/test-runners.ts';
import { start } from '../support/run-scene.ts';

/** Folder whose `node_modules` has mocha and jest; they are no dependencies of ours. */
const more = installedNodeRunners() ?? '';

const tests: Readonly<Record<string, string>> = {
  vitest: "import { expect, it } from 'vitest';\nimport { sum } from './sum.mjs';\nit('adds', () => expect(sum(2, 2)).toBe(4));\n",
  mocha: "const assert = require('node:assert');\nit('adds', async () => assert.equal((await import('./sum.mjs')).sum(2, 2), 4));\n",
  jest: "const { sum } = require('./sum.mjs');\ntest('adds', () => expect(sum(2, 2)).toBe(4));\n",
};

const reply = 'sum.mjs\n```js\nexport const sum = (a, b) => a + b;\n```\n';

/** A run on one package of a workspace whose programs are installed at the top of the repository. */
async function onPackage(folder: string, script: string, test: string, modules: string, testCommand?: string) {
  const scene = await start({
    script: () => reply,
    request: 'Make the failing test pass.',
    files: {
      'package.json': '{"private":true,"workspaces":["packages/*"]}',
      '.gitignore': 'node_modules\n',
      [`${folder}/package.json`]: JSON.stringify({ scripts: { test: script } }),
      [`${folder}/sum.mjs`]: 'export const sum = (a, b) => a - b;\n',
      [`${folder}/sum.test.${test === 'vitest' ? 'mjs' : 'js'}`]: tests[test] ?? '',
    },
    folder,
    prepare: (root) => symlinkSync(join(modules, 'node_modules'), join(root, 'node_modules')),
    settings: testCommand === undefined ? {} : { testCommand },
  });
  return scene.run();
}

describe('in a package folder of a monorepo, a runner installed at its top is found', () => {
  it.each([
    ['packages/a', 'vitest run', undefined],
    ['packages/a', 'npx vitest run', undefined],
    ['packages/group/deep', 'pnpm exec vitest', undefined],
    ['packages/a', 'make all', 'vitest run'],
  ])('%s: %s, typed: %s', async (folder, script, typed) => {
    expect(await onPackage(folder, script, 'vitest', resolve('.'), typed)).toMatchObject({
      outcome: 'solved',
      before: { passed: 0, failed: 1 },
      after: { passed: 1, failed: 0 },
    });
  });

  it.skipIf(more === '')('mocha', async () => {
    expect(await onPackage('packages/a', 'mocha sum.test.js', 'mocha', more)).toMatchObject({ outcome: 'solved' });
  });
});
