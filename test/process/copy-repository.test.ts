/** The repository of a copy says to git what the user's says, holds no way to the store, and is nobody's but its copy's. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { withTimes } from '../../src/workspace/index-times.ts';
import { type Bench, gitIn, makeBench, makeRepository, storeIn } from '../support/repositories.ts';

const signal = new AbortController().signal;
const everything = { allow: ['**'] };
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});

function kept(bench: Bench): Bench {
  cleanup.push(() => bench.remove());
  return bench;
}

/** A copy of the workspace as it is, and one of a candidate that changes a file, adds one and deletes one where it can. */
async function copiesOf(bench: Bench, workspace = bench.workspace) {
  const copies = await openWorkspaceCopies({ workspace, runId: 'run', dataDir: bench.dataDir });
  cleanup.push(() => copies.dispose());
  const { snapshot } = await copies.snapshot(signal);
  const base = await copies.create('base', snapshot, signal);
  await base.edit([{ kind: 'whole-file', path: 'sub/new.txt', text: 'n\n' }], everything);
  await base.edit([{ kind: 'whole-file', path: 'a.txt', text: 'A\n' }], everything);
  const candidate = await copies.create('candidate', await base.freeze('x'), signal);
  const plain = await copies.create('plain', snapshot, signal);
  return { copies, snapshot, plain, candidate };
}

/** A repository with two commits, tags on both, a remote whose address has a login, and a branch that HEAD does not reach. */
function project(): Bench {
  const bench = kept(makeRepository({ 'a.txt': 'a\n', 'sub/b.txt': 'b\n', 'run.sh': '#!/bin/sh\n' }));
  bench.git('tag', '-a', 'v1.0', '-m', 'one');
  bench.git('branch', 'merged');
  bench.write({ 'sub/b.txt': 'B\n' });
  bench.git('commit', '-qam', 'second');
  bench.git('tag', 'light');
  bench.git('checkout', '-q', '-b', 'side');
  bench.git('commit', '-q', '--allow-empty', '-m', 'elsewhere');
  bench.git('tag', '-a', 'v2.0', '-m', 'two');
  bench.git('checkout', '-q', 'main');
  bench.git('remote', 'add', 'origin', 'https://me:hush@example.com/x.git');
  bench.git('remote', 'add', 'local', '/somewhere/else.git');
  bench.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  bench.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
  bench.git('branch', '-q', '--set-upstream-to=origin/main');
  return bench;
}

const clean = (root: string): void => {
  // Before `status` looks at files: what plumbing sees.
  expect(gitIn(root, 'diff-index', '--name-only', 'HEAD')).toBe('');
  expect(gitIn(root, 'status', '--porcelain')).toBe('');
};

