/** Folders beside a project: what its tests want of them is said before anything is paid, and what the user lets them read lies beside copies too. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { noGrants } from '../../src/process/index.ts';
import { defaultRunSettings } from '../../src/run/index.ts';
import { works } from '../support/python.ts';
import { start } from '../support/run-scene.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

interface Kind {
  readonly runs?: boolean;
  /** Tried without a fence, too. */
  readonly unfenced?: boolean;
  /** The file that is wrong, and its right text. */
  readonly wrong: string;
  readonly right: string;
  readonly files: Readonly<Record<string, string>>;
  /** Beside the project. */
  readonly beside: Readonly<Record<string, string>>;
  /** Folder of the project that the run is on. */
  readonly folder?: string;
}

const nodeTest = (load: string): string => `${load}\ntest('sum', () => assert.equal(sum(2, 3), 5));\n`;
const go = {
  'go.mod': 'module example.org/app\n\ngo 1.22\n\nrequire example.org/lib v0.0.0\n\nreplace example.org/lib => ../lib\n',
  'sum_test.go': 'package app\n\nimport "testing"\n\nfunc TestSum(t *testing.T) {\n\tif Sum(2, 3) != 5 {\n\t\tt.Fatal("not 5")\n\t}\n}\n',
  'sum.go': 'package app\n\nimport "example.org/lib"\n\nfunc Sum(a, b int) int { return lib.Add(a, -b) }\n',
};

