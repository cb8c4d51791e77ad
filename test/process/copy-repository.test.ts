/** The repository of a copy says to git what the user's says, holds no way to the store, and is nobody's but its copy's. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { withTimes } from '../../src/workspace/index-times.ts';
import { pastObjects } from '../../src/workspace/past.ts';
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

/** A repository with two commits, tags on both, a remote whose address has a login, and a branch with a tag that HEAD does not reach. */
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

/** As `copiesOf` changes it: an edited file, and a new one. */
const changed = (root: string): void => {
  expect(gitIn(root, 'diff-index', '--name-only', '--relative', 'HEAD')).toBe('a.txt\n');
  expect(gitIn(root, 'status', '--porcelain', '-uall', '.')).toMatch(/^ M (part\/)?a\.txt\n\?\? (part\/)?sub\/new\.txt\n$/);
};

describe('git in a copy', () => {
  it('says what it says in the workspace: branch, commit, tags, remotes without logins, a clean status', async () => {
    const bench = project();
    const { plain, candidate } = await copiesOf(bench);
    clean(plain.root);
    changed(candidate.root);
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
      ['for-each-ref'],
    ])
      expect(gitIn(plain.root, ...question), question.join(' ')).toBe(bench.git(...question));
    expect(gitIn(plain.root, 'remote', 'get-url', 'origin')).toBe('https://example.com/x.git\n');
    expect(gitIn(plain.root, 'tag')).toBe('light\nv1.0\nv2.0\n');
    for (const question of ['describe', 'branch --show-current', 'show HEAD:a.txt', 'rev-parse HEAD', 'log --format=%s -1'])
      expect(gitIn(candidate.root, ...question.split(' ')), question).toBe(bench.git(...question.split(' ')));
    expect(gitIn(candidate.root, 'diff', '-U0')).toMatch(/^-a\n\+A\n/m);
  });

  it('knows what was before: contents, changes, who wrote a line, and other branches', async () => {
    const bench = project();
    bench.git('checkout', '-q', 'side');
    bench.write({ 'docs/side.md': 'side\n' });
    bench.git('add', '-A');
    bench.git('commit', '-qm', 'side work');
    bench.git('update-ref', 'refs/remotes/origin/next', 'HEAD');
    bench.git('checkout', '-q', 'main');
    bench.git('mv', 'sub/b.txt', 'sub/c.txt');
    bench.git('rm', '-q', 'run.sh');
    bench.write({ 'a.txt': 'a\nmore\n' });
    bench.git('commit', '-qam', 'third');
    const { plain, candidate } = await copiesOf(bench);
    for (const question of [
      ['log', '--all', '--format=%H %ct', '--', 'sub/b.txt'],
      ['log', '--reverse', '--format=%ad', '-1', '--', 'a.txt'],
      ['log', '--follow', '--format=%s', 'sub/c.txt'],
      ['log', '--all', '-p', '--stat', '-M'],
      ['log', '-S', 'B', '--format=%s'],
      ['blame', '--porcelain', 'a.txt'],
      ['blame', '-s', 'HEAD~1', '--', 'sub/b.txt'],
      ['show', 'HEAD~2:sub/b.txt', 'v1.0:run.sh', 'origin/next:docs/side.md'],
      ['diff', 'HEAD~2'],
      ['diff', '--name-status', 'origin/next...HEAD'],
      ['diff', 'main..side'],
      ['describe', '--tags', '--match', 'v*', 'side'],
      ['branch', '-a', '-v'],
      ['rev-list', '--objects', '--all'],
      ['shortlog', '-sn', '--all'],
      ['archive', '--format=tar', 'HEAD~1'],
      ['fsck', '--full', '--no-dangling'],
    ])
      expect(gitIn(plain.root, ...question), question.join(' ')).toBe(bench.git(...question));
    expect(gitIn(candidate.root, 'show', 'HEAD~2:sub/b.txt')).toBe('b\n');
    gitIn(plain.root, 'clone', '-q', '.', join(bench.top, 'cloned'));
    expect(gitIn(join(bench.top, 'cloned'), 'log', '--format=%s')).toBe('third\nsecond\nstart\n');
    gitIn(plain.root, 'worktree', 'add', '-q', '--detach', join(bench.top, 'before'), 'HEAD~2');
    expect(readFileSync(join(bench.top, 'before/run.sh'), 'utf8')).toBe('#!/bin/sh\n');
    gitIn(plain.root, 'revert', '--no-edit', 'HEAD');
    expect(readFileSync(join(plain.root, 'sub/b.txt'), 'utf8')).toBe('B\n');
  });

  it('knows of a long history the newest, to a limit of bytes', async () => {
    const bench = kept(makeRepository({ 'a.txt': '0\n' }));
    const text = (n: number): string => `${Array.from({ length: 50 }, (_, line) => (n + 1) * (line + 1) * 7919).join(' ')}\n`;
    for (let n = 1; n <= 9; n++) {
      bench.write({ 'a.txt': text(n) });
      bench.git('commit', '-qam', `${n}`);
    }
    const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
    cleanup.push(() => copies.dispose());
    const gitDir = storeIn(bench.dataDir);
    const store = { gitDir, place: { cwd: gitDir, env: { GIT_DIR: gitDir } }, source: { workspace: bench.workspace } as never };
    const commits = bench.git('rev-list', 'HEAD').trim().split('\n');
    const contents = commits.map((commit) => bench.git('rev-parse', `${commit}:a.txt`).trim());
    const all = await pastObjects(store, commits, new Set(), signal);
    expect(all.filter((name) => contents.includes(name))).toEqual(contents);
    expect(all.length).toBe(20);
    const some = await pastObjects(store, commits, new Set(), signal, { folders: 1e6, contents: 600 });
    const left = some.filter((name) => contents.includes(name));
    expect(left.slice(0, 2)).toEqual(contents.slice(0, 2));
    expect(left.length).toBeLessThan(6);
    expect(some.length - left.length).toBe(10);
  });

  it('is packed once for a history, and anew where that is another one or not whole', async () => {
    const bench = project();
    const kept = () => readdirSync(join(storeIn(bench.dataDir), 'past'));
    const log = async (runId: string): Promise<string> => {
      const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId, dataDir: bench.dataDir });
      const copy = await copies.create('c', (await copies.snapshot(signal)).snapshot, signal);
      const said = gitIn(copy.root, 'log', '-p', '--all') + gitIn(copy.root, 'fsck', '--full');
      await copies.dispose();
      return said;
    };
    const whole = () => bench.git('log', '-p', '--all') + bench.git('fsck', '--full');
    expect(await log('one')).toBe(whole());
    const [first = ''] = kept();
    const made = lstatSync(join(storeIn(bench.dataDir), 'past', first)).ino;
    bench.write({ 'a.txt': 'not committed\n' });
    expect(await log('two')).toBe(whole());
    expect(lstatSync(join(storeIn(bench.dataDir), 'past', first)).ino).toBe(made);
    for (const name of readdirSync(join(storeIn(bench.dataDir), 'past', first)))
      if (name.endsWith('.idx')) rmSync(join(storeIn(bench.dataDir), 'past', first, name));
    expect(await log('three')).toBe(whole());
    bench.git('commit', '-qam', 'third');
    expect(await log('four')).toBe(whole());
    expect(kept()).toHaveLength(1);
    expect(kept()).not.toEqual([first]);
    bench.git('tag', 'later');
    expect(await log('five')).toBe(whole());
    expect(kept()).toHaveLength(1);
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

  it('has the workspace’s changes as changes that nobody committed, and none of what is ignored or given beside', async () => {
    const bench = project();
    bench.write({
      'a.txt': 'dirty\n',
      'new.txt': 'n\n',
      '.gitignore': 'cache\n',
      'node_modules/[x]/i.js': '',
      '.venv/bin/t': '',
      'sub/b.txt': '',
      cache: '',
    });
    rmSync(join(bench.workspace, 'run.sh'));
    bench.git('config', 'core.excludesFile', join(bench.top, 'nowhere'));
    bench.write({ '.git/info/exclude': 'node_modules\n.venv\n' });
    const { plain, candidate } = await copiesOf(bench);
    for (const question of ['status --porcelain -uall', 'diff', 'log --format=%s', 'ls-files -s', 'describe --dirty', 'diff HEAD~1'])
      expect(gitIn(plain.root, ...question.split(' ')), question).toBe(bench.git(...question.split(' ')));
    expect(gitIn(plain.root, 'status', '--porcelain')).toBe(' M a.txt\n D run.sh\n M sub/b.txt\n?? .gitignore\n?? new.txt\n');
    expect(gitIn(candidate.root, 'diff', '-U0', 'a.txt')).toMatch(/^-a\n\+A\n/m);
    gitIn(plain.root, 'checkout', '-q', '.');
    expect(readFileSync(join(plain.root, 'sub/b.txt'), 'utf8')).toBe('B\n');
  });

  it('has a commit on top where HEAD has files that no copy gets', async () => {
    const bench = kept(makeRepository({ 'a.txt': 'a\n', '.env': 'KEY=tracked\n', 'b.txt': 'b\n' }));
    bench.write({ 'b.txt': 'dirty\n' });
    const { plain, candidate } = await copiesOf(bench);
    clean(plain.root);
    clean(candidate.root);
    expect(gitIn(plain.root, 'log', '--format=%s')).toBe('The files of this copy\nstart\n');
    expect(gitIn(candidate.root, 'show', 'HEAD:a.txt')).toBe('A\n');
    expect(gitIn(candidate.root, 'rev-parse', 'HEAD~1')).toBe(bench.git('rev-parse', 'HEAD'));
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
      if (kind === 'no git' || kind === 'no commit') clean(candidate.root);
      else changed(candidate.root);
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
    changed(candidate.root);
    expect(gitIn(plain.root, 'log', '--format=%s').split('\n')[0]).toBe('second');
  });
});