describe('git in a copy', () => {
  it('says what it says in the workspace: branch, commit, tags, remotes without logins, a clean status', async () => {
    const bench = project();
    const { plain, candidate } = await copiesOf(bench);
    clean(plain.root);
    clean(candidate.root);
    for (const question of [
      ['rev-parse', 'HEAD'],
      ['rev-parse', '--abbrev-ref', 'HEAD', '@{upstream}', 'origin/HEAD'],
      ['describe'],
      ['describe', '--tags', '--dirty', '--always'],
      ['log', '--format=%H %an %s %D'],
      ['ls-files', '-s'],
      ['remote'],
      ['show', 'HEAD:sub/b.txt'],
      ['grep', '-n', 'B', 'HEAD'],
      ['merge-base', 'merged', 'HEAD'],
    ])
      expect(gitIn(plain.root, ...question), question.join(' ')).toBe(bench.git(...question));
    expect(gitIn(plain.root, 'remote', 'get-url', 'origin')).toBe('https://example.com/x.git\n');
    expect(gitIn(plain.root, 'tag')).toBe('light\nv1.0\n');
    expect(gitIn(candidate.root, 'describe')).toMatch(/^v1\.0-2-g/);
    expect(gitIn(candidate.root, 'branch', '--show-current')).toBe('main\n');
    expect(gitIn(candidate.root, 'show', 'HEAD:a.txt')).toBe('A\n');
    expect(gitIn(candidate.root, 'rev-parse', 'HEAD~1')).toBe(bench.git('rev-parse', 'HEAD'));
  });

  it('sees what tests change, also within the second and to the same length', async () => {
    const { plain } = await copiesOf(project());
    writeFileSync(join(plain.root, 'a.txt'), 'b\n');
    writeFileSync(join(plain.root, 'left.txt'), '');
    expect(gitIn(plain.root, 'status', '--porcelain')).toBe(' M a.txt\n?? left.txt\n');
    expect(gitIn(plain.root, 'diff', '-U0')).toContain('+b');
    gitIn(plain.root, 'stash', '-q');
    expect(readFileSync(join(plain.root, 'a.txt'), 'utf8')).toBe('a\n');
  });

  it('has the workspace’s changes in a commit on top, and none of what is ignored or given beside', async () => {
    const bench = project();
    bench.write({
      'a.txt': 'dirty\n',
      'new.txt': 'n\n',
      '.gitignore': 'cache\n',
      'node_modules/[x]/i.js': '',
      '.venv/bin/t': '',
      cache: '',
    });
    bench.git('config', 'core.excludesFile', join(bench.top, 'nowhere'));
    const { plain } = await copiesOf(bench);
    clean(plain.root);
    expect(gitIn(plain.root, 'log', '--format=%s')).toBe('The files of this copy\nsecond\nstart\n');
    expect(gitIn(plain.root, 'show', 'HEAD:a.txt')).toBe('dirty\n');
  });

  it.each(['no git', 'no commit', 'detached', 'a branch of other letters', 'sha256', 'a linked worktree', 'a sub-folder', 'line ends'])(
    'works on %s',
    async (kind) => {
      const bench = kept(kind === 'no git' || kind === 'no commit' || kind === 'sha256' ? makeBench() : makeRepository({ 'a.txt': 'a\n' }));
      let { workspace } = bench;
      if (kind === 'no git') bench.write({ 'a.txt': 'a\n' });
      else if (kind === 'no commit' || kind === 'sha256') {
        bench.git('init', '-q', '-b', 'trunk', `--object-format=${kind === 'sha256' ? kind : 'sha1'}`);
        bench.write({ 'a.txt': 'a\n' });
        if (kind === 'sha256') bench.git('add', '-A');
        if (kind === 'sha256') bench.git('commit', '-qm', 'start');
      } else if (kind === 'detached') bench.git('checkout', '-q', '--detach');
      else if (kind === 'a branch of other letters') bench.git('checkout', '-q', '-b', 'фича/日本-"ü"');
      else if (kind === 'a linked worktree') {
        workspace = join(bench.top, 'tree');
        bench.git('worktree', 'add', '-q', '-b', 'linked', workspace);
      } else if (kind === 'a sub-folder') {
        bench.write({ 'part/a.txt': 'a\n' });
        bench.git('add', '-A');
        bench.git('commit', '-qm', 'part');
        workspace = join(workspace, 'part');
      } else if (kind === 'line ends') {
        bench.git('config', 'core.autocrlf', 'true');
        rmSync(join(workspace, 'a.txt'));
        bench.git('checkout', '-q', 'a.txt');
      }
      const { plain, candidate } = await copiesOf(bench, workspace);
      clean(plain.root);
      clean(candidate.root);
      const there = kind !== 'no git' && kind !== 'no commit';
      expect(gitIn(plain.root, 'log', '--format=%s')).toBe(there ? gitIn(workspace, 'log', '--format=%s') : 'The files of this copy\n');
      const branch = kind === 'no git' ? 'main\n' : gitIn(workspace, 'branch', '--show-current');
      expect(gitIn(candidate.root, 'branch', '--show-current')).toBe(branch);
      expect(gitIn(candidate.root, 'fsck', '--no-dangling', '--connectivity-only')).not.toContain('missing blob');
    },
  );

  it('works on clones that have not everything: shallow, without old contents, of some folders only', async () => {
    const origin = project();
    origin.git('config', 'uploadpack.allowFilter', 'true');
    const from = `file://${origin.workspace}`;
    for (const [name, ...how] of [
      ['shallow', '--depth=1'],
      ['blobless', '--filter=blob:none', '--sparse'],
      ['treeless', '--filter=tree:0'],
    ]) {
      gitIn(origin.top, 'clone', '-q', ...how, from, name ?? '');
      const copies = await openWorkspaceCopies({ workspace: join(origin.top, name ?? ''), runId: name ?? '', dataDir: origin.dataDir });
      cleanup.push(() => copies.dispose());
      const { snapshot } = await copies.snapshot(signal);
      const copy = await copies.create('c', snapshot, signal);
      clean(copy.root);
      expect(gitIn(copy.root, 'log', '--format=%s'), name).toBe(gitIn(join(origin.top, name ?? ''), 'log', '--format=%s'));
      expect(gitIn(copy.root, 'ls-files')).toBe('a.txt\nrun.sh\nsub/b.txt\n');
    }
  });

  it('works on a repository that lacks commits of its history, which ends there', async () => {
    const bench = project();
    const first = bench.git('rev-parse', 'HEAD~1').trim();
    rmSync(join(bench.workspace, '.git/objects', first.slice(0, 2), first.slice(2)));
    const { plain, candidate } = await copiesOf(bench);
    clean(plain.root);
    clean(candidate.root);
    expect(gitIn(plain.root, 'log', '--format=%s').split('\n')[0]).toBe('second');
  });
});