const kinds: Readonly<Record<string, Kind>> = {
  'a module that is imported': {
    unfenced: true,
    wrong: 'sum.mjs',
    right: "import { add } from '../lib/add.mjs';\nexport const sum = (a, b) => add(a, b);\n",
    files: {
      'sum.mjs': "import { add } from '../lib/add.mjs';\nexport const sum = (a, b) => add(a, -b);\n",
      'sum.test.mjs': nodeTest("import assert from 'node:assert';\nimport { test } from 'node:test';\nimport { sum } from './sum.mjs';"),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    beside: { 'lib/add.mjs': "export { add } from './more.mjs';\n", 'lib/more.mjs': 'export const add = (a, b) => a + b;\n' },
  },
  'a module that is required, from a folder of the project': {
    wrong: 'src/sum.js',
    right: "const { add } = require('../../lib/add');\nexports.sum = (a, b) => add(a, b);\n",
    files: {
      'src/sum.js': "const { add } = require('../../lib/add');\nexports.sum = (a, b) => add(a, -b);\n",
      'sum.test.js': nodeTest(
        "const assert = require('node:assert');\nconst { test } = require('node:test');\nconst { sum } = require('./src/sum.js');",
      ),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    beside: { 'lib/add.js': 'exports.add = (a, b) => a + b;\n' },
  },
  'data that is read': {
    runs: works('python3', '-c', 'import pytest'),
    wrong: 'sums.py',
    right: "def total():\n    return sum(int(line) for line in open('../lib/numbers.txt'))\n",
    files: {
      'sums.py': "def total():\n    return len([line for line in open('../lib/numbers.txt')])\n",
      'test_sums.py': 'from sums import total\n\n\ndef test_total():\n    assert total() == 5\n',
    },
    beside: { 'lib/numbers.txt': '2\n3\n' },
  },
  'a Go module that is put in place of another': {
    runs: works('go', 'version'),
    wrong: 'sum.go',
    right: go['sum.go'].replace('-b', 'b'),
    files: go,
    beside: {
      'lib/go.mod': 'module example.org/lib\n\ngo 1.22\n',
      'lib/add.go': 'package lib\n\nfunc Add(a, b int) int { return a + b }\n',
    },
  },
  'a module beside a repository of which the project is a folder': {
    folder: 'app',
    wrong: 'sum.js',
    right: "const { add } = require('../../lib/add');\nexports.sum = (a, b) => add(a, b);\n",
    files: {
      'app/sum.js': "const { add } = require('../../lib/add');\nexports.sum = (a, b) => add(a, -b);\n",
      'app/sum.test.js': nodeTest(
        "const assert = require('node:assert');\nconst { test } = require('node:test');\nconst { sum } = require('./sum.js');",
      ),
      'app/package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    beside: { 'lib/add.js': 'exports.add = (a, b) => a + b;\n' },
  },
};

const made: TemporaryWorkspace[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
});

function lay({ files, beside }: Pick<Kind, 'files' | 'beside'>): { on: TemporaryWorkspace; lib: string } {
  const on = temporaryWorkspace(files);
  made.push(on);
  for (const [path, text] of Object.entries(beside)) {
    const file = join(dirname(on.root), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return { on, lib: join(dirname(on.root), 'lib') };
}

describe.each(Object.entries(kinds).filter(([, { runs = true }]) => runs))('%s', (_name, kind) => {
  // Where the folders lie is the same with and without a fence.
  test.each(kind.unfenced ? [true, false] : [true])(
    'is named at the plan, and there when the user lets tests read it; with a fence: %s',
    async (fence) => {
      const { on, lib } = lay(kind);
      const request = `The tests fail. Fix the bug in ${kind.wrong}.`;
      const script = () => `### ${kind.wrong}\n\`\`\`\n${kind.right}\`\`\`\n`;
      const scene = (read: string[]) => {
        const settings = { ...defaultRunSettings, replans: 0, fence, grants: { ...noGrants, read } };
        return start({ on, folder: kind.folder, request, script, settings });
      };
      const without = await scene([]);
      expect((await without.run()).outcome).not.toBe('solved');
      expect(without.log.of('briefing.done')[0]?.baseline?.wanted).toEqual([{ kind: 'read', what: lib }]);
      const granted = await scene([lib]);
      expect((await granted.run()).outcome).toBe('solved');
      expect(granted.log.of('briefing.done')[0]?.baseline?.wanted).toBeUndefined();
      expect(readdirSync(lib).sort()).toEqual(
        Object.keys(kind.beside)
          .map((path) => path.slice('lib/'.length))
          .sort(),
      );
    },
  );
});

test('what lies beside is not to be written by tests, and stays when the copies go', async () => {
  const { on, lib } = lay({
    files: {
      'sum.js': "require('node:fs').writeFileSync(__dirname + '/../lib/note.txt', 'was here');\nexports.sum = (a, b) => a - b;\n",
      'sum.test.js': nodeTest(
        "const assert = require('node:assert');\nconst { test } = require('node:test');\nconst { sum } = require('./sum.js');",
      ),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    beside: { 'lib/note.txt': 'mine' },
  });
  const settings = { ...defaultRunSettings, replans: 0, grants: { ...noGrants, read: [lib] } };
  const { run, log } = await start({ on, script: () => 'Nothing.', settings });
  await run();
  if (log.of('run.started')[0]?.fence?.by === 'none') return;
  expect(existsSync(lib)).toBe(true);
  expect(readFileSync(join(lib, 'note.txt'), 'utf8')).toBe('mine');
});

test.each([
  ['a folder and one in it', (lib: string) => [lib, join(lib, 'deep')]],
  ['the other way round, and twice', (lib: string) => [join(lib, 'deep'), lib, lib]],
])('both allowed, %s: each is there once', async (_name, read) => {
  const { on, lib } = lay({
    files: {
      'sum.js': "const { add } = require('../lib/deep/add');\nexports.sum = (a, b) => add(a, -b);\n",
      'sum.test.js': nodeTest(
        "const assert = require('node:assert');\nconst { test } = require('node:test');\nconst { sum } = require('./sum.js');",
      ),
      'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
    },
    beside: { 'lib/deep/add.js': 'exports.add = (a, b) => a + b;\n' },
  });
  const right = "const { add } = require('../lib/deep/add');\nexports.sum = (a, b) => add(a, b);\n";
  const settings = { ...defaultRunSettings, replans: 0, grants: { ...noGrants, read: read(lib) } };
  const { run } = await start({ on, script: () => `### sum.js\n\`\`\`\n${right}\`\`\`\n`, settings });
  expect((await run()).outcome).toBe('solved');
  expect(readdirSync(lib, { recursive: true }).sort()).toEqual(['deep', join('deep', 'add.js')]);
});
