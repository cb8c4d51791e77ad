import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorkspaceCopies, sweepCopies, undoApply } from '../../src/workspace/index.ts';
import type { WorkspaceSettings } from '../../src/workspace/types.ts';
import { applyAll, type Bench, frozenByHand, gitIn, makeBench, makeRepository } from '../support/repositories.ts';

const signal = new AbortController().signal;
const everything = { allow: ['**', '.*'] };
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});

const kept = (bench: Bench): Bench => {
  cleanup.push(() => bench.remove());
  return bench;
};

function withoutGit(files: Readonly<Record<string, string>>): Bench {
  const bench = makeBench();
  bench.write(files);
  return bench;
}

async function opened(bench: Bench, workspace = bench.workspace, settings: WorkspaceSettings = {}, runId = 'run') {
  const copies = await openWorkspaceCopies({ workspace, runId, dataDir: bench.dataDir, settings });
  cleanup.push(() => copies.dispose());
  const { snapshot, leftOut } = await copies.snapshot(signal);
  return { copies, snapshot, leftOut, copy: await copies.create('c1', snapshot, signal) };
}

/** One edit on a file of the workspace goes all the way: copy, candidate, diff, apply, undo. */
async function wholeWay(bench: Bench, workspace: string, path: string): Promise<void> {
  const { copies, snapshot, copy } = await opened(bench, workspace);
  const before = readFileSync(join(workspace, path), 'utf8');
  const report = await copy.edit(
    [
      { kind: 'whole-file', path, text: 'changed\n' },
      { kind: 'whole-file', path: 'made/new.txt', text: 'n\n' },
    ],
    everything,
  );
  expect(report.problems).toEqual([]);
  const candidate = await copy.freeze('candidate');
  expect((await copies.diff(snapshot, candidate)).files.map((file) => file.path).sort()).toEqual([path, 'made/new.txt'].sort());
  expect(await copies.read(candidate, path)).toBe('changed\n');
  expect(readFileSync(join(workspace, path), 'utf8')).toBe(before);
  const applied = await applyAll({ workspace, dataDir: bench.dataDir }, snapshot, candidate);
  expect(applied.conflicts).toEqual([]);
  expect(readFileSync(join(workspace, path), 'utf8')).toBe('changed\n');
  await undoApply({ workspace, runId: 'run', dataDir: bench.dataDir }, applied.undo, signal);
  expect(readFileSync(join(workspace, path), 'utf8')).toBe(before);
  expect(existsSync(join(workspace, 'made'))).toBe(false);
  await copies.dispose();
}

