/** Files in other encodings through a whole run: the change, its review, apply, undo; or a refusal before the first call. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyRun, candidateDiff, undoRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import { git } from '../support/workspaces.ts';

const wide = (text: string, order: 'le' | 'be'): Buffer => {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};
const bytes = (...parts: (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

const block = (path: string, search: string, replace: string) =>
  `${path}\n<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE\n`;

async function scene(name: string, content: Buffer, reply: string, request = `In ${name} set x to 2`) {
  const one = await start({ files: { [name]: '', 'b.js': 'b;\n' }, request, script: Array(6).fill(reply), settings: { replans: 0 } });
  const file = join(one.workspace.root, name);
  writeFileSync(file, content);
  git(one.workspace.root, 'commit', '-qam', 'content');
  return { ...one, file, now: () => readFileSync(file) };
}

const signal = new AbortController().signal;
const old = 'const x = 1;';
const twice = `${old}\nbetween = 0;\nother = 1;\n`;

test.each<[string, string, Buffer, Buffer]>([
  ['Windows-1252', 'a.js', bytes(old, '\n// caf', [0xe9], ' ', [0x80], '\n'), bytes('const x = 2;\n// caf', [0xe9], ' ', [0x80], '\n')],
  ['Shift JIS', 'a.js', bytes(old, ' // ', [0x8d, 0x87, 0x8c, 0x76], '\r\n'), bytes('const x = 2; // ', [0x8d, 0x87, 0x8c, 0x76], '\r\n')],
  [
    'Windows-1251',
    'a.py',
    bytes('# ', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2], '\n', old),
    bytes('# ', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2], '\nconst x = 2;'),
  ],
  ['UTF-16 LE', 'a.rc', wide(`\ufeff${twice}`, 'le'), wide(`\ufeff${twice.replace('x = 1', 'x = 2')}`, 'le')],
  [
    'UTF-16 BE without a mark',
    'a.rc',
    wide(twice.replaceAll('\n', '\r\n'), 'be'),
    wide(twice.replace('x = 1', 'x = 2').replaceAll('\n', '\r\n'), 'be'),
  ],
  ['UTF-8 with a mark', 'a.js', bytes('\ufeff', old), bytes('\ufeffconst x = 2;')],
  ['old Mac line ends', 'a.txt', bytes(`a\r${old}\rb`), bytes('a\rconst x = 2;\rb')],
])('%s: changed, shown, applied and taken back to the byte', async (name, path, before, after) => {
  const { workspace, run, now } = await scene(path, before, block(path, old, 'const x = 2;'));
  const result = await run();
  const at = { dataDir: workspace.dataDir, runId: result.runId };
  const briefed = (await candidateDiff(at, signal)).files;
  expect(briefed.flatMap(({ hunks }) => hunks.map(({ kind }) => kind))).toEqual(['lines']);
  expect(briefed[0]?.hunks[0]?.added.join()).toContain('const x = 2;');
  expect(briefed[0]?.after).toContain('const x = 2;');
  expect(result.diff?.files[0]).toMatchObject({ path, binary: false, added: name.startsWith('old') ? expect.any(Number) : 1 });

  // The recorded patch goes into the repository as it is, and shows the lines to people.
  writeFileSync(join(workspace.root, '..', 'the.patch'), result.diff?.patch ?? '');
  git(workspace.root, 'apply', join(workspace.root, '..', 'the.patch'));
  expect(now()).toEqual(after);
  expect(result.diff?.patch).toMatch(/^(# )?\+[^\n]*const x = 2;/m);
  git(workspace.root, 'checkout', '-q', '.');

  await applyRun(at, signal);
  expect(now()).toEqual(after);
  await undoRun(at, signal);
  expect(now()).toEqual(before);
});

test('one of two hunks of a file in UTF-16 is applied alone', async () => {
  const between = 'line of its own = 5;\n'.repeat(6);
  const text = `\ufeff${old}\n${between}last = 1;\n`;
  const reply = `${block('a.rc', old, 'const x = 2;')}\n${block('a.rc', 'last = 1;', 'last = 2;')}`;
  const { workspace, run, now } = await scene('a.rc', wide(text, 'le'), reply);
  const at = { dataDir: workspace.dataDir, runId: (await run()).runId };
  const [file] = (await candidateDiff(at, signal)).files;
  expect(file?.hunks.map(({ removed, added }) => [removed, added])).toEqual([
    [[old], ['const x = 2;']],
    [['last = 1;'], ['last = 2;']],
  ]);
  await applyRun({ ...at, hunks: [file?.hunks[1]?.id ?? ''] }, signal);
  expect(now()).toEqual(wide(text.replace('last = 1', 'last = 2'), 'le'));
});

test('the user edits a file in Windows-1252 meanwhile: both changes stand', async () => {
  const middle = 'same;\n'.repeat(5);
  const { workspace, run, file, now } = await scene(
    'a.js',
    bytes(old, '\n', middle, '// caf', [0xe9], '\n'),
    block('a.js', old, 'const x = 2;'),
  );
  const { runId } = await run();
  writeFileSync(file, bytes(old, '\n', middle, '// caf', [0xe9], ' na', [0xef], 've\n'));
  await applyRun({ dataDir: workspace.dataDir, runId }, signal);
  expect(now()).toEqual(bytes('const x = 2;\n', middle, '// caf', [0xe9], ' na', [0xef], 've\n'));
});

test.each<[string, Buffer, RegExp]>([
  ['UTF-32', bytes([0xff, 0xfe, 0, 0], 'x\0\0\0'), /in which encoding it is/],
  ['ISO-2022-JP', bytes(`${old} // \u001b$B9g7W\u001b(B\n`), /in which encoding it is/],
  ['Greek that does not say so', bytes(old, ' // ', [0xca, 0xe1, 0xeb, 0xe7, 0xec, 0xdd, 0xf1, 0xe1], '\n'), /in which encoding it is/],
  ['mostly UTF-8', bytes(old, ' // grüße größe für ', [0xe9], '\n'), /in which encoding it is/],
])('%s is refused before the first call, with the reason', async (_name, content, reason) => {
  const { run, server, now } = await scene('a.txt', content, block('a.txt', old, 'const x = 2;'));
  const result = await run();
  expect(result.failure?.message).toMatch(reason);
  expect(server.requests).toHaveLength(0);
  expect(now()).toEqual(content);
});

test('characters that the file cannot hold are named, and nothing is written', async () => {
  const content = bytes(old, '\n// caf', [0xe9], '\n');
  const { run, log, now } = await scene('a.js', content, block('a.js', old, 'const x = "☃";'));
  expect((await run()).diff).toBeUndefined();
  expect(log.of('candidate.refused')[0]?.reason).toMatch(/kept in Windows-1252, which has no ☃/);
  expect(now()).toEqual(content);
});