describe('a copy', () => {
  it('names neither store nor data folder anywhere in its repository', async () => {
    const bench = project();
    const { plain, candidate } = await copiesOf(bench);
    const gitFolders = [plain.root, candidate.root].map((root) => join(root, '.git'));
    for (const folder of gitFolders) {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
      expect(files.every((entry) => entry.isFile())).toBe(true);
      expect(files.map(({ name }) => name)).not.toContain('alternates');
      for (const file of files) {
        const bytes = readFileSync(join(file.parentPath, file.name));
        for (const place of [bench.dataDir, 'stores/', bench.workspace, 'hush', '/somewhere'])
          expect(bytes.includes(place), file.name).toBe(false);
      }
    }
  });

  it('holds the contents of its files and of no others: no secret, nothing that history knows', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'KEY=in-history\n', '.env': 'KEY=tracked\n', 'b.txt': 'b\n' }));
    bench.write({ 'a.txt': 'a\n' });
    bench.git('commit', '-qam', 'out');
    const { plain } = await copiesOf(bench);
    const blobs = gitIn(plain.root, 'cat-file', '--batch-all-objects', '--batch-check')
      .split('\n')
      .filter((line) => line.includes(' blob '))
      .map((line) => gitIn(plain.root, 'cat-file', 'blob', line.split(' ')[0] ?? ''));
    expect(blobs.sort()).toEqual(['a\n', 'b\n']);
    expect(gitIn(plain.root, 'ls-files')).toBe('a.txt\nb.txt\n');
  });

  it('may do to its repository what it likes: store, other copies and the candidate stay as they are', async () => {
    const bench = project();
    const { copies, snapshot, plain, candidate } = await copiesOf(bench);
    const store = storeIn(bench.dataDir);
    const state = () => [
      ...readdirSync(store, { recursive: true, withFileTypes: true }).flatMap((entry) => {
        const file = join(entry.parentPath, entry.name);
        return entry.isFile() ? [`${file} ${lstatSync(file).mtimeMs} ${readFileSync(file).toString('base64')}`] : [];
      }),
      bench.git('for-each-ref'),
      gitIn(candidate.root, 'for-each-ref'),
      gitIn(candidate.root, 'cat-file', '--batch-all-objects', '--batch-check'),
    ];
    const before = state();
    const git = (...args: string[]) => gitIn(plain.root, ...args);
    git('commit', '-q', '--allow-empty', '-m', 'from a test');
    git('tag', 'made');
    git('branch', '-qf', 'side');
    git('config', 'core.fsmonitor', '/nowhere');
    git('config', 'filter.x.clean', '/nowhere');
    git('update-ref', '-d', 'refs/heads/merged');
    git('pack-refs', '--all');
    for (const pack of readdirSync(join(plain.root, '.git/objects/pack'))) rmSync(join(plain.root, '.git/objects/pack', pack));
    writeFileSync(join(plain.root, '.git/index'), 'spoiled');
    mkdirSync(join(plain.root, '.git/objects/info'), { recursive: true });
    writeFileSync(join(plain.root, '.git/objects/info/alternates'), `${bench.top}\n`);
    expect(state()).toEqual(before);
    await plain.edit([{ kind: 'whole-file', path: 'a.txt', text: 'mine\n' }], everything);
    rmSync(join(plain.root, '.git'), { recursive: true });
    const frozen = await plain.freeze('x');
    expect((await copies.diff(snapshot, frozen)).files.map(({ path }) => path)).toEqual(['a.txt']);
    const later = await copies.create('later', frozen, signal);
    clean(later.root);
    expect(gitIn(later.root, 'log', '--format=%s')).toBe('The files of this copy\nsecond\nstart\n');
  });
});

it.each(['sha1', 'sha256'])(
  'times are exchanged in an index that git wrote (%s), for names of every length and entries left out',
  (format) => {
    const bench = kept(makeBench());
    bench.git('init', '-q', `--object-format=${format}`);
    const names = [...Array.from({ length: 20 }, (_, n) => 'x'.repeat(n + 1)), 'ключ/日本.txt', `${'y'.repeat(200)}/${'z'.repeat(200)}`];
    bench.write(Object.fromEntries(names.map((name) => [name, name])));
    bench.git('add', '-A');
    bench.git('update-index', '--skip-worktree', 'xxx');
    const index = join(bench.workspace, '.git/index');
    expect(withTimes(readFileSync(index), new Map(), format)).toEqual(readFileSync(index));
    writeFileSync(index, withTimes(readFileSync(index), new Map(names.map((name, n) => [name, (1_000 + n) * 1000 + 999.5])), format));
    const listed = bench.git('ls-files', '-z', '--debug').split('\0');
    const times = new Map(listed.slice(1).map((after, n) => [listed[n]?.split('\n').at(-1), /mtime: (\d+)/.exec(after)?.[1]]));
    expect(times).toEqual(new Map(names.map((name, n) => [name, String(1_000 + n)])));
    expect(bench.git('fsck')).toBe('');
  },
);