describe('the whole way goes in', () => {
  it('a folder without git', async () => {
    const bench = kept(makeBench('no git'));
    bench.write({ 'a.txt': 'a\n', 'node_modules/x/index.js': 'x\n', '__pycache__/a.pyc': 'x', 'sub/b.txt': 'b\n' });
    await wholeWay(bench, bench.workspace, 'a.txt');
    expect(existsSync(join(bench.workspace, '.git'))).toBe(false);
  });

  it('an empty repository, before the first commit', async () => {
    const bench = kept(makeBench());
    bench.git('init', '-q');
    bench.write({ 'a.txt': 'a\n' });
    await wholeWay(bench, bench.workspace, 'a.txt');
  });

  it('a detached head, with a conflicted merge in the index', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n', 'm.txt': '1\n' }));
    bench.git('checkout', '-q', '-b', 'other');
    bench.write({ 'm.txt': '2\n' });
    bench.git('commit', '-qam', 'two');
    bench.git('checkout', '-q', '--detach', 'main');
    bench.write({ 'm.txt': '3\n' });
    bench.git('commit', '-qam', 'three');
    expect(() => bench.git('merge', '-q', 'other')).toThrow();
    const before = bench.git('status', '--porcelain=v2');
    await wholeWay(bench, bench.workspace, 'a.txt');
    expect(bench.git('status', '--porcelain=v2')).toBe(before);
  });

  it('a sub-folder of a repository, with the rest of it beside', async () => {
    const bench = kept(makeRepository({ 'packages/a/a.txt': 'a\n', 'packages/b/b.txt': 'b\n', 'root.txt': 'r\n' }));
    const workspace = join(bench.workspace, 'packages/a');
    await wholeWay(bench, workspace, 'a.txt');
    const { copy } = await opened(bench, workspace, {}, 'second');
    expect(readFileSync(join(copy.root, '../b/b.txt'), 'utf8')).toBe('b\n');
    expect((await copy.edit([{ kind: 'whole-file', path: '../b/b.txt', text: 'x\n' }], everything)).problems[0]?.kind).toBe('escapes');
  });

  it('a folder that an outer repository ignores', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'scratch/\n', 'root.txt': 'r\n' }));
    bench.write({ 'scratch/a.txt': 'a\n' });
    await wholeWay(bench, join(bench.workspace, 'scratch'), 'a.txt');
  });

  it('a worktree of the user’s', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
    const worktree = join(bench.top, 'wörk tree');
    bench.git('worktree', 'add', '-q', '-b', 'side', worktree);
    await wholeWay(bench, worktree, 'a.txt');
    expect(bench.git('worktree', 'list').trim().split('\n')).toHaveLength(2);
  });

  it('a shallow clone', async () => {
    const origin = kept(makeRepository({ 'a.txt': 'a\n' }));
    origin.write({ 'a.txt': 'b\n' });
    origin.git('commit', '-qam', 'second');
    gitIn(origin.top, 'clone', '-q', '--depth=1', `file://${origin.workspace}`, 'shallow');
    await wholeWay(origin, join(origin.top, 'shallow'), 'a.txt');
  });

  it('a repository with a split index and one with sha256', async () => {
    const split = kept(makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' }));
    split.git('update-index', '--split-index');
    await wholeWay(split, split.workspace, 'a.txt');
    const sha256 = kept(makeBench());
    sha256.git('init', '-q', '--object-format=sha256');
    sha256.write({ 'a.txt': 'a\n' });
    sha256.git('add', '-A');
    sha256.git('commit', '-qm', 'start');
    await wholeWay(sha256, sha256.workspace, 'a.txt');
  });

  describe('of a repository', () => {
    const origin = (): Bench => {
      const bench = kept(makeRepository({ 'a.txt': 'a\n', 'docs/b.txt': 'b\n', 'big/c.txt': 'c\n'.repeat(2000) }));
      bench.write({ 'a.txt': 'again\n' });
      bench.git('commit', '-qam', 'second');
      bench.git('config', 'uploadpack.allowfilter', 'true');
      return bench;
    };
    const cloned = (...options: string[]): Bench => {
      const bench = kept(makeBench('clone'));
      gitIn(bench.top, 'clone', '-q', ...options, `file://${origin().workspace}`, bench.workspace);
      return bench;
    };
    const withSettings = (...settings: readonly (readonly [string, string])[]): Bench => {
      const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
      for (const [name, value] of settings) bench.git('config', name, value);
      return bench;
    };

    it.each<[string, () => Bench]>([
      [
        'without blobs, and sparse',
        () => {
          const bench = cloned('--filter=blob:none', '--sparse');
          bench.git('sparse-checkout', 'set', 'docs');
          return bench;
        },
      ],
      [
        'with a sparse index',
        () => {
          const bench = cloned();
          bench.git('sparse-checkout', 'init', '--cone', '--sparse-index');
          bench.git('sparse-checkout', 'set', 'docs');
          return bench;
        },
      ],
      ['without trees, and shallow', () => cloned('--filter=tree:0', '--depth', '1')],
      ['whose objects are another one’s', () => cloned('--shared')],
      [
        'whose git folder lies elsewhere',
        () => {
          const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
          bench.git('init', '-q', '--separate-git-dir', join(bench.top, 'elsewhere.git'));
          return bench;
        },
      ],
      [
        'with an index of version 4 and an untracked cache',
        () => {
          const bench = withSettings(['core.untrackedCache', 'true']);
          bench.git('update-index', '--index-version', '4');
          return bench;
        },
      ],
      [
        'with a graph of commits and a pack',
        () => {
          const bench = origin();
          bench.git('gc', '-q');
          bench.git('commit-graph', 'write', '--reachable');
          return bench;
        },
      ],
      [
        'that signs, asks a monitor and has hooks that fail',
        () => {
          const bench = withSettings(['commit.gpgsign', 'true'], ['gpg.program', '/nonexistent'], ['core.fsmonitor', '/nonexistent']);
          for (const hook of ['post-checkout', 'pre-commit', 'post-index-change', 'reference-transaction']) {
            mkdirSync(join(bench.workspace, '.git/hooks'), { recursive: true });
            writeFileSync(join(bench.workspace, '.git/hooks', hook), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
          }
          return bench;
        },
      ],
    ])('%s', async (_, made) => {
      const bench = made();
      await wholeWay(bench, bench.workspace, 'a.txt');
    });
  });

  it('a path with spaces, quotes and letters of other scripts', async () => {
    const bench = kept(makeRepository({ '-dash.txt': 'a\n', 'ключ "q" \'s\'/日本 語.txt': 'j\n' }, 'wörk "space" 日本'));
    await wholeWay(bench, bench.workspace, '-dash.txt');
    await wholeWay(bench, bench.workspace, 'ключ "q" \'s\'/日本 語.txt');
  });

  it('a repository whose .git is broken', async () => {
    const bench = kept(makeBench());
    bench.write({ '.git': 'gitdir: /nowhere/at/all\n', 'a.txt': 'a\n' });
    await wholeWay(bench, bench.workspace, 'a.txt');
  });
});

