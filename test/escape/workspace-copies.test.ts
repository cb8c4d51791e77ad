import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { applyAll, type Bench, frozenByHand, gitIn, makeRepository } from '../support/repositories.ts';

const signal = new AbortController().signal;
const everything = { allow: ['**'] };
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});

function repository(files: Record<string, string>): Bench {
  const bench = makeRepository(files);
  cleanup.push(() => bench.remove());
  return bench;
}

async function copyOf(bench: Bench, settings: { readonly secrets?: readonly string[] } = {}) {
  const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir, settings });
  cleanup.push(() => copies.dispose());
  const { snapshot } = await copies.snapshot(signal);
  return { copies, snapshot, copy: await copies.create('c1', snapshot, signal) };
}

describe('a copy that would not be apart', () => {
  it('is refused when the data folder lies in the workspace, openly or through a link', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    const inside = join(bench.workspace, '.data');
    await expect(openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: inside })).rejects.toMatchObject({
      code: 'data-folder-not-apart',
    });
    mkdirSync(join(bench.workspace, 'target'), { recursive: true });
    symlinkSync(join(bench.workspace, 'target'), join(bench.top, 'linked-data'));
    await expect(
      openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: join(bench.top, 'linked-data') }),
    ).rejects.toMatchObject({
      code: 'data-folder-not-apart',
    });
  });

  it('is refused when its place is a link into the workspace', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
    cleanup.push(() => copies.dispose());
    const { snapshot } = await copies.snapshot(signal);
    mkdirSync(join(bench.workspace, 'empty'));
    mkdirSync(join(bench.dataDir, 'copies', 'run'), { recursive: true });
    symlinkSync(join(bench.workspace, 'empty'), join(bench.dataDir, 'copies', 'run', 'c1'));
    await expect(copies.create('c1', snapshot, signal)).rejects.toMatchObject({
      code: expect.stringMatching(/copy-not-isolated|git-failed/),
    });
    expect(existsSync(join(bench.workspace, 'empty'))).toBe(true);
    expect(existsSync(join(bench.workspace, 'empty/a.txt'))).toBe(false);
    expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('a\n');
  });

  it('is refused for names that are paths', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    for (const runId of ['../run', 'a/b', '', '.', '..', '-x', 'x.lock', 'a b']) {
      await expect(openWorkspaceCopies({ workspace: bench.workspace, runId, dataDir: bench.dataDir })).rejects.toMatchObject({
        code: 'path-escapes',
      });
    }
    const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
    const { snapshot } = await copies.snapshot(signal);
    await expect(copies.create('../c', snapshot, signal)).rejects.toMatchObject({ code: 'path-escapes' });
  });
});

