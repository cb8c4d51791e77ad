/** An environment outside of the workspace with the project installed to be edited: its tests import the copy, not the user's files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTests, testCommandFromText } from '../../src/feedback/index.ts';
import { works } from '../support/python.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const limits = { wallMs: 100_000, idleMs: 100_000, outputBytes: 64 * 1024 };
const project = (rate: string) => ({
  'src/shop/__init__.py': '',
  'src/shop/price.py': `def price(net):\n    return round(net * ${rate}, 2)\n`,
  'tests/test_price.py':
    'import unittest\nfrom shop.price import price\nclass T(unittest.TestCase):\n    def test_price(self): self.assertEqual(price(100), 119)\n',
});

/** As setuptools writes it for a package that a path alone does not do. */
const finder = (place: string) => `import sys
from importlib.machinery import PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
MAPPING = {'shop': '${place}'}
NAMESPACES = {}
class _EditableFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname in MAPPING:
            init = Path(MAPPING[fullname], '__init__.py')
            return spec_from_file_location(fullname, str(init), submodule_search_locations=[str(init.parent)]) if init.exists() else None
        return None
def install():
    sys.meta_path.append(_EditableFinder)
`;

/** What build back ends leave in `site-packages`. */
const kinds: Readonly<Record<string, (packages: string, workspace: string) => void>> = {
  'a path of its sources (hatch, pdm, poetry, setuptools)': (packages, workspace) =>
    writeFileSync(join(packages, 'shop.pth'), `# added\n${workspace}/src\n`),
  'a path among others (`setup.py develop`, conda develop)': (packages, workspace) =>
    writeFileSync(join(packages, 'easy-install.pth'), `/usr/share/nothing\n${workspace}/src\n`),
  'a finder (setuptools)': (packages, workspace) => {
    writeFileSync(join(packages, '__editable___shop_1_finder.py'), finder(`${workspace}/src/shop`));
    writeFileSync(join(packages, '__editable__.shop-1.pth'), 'import __editable___shop_1_finder; __editable___shop_1_finder.install()\n');
  },
  'a link (flit)': (packages, workspace) => symlinkSync(join(workspace, 'src', 'shop'), join(packages, 'shop')),
};

describe.skipIf(!works('python3', '-c', 'import venv, pytest') || process.platform === 'win32')('installed by', () => {
  let environment = '';
  let packages = '';
  beforeAll(() => {
    environment = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-venv-')));
    execFileSync('python3', ['-m', 'venv', '--system-site-packages', '--without-pip', environment]);
    const [version = ''] = readdirSync(join(environment, 'lib'));
    packages = join(environment, 'lib', version, 'site-packages');
  });
  afterAll(() => rmSync(environment, { recursive: true, force: true }));

  it.each(Object.keys(kinds))('%s', async (kind) => {
    const workspace = temporaryWorkspace(project('1.2'));
    const copy = temporaryWorkspace(project('1.19'));
    try {
      mkdirSync(packages, { recursive: true });
      kinds[kind]?.(packages, workspace.root);
      const run = (runner: string, root: string, of: string) =>
        runTests(
          testCommandFromText(`${environment}/bin/python -m ${runner}`),
          root,
          limits,
          { workspace: of },
          new AbortController().signal,
        );
      const files = 'tests/test_price.py';
      for (const runner of [`pytest ${files}`, `unittest ${files}`]) {
        // The copy is right and the user's files are not; then the other way round.
        expect(await run(runner, copy.root, workspace.root)).toMatchObject({ green: true, passed: 1, guard: 'records', breaches: [] });
        expect(await run(runner, workspace.root, workspace.root)).toMatchObject({ green: false, failed: 1 });
      }
      // Where the user's files cannot be seen at all, as in the fence.
      rmSync(join(workspace.root, 'src'), { recursive: true });
      expect(await run(`pytest ${files}`, copy.root, workspace.root)).toMatchObject({ green: true, passed: 1 });
    } finally {
      rmSync(packages, { recursive: true, force: true });
      workspace.dispose();
      copy.dispose();
    }
  });
});