describe('a snapshot', () => {
  it('carries submodules as plain files, and applies into them', async () => {
    const library = kept(makeRepository({ 'lib.txt': 'lib\n' }, 'library'));
    const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
    bench.git('submodule', '--quiet', 'add', library.workspace, 'ext/lib');
    bench.git('commit', '-qm', 'submodule');
    bench.write({ 'ext/lib/lib.txt': 'dirty\n' });
    const { snapshot, copy } = await opened(bench);
    expect(readFileSync(join(copy.root, 'ext/lib/lib.txt'), 'utf8')).toBe('dirty\n');
    expect((await copy.freeze('same')).tree).toBe(snapshot.tree);
    await copy.edit([{ kind: 'whole-file', path: 'ext/lib/lib.txt', text: 'new\n' }], everything);
    const applied = await applyAll(bench, snapshot, await copy.freeze('x'));
    expect(applied.applied).toEqual(['ext/lib/lib.txt']);
    expect(readFileSync(join(bench.workspace, 'ext/lib/lib.txt'), 'utf8')).toBe('new\n');
  });

  it('leaves out large files and repositories that lie elsewhere, with a word', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
    mkdirSync(join(bench.workspace, 'nested'));
    gitIn(join(bench.workspace, 'nested'), 'init', '-q', `--separate-git-dir=${join(bench.dataDir, '..', 'apart.git')}`);
    bench.write({ 'nested/x.txt': 'x\n', 'big.bin': Buffer.alloc(2000) });
    const { leftOut, copy } = await opened(bench, bench.workspace, { largestFileBytes: 1000 });
    expect([...leftOut].sort((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: 'big.bin', reason: 'too-large' },
      { path: 'nested', reason: 'nested-repository' },
    ]);
    expect(existsSync(join(copy.root, 'nested'))).toBe(false);
  });

  it.each([
    ['a repository', true, true],
    ['a repository, with clones before their first commit', true, false],
    ['a folder without git', false, true],
    ['a folder without git, with repositories before their first commit', false, false],
  ])('carries clones that nobody tracks as plain files: %s', async (_what, inGit, committed) => {
    const bench = kept(inGit ? makeRepository({ 'a.txt': 'a\n' }) : withoutGit({ 'a.txt': 'a\n' }));
    bench.write({ 'fe/x.txt': 'x\n', 'fe/.gitignore': 'ignored\n', 'fe/ignored': '', 'more/be/y.txt': 'y\n' });
    for (const folder of ['fe', 'more/be']) {
      const inner = (...args: string[]) => gitIn(join(bench.workspace, folder), '-c', 'user.name=a', '-c', 'user.email=a@b', ...args);
      inner('init', '-q');
      if (!committed) continue;
      inner('add', '-A');
      inner('commit', '-qm', 'x');
    }
    bench.write({ 'fe/x.txt': 'dirty\n', 'fe/new.txt': 'new\n' });
    for (const again of [false, true]) {
      const { snapshot, leftOut, copy } = await opened(bench, bench.workspace, {}, `run-${again}`);
      expect(leftOut).toEqual([]);
      const read = (path: string) => readFileSync(join(copy.root, path), 'utf8');
      expect(['fe/x.txt', 'fe/new.txt', 'more/be/y.txt'].map(read)).toEqual(['dirty\n', 'new\n', again ? 'changed\n' : 'y\n']);
      expect(existsSync(join(copy.root, 'fe/ignored'))).toBe(false);
      expect(existsSync(join(copy.root, 'fe/.git'))).toBe(false);
      if (again) continue;
      await copy.edit([{ kind: 'whole-file', path: 'more/be/y.txt', text: 'changed\n' }], everything);
      expect((await applyAll(bench, snapshot, await copy.freeze('x'))).applied).toEqual(['more/be/y.txt']);
    }
    expect(gitIn(join(bench.workspace, 'more/be'), 'status', '--short').trim()).toBe(committed ? 'M y.txt' : '?? y.txt');
  });

  it('refuses a folder that holds many repositories and is none itself, before anything is copied', async () => {
    const bench = kept(withoutGit({ 'a.txt': 'a\n' }));
    for (let n = 0; n < 21; n += 1) {
      bench.write({ [`p${n}/a.txt`]: 'a\n' });
      gitIn(join(bench.workspace, `p${n}`), 'init', '-q');
    }
    await expect(opened(bench)).rejects.toMatchObject({ code: 'workspace-unusable', facts: { why: 'many-repositories' } });
  });

  it('keeps links, executable bits and sparse checkouts', async () => {
    const bench = kept(makeRepository({ 'run.sh': '#!/bin/sh\n', 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' }));
    symlinkSync('run.sh', join(bench.workspace, 'link'));
    bench.git('sparse-checkout', 'set', 'in');
    const { copies, copy, snapshot } = await opened(bench);
    expect(statSync(join(copy.root, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(copy.root, 'link'))).toBe('run.sh');
    expect(existsSync(join(copy.root, 'in/a.txt'))).toBe(true);
    expect(existsSync(join(copy.root, 'out'))).toBe(false);
    expect(await copies.read(snapshot, 'out/b.txt')).toBe('b\n');
    chmodSync(join(copy.root, 'in/a.txt'), 0o755);
    const candidate = frozenByHand(bench.dataDir, snapshot, copy.root);
    expect((await copies.diff(snapshot, candidate)).files.map((file) => file.path)).toEqual(['in/a.txt']);
    await applyAll(bench, snapshot, candidate);
    expect(statSync(join(bench.workspace, 'in/a.txt')).mode & 0o111).not.toBe(0);
  });

  it('keeps Windows line ends where the user’s git makes them', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'one\ntwo\n' }));
    bench.git('config', 'core.autocrlf', 'true');
    bench.git('rm', '-q', '--cached', '-r', '.');
    bench.git('reset', '-q', '--hard');
    expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('one\r\ntwo\r\n');
    const { copy, snapshot } = await opened(bench);
    expect(readFileSync(join(copy.root, 'a.txt'), 'utf8')).toBe('one\r\ntwo\r\n');
    await copy.edit([{ kind: 'search-replace', path: 'a.txt', search: 'two\n', replace: '2\n' }], everything);
    const applied = await applyAll(bench, snapshot, await copy.freeze('x'));
    expect(applied.applied).toEqual(['a.txt']);
    expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('one\r\n2\r\n');
    expect(bench.git('diff', '--numstat')).toBe('1\t1\ta.txt\n');
  });

  it('sees a change made right after the index was written', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'aaa\n' }));
    for (let n = 0; n < 3; n++) {
      bench.git('add', '-A');
      writeFileSync(join(bench.workspace, 'a.txt'), `aa${n}\n`);
      const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
      expect(await copies.read((await copies.snapshot(signal)).snapshot, 'a.txt')).toBe(`aa${n}\n`);
    }
  });

  it('of a workspace that is no folder, absent or bare is refused', async () => {
    const bench = kept(makeBench());
    bench.write({ 'file.txt': 'x' });
    gitIn(bench.top, 'init', '-q', '--bare', 'bare.git');
    for (const workspace of [join(bench.workspace, 'file.txt'), join(bench.top, 'absent'), join(bench.top, 'bare.git')]) {
      await expect(openWorkspaceCopies({ workspace, runId: 'run', dataDir: bench.dataDir })).rejects.toMatchObject({
        code: 'workspace-unusable',
      });
    }
  });

  it('stops when it is told to', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
    const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
    await expect(copies.snapshot(AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
    const { snapshot } = await copies.snapshot(signal);
    await expect(copies.create('c1', snapshot, AbortSignal.abort())).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('a diff', () => {
  it('shows renames, deletions, modes and binary files, and git can apply it', async () => {
    const long = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('');
    const bench = kept(makeRepository({ 'old name.txt': long, 'gone.txt': 'g\n', 'data.bin': Buffer.from([0, 1, 2, 3]) }));
    const { copies, copy, snapshot } = await opened(bench);
    execFileSync('git', ['mv', 'old name.txt', 'neuer näme.txt'], { cwd: copy.root });
    writeFileSync(join(copy.root, 'data.bin'), Buffer.from([0, 9, 9, 9, 9]));
    await copy.edit([{ kind: 'delete', path: 'gone.txt' }], everything);
    const candidate = frozenByHand(bench.dataDir, snapshot, copy.root);
    const diff = await copies.diff(snapshot, candidate);
    expect([...diff.files].sort((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: 'data.bin', change: 'modified', added: 0, removed: 0, binary: true },
      { path: 'gone.txt', change: 'deleted', added: 0, removed: 1, binary: false },
      { path: 'neuer näme.txt', oldPath: 'old name.txt', change: 'renamed', added: 0, removed: 0, binary: false },
    ]);
    writeFileSync(join(bench.top, 'change.patch'), diff.patch);
    bench.git('apply', '--check', join(bench.top, 'change.patch'));
    const applied = await applyAll(bench, snapshot, candidate);
    expect(applied.conflicts).toEqual([]);
    expect(readFileSync(join(bench.workspace, 'data.bin'))).toEqual(Buffer.from([0, 9, 9, 9, 9]));
    expect(existsSync(join(bench.workspace, 'old name.txt'))).toBe(false);
  });

  it('has nothing of what interpreters and tools write while tests run', async () => {
    const bench = kept(makeRepository({ 'a.py': 'x = 1\n' }));
    const { copy, snapshot } = await opened(bench);
    bench.write({ '__pycache__/a.cpython-311.pyc': 'x', '.pytest_cache/v': 'x', 'node_modules/y/i.js': 'x' }, copy.root);
    expect((await copy.freeze('x')).tree).toBe(snapshot.tree);
  });

  it('has what an agent wrote into an ignored place', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'out/\n', 'a.txt': 'a\n' }));
    const { copies, copy, snapshot } = await opened(bench);
    await copy.edit([{ kind: 'whole-file', path: 'out/x.txt', text: 'x\n' }], everything);
    expect((await copies.diff(snapshot, await copy.freeze('x'))).files.map((file) => file.path)).toEqual(['out/x.txt']);
  });
});