describe('inside a copy', () => {
  it('git finds the copy, never the workspace, and commits, stashes and settings made there stay out of the user‘s repository', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    const before = [
      bench.git('for-each-ref'),
      bench.git('stash', 'list'),
      readFileSync(join(bench.workspace, '.git/config'), 'utf8'),
      bench.git('rev-parse', 'HEAD'),
    ];
    const { copy } = await copyOf(bench);
    expect(realpathSync(gitIn(copy.root, 'rev-parse', '--show-toplevel').trim())).toBe(copy.root);
    writeFileSync(join(copy.root, 'a.txt'), 'changed\n');
    gitIn(copy.root, 'stash');
    gitIn(copy.root, 'commit', '-q', '--allow-empty', '-m', 'from a test');
    gitIn(copy.root, 'branch', 'made-by-a-test');
    gitIn(copy.root, 'config', 'alias.x', 'status');
    expect([
      bench.git('for-each-ref'),
      bench.git('stash', 'list'),
      readFileSync(join(bench.workspace, '.git/config'), 'utf8'),
      bench.git('rev-parse', 'HEAD'),
    ]).toEqual(before);
  });

  it('history can be read', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    const { copy } = await copyOf(bench);
    expect(gitIn(copy.root, 'log', '--format=%s')).toContain('start');
  });

  it('a .git that a test replaced does not lead a freeze astray', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    const { copies, copy, snapshot } = await copyOf(bench);
    rmSync(join(copy.root, '.git'), { recursive: true });
    writeFileSync(join(copy.root, '.git'), `gitdir: ${join(bench.workspace, '.git')}\n`);
    await copy.edit([{ kind: 'whole-file', path: 'a.txt', text: 'b\n' }], everything);
    const before = bench.git('status', '--porcelain');
    const frozen = await copy.freeze('x');
    expect((await copies.diff(snapshot, frozen)).files.map((file) => file.path)).toEqual(['a.txt']);
    expect(await copies.read(frozen, 'a.txt')).toBe('b\n');
    expect(bench.git('status', '--porcelain')).toBe(before);
  });

  it('hooks, fsmonitor and the environment of the caller are not used', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    const marker = join(bench.top, 'hook-ran');
    bench.write({
      '.git/hooks/post-checkout': `#!/bin/sh\ntouch ${marker}\n`,
      '.git/hooks/post-index-change': `#!/bin/sh\ntouch ${marker}\n`,
      '.git/monitor': `#!/bin/sh\ntouch ${marker}\n`,
    });
    bench.git('config', 'core.fsmonitor', join(bench.workspace, '.git/monitor'));
    rmSync(marker, { force: true });
    process.env.GIT_DIR = '/nowhere';
    process.env.GIT_INDEX_FILE = join(bench.top, 'stolen-index');
    try {
      const { copy } = await copyOf(bench);
      await copy.freeze('x');
    } finally {
      delete process.env.GIT_DIR;
      delete process.env.GIT_INDEX_FILE;
    }
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(join(bench.top, 'stolen-index'))).toBe(false);
  });
});

