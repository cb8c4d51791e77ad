/** A folder that names a git folder which is not its own gets nothing of it. */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { type Bench, gitIn, makeBench, makeRepository, storeIn } from '../support/repositories.ts';

const signal = new AbortController().signal;
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});

function benches(): { mine: Bench; theirs: Bench } {
  const theirs = makeRepository({ 'private.txt': 'private\n' }, 'theirs');
  const mine = makeBench();
  mine.write({ 'a.txt': 'a\n' });
  cleanup.push(
    () => theirs.remove(),
    () => mine.remove(),
  );
  return { mine, theirs };
}

async function snapshotOf(bench: Bench) {
  const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
  cleanup.push(() => copies.dispose());
  const { snapshot } = await copies.snapshot(signal);
  const copy = await copies.create('c1', snapshot, signal);
  return { files: [await copies.read(snapshot, 'a.txt'), await copies.read(snapshot, 'private.txt')], copy };
}

async function getsNothing(bench: Bench): Promise<void> {
  const { files, copy } = await snapshotOf(bench);
  expect(files).toEqual(['a\n', undefined]);
  expect(existsSync(join(copy.root, 'private.txt'))).toBe(false);
  expect(existsSync(join(storeIn(bench.dataDir), 'objects/info/alternates'))).toBe(false);
  expect(gitIn(copy.root, 'log', '--format=%an')).toBe('Teamwright\n');
}

describe('a git folder of somebody else', () => {
  it('named in a .git file', async () => {
    const { mine, theirs } = benches();
    mine.write({ '.git': `gitdir: ${join(theirs.workspace, '.git')}\n` });
    await getsNothing(mine);
  });

  it('behind a link', async () => {
    const { mine, theirs } = benches();
    symlinkSync(join(theirs.workspace, '.git'), join(mine.workspace, '.git'));
    await getsNothing(mine);
  });

  it('named as the common folder, from a git folder or one made up as a worktree', async () => {
    for (const git of ['.git', 'made-up']) {
      const { mine, theirs } = benches();
      mine.git('init', '-q');
      if (git !== '.git') {
        renameSync(join(mine.workspace, '.git'), join(mine.workspace, git));
        mine.write({ '.git': `gitdir: ${git}\n`, [`${git}/gitdir`]: `${join(mine.workspace, '.git')}\n` });
      }
      mine.write({ [`${git}/commondir`]: `${join(theirs.workspace, '.git')}\n` });
      await getsNothing(mine);
    }
  });

  it('whose objects stand behind a link', async () => {
    const { mine, theirs } = benches();
    mine.git('init', '-q');
    rmSync(join(mine.workspace, '.git/objects'), { recursive: true });
    symlinkSync(join(theirs.workspace, '.git/objects'), join(mine.workspace, '.git/objects'));
    await getsNothing(mine);
  });

  it('and a work tree elsewhere', async () => {
    const { mine, theirs } = benches();
    mine.git('init', '-q');
    mine.git('config', 'core.worktree', theirs.workspace);
    await getsNothing(mine);
  });

  it('whose work tree is the folder around both', async () => {
    const { mine } = benches();
    mine.git('init', '-q');
    mine.git('config', 'core.worktree', '../..');
    writeFileSync(join(mine.top, 'private.txt'), 'private\n');
    mkdirSync(join(mine.workspace, 'sub'));
    await getsNothing(mine);
  });
});

it('a submodule whose .git leads elsewhere is left out, and nothing of what it leads to comes in', async () => {
  for (const lead of ['worktree', 'file'] as const) {
    const { mine, theirs } = benches();
    const library = makeRepository({ 'lib.txt': 'lib\n' }, 'library');
    cleanup.push(() => library.remove());
    mine.git('init', '-q');
    mine.git('submodule', '--quiet', 'add', library.workspace, 'lib');
    mine.git('add', '-A');
    mine.git('commit', '-qm', 'start');
    theirs.write({ 'private.txt': 'changed\n', 'more.txt': 'private\n' });
    const inside = join(mine.workspace, 'lib/.git');
    if (lead === 'file') writeFileSync(inside, `gitdir: ${join(theirs.workspace, '.git')}\n`);
    else gitIn(join(mine.workspace, 'lib'), 'config', 'core.worktree', theirs.workspace);
    const copies = await openWorkspaceCopies({ workspace: mine.workspace, runId: 'run', dataDir: mine.dataDir });
    cleanup.push(() => copies.dispose());
    const { snapshot, leftOut } = await copies.snapshot(signal);
    expect(leftOut).toContainEqual({ path: 'lib', reason: 'nested-repository' });
    for (const path of ['lib/private.txt', 'lib/more.txt']) expect(await copies.read(snapshot, path)).toBeUndefined();
  }
});

it('a submodule and a worktree of its own are believed', async () => {
  const { mine, theirs } = benches();
  mine.git('init', '-q');
  mine.git('add', '-A');
  mine.git('commit', '-qm', 'start');
  mine.git('submodule', '--quiet', 'add', theirs.workspace, 'ext/theirs');
  mine.git('worktree', 'add', '-q', join(mine.top, 'tree'));
  for (const [runId, workspace, path] of [
    ['one', join(mine.workspace, 'ext/theirs'), 'private.txt'],
    ['two', join(mine.top, 'tree'), 'a.txt'],
  ] as const) {
    const copies = await openWorkspaceCopies({ workspace, runId, dataDir: mine.dataDir });
    cleanup.push(() => copies.dispose());
    const { snapshot } = await copies.snapshot(signal);
    const copy = await copies.create('c1', snapshot, signal);
    expect(existsSync(join(copy.root, path))).toBe(true);
    expect(gitIn(copy.root, 'log', '--format=%s')).toContain('start');
  }
});
