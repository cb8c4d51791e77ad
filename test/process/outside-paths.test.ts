/** Absolute paths of the project in the user's variables and in a typed command lead into the copy: its tests never see the user's own files. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderBriefing } from '../../src/briefing/index.ts';
import { runTests, testCommandFromText } from '../../src/feedback/index.ts';
import type { Proposal } from '../../src/run/index.ts';
import { works } from '../support/python.ts';
import { start } from '../support/run-scene.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const limits = { wallMs: 60_000, idleMs: 60_000, outputBytes: 64 * 1024 };
const python = (rate: string) => ({
  'src/price.py': `def price(net):\n    return round(net * ${rate}, 2)\n`,
  'tests/test_price.py':
    'import unittest\nfrom price import price\nclass T(unittest.TestCase):\n    def test_price(self): self.assertEqual(price(100), 119)\n',
});
const node = (rate: string) => ({
  'lib/price.js': `module.exports = (net) => Math.round(net * ${rate});\n`,
  'price.test.js': "require('node:test').test('price', () => require('node:assert').equal(require('price')(100), 119));\n",
  'near.test.js': "require('node:test').test('price', () => require('node:assert').equal(require('./lib/price')(100), 119));\n",
});

const made: TemporaryWorkspace[] = [];
const links: string[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const one of made.splice(0)) one.dispose();
  for (const one of links.splice(0)) rmSync(one, { recursive: true, force: true });
});

/** The user's files are wrong and the copy is right, then the other way round: what is tested is told by what comes out. */
async function greens(
  files: (rate: string) => Record<string, string>,
  line: (root: string) => string,
  prepare: (root: string) => void = () => undefined,
): Promise<boolean[]> {
  const [wrong, right] = [temporaryWorkspace(files('1.2')), temporaryWorkspace(files('1.19'))];
  made.push(wrong, right);
  const run = async (user: TemporaryWorkspace, copy: TemporaryWorkspace): Promise<boolean> => {
    prepare(user.root);
    const options = { workspace: user.root };
    const report = await runTests(testCommandFromText(line(user.root)), copy.root, limits, options, new AbortController().signal);
    expect(report.passed + report.failed).toBe(1);
    return report.green;
  };
  return [await run(wrong, right), await run(right, wrong)];
}

const onlyTheCopy = [true, false];
const link = (to: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-link-'));
  links.push(folder);
  symlinkSync(to, join(folder, 'project'));
  return join(folder, 'project');
};

describe.skipIf(process.platform === 'win32')('what leads into the project leads into the copy', () => {
  const withPython = it.skipIf(!works('python3', '-c', 'import pytest'));
  const ways: Readonly<Record<string, (root: string) => string>> = {
    'PYTHONPATH of the user': (root) => {
      vi.stubEnv('PYTHONPATH', `/usr/share/nothing:${join(root, 'src')}`);
      return 'python3 -m pytest tests';
    },
    'PYTHONPATH through a link': (root) => {
      vi.stubEnv('PYTHONPATH', join(link(root), 'src'));
      return 'python3 -m unittest tests/test_price.py';
    },
    'PYTHONPATH in the command': (root) => `PYTHONPATH=${root}/src python3 -m pytest tests`,
    'folders named in full': (root) => `PYTHONPATH=src python3 -m pytest --rootdir=${root} -o pythonpath=src ${root}/tests`,
    'a line for the shell': (root) => `cd "${root}" && PYTHONPATH=${root}/src python3 -m unittest tests/test_price.py`,
  };
  withPython.each(Object.keys(ways))('%s', async (way) => {
    expect(await greens(python, ways[way] as (root: string) => string)).toEqual(onlyTheCopy);
  });

  it('NODE_PATH of the user', async () => {
    const line = (root: string): string => {
      vi.stubEnv('NODE_PATH', join(root, 'lib'));
      return 'node --test price.test.js';
    };
    expect(await greens(node, line)).toEqual(onlyTheCopy);
  });

  it('a file of tests named in full', async () => {
    expect(await greens(node, (root) => `node --test ${root}/near.test.js`)).toEqual(onlyTheCopy);
  });

  it('and a folder elsewhere stays where it is', async () => {
    const other = temporaryWorkspace(node('1.19'));
    made.push(other);
    const line = (): string => {
      vi.stubEnv('NODE_PATH', join(other.root, 'lib'));
      return 'node --test price.test.js';
    };
    expect(await greens(node, line)).toEqual([true, true]);
  });
});

describe('what leads out of the project', () => {
  it('is said at the plan', async () => {
    const proposals: Proposal[] = [];
    const files = { 'go.mod': 'module x.org/a\n\nreplace x.org/lib => ../lib\n', 'a.go': 'package a\n' };
    const { run } = await start({
      files,
      script: [],
      review: async (proposal) => {
        proposals.push(proposal);
        return { kind: 'decline' };
      },
    });
    expect(await run()).toMatchObject({ outcome: 'declined' });
    expect(renderBriefing(proposals[0]?.briefing as Proposal['briefing'])).toContain('go.mod leads to ../lib, outside of the project');
  });
});
