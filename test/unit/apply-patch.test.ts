/** Patches as OpenAI's models write them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import type { EditFormat } from '../../src/workspace/edit-types.ts';
import { parseEdits, replyForm } from '../../src/workspace/index.ts';

const F = '```';
const texts = { 'a.js': 'one\ntwo\n\nthree\n', 'b.js': 'b\n', 'docs/how.md': '# How\n' };
const known = Object.entries(texts).map(([path, text]) => ({ path, text }));
const parse = (reply: string, format: EditFormat = 'search-replace', only?: string) =>
  parseEdits(reply, { ...replyForm(format, known), ...(only === undefined ? {} : { only }) }, known);

async function after(reply: string, format?: EditFormat, only?: string): Promise<Record<string, string | undefined>> {
  const root = mkdtempSync(join(tmpdir(), 'teamwright-patch-'));
  try {
    mkdirSync(join(root, 'docs'));
    for (const { path, text } of known) writeFileSync(join(root, path), text);
    const { edits, problems } = parse(reply, format, only);
    expect(problems).toEqual([]);
    const report = await applyEdits(root, edits, { allow: ['**'] });
    expect(report.problems).toEqual([]);
    const read = (path: string): string | undefined => {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch {
        return undefined;
      }
    };
    return Object.fromEntries(report.changed.map((path) => [path, read(path)]));
  } finally {
    rmSync(root, { recursive: true });
  }
}

const patch = (...lines: string[]): string => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n');
const update = patch('*** Update File: a.js', '@@', ' one', '-two', '+2');

test.each<[string, string, Record<string, string | undefined>]>([
  ['an update', update, { 'a.js': 'one\n2\n\nthree\n' }],
  ['words around it', `Here is the patch:\n\n${update}\nThis mends it.\n`, { 'a.js': 'one\n2\n\nthree\n' }],
  ['a fence around it', `${F}diff\n${update}${F}\n`, { 'a.js': 'one\n2\n\nthree\n' }],
  ['a shell around it', `${F}bash\napply_patch <<'EOF'\n${update}EOF\n${F}\n`, { 'a.js': 'one\n2\n\nthree\n' }],
  ['a place named behind @@', patch('*** Update File: a.js', '@@ function one()', '-two', '+2'), { 'a.js': 'one\n2\n\nthree\n' }],
  ['no @@ at all', patch('*** Update File: a.js', '-two', '+2'), { 'a.js': 'one\n2\n\nthree\n' }],
  ['a blank line without its sign', patch('*** Update File: a.js', '@@', ' two', '', '-three', '+3'), { 'a.js': 'one\ntwo\n\n3\n' }],
  ['two places', patch('*** Update File: a.js', '@@', '-one', '+1', '@@', '-three', '+3', '*** End of File'), { 'a.js': '1\ntwo\n\n3\n' }],
  ['a new file', patch('*** Add File: new.js', '+x', '+', '+y'), { 'new.js': 'x\n\ny\n' }],
  ['a deleted file', patch('*** Delete File: b.js'), { 'b.js': undefined }],
  [
    'a moved file with a change',
    patch('*** Update File: b.js', '*** Move to: c.js', '@@', '-b', '+c'),
    { 'b.js': undefined, 'c.js': 'c\n' },
  ],
  [
    'several files',
    patch('*** Update File: a.js', '@@', '-two', '+2', '*** Delete File: b.js', '*** Add File: n.js', '+n'),
    { 'a.js': 'one\n2\n\nthree\n', 'b.js': undefined, 'n.js': 'n\n' },
  ],
  [
    'marks of a patch inside the text',
    patch('*** Update File: docs/how.md', '@@', ' # How', '+*** End Patch', '+*** Delete File: b.js', '+DELETE: a.js'),
    { 'docs/how.md': '# How\n*** End Patch\n*** Delete File: b.js\nDELETE: a.js\n' },
  ],
  ['an end that is missing', update.replace('*** End Patch\n', ''), { 'a.js': 'one\n2\n\nthree\n' }],
])('a patch with %s', async (_name, reply, right) => {
  expect(await after(reply)).toEqual(right);
});

test('a fence that holds a patch is one also where whole files were asked for', async () =>
  expect(await after(`${F}\n${update}${F}\n`, 'whole-file')).toEqual({ 'a.js': 'one\n2\n\nthree\n' }));

test('a document about patches is a document', async () => {
  const shown = patch('*** Delete File: b.js');
  expect(await after(`### docs/how.md\n${F}md\n${shown}${F}\n`, 'whole-file')).toEqual({ 'docs/how.md': shown });
  expect(await after(`${F}\n${shown}${F}\n`, 'whole-file', 'docs/how.md')).toEqual({ 'docs/how.md': shown });
});

test.each([
  ['a line without a sign', patch('*** Update File: a.js', '@@', 'one', '-two', '+2')],
  ['a line of a new file without a sign', patch('*** Add File: n.js', 'x')],
  ['a mark of a section outside of a patch', '*** Update File: a.js\n@@\n-two\n+2\n'],
])('%s is not clear, and nothing is taken', (_name, reply) => {
  const { edits, problems } = parse(reply);
  expect([edits, problems.length > 0]).toEqual([[], true]);
});

test('whatever lines a file gets, it gets them', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom(
            '*** End Patch',
            '*** Update File: b.js',
            '@@',
            '```',
            '',
            ' x',
            '+y',
            '-z',
            '=======',
            'DELETE: b.js',
            '</think>',
          ),
          fc.stringMatching(/^[ -~]{0,12}$/),
        ),
        { minLength: 1, maxLength: 10 },
      ),
      async (lines) => {
        const reply = patch('*** Add File: new.js', ...lines.map((line) => `+${line}`));
        fc.pre(lines.some((line) => line.trim() !== ''));
        expect(await after(reply)).toEqual({ 'new.js': `${lines.join('\n')}\n` });
      },
    ),
    { numRuns: 200, seed: 3 },
  ));