describe('apply', () => {
  async function candidateOf(files: Record<string, string | Buffer>, change: Record<string, string | undefined>) {
    const bench = kept(makeRepository(files));
    const { copies, copy, snapshot } = await opened(bench);
    await copy.edit(
      Object.entries(change).map(([path, text]) =>
        text === undefined ? ({ kind: 'delete', path } as const) : ({ kind: 'whole-file', path, text } as const),
      ),
      everything,
    );
    return { bench, copies, snapshot, candidate: await copy.freeze('x') };
  }

  it('writes nothing when one file conflicts', async () => {
    const { bench, snapshot, candidate } = await candidateOf(
      { 'a.txt': '1\n2\n', 'b.txt': 'b\n' },
      { 'a.txt': '1\ntwo\n', 'b.txt': 'B\n' },
    );
    bench.write({ 'a.txt': '1\nzwei\n' });
    const report = await applyAll(bench, snapshot, candidate);
    expect(report.applied).toEqual([]);
    expect(report.conflicts).toEqual([{ path: 'a.txt', detail: expect.stringContaining('same lines') }]);
    expect(readFileSync(join(bench.workspace, 'b.txt'), 'utf8')).toBe('b\n');
  });

  it('reports delete against edit, and new against new, also where git ignores the file', async () => {
    const { bench, snapshot, candidate } = await candidateOf(
      { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'ignored.txt\n' },
      { 'a.txt': undefined, 'b.txt': 'B\n', 'new.txt': 'n\n', 'ignored.txt': 'i\n' },
    );
    bench.write({ 'a.txt': 'edited\n', 'new.txt': 'mine\n', 'ignored.txt': 'mine\n' });
    execFileSync('rm', [join(bench.workspace, 'b.txt')]);
    const report = await applyAll(bench, snapshot, candidate);
    expect(report.conflicts.map((conflict) => conflict.path).sort()).toEqual(['a.txt', 'b.txt', 'ignored.txt', 'new.txt']);
    expect(readFileSync(join(bench.workspace, 'ignored.txt'), 'utf8')).toBe('mine\n');
  });

  it('accepts that the workspace has the same change already', async () => {
    const { bench, snapshot, candidate } = await candidateOf({ 'a.txt': 'a\n' }, { 'a.txt': 'A\n' });
    bench.write({ 'a.txt': 'A\n' });
    expect(await applyAll(bench, snapshot, candidate)).toMatchObject({ applied: [], conflicts: [] });
  });

  it('leaves the user’s index alone and no file of its own behind', async () => {
    const { bench, snapshot, candidate } = await candidateOf(
      { 'a.txt': 'a\n', 'd/b.txt': 'b\n' },
      { 'a.txt': 'A\n', 'd/b.txt': undefined, 'd2/n.txt': 'n\n' },
    );
    const index = readFileSync(join(bench.workspace, '.git/index'));
    await applyAll(bench, snapshot, candidate);
    expect(readFileSync(join(bench.workspace, '.git/index'))).toEqual(index);
    expect(readdirSync(bench.workspace).sort()).toEqual(['.git', 'a.txt', 'd2']);
    expect(readdirSync(join(bench.workspace, 'd2'))).toEqual(['n.txt']);
  });

  it('is not undone over later edits', async () => {
    const { bench, snapshot, candidate } = await candidateOf({ 'a.txt': 'a\n', 'b.txt': 'b\n' }, { 'a.txt': 'A\n', 'b.txt': 'B\n' });
    const { undo } = await applyAll(bench, snapshot, candidate);
    bench.write({ 'a.txt': 'later\n', 'other.txt': 'o\n' });
    const report = await undoApply({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir }, undo, signal);
    expect(report).toMatchObject({ restored: [], conflicts: [{ path: 'a.txt' }] });
    expect(readFileSync(join(bench.workspace, 'b.txt'), 'utf8')).toBe('B\n');
  });
});