it('works on a repository whose older contents are damaged: commits and files are there', async () => {
  const bench = project();
  const old = bench.git('rev-parse', 'v1.0:sub/b.txt').trim();
  const file = join(bench.workspace, '.git/objects', old.slice(0, 2), old.slice(2));
  rmSync(file);
  writeFileSync(file, deflateSync('blob 2\0bx'));
  const { plain, candidate } = await copiesOf(bench);
  clean(plain.root);
  changed(candidate.root);
  expect(gitIn(plain.root, 'log', '--format=%s')).toBe('second\nstart\n');
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

  it('holds no secret of the history: by the name of its file, or a token in settings', async () => {
    const token = '//registry.example.com/:_authToken=abcdef\n';
    const bench = kept(
      makeRepository({
        'a.txt': 'old\n',
        '.env': 'KEY=tracked\n',
        'deploy.pem': 'key\n',
        '.npmrc': token,
        'b.txt': 'b\n',
        'empty.txt': '',
      }),
    );
    bench.write({ 'a.txt': 'a\n', '.npmrc': 'save-exact=true\n', '.env.local': '' });
    bench.git('add', '-A');
    bench.git('commit', '-qm', 'out');
    bench.write({ '.npmrc': 'save-exact=false\n' });
    bench.git('rm', '-q', 'deploy.pem', 'empty.txt');
    bench.git('commit', '-qam', 'away');
    const { plain } = await copiesOf(bench);
    const blobs = gitIn(plain.root, 'cat-file', '--batch-all-objects', '--batch-check')
      .split('\n')
      .filter((line) => line.includes(' blob '))
      .map((line) => gitIn(plain.root, 'cat-file', 'blob', line.split(' ')[0] ?? ''));
    expect(blobs.sort()).toEqual(['', 'a\n', 'b\n', 'old\n', 'save-exact=false\n', 'save-exact=true\n']);
    expect(gitIn(plain.root, 'ls-files')).toBe('.npmrc\na.txt\nb.txt\n');
    expect(gitIn(plain.root, 'log', '--format=%s', '--', '.env', 'a.txt')).toContain('start');
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
    expect(gitIn(later.root, 'status', '--porcelain')).toBe(' M a.txt\n');
    expect(gitIn(later.root, 'log', '--format=%s')).toBe('second\nstart\n');
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