describe('a candidate', () => {
  it('is the base with the edits that were made, whatever else is done in its copy, and to the edited files', async () => {
    const bench = repository({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n', 'gone.txt': 'g\n', 'run.sh': '#!/bin/sh\n' });
    const { copies, snapshot, copy } = await copyOf(bench);
    await copy.edit(
      [
        { kind: 'whole-file', path: 'a.txt', text: 'edited\n' },
        { kind: 'search-replace', path: 'run.sh', search: '#!/bin/sh\n', replace: '#!/bin/bash\n' },
        { kind: 'whole-file', path: 'new/n.txt', text: 'n\n' },
        { kind: 'delete', path: 'gone.txt' },
      ],
      everything,
    );
    // What foreign code could do: the edit taken back, a file added, changed, removed, made a link, made executable, attributes for git.
    rmSync(join(copy.root, 'a.txt'));
    symlinkSync('/etc/hostname', join(copy.root, 'a.txt'));
    rmSync(join(copy.root, 'new'), { recursive: true });
    symlinkSync(bench.workspace, join(copy.root, 'new'));
    writeFileSync(join(copy.root, 'gone.txt'), 'back\n');
    writeFileSync(join(copy.root, 'b.txt'), 'planted\n');
    rmSync(join(copy.root, 'c.txt'));
    chmodSync(join(copy.root, 'run.sh'), 0o644);
    writeFileSync(join(copy.root, 'planted.js'), 'x\n');
    writeFileSync(join(copy.root, '.gitattributes'), '* text eol=crlf working-tree-encoding=UTF-16\n');
    rmSync(join(copy.root, '.git'), { recursive: true });
    const frozen = await copy.freeze('x');
    const changed = (await copies.diff(snapshot, frozen)).files.map(({ path, change }) => `${path} ${change}`);
    expect(changed.sort()).toEqual(['a.txt modified', 'gone.txt deleted', 'new/n.txt added', 'run.sh modified']);
    expect(await copies.read(frozen, 'a.txt')).toBe('edited\n');
    expect(await copies.read(frozen, 'new/n.txt')).toBe('n\n');
    expect((await copies.diff(snapshot, frozen)).patch).not.toMatch(/^(old|new) mode/m);
  });

  it('may have a folder where a file was, and a file where a folder was', async () => {
    const bench = repository({ a: 'a\n', 'd/x.txt': 'x\n' });
    const { copies, copy } = await copyOf(bench);
    for (const edits of [
      [{ kind: 'delete', path: 'a' } as const, { kind: 'delete', path: 'd/x.txt' } as const],
      [{ kind: 'whole-file', path: 'a/b.txt', text: 'b\n' } as const],
    ])
      expect((await copy.edit(edits, everything)).problems).toEqual([]);
    rmSync(join(copy.root, 'd'), { recursive: true, force: true });
    expect((await copy.edit([{ kind: 'whole-file', path: 'd', text: 'd\n' }], everything)).problems).toEqual([]);
    const frozen = await copy.freeze('x');
    expect([await copies.read(frozen, 'a/b.txt'), await copies.read(frozen, 'd')]).toEqual(['b\n', 'd\n']);
  });
});

describe('links in a tree', () => {
  it('are kept as links and never written through; apply refuses those that lead out', async () => {
    const bench = repository({ 'a.txt': 'a\n' });
    symlinkSync('a.txt', join(bench.workspace, 'alias.txt'));
    symlinkSync(bench.top, join(bench.workspace, 'up'));
    const { snapshot, copy } = await copyOf(bench);
    expect(lstatSync(join(copy.root, 'alias.txt')).isSymbolicLink()).toBe(true);
    const report = await copy.edit([{ kind: 'whole-file', path: 'up/x.txt', text: 'x\n' }], everything);
    expect(report.problems[0]?.kind).toBe('escapes');
    symlinkSync('/etc/passwd', join(copy.root, 'passwd'));
    symlinkSync('../../outside', join(copy.root, 'relative'));
    const candidate = frozenByHand(bench.dataDir, snapshot, copy.root);
    const applied = await applyAll(bench, snapshot, candidate);
    expect(applied.applied).toEqual([]);
    expect(applied.conflicts.map((conflict) => conflict.path).sort()).toEqual(['passwd', 'relative']);
    expect(existsSync(join(bench.workspace, 'passwd'))).toBe(false);
  });

  it('that a test put in place of a folder do not make apply write elsewhere', async () => {
    const bench = repository({ 'src/a.txt': 'a\n' });
    const { snapshot, copy } = await copyOf(bench);
    await copy.edit([{ kind: 'whole-file', path: 'src/a.txt', text: 'new\n' }], everything);
    const candidate = await copy.freeze('x');
    const victim = join(bench.top, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'a.txt'), 'a\n');
    rmSync(join(bench.workspace, 'src'), { recursive: true });
    symlinkSync(victim, join(bench.workspace, 'src'));
    const applied = await applyAll(bench, snapshot, candidate);
    expect(applied.applied).toEqual([]);
    expect(readFileSync(join(victim, 'a.txt'), 'utf8')).toBe('a\n');
  });
});

describe('secrets', () => {
  it('do not reach a copy, whether tracked or not, and a diff does not show them as deleted', async () => {
    const bench = repository({
      'a.txt': 'a\n',
      '.env': 'TRACKED=1\n',
      '.env.example': 'KEY=\n',
      'tests/fixtures/cert.pem': 'x\n',
      'server.key': 'k\n',
    });
    bench.write({
      '.env.local': 'S=1\n',
      id_rsa: 'x',
      'sub/.npmrc': '//registry/:_authToken=abc\n',
      '.npmrc': 'registry=https://x\n',
      'credentials.json': '{}',
    });
    const { copies, snapshot, copy } = await copyOf(bench);
    for (const path of ['.env', '.env.local', 'id_rsa', 'sub/.npmrc', 'credentials.json', 'server.key'])
      expect(existsSync(join(copy.root, path)), path).toBe(false);
    for (const path of ['.env.example', 'tests/fixtures/cert.pem', '.npmrc']) expect(existsSync(join(copy.root, path)), path).toBe(true);
    const frozen = await copy.freeze('same');
    expect(frozen.tree).toBe(snapshot.tree);
    writeFileSync(join(copy.root, '.env'), 'MADE=1\n');
    const made = await copy.freeze('made');
    expect((await copies.diff(snapshot, made)).files).toEqual([]);
    expect((await applyAll(bench, snapshot, made)).applied).toEqual([]);
    expect(readFileSync(join(bench.workspace, '.env'), 'utf8')).toBe('TRACKED=1\n');
  });

  it('and ignored files come when .worktreeinclude names them, but never become part of a change', async () => {
    const bench = repository({
      '.gitignore': '.env\nlocal/\n*.sqlite\n',
      'a.txt': 'a\n',
    });
    bench.write({
      '.worktreeinclude': '.env\nlocal/settings.json\n',
      '.env': 'K=1\n',
      'local/settings.json': '{}\n',
      'local/other.json': '{}\n',
      'x.sqlite': 'x',
    });
    const { snapshot, copy } = await copyOf(bench);
    expect(readFileSync(join(copy.root, '.env'), 'utf8')).toBe('K=1\n');
    expect(existsSync(join(copy.root, 'local/settings.json'))).toBe(true);
    expect(existsSync(join(copy.root, 'local/other.json'))).toBe(false);
    expect(existsSync(join(copy.root, 'x.sqlite'))).toBe(false);
    expect((await copy.freeze('x')).tree).toBe(snapshot.tree);
  });

  it('do not come when a tracked .worktreeinclude names them: it came with the repository', async () => {
    const bench = repository({ '.gitignore': '.env\nlocal/\n', '.worktreeinclude': '.env\nlocal/\n.env.local\n', 'a.txt': 'a\n' });
    bench.write({ '.env': 'K=1\n', '.env.local': 'K=1\n', 'local/settings.json': '{}\n', 'local/server.key': 'k\n' });
    const { copy } = await copyOf(bench);
    expect(existsSync(join(copy.root, 'local/settings.json'))).toBe(true);
    for (const path of ['.env', '.env.local', 'local/server.key']) expect(existsSync(join(copy.root, path)), path).toBe(false);
  });

  it('come when settings of the user name them, tracked or not, and never become part of a change', async () => {
    const bench = repository({ '.gitignore': 'local/\n', '.env': 'TRACKED=1\n', '.worktreeinclude': 'local/\n', 'sub/a.txt': 'a\n' });
    bench.write({ '.env.test': 'K=1\n', 'local/server.key': 'k\n', 'local/other.key': 'k\n', 'sub/.env': 'SUB=1\n' });
    const { snapshot, copy, copies } = await copyOf(bench, { secrets: ['/.env', '.env.test', 'local/server.*'] });
    for (const [path, there] of [
      ['.env', true],
      ['.env.test', true],
      ['local/server.key', true],
      ['local/other.key', false],
      ['sub/.env', false],
    ] as const)
      expect(existsSync(join(copy.root, path)), path).toBe(there);
    writeFileSync(join(copy.root, '.env'), 'CHANGED=1\n');
    const made = await copy.freeze('x');
    expect(made.tree).toBe(snapshot.tree);
    expect((await copies.diff(snapshot, made)).files).toEqual([]);
    expect((await applyAll(bench, snapshot, made)).applied).toEqual([]);
    expect(readFileSync(join(bench.workspace, '.env'), 'utf8')).toBe('TRACKED=1\n');
  });

  it('stay behind in folders of packages and builds, where certificates are none', async () => {
    const bench = repository({ '.gitignore': 'dist\nvendor\nnode_modules\n', 'a.txt': 'a\n' });
    const key = '-----BEGIN PRIVATE KEY-----\n';
    bench.write({
      'dist/.env': 'K=1\n',
      'dist/server.key': key,
      'dist/main.js': 'x\n',
      'vendor/credentials.json': '{}',
      'node_modules/.env': 'K=1\n',
      'node_modules/a/deep/id_rsa': 'k\n',
      'node_modules/a/cacert.pem': '-----BEGIN CERTIFICATE-----\n',
      'node_modules/a/index.js': 'x\n',
    });
    const { copy } = await copyOf(bench);
    for (const path of ['dist/main.js', 'node_modules/a/cacert.pem', 'node_modules/a/index.js'])
      expect(existsSync(join(copy.root, path)), path).toBe(true);
    for (const path of ['dist/.env', 'dist/server.key', 'vendor/credentials.json', 'node_modules/.env', 'node_modules/a/deep/id_rsa'])
      expect(existsSync(join(copy.root, path)), path).toBe(false);
  });
});
