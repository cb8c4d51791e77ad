/** The mode that a diff gives a file, through a whole run: tried by the tests, shown, applied, taken back. What a reply cannot hold is asked for once more. */
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hunkLines } from '../../src/cli/output/diff.ts';
import { applyRun, undoRun } from '../../src/run/index.ts';
import { openDiff } from '../../src/workspace/index.ts';
import { start } from '../support/run-scene.ts';
import { git, quickNodeTest } from '../support/workspaces.ts';

const never = new AbortController().signal;
const gitLine = (from: string, to = from) => `diff --git a/${from} b/${to}\n`;
const executable = 'old mode 100644\nnew mode 100755\n';

interface Case {
  readonly diff: string;
  /** Files afterwards, with an x in front where they may be executed; undefined: gone. */
  readonly right: Readonly<Record<string, string | undefined>>;
  /** What the user is shown of each piece. */
  readonly shown: readonly string[];
  readonly config?: readonly [string, string];
}

const cases: Readonly<Record<string, Case>> = {
  'a mode alone': {
    diff: gitLine('run.sh') + executable,
    right: { 'run.sh': 'x echo 1\n' },
    shown: ['[1] may be executed from now on'],
  },
  'a mode alone where git is told not to look at modes': {
    diff: gitLine('run.sh') + executable,
    right: { 'run.sh': 'x echo 1\n' },
    shown: ['[1] may be executed from now on'],
    config: ['core.fileMode', 'false'],
  },
  'a mode that is taken away, and lines': {
    diff: `${gitLine('tool.sh')}old mode 100755\nnew mode 100644\n--- a/tool.sh\n+++ b/tool.sh\n@@ -1 +1 @@\n-echo tool\n+echo new\n`,
    right: { 'tool.sh': 'echo new\n' },
    shown: ['[1] may no longer be executed', '[2] line 1 → 1'],
  },
  'a new program': {
    diff: `${gitLine('bin/new')}new file mode 100755\nindex 0000000..1\n--- /dev/null\n+++ b/bin/new\n@@ -0,0 +1 @@\n+#!/bin/sh\n`,
    right: { 'bin/new': 'x #!/bin/sh\n' },
    shown: ['[1] new file, may be executed from now on'],
  },
  'a rename with a mode and lines': {
    diff: `${gitLine('run.sh', 'go.sh')}${executable}similarity index 80%\nrename from run.sh\nrename to go.sh\n--- a/run.sh\n+++ b/go.sh\n@@ -1 +1,2 @@\n echo 1\n+echo 2\n`,
    right: { 'run.sh': undefined, 'go.sh': 'x echo 1\necho 2\n' },
    shown: ['[1] file renamed, may be executed from now on'],
  },
  'a copy of a program where git is told not to look at modes': {
    diff: `${gitLine('tool.sh', 'tool2.sh')}similarity index 100%\ncopy from tool.sh\ncopy to tool2.sh\n`,
    right: { 'tool.sh': 'x echo tool\n', 'tool2.sh': 'x echo tool\n' },
    shown: ['[1] new file, may be executed from now on'],
    config: ['core.fileMode', 'false'],
  },
};

const files = (right: Case['right']) => ({
  'run.sh': 'echo 1\n',
  'tool.sh': 'echo tool\n',
  'other.txt': 'other\n',
  'package.json': `{"scripts":{"test":"${quickNodeTest}"}}`,
  'right.test.js': `const { existsSync, readFileSync, statSync } = require('node:fs');
const has = (path) => (existsSync(path) ? (statSync(path).mode & 0o100 ? 'x ' : '') + readFileSync(path, 'utf8') : undefined);
const right = JSON.parse(Buffer.from('${Buffer.from(JSON.stringify(Object.entries(right).map(([path, text]) => [path, text ?? null]))).toString('base64')}', 'base64'));
for (const [path, text] of right)
  require('node:test')(path, () => require('node:assert').equal(has(path), text ?? undefined));
`,
});

test.each(Object.entries(cases))('%s', async (_name, { diff, right, shown, config }) => {
  const { workspace, log, run } = await start({
    files: files(right),
    request: 'Make right.test.js pass: run.sh and tool.sh',
    script: Array(4).fill(diff),
    settings: { replans: 0 },
    prepare: (root) => {
      chmodSync(join(root, 'tool.sh'), 0o755);
      git(root, 'add', '-A');
      git(root, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x');
      if (config !== undefined) git(root, 'config', ...config);
    },
  });
  const has = (path: string): string | undefined => {
    const at = join(workspace.root, path);
    if (!existsSync(at)) return undefined;
    return `${(statSync(at).mode & 0o100) === 0 ? '' : 'x '}${readFileSync(at, 'utf8')}`;
  };
  const paths = [...new Set(['run.sh', 'tool.sh', ...Object.keys(right)])];
  const state = () => Object.fromEntries(paths.map((path) => [path, has(path)]));
  const before = state();
  const result = await run();
  expect([result.outcome, result.judgement?.reasons]).toEqual(['solved', []]);
  const made = log.of('candidate.made').find(({ candidate }) => candidate === result.candidate)?.snapshot;
  if (result.base === undefined || made === undefined) throw new Error('There is no candidate.');
  const where = { workspace: workspace.root, dataDir: workspace.dataDir, runId: result.runId };
  const opened = await openDiff(where, result.base, made, never);
  const lines = hunkLines(opened.files, { paint: (_colour, text) => text });
  expect(lines.filter((line) => line.startsWith('['))).toEqual(shown);
  await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, never);
  expect(state()).toEqual({ ...before, ...right });
  await undoRun({ dataDir: workspace.dataDir, runId: result.runId }, never);
  expect(state()).toEqual(before);
});

test('a binary patch and a link are asked for once more, and nothing of such a reply is taken', async () => {
  const right = { 'run.sh': 'x echo 1\n' };
  const { workspace, server, log, run } = await start({
    files: files(right),
    request: 'Make right.test.js pass: run.sh and tool.sh',
    script: [
      `${gitLine('run.sh')}${executable}${gitLine('logo.png')}new file mode 100644\nindex 0000000..1\nGIT binary patch\nliteral 5\nzcmZ?wbhEHbRA5kG_\n\nliteral 0\nHcmV?d00001\n\n`,
      `${gitLine('run.sh')}${executable}${gitLine('latest')}new file mode 120000\nindex 0000000..1\n--- /dev/null\n+++ b/latest\n@@ -0,0 +1 @@\n+run.sh\n`,
      ...Array(4).fill(gitLine('run.sh') + executable),
    ],
    settings: { replans: 0 },
  });
  const result = await run();
  const refused = log.of('candidate.refused').map(({ reason }) => reason);
  expect(refused[0]).toMatch(/not clear, so nothing of it was taken\. logo\.png: .*binary file/);
  expect(JSON.stringify(server.requests[1]?.body.messages)).toMatch(/Nothing was changed, because your answer is not clear.*binary file/);
  expect(existsSync(join(workspace.root, 'latest'))).toBe(false);
  expect(refused.slice(1, 2).join('')).toMatch(/^$|symbolic link/);
  expect(result.outcome).toBe('solved');
});