describe('package and build folders', () => {
  it('have the lock files that git ignores, and no other ignored files', async () => {
    const bench = kept(makeRepository({ '.gitignore': '*.lock\ngo.work\n*.log\n', 'Cargo.toml': '[package]\n' }));
    bench.write({
      'Cargo.lock': 'version = 4\n',
      'fuzz/Cargo.lock': 'version = 3\n',
      'go.work': 'go 1.26\n',
      'app.lock': '1\n',
      'a.log': 'x\n',
    });
    const { copy, snapshot } = await opened(bench);
    expect(readFileSync(join(copy.root, 'Cargo.lock'), 'utf8')).toBe('version = 4\n');
    expect(['fuzz/Cargo.lock', 'go.work', 'app.lock', 'a.log'].map((path) => existsSync(join(copy.root, path)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect((await copy.freeze('as it is')).tree).toBe(snapshot.tree);
  });

  it('are the copy’s own when they are small: nothing written there reaches the user', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'node_modules/\ndist/\n', 'package.json': '{}', 'packages/b/index.js': 'b\n' }));
    bench.write({ 'node_modules/x/index.js': 'x\n', 'packages/b/node_modules/y/index.js': 'y\n', 'dist/out.js': 'o\n' });
    symlinkSync('../packages/b', join(bench.workspace, 'node_modules/b'));
    symlinkSync(join(bench.workspace, 'packages'), join(bench.workspace, 'node_modules/absolute'));
    const { copy } = await opened(bench);
    expect(copy.provided.map(({ path, how }) => `${path} ${how}`).sort()).toEqual(
      ['dist', 'node_modules', 'packages/b/node_modules'].map((path) => `${path} ${copy.provided[0]?.how}`),
    );
    writeFileSync(join(copy.root, 'node_modules/x/index.js'), 'damaged\n');
    writeFileSync(join(copy.root, 'packages/b/node_modules/y/index.js'), 'damaged\n');
    writeFileSync(join(copy.root, 'node_modules/b/index.js'), 'in the copy\n');
    writeFileSync(join(copy.root, 'node_modules/absolute/b/index.js'), 'in the copy\n');
    expect(readFileSync(join(bench.workspace, 'node_modules/x/index.js'), 'utf8')).toBe('x\n');
    expect(readFileSync(join(bench.workspace, 'packages/b/node_modules/y/index.js'), 'utf8')).toBe('y\n');
    expect(readFileSync(join(bench.workspace, 'packages/b/index.js'), 'utf8')).toBe('b\n');
    expect(readFileSync(join(copy.root, 'packages/b/index.js'), 'utf8')).toBe('in the copy\n');
  });

  it('keep their times beside sources that have theirs, so that a build tool makes anew what a change needs, and no more', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'build/\n*.so\n', 'old.c': 'o\n', 'newer.c': 'n\n', 'edited.c': 'e\n' }));
    bench.write({ 'build/old.o': 'o\n', 'build/deep/newer.o': 'n\n', 'fast.so': 's\n', 'dirty.c': 'd\n' });
    const seconds = {
      'old.c': 1_000,
      'build/old.o': 2_000,
      'newer.c': 3_000,
      'build/deep/newer.o': 2_000,
      'build/deep': 2_500,
      'fast.so': 2_000,
    };
    const all = { ...seconds, 'edited.c': 1_000, 'dirty.c': 4_000 };
    for (const [path, time] of Object.entries(all)) utimesSync(join(bench.workspace, path), time, time);
    const { copy, copies, snapshot } = await opened(bench);
    const timesIn = (root: string) => Object.fromEntries(Object.keys(all).map((path) => [path, statSync(join(root, path)).mtimeMs / 1000]));
    expect(timesIn(copy.root)).toEqual(all);
    await copy.edit([{ kind: 'whole-file', path: 'edited.c', text: 'E\n' }], everything);
    const again = await copies.create('c2', await copy.freeze('x'), signal);
    for (const { root } of [copy, again]) {
      const { 'edited.c': edited = 0, ...others } = timesIn(root);
      expect(others).toEqual({ ...seconds, 'dirty.c': 4_000 });
      expect(Date.now() / 1000 - edited).toBeLessThan(3_600);
    }
    expect((await copies.create('c3', snapshot, signal)).provided.map(({ path }) => path)).toEqual(['build']);
  });

  it('are left out where a build was set up for its place: it would build the user’s files', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'build/\nout/\n', 'a.c': 'a\n' }));
    bench.write({ 'build/CMakeCache.txt': 'x\n', 'build/a.o': 'o\n', 'out/debug/CMakeCache.txt': 'x\n', 'out/a.o': 'o\n' });
    const { copy } = await opened(bench);
    expect(copy.provided.map(({ path, how }) => [path, how === 'omitted'])).toEqual([
      ['build', true],
      ['out', false],
    ]);
    expect(['build', 'out/debug', 'out/a.o'].map((path) => existsSync(join(copy.root, path)))).toEqual([false, false, true]);
  });

  it('are links when they are large: additions and removals stay in the copy, writing into a package does not', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'node_modules\ntarget\n', 'a.txt': 'a\n' }));
    bench.write({
      'node_modules/x/index.js': 'x\n',
      'node_modules/@s/y/index.js': 'y\n',
      'target/debug/big': 'b\n',
      'target/debug/big2': 'b\n',
    });
    const { copy } = await opened(bench, bench.workspace, { copyFiles: 1 });
    if (copy.provided.some((folder) => folder.how === 'cloned')) return expect(copy.provided).toHaveLength(2);
    expect(copy.provided.map(({ path, how }) => ({ path, how }))).toEqual(
      expect.arrayContaining([
        { path: 'node_modules', how: 'linked' },
        { path: 'target', how: 'omitted' },
      ]),
    );
    expect(readFileSync(join(copy.root, 'node_modules/@s/y/index.js'), 'utf8')).toBe('y\n');
    execFileSync('rm', ['-rf', join(copy.root, 'node_modules/x')]);
    bench.write({ 'node_modules/new/index.js': 'n\n', 'node_modules/.cache/c': 'c' }, copy.root);
    expect(readdirSync(join(bench.workspace, 'node_modules')).sort()).toEqual(['@s', 'x']);
    expect(existsSync(join(bench.workspace, 'node_modules/x/index.js'))).toBe(true);
    writeFileSync(join(copy.root, 'node_modules/@s/y/index.js'), 'damaged\n');
    expect(readFileSync(join(bench.workspace, 'node_modules/@s/y/index.js'), 'utf8')).toBe('damaged\n');
  });

  it('that are links themselves are the same link in the copy: all of it is the user’s', async () => {
    const bench = kept(makeRepository({ '.gitignore': 'node_modules\n', 'a.txt': 'a\n' }));
    bench.write({ 'shared/x/index.js': 'x\n' }, bench.top);
    symlinkSync('../shared', join(bench.workspace, 'node_modules'));
    const { copy } = await opened(bench);
    expect(copy.provided.map(({ path, how }) => `${path} ${how}`)).toEqual(['node_modules linked']);
    expect(readlinkSync(join(copy.root, 'node_modules'))).toBe(join(bench.top, 'shared'));
  });

  it.each([
    ['copied', {}],
    ['linked', { copyFiles: 1 }],
  ])(
    '%s with links that lead back into the workspace lead into the copy, by whatever way (workspaces, `npm link`)',
    async (_how, settings) => {
      const bench = kept(makeRepository({ '.gitignore': 'node_modules\n', 'packages/a/index.js': 'a\n', 'packages/b/index.js': 'b\n' }));
      bench.write({ 'node_modules/x/index.js': 'x\n' });
      bench.write({ 'global/c/index.js': 'c\n' }, bench.top);
      const modules = join(bench.workspace, 'node_modules');
      symlinkSync('../packages/a', join(modules, 'relative'));
      symlinkSync(join(bench.workspace, 'packages', 'a'), join(modules, 'absolute'));
      symlinkSync(join(bench.workspace, 'packages', 'b'), join(bench.top, 'global', 'b'));
      symlinkSync(join(bench.top, 'global', 'b'), join(modules, 'npm-link'));
      symlinkSync(join(bench.top, 'global', 'c'), join(modules, 'elsewhere'));
      symlinkSync(join(modules, 'loop'), join(modules, 'loop'));
      symlinkSync(join(bench.top, 'nowhere'), join(modules, 'dangling'));
      const { copy } = await opened(bench, bench.workspace, settings);
      const target = (name: string): string => realpathSync(join(copy.root, 'node_modules', name));
      expect(['relative', 'absolute', 'npm-link'].map(target)).toEqual(
        ['packages/a', 'packages/a', 'packages/b'].map((path) => join(copy.root, path)),
      );
      expect(target('elsewhere')).toBe(join(bench.top, 'global', 'c'));
    },
  );

  it('of Python name the copy, so that tests import the candidate and not the user’s files', async () => {
    const bench = kept(makeRepository({ '.gitignore': '.venv\n', 'src/m.py': 'x = 1\n' }));
    const site = '.venv/lib/python3.11/site-packages';
    bench.write({
      '.venv/pyvenv.cfg': 'home = /usr/bin\n',
      '.venv/bin/tool': `#!${bench.workspace}/.venv/bin/python\n`,
      [`${site}/__editable__.m.pth`]: `${bench.workspace}/src\n`,
      [`${site}/pkg/__init__.py`]: 'y = 1\n',
    });
    symlinkSync('/usr/bin/python3', join(bench.workspace, '.venv/bin/python'));
    for (const [n, copyFiles] of [1000, 1].entries()) {
      const { copy } = await opened(bench, bench.workspace, { copyFiles }, `run-${n}`);
      expect(readFileSync(join(copy.root, site, '__editable__.m.pth'), 'utf8')).toBe(`${copy.root}/src\n`);
      expect(readFileSync(join(copy.root, '.venv/bin/tool'), 'utf8')).toBe(`#!${copy.root}/.venv/bin/python\n`);
      expect(readlinkSync(join(copy.root, '.venv/bin/python'))).toBe('/usr/bin/python3');
      expect(readFileSync(join(copy.root, site, 'pkg/__init__.py'), 'utf8')).toBe('y = 1\n');
    }
    expect(readFileSync(join(bench.workspace, site, '__editable__.m.pth'), 'utf8')).toBe(`${bench.workspace}/src\n`);
  });
});

