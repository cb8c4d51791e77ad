/** Pipes and devices where a file is looked for: nobody waits for them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findSuites } from '../../src/feedback/index.ts';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { type Bench, gitIn, makeBench, makeRepository } from '../support/repositories.ts';

const signal = new AbortController().signal;
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});

function kept(bench: Bench): Bench {
  cleanup.push(() => bench.remove());
  return bench;
}

function pipes(bench: Bench, ...paths: string[]): void {
  for (const path of paths) {
    rmSync(join(bench.workspace, path), { force: true });
    execFileSync('mkfifo', [join(bench.workspace, path)]);
  }
}

async function snapshotOf(bench: Bench) {
  const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
  cleanup.push(() => copies.dispose());
  return { copies, ...(await copies.snapshot(signal)) };
}

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  for (const [kind, make] of [
    ['a repository', () => makeRepository({ 'a.txt': 'a\n', '.npmrc': 'x=1\n', 'package.json': '{}\n' })],
    [
      'a folder without git',
      () => {
        const bench = makeBench();
        bench.write({ 'a.txt': 'a\n' });
        return bench;
      },
    ],
  ] as const) {
    it(`under the name of a settings file does not hold up a snapshot of ${kind}`, { timeout: 20_000 }, async () => {
      const bench = kept(make());
      pipes(bench, '.worktreeinclude', '.gitmodules', '.npmrc', 'package.json', 'AGENTS.md', 'pyproject.toml');
      symlinkSync('/dev/zero', join(bench.workspace, 'setup.cfg'));
      const { copies, snapshot } = await snapshotOf(bench);
      expect(await copies.read(snapshot, 'a.txt')).toBe('a\n');
      expect(await findSuites(bench.workspace, {}, signal)).toEqual([]);
    });

    it.each(['.gitignore', 'sub/.gitignore'])(
      `named %s is named where git would wait for it, in ${kind}`,
      { timeout: 20_000 },
      async (path) => {
        const bench = kept(make());
        mkdirSync(join(bench.workspace, 'sub'));
        bench.write({ 'sub/b.txt': 'b\n' });
        pipes(bench, path);
        await expect(snapshotOf(bench)).rejects.toMatchObject({ code: 'git-failed', facts: { said: expect.stringContaining(path) } });
      },
    );
  }

  it.each([
    'config',
    'HEAD',
    'commondir',
    'packed-refs',
    'refs/heads/main',
    'info/exclude',
    'objects/info/alternates',
    'objects/pack/multi-pack-index',
  ])('in the place of .git/%s is named where git would wait for it', { timeout: 20_000 }, async (path) => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
    mkdirSync(join(bench.workspace, 'sub'));
    pipes(bench, `.git/${path}`);
    for (const workspace of [bench.workspace, ...(path === 'HEAD' ? [join(bench.workspace, 'sub')] : [])])
      await expect(snapshotOf({ ...bench, workspace })).rejects.toMatchObject({
        code: 'git-failed',
        facts: { said: expect.stringContaining(join(bench.workspace, '.git', path)) },
      });
  });

  it('in a git folder that a .git file names, in one of a nested repository, and a link from one to a device are named as well', {
    timeout: 40_000,
  }, async () => {
    const named = kept(makeBench());
    named.write({ '.git': 'gitdir: elsewhere\n', 'elsewhere/config': '', 'elsewhere/objects/x': '', 'elsewhere/refs/x': '' });
    pipes(named, 'elsewhere/HEAD');
    const nested = kept(makeRepository({ 'a.txt': 'a\n' }));
    mkdirSync(join(nested.workspace, 'nested'));
    gitIn(join(nested.workspace, 'nested'), 'init', '-q');
    pipes(nested, 'nested/.git/HEAD');
    const device = kept(makeRepository({ 'a.txt': 'a\n' }));
    rmSync(join(device.workspace, '.git/config'));
    symlinkSync('/dev/zero', join(device.workspace, '.git/config'));
    for (const [bench, path] of [
      [named, 'elsewhere/HEAD'],
      [nested, 'nested/.git/HEAD'],
      [device, '.git/config'],
    ] as const)
      await expect(snapshotOf(bench)).rejects.toMatchObject({ code: 'git-failed', facts: { said: expect.stringContaining(path) } });
  });
});
