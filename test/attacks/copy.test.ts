/**
 * What hostile tests leave in their own copy, where they may write: it is no part of the change, nothing of it runs or is followed when Teamwright
 * reads the copy, and the copy can be put away. A whole run for each, and its change applied.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { commandLineScene } from '../support/command-line-scene.ts';
import { fences } from '../support/fences.ts';
import { brokenSum, git, sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Bodies of a test that passes. `HOME` in them is the user's home, `MARK` a program that leaves a sign there when anything runs it. */
const bodies: Readonly<Record<string, string>> = {
  'folders deeper than a path may be':
    "for (let i = 0; i < 1000; i += 1) { fs.mkdirSync('d'.repeat(100)); process.chdir('d'.repeat(100)); }",
  'folders that nobody may open':
    "fs.mkdirSync('a/b/c', { recursive: true }); fs.writeFileSync('a/b/c/f', ''); for (const f of ['a/b/c', 'a/b', 'a']) fs.chmodSync(f, 0);",
  'strange names, pipes and links in circles':
    'cp.execSync(\'mkfifo pipe; touch -- -rf "$(printf "a\\\\nb")"; ln -s loop loop; mkdir x; ln -s .. x/up; ln -s / root\');',
  'hooks of git':
    "cp.execSync('mkdir -p .git/hooks'); for (const name of ['post-checkout', 'pre-commit', 'post-index-change', 'reference-transaction', 'fsmonitor-watchman', 'post-commit']) { fs.writeFileSync('.git/hooks/' + name, 'MARK'); fs.chmodSync('.git/hooks/' + name, 0o755); }",
  'configuration of git that runs programs':
    "fs.writeFileSync('mark', 'MARK'); fs.chmodSync('mark', 0o755); const m = process.cwd() + '/mark'; fs.appendFileSync('.git/config', '[core]\\n\\tfsmonitor = ' + m + '\\n\\thooksPath = ' + process.cwd() + '\\n\\tsshCommand = ' + m + '\\n\\tpager = ' + m + '\\n[diff]\\n\\texternal = ' + m + '\\n[filter \"x\"]\\n\\tclean = ' + m + '\\n\\tsmudge = ' + m + '\\n\\tprocess = ' + m + '\\n\\trequired = true\\n[diff \"x\"]\\n\\ttextconv = ' + m + '\\n\\tcommand = ' + m + '\\n'); fs.writeFileSync('.gitattributes', '* filter=x diff=x\\n'); fs.mkdirSync('.git/info', { recursive: true }); fs.writeFileSync('.git/info/attributes', '* filter=x diff=x\\n');",
  'a repository that is somewhere else':
    "fs.rmSync('.git', { recursive: true, force: true }); fs.writeFileSync('.git', 'gitdir: HOME/repository\\n');",
  'no repository at all': "fs.rmSync('.git', { recursive: true, force: true }); fs.symlinkSync('HOME', '.git');",
  'objects that are borrowed elsewhere':
    "for (const f of ['.git/objects/info', '.git/info']) fs.mkdirSync(f, { recursive: true }); fs.writeFileSync('.git/objects/info/alternates', 'HOME/repository/objects\\n'); fs.writeFileSync('.git/objects/info/http-alternates', 'http://127.0.0.1:1/\\n'); fs.writeFileSync('.git/commondir', 'HOME/repository\\n');",
  'locks and a spoiled index': "for (const f of ['index', 'index.lock', 'HEAD.lock', 'config.lock']) fs.writeFileSync('.git/' + f, 'x');",
  'more repositories':
    "cp.execSync('git init -q inner && git init -q --bare HEAD.git'); fs.writeFileSync('.gitmodules', '[submodule \"x\"]\\n\\tpath = inner\\n\\turl = ext::sh -c HOME/x\\n');",
  'another change': "fs.appendFileSync('sum.js', '\\n// left by the tests'); fs.writeFileSync('planted.js', '');",
  'the change taken back, or made a link': "fs.rmSync('sum.js'); fs.symlinkSync('HOME/precious', 'sum.js');",
  'files made pipes and links':
    "fs.rmSync('README.md'); cp.execSync('mkfifo README.md'); fs.rmSync('LICENSE'); fs.symlinkSync('HOME/precious', 'LICENSE');",
  'the tests rewritten': "for (const f of fs.readdirSync('.')) if (f.endsWith('.test.js')) fs.writeFileSync(f, '');",
  'an editor that runs things':
    "fs.mkdirSync('.vscode', { recursive: true }); fs.writeFileSync('.vscode/tasks.json', '{}'); fs.writeFileSync('.envrc', 'MARK');",
};

if (fences.length === 0) test.skip('no fence works on this machine', () => undefined);

test.runIf(fences.length > 0).each(Object.entries(bodies))('%s', async (_name, body) => {
  const { cli, workspace, server } = await commandLineScene(cleanUps, () => sumReply('a + b'), {
    files: { ...brokenSum, 'README.md': 'Sums.\n', LICENSE: 'Free.\n' },
  });
  const mark = `#!/bin/sh\\necho ran >>${cli.home}/mark\\n`;
  const text = body.replaceAll('HOME', cli.home).replaceAll('MARK', mark);
  workspace.write(
    'hostile.test.js',
    `const fs = require('node:fs'), cp = require('node:child_process');\nrequire('node:test').test('hostile', () => {\n${text}\n});\n`,
  );
  git(workspace.root, 'add', '-A');
  git(workspace.root, 'commit', '-q', '-m', 'hostile');
  writeFileSync(join(cli.home, 'precious'), 'mine');
  const before = workspace.contents();
  const args = ['run', 'Fix sum', '--workspace', workspace.root, '--model', `scripted@${server.url}`, '--yes', '--json'];
  const { code, stdout, stderr } = await cli.run(args);
  expect([code, stderr]).toEqual([expect.any(Number), expect.not.stringMatching(/ENAMETOOLONG|EACCES|at .*\.ts:\d+/)]);
  const told = JSON.parse(stdout);
  expect(told.outcome).toMatch(/^(solved|unproven|tests-fail)$/);
  expect(workspace.contents()).toEqual(before);
  await cli.run(['runs', 'diff', 'last']);
  await cli.run(['runs', 'apply', 'last']);
  const after = workspace.contents();
  expect({ ...after, 'sum.js': '' }).toEqual({ ...before, 'sum.js': '' });
  expect([before['sum.js'], before['sum.js']?.replace('a - b', 'a + b')]).toContain(after['sum.js']);
  expect(lstatSync(join(workspace.root, 'sum.js')).isFile()).toBe(true);
  expect([existsSync(join(cli.home, 'mark')), readFileSync(join(cli.home, 'precious'), 'utf8')]).toEqual([false, 'mine']);
  const copies = join(cli.dataDir, 'copies');
  expect(existsSync(copies) ? readdirSync(copies, { recursive: true }).filter((name) => /hostile|planted/.test(`${name}`)) : []).toEqual(
    [],
  );
});