describe('several runs', () => {
  it('on one repository at once do not hinder each other', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n', 'b.txt': 'b\n' }));
    const results = await Promise.all(
      ['one', 'two', 'three'].map(async (runId) => {
        const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId, dataDir: bench.dataDir });
        cleanup.push(() => copies.dispose());
        const { snapshot } = await copies.snapshot(signal);
        const made = await Promise.all(['x', 'y'].map((id) => copies.create(id, snapshot, signal)));
        return Promise.all(
          made.map(async (copy) => {
            await copy.edit([{ kind: 'whole-file', path: 'a.txt', text: `${runId} ${copy.id}\n` }], everything);
            return copies.read(await copy.freeze('x'), 'a.txt');
          }),
        );
      }),
    );
    expect(results.flat()).toEqual(['one x\n', 'one y\n', 'two x\n', 'two y\n', 'three x\n', 'three y\n']);
    expect(bench.git('status', '--porcelain')).toBe('');
  });

  it('leave nothing after a sweep but what living ones hold', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n' }));
    const { copy } = await opened(bench);
    const dead = join(bench.dataDir, 'copies', 'dead-run');
    mkdirSync(join(dead, 'c1'), { recursive: true });
    writeFileSync(join(dead, '.owner.1'), readFileSync(join(copy.root, '../.owner.1'), 'utf8').replace(/"pid":\d+/, '"pid":2147480000'));
    const now = Date.now();
    const first = await sweepCopies(bench.dataDir, now);
    expect(first.removedRuns).toEqual(['dead-run']);
    expect(first.copies.map((one) => one.runId)).toEqual(['run']);
    expect(first.copies[0]?.bytes).toBeGreaterThan(0);
    expect(existsSync(copy.root)).toBe(true);
    expect(gitIn(copy.root, 'status', '--porcelain')).toBe('');
    expect((await copy.freeze('still works')).tree).toMatch(/^[0-9a-f]{40}$/);
    await cleanup.pop()?.();
    const later = await sweepCopies(bench.dataDir, now + 40 * 24 * 3_600_000);
    expect(later.removedReferences).toBeGreaterThan(0);
    expect(later.removedStores).toEqual([bench.workspace]);
  });
});
