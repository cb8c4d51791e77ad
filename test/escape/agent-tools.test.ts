/** What an agent with tools can see of its copy: no links out, no secrets, no git files. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToolBench } from '../../src/run/tools/tool.ts';
import { useTool } from '../../src/run/tools.ts';
import type { WorkspaceCopy } from '../../src/workspace/types.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-tools-')));
const root = join(top, 'copy');
const none = new AbortController().signal;

beforeAll(() => {
  mkdirSync(join(root, 'src'), { recursive: true });
  mkdirSync(join(top, 'outside'));
  writeFileSync(join(top, 'outside', 'key.txt'), 'token outside');
  writeFileSync(join(root, 'src', 'a.js'), 'const token = 1;\n');
  writeFileSync(join(root, '.env'), 'token=secret\n');
  writeFileSync(join(root, '.git'), 'gitdir: /somewhere/token\n');
  writeFileSync(join(root, 'big.txt'), `token ${'x'.repeat(6_000_000)}`);
  writeFileSync(join(root, 'binary.dat'), Buffer.from('token\0\0'));
  symlinkSync(join(top, 'outside', 'key.txt'), join(root, 'src', 'link.txt'));
  symlinkSync(join(top, 'outside'), join(root, 'folder'));
  symlinkSync(join(top, 'nowhere'), join(root, 'dangling'));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

const use = (tool: string, input: object) => {
  const bench: ToolBench = { copy: { root } as WorkspaceCopy, scope: { allow: [] }, hidden: new Map(), onEdit: () => undefined };
  return useTool(['read', 'list', 'search'], tool, JSON.stringify(input), bench, none);
};

describe('an agent in its copy', () => {
  test('finds what is there, and nothing through links, in secrets, in git files, in large or binary ones', async () => {
    expect(await use('search', { text: 'token' })).toEqual({ ok: true, text: 'src/a.js:1: const token = 1;' });
    expect(await use('search', { text: 'token', path: 'src' })).toEqual({ ok: true, text: 'src/a.js:1: const token = 1;' });
  });

  test.each([
    'src/link.txt',
    'folder/key.txt',
    '../outside/key.txt',
    '/etc/hostname',
    '.git',
    '.env',
    'big.txt',
    'binary.dat',
    'dangling',
    'none.js',
  ])('does not read %s', async (path) => {
    const answer = await use('read', { path });
    expect(answer.ok).toBe(false);
    expect(answer.text).not.toMatch(/token (outside|x)|secret\n|gitdir/);
  });

  test.each(['folder', '..', '.git', '/'.repeat(3)])('does not list %s', async (path) => {
    expect((await use('list', { path })).text).not.toContain('key.txt');
  });

  test('lists its own files', async () => {
    expect((await use('list', {})).text.split('\n')).toEqual(expect.arrayContaining(['src/', 'big.txt']));
    expect((await use('list', {})).text.split('\n')).not.toContain('.git');
  });
});
