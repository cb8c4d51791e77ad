/** What a copy lacks that tests need is said at the plan, before anything is paid for. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lackingInCopy } from '../../src/run/lacking.ts';
import { start } from '../support/run-scene.ts';
import { quickSum } from '../support/workspaces.ts';

const failing = (messages: readonly string[], passed = 0) => ({
  ...{ ending: 'finished' as const, exitCode: 1, passed, failed: messages.length, skipped: 0, green: false },
  ...{ guard: 'records' as const, breaches: [], doubts: [], output: '', ms: 1 },
  cases: messages.map((message, n) => ({ id: `t${n}`, name: `t${n}`, outcome: 'failed' as const, message })),
});
const project = new Set(['config/local.json', 'a.js', '.env']);
const has =
  (...paths: string[]) =>
  (path: string) =>
    new Set(paths).has(path);
const told = (messages: readonly string[], passed?: number) =>
  lackingInCopy(failing(messages, passed), has('a.js'), (path) => project.has(path)).map((sentence) =>
    sentence.replace(/(?:, which|\. Should).*/, ''),
  );

test('files that failing tests speak of and that only the project has are named', () => {
  expect(told(["Error: ENOENT: no such file or directory, open 'config/local.json'"], 3)).toEqual([
    'Failing tests speak of config/local.json',
  ]);
  expect(told(['open ./.env failed.'])).toEqual(['Failing tests speak of .env']);
  expect(told(["cannot open '../config/local.json' nor a.js", 'no b.json'], 1)).toEqual([]);
});

test.each([
  ['Command failed: git log --all -- x\nfatal: unable to read tree (0a1b)', true],
  ["fatal: bad revision 'HEAD~400'", true],
  ['error: Could not read 0a1b\nfatal: No names found, cannot describe anything.', true],
  ["fatal: ambiguous argument 'v1..HEAD': unknown revision or path not in the working tree.", true],
  ["fatal: invalid object name 'stash'.", true],
  ['Expected values to be strictly equal: 1 !== 2', false],
  ['the object is bad, and so is the revision', false],
])('of what git did not find it is said what a copy has: %s', (message, isSaid) => {
  expect(told([message], 1)).toEqual(isSaid ? [expect.stringMatching(/^Failing tests speak of something that git did not find. The/)] : []);
});

test('that none of many tests passes is said, where nothing is named', () => {
  expect(told(['no', 'no', 'no'])).toEqual(['None of 3 tests passes in a copy']);
  expect(told(['no', 'no'])).toEqual([]);
  expect(told(['no', 'no', 'no'], 1)).toEqual([]);
});

test('an ignored file that a test reads, in a real project', async () => {
  const seen: (readonly string[])[] = [];
  const { run } = await start({
    git: true,
    files: {
      ...quickSum,
      '.gitignore': 'local.json\n',
      'local.test.js':
        "require('node:test').test('local', () => JSON.parse(require('node:fs').readFileSync(__dirname + '/local.json', 'utf8')));\n",
    },
    prepare: (root) => writeFileSync(join(root, 'local.json'), '{}'),
    script: [],
    review: async ({ briefing }) => {
      seen.push(briefing.leftOut);
      return { kind: 'decline' };
    },
  });
  expect(await run()).toMatchObject({ outcome: 'declined' });
  expect(seen.flat().join()).toContain('Failing tests speak of local.json, which is in the project and not in a copy.');
});
