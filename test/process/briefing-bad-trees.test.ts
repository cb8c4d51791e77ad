/** The briefing on trees that are not nice: nothing hangs, nothing leaks, nothing throws. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brief, gitState, renderBriefing } from '../../src/briefing/index.ts';
import { deadlineIn, defaultLimits } from '../../src/briefing/limits.ts';
import { select } from '../../src/briefing/select.ts';
import { takeSurvey } from '../../src/briefing/survey.ts';
import { parseRequest } from '../../src/request/index.ts';
import type { RequestInput } from '../../src/request/parse.ts';

const signal = new AbortController().signal;
const limits = { ms: 60_000 };
let top = '';
let root = '';

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'teamwright-bad trees-'));
  root = join(top, 'work space ü');
  mkdirSync(root);
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Buffer>>, base = root): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
}
const git = (args: string[], cwd = root) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always', ...args], {
    cwd,
    stdio: 'pipe',
  });
const commit = () => {
  git(['init', '-q', '-b', 'main']);
  git(['add', '-A']);
  git(['commit', '-q', '--allow-empty', '-m', 'one']);
};
const about = (request: RequestInput, more = {}) => brief({ root, request: parseRequest(request), limits, ...more }, signal);

describe('git', () => {
  test('is not asked about a folder whose files are given: what code in it made of its `.git` leads nowhere', async () => {
    const elsewhere = join(top, 'elsewhere');
    write({ 'private.ts': 'export const alpha = 1;\n' }, elsewhere);
    git(['init', '-q', '-b', 'secret-branch'], elsewhere);
    git(['add', '-A'], elsewhere);
    git(['commit', '-q', '-m', 'one'], elsewhere);
    write({ 'a.ts': 'export const alpha = 1;\n', 'left/by-tests.ts': 'alpha', '.git': `gitdir: ${elsewhere}/.git\n` });
    const briefing = await about('Fix alpha', { files: ['a.ts', 'not/on/the-disk.ts'] });
    expect(briefing.files.map(({ path }) => path)).toEqual(['a.ts']);
    expect([briefing.git.kind, briefing.git.branch, briefing.fileCount, briefing.leftOut]).toEqual(['none', undefined, 1, []]);
  });

  test('no git: ignore files of every level are obeyed, dependency folders and special files are not listed', async () => {
    write({
      '.gitignore': '*.log\n!keep.log\n/private/\n',
      'a.ts': 'export const alpha = 1;\n',
      'x.log': 'alpha',
      'keep.log': 'alpha',
      'private/p.ts': 'alpha',
      'sub/.gitignore': 'inner.ts\n',
      'sub/inner.ts': 'alpha',
      'sub/outer.ts': 'alpha',
      'node_modules/m/index.js': 'alpha',
      'dist/a.js': 'alpha',
    });
    const briefing = await about('Fix alpha');
    expect(briefing.git).toEqual({ kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] });
    expect(briefing.fileCount).toBe(5);
    expect(briefing.files.map(({ path }) => path).sort()).toEqual(['a.ts', 'keep.log', 'sub/outer.ts']);
    expect(renderBriefing(briefing)).toContain('no repository');
  });

  test('an empty folder, an empty repository, and a repository without files', async () => {
    expect(await about('Write a parser')).toMatchObject({ fileCount: 0, files: [], languages: [], git: { kind: 'none' } });
    git(['init', '-q', '-b', 'main']);
    expect(await about('Write a parser')).toMatchObject({ fileCount: 0, git: { kind: 'empty-repository', branch: 'main', untracked: 0 } });
    write({ 'new.py': 'x = 1\n' });
    expect(await about('Write a parser')).toMatchObject({ fileCount: 1, git: { kind: 'empty-repository', untracked: 1 } });
  });

  test('a detached head, staged, renamed and deleted files', async () => {
    write({ 'a.ts': 'one\n'.repeat(20), 'b.ts': 'two\n', 'c.ts': 'three\n' });
    commit();
    git(['checkout', '-q', '--detach']);
    git(['mv', 'a.ts', 'moved.ts']);
    unlinkSync(join(root, 'b.ts'));
    write({ 'c.ts': 'changed\n' });
    const briefing = await about('x');
    expect(briefing.git).toMatchObject({ detached: true, changed: 3, untracked: 0 });
    expect(briefing.git.branch).toBeUndefined();
    expect(renderBriefing(briefing)).toContain('detached at');
  });

  test('submodules are named and not looked into; clones that nobody tracks are, but for what leads elsewhere', async () => {
    const other = join(top, 'other');
    write({ 'lib.ts': 'export const deep = 1;\n' }, other);
    git(['init', '-q'], other);
    git(['add', '-A'], other);
    git(['commit', '-q', '-m', 'x'], other);
    commit();
    git(['submodule', 'add', '-q', other, 'vendored/lib one']);
    git(['init', '-q', join(root, 'nested')]);
    write({ 'nested/n.ts': 'deep' });
    git(['init', '-q', `--separate-git-dir=${join(top, 'apart.git')}`, join(root, 'away')]);
    write({ 'away/n.ts': 'deep' });
    const briefing = await about('Fix deep');
    expect(briefing.git.submodules).toEqual(['vendored/lib one']);
    expect(briefing.leftOut.join(' ')).toMatch(/1 nested repository was not looked into/);
    expect(briefing.files.map(({ path }) => path)).toEqual(['nested/n.ts']);
  });

  test('a workspace inside a repository sees only its own files; one that the repository ignores is a folder without git', async () => {
    write({ '.gitignore': 'scratch/\n', 'top.ts': 'alpha', 'inner/a.ts': 'export const alpha = 1', 'scratch/b.ts': 'alpha' });
    commit();
    write({ 'inner/a.ts': 'export const alpha = 2', 'top.ts': 'beta' });
    const inner = await brief({ root: join(root, 'inner'), request: parseRequest('alpha'), limits }, signal);
    expect(inner).toMatchObject({ fileCount: 1, git: { kind: 'repository', changed: 1 }, files: [{ path: 'a.ts' }] });
    const ignored = await brief({ root: join(root, 'scratch'), request: parseRequest('alpha'), limits }, signal);
    expect(ignored).toMatchObject({ git: { kind: 'none' }, files: [{ path: 'b.ts' }] });
    expect(await gitState(join(root, 'scratch'), signal)).toMatchObject({ kind: 'none' });
  });

  test('no program of the repository or the environment takes part', async () => {
    write({ 'a.ts': 'alpha' });
    commit();
    const marker = join(top, 'ran');
    write({ 'watch.sh': `#!/bin/sh\ntouch '${marker}'\n` }, top);
    chmodSync(join(top, 'watch.sh'), 0o755);
    git(['config', 'core.fsmonitor', `'${join(top, 'watch.sh')}'`]);
    const before = process.env.GIT_DIR;
    process.env.GIT_DIR = '/nowhere';
    try {
      expect((await about('alpha')).git.kind).toBe('repository');
    } finally {
      if (before === undefined) delete process.env.GIT_DIR;
      else process.env.GIT_DIR = before;
    }
    expect(() => execFileSync('test', ['-e', marker])).toThrow();
  });
});

describe('names', () => {
  test('spaces, unicode, line feeds, leading dashes and glob characters', async () => {
    const names = ['-rf.ts', '--help', 'two words.ts', 'größe.ts', 'line\nfeed.ts', '[x]*?.ts', "it's.ts", ':(top)x.ts', '日本/語.ts'];
    write(Object.fromEntries(names.map((name) => [name, 'export const zebra = 1;\n'])));
    commit();
    for (const scannedFiles of [4000, 5]) {
      const { files } = await about('rename zebra', { limits: { ...limits, scannedFiles } });
      expect(files.length).toBeGreaterThanOrEqual(5);
      for (const { path, text } of files) expect([names.includes(path), text]).toEqual([true, 'export const zebra = 1;\n']);
    }
    const text = renderBriefing(await about('rename zebra'));
    expect(text).toContain('"line\\nfeed.ts"');
    expect(text).not.toMatch(/^feed\.ts/m);
  });

  test('Windows separators in the request and in stack frames', async () => {
    write({ 'src/deep/thing.ts': 'export const thing = 1;\n', 'src/other.ts': 'export {};\n' });
    commit();
    expect((await about('Fix src\\deep\\thing.ts:1')).files[0]).toMatchObject({
      path: 'src/deep/thing.ts',
      reasons: expect.arrayContaining(['named-in-request']),
    });
  });
});

describe('files', () => {
  test('links are not followed out of the workspace, loops end, secrets are never read even when asked for', async () => {
    write({ 'notes.txt': 'zebra outside' }, top);
    write({
      '.env': 'zebra=1',
      'config/prod.env': 'zebra',
      id_rsa: 'zebra',
      'certs/a.pem': 'zebra',
      'a.ts': 'const zebra = 1;\n',
      'real/b.ts': 'zebra',
    });
    symlinkSync('..', join(root, 'loop'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync(join(top, 'notes.txt'), join(root, 'leak.txt'));
    symlinkSync(join(top, 'notes.txt'), join(root, 'AGENTS.md'));
    for (const prepare of [() => undefined, commit]) {
      prepare();
      const briefing = await about({ text: 'zebra', files: ['.env', 'leak.txt', 'id_rsa', 'loop/notes.txt', 'self'] });
      expect(briefing.files.map(({ path }) => path).sort()).toEqual(['a.ts', 'real/b.ts']);
      expect(JSON.stringify(briefing)).not.toContain('outside"');
      expect(JSON.stringify(briefing.files)).not.toContain('zebra=1');
      expect(briefing.instructions).toBeUndefined();
      const said = briefing.leftOut.join('\n');
      expect(said).toContain('.env may hold secrets and is never read.');
      expect(said).toMatch(/4 files not shown, because they look like secrets: \.env, certs\/a\.pem, config\/prod\.env, …\./);
      expect(said).toContain('leak.txt is not a regular file.');
      expect(said).toMatch(/loop\/notes\.txt lies outside the workspace/);
    }
  });

  test('a tracked folder that became a link out of the workspace is not read through', async () => {
    write({ 'lib/a.ts': 'zebra inside' });
    commit();
    write({ 'outside/a.ts': 'zebra outside' }, top);
    rmSync(join(root, 'lib'), { recursive: true });
    symlinkSync(join(top, 'outside'), join(root, 'lib'));
    expect((await about('zebra in lib/a.ts')).files).toEqual([]);
  });

  test('AGENTS.md as a link to CLAUDE.md inside the workspace, and CLAUDE.md as its stand-in', async () => {
    write({ 'CLAUDE.md': 'Use tabs.\n', 'a.ts': '' });
    expect((await about('x')).instructions).toEqual({ path: 'CLAUDE.md', text: 'Use tabs.', truncated: false });
    symlinkSync('CLAUDE.md', join(root, 'AGENTS.md'));
    expect((await about('x')).instructions).toMatchObject({ path: 'AGENTS.md', text: 'Use tabs.' });
    write({ 'CLAUDE.md': 'ü'.repeat(9000) });
    const long = (await about('x')).instructions;
    expect(long?.truncated).toBe(true);
    expect(long?.text).toMatch(/^ü+$/);
  });

  test.skipIf(process.platform === 'win32')('named pipes and sockets neither hang nor appear', async () => {
    write({ 'a.ts': 'zebra' });
    execFileSync('mkfifo', [join(root, 'zebra.ts')]);
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(root, 'zebra.sock'), done));
    try {
      for (const prepare of [() => undefined, commit]) {
        prepare();
        const briefing = await about({ text: 'zebra', files: ['zebra.ts'] });
        expect(briefing.files.map(({ path }) => path)).toEqual(['a.ts']);
        expect(briefing.leftOut.join()).toContain('zebra.ts is not a regular file.');
      }
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('folders and files that may not be read', async () => {
    write({ 'a.ts': 'zebra', 'closed/b.ts': 'zebra', 'locked.ts': 'zebra' });
    chmodSync(join(root, 'closed'), 0);
    chmodSync(join(root, 'locked.ts'), 0);
    try {
      const briefing = await about({ text: 'zebra', files: ['locked.ts'] });
      expect(briefing.files.map(({ path }) => path)).toEqual(['a.ts']);
      expect(briefing.leftOut.join()).toMatch(/1 folder could not be read.*locked\.ts cannot be read/);
    } finally {
      chmodSync(join(root, 'closed'), 0o755);
    }
  });

  test('encodings: invalid UTF-8, byte order marks, UTF-16, no final newline, binary, minified, huge', async () => {
    write({
      'invalid.ts': Buffer.concat([Buffer.from('const zebra = "größe für '), Buffer.from([0xff, 0xe4]), Buffer.from('";\r\n')]),
      'latin.ts': Buffer.concat([Buffer.from('const zebra = "'), Buffer.from([0xe4]), Buffer.from('";\n')]),
      'bom.ts': '\uFEFFconst zebra = 1;',
      'utf16.ts': Buffer.from('\uFEFFconst zebra = 2;', 'utf16le'),
      'binary.ts': Buffer.from([0x7a, 0x65, 0x62, 0x72, 0x61, 0, 1, 2]),
      'minified.js': `zebra(${'a,'.repeat(9000)}1)`,
      'huge.ts': `// zebra\n${'x\n'.repeat(400_000)}`,
      'empty.ts': '',
    });
    const { files, leftOut } = await about({ text: 'zebra', files: ['binary.ts', 'huge.ts', 'gone.ts'] });
    const texts = Object.fromEntries(files.map(({ path, text }) => [path, text]));
    expect(texts['bom.ts']).toBe('const zebra = 1;');
    expect(texts['utf16.ts']).toBe('const zebra = 2;');
    expect(texts['invalid.ts']).toBe('const zebra = "größe für \uFFFD\uFFFD";\r\n');
    expect(files.find(({ path }) => path === 'latin.ts')).toMatchObject({
      text: 'const zebra = "ä";\n',
      encoding: { name: 'Windows-1252', guessed: true },
    });
    expect(texts['minified.js']).toBeUndefined();
    const said = leftOut.join('\n');
    expect(said).toContain('invalid.ts is in no one encoding: it is left as it is');
    expect(said).toContain('binary.ts is binary.');
    expect(said).toContain('huge.ts is too large (limit 512000 bytes).');
    expect(said).toContain('gone.ts does not exist.');
  });

  test('a file that vanishes between the survey and the choice is left out', async () => {
    write({ 'a.ts': 'export const zebra = 1;\n', 'b.ts': 'zebra;\n' });
    commit();
    const all = { ...defaultLimits, ...limits };
    const deadline = deadlineIn(all.ms, () => performance.now());
    const surveyed = await takeSurvey(root, all, deadline, signal);
    unlinkSync(join(root, 'a.ts'));
    const { files } = await select(
      { ...surveyed, request: parseRequest('Fix a.ts zebra'), ripgrep: ['rg'], limits: all },
      deadline,
      signal,
    );
    expect(files.map(({ path }) => path)).toEqual(['b.ts']);
  });

  test('one endless line and a long file are shown around what matters', async () => {
    const long = Array.from({ length: 3000 }, (_, n) =>
      n === 2000 ? 'export function zebraStripe() {}' : `const filler${n} = ${n};`,
    ).join('\n');
    write({ 'long.ts': long, 'line.ts': `const zebraStripe = '${'é'.repeat(60_000)}';` });
    const { files } = await about('Fix `zebraStripe`');
    const shown = files.find(({ path }) => path === 'long.ts');
    expect(shown?.truncated).toBe(true);
    expect(shown?.text).toMatch(/^\[lines \d+-\d+ of 3000\]$/m);
    expect(shown?.text).toContain('export function zebraStripe() {}');
    expect(files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)).toBeLessThanOrEqual(24_000);
  });
});

test('a workspace that does not exist, or is a file, is said plainly', async () => {
  write({ 'a.ts': '' });
  for (const path of ['nowhere', 'a.ts']) {
    await expect(brief({ root: join(root, path), request: parseRequest('x') }, signal)).rejects.toMatchObject({
      code: 'workspace-unusable',
      message: expect.stringContaining(path),
    });
  }
});
