/** Paths that may be absent, and files that are replaced whole. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  bytesAt,
  ifThere,
  isThere,
  isWithin,
  namesAt,
  readRecord,
  realOrGiven,
  replaceFile,
  textAt,
  textAtNow,
} from '../../src/process/index.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teamwright-files-'));
  file = join(folder, 'a.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['/a/b', '/a/b', true],
  ['/a/b', '/a/b/c', true],
  ['/a/b/', '/a/b/c/d', true],
  ['/', '/a', true],
  ['/a/b', '/a/b/..c', true],
  ['/a/b', '/a/bc', false],
  ['/a/b', '/a', false],
  ['/a/b', '/a/b/../c', false],
])('%s holds %s: %s', (outer, inner, holds) => expect(isWithin(outer, inner)).toBe(holds));

describe('what is not there', () => {
  test('is undefined or nothing, also where a file stands in the way', async () => {
    writeFileSync(file, '{}');
    for (const absent of [join(folder, 'nowhere'), join(file, 'below')]) {
      expect(await ifThere(readFile(absent))).toBeUndefined();
      expect(await textAt(absent)).toBeUndefined();
      expect(await readRecord(absent, z.object({}))).toBeUndefined();
      expect(await bytesAt(absent)).toBe(0);
      expect(await namesAt(absent)).toEqual([]);
      expect(await isThere(absent)).toBe(false);
      expect(await realOrGiven(absent)).toBe(absent);
    }
  });

  test('is told from what cannot be read', async () => {
    await expect(textAt(folder)).rejects.toMatchObject({ code: 'EISDIR' });
    symlinkSync('nowhere', join(folder, 'link'));
    expect(await isThere(join(folder, 'link'))).toBe(true);
  });

  test('a record of another shape, or a torn one, counts as none', async () => {
    const schema = z.object({ version: z.literal(1) });
    for (const [text, found] of [
      ['{"version":1}', { version: 1 }],
      ['{"version":2}', undefined],
      ['{"vers', undefined],
    ] as const) {
      writeFileSync(file, text);
      expect(await readRecord(file, schema)).toEqual(found);
    }
  });
});

describe('a file that is replaced', () => {
  test.each([{ durable: true }, {}])('is whole, for the user alone, and nothing else is left: %j', async (options) => {
    await replaceFile(file, 'old', options);
    await replaceFile(file, Buffer.from('new'), options);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['a.json']);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is a new file: a second name keeps the old content', async () => {
    writeFileSync(file, 'old');
    linkSync(file, join(folder, 'second'));
    await replaceFile(file, 'new');
    expect(['second', 'a.json'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['old', 'new']);
  });

  test('stays as it was when it cannot be replaced, and nothing else is left', async () => {
    mkdirSync(file);
    await expect(replaceFile(file, 'new')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['a.json']);
    await expect(replaceFile(join(folder, 'nowhere', 'x'), 'new')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

test.skipIf(process.platform === 'win32')('a pipe, a device and a link to one have no text, and nothing waits for them', async () => {
  execFileSync('mkfifo', [file]);
  symlinkSync(file, join(folder, 'pipe'));
  symlinkSync('/dev/zero', join(folder, 'zero'));
  for (const path of [file, join(folder, 'pipe'), join(folder, 'zero')]) {
    expect([await textAt(path), textAtNow(path)], path).toEqual([undefined, undefined]);
  }
  writeFileSync(join(folder, 'file'), 'text');
  expect([await textAt(join(folder, 'file')), textAtNow(join(folder, 'file'))]).toEqual(['text', 'text']);
  expect(textAtNow(join(folder, 'absent'))).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('a socket in the place of a text counts as absent', async () => {
  const server = createServer().listen(join(folder, 'socket'));
  await once(server, 'listening');
  try {
    expect([await textAt(join(folder, 'socket')), textAtNow(join(folder, 'socket'))]).toEqual([undefined, undefined]);
  } finally {
    server.close();
  }
});
