/** Whatever a file holds: a reply that wrote it in the form asked for means it, to the byte. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { headlessThinking } from '../../src/models/index.ts';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import type { EditFormat, FileEdit } from '../../src/workspace/edit-types.ts';
import { blockMarks, type KnownFile, parseEdits, type ReplyForm, replyForm } from '../../src/workspace/index.ts';
import { structuredPatch } from '../support/patches.ts';

const contents = 400;
vi.setConfig({ testTimeout: 120_000 });
const path = 'docs/a.md';
const everything = { allow: ['**'] };
let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'teamwright-replies-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Lines made to hurt. */
const line = fc.oneof(
  fc.constantFrom(
    ...[3, 4, 5, 6, 7, 8].flatMap((n) => ['`'.repeat(n), `${'`'.repeat(n)}js`, '~'.repeat(n), `  ${'`'.repeat(n)}`]),
    ...[5, 6, 7, 8, 9].flatMap((n) => ['='.repeat(n), `${'<'.repeat(n)} SEARCH`, `${'>'.repeat(n)} REPLACE`, `${'<'.repeat(n)} HEAD`]),
    '>>>>>>> feature',
    'Setup',
    '=====',
    '-----',
    '*** Begin Patch',
    '*** End Patch',
    '*** Update File: docs/b.md',
    '*** Delete File: docs/b.md',
    'DELETE: docs/b.md',
    'DELETE docs/b.md',
    'RENAME: docs/b.md -> docs/c.md',
    '<think>',
    '</think>',
    '### docs/b.md',
    'docs/b.md',
    '// docs/b.md',
    '# docs/a.md',
    'diff --git a/docs/b.md b/docs/b.md',
    'rename from docs/b.md',
    '--- a/docs/b.md',
    '+++ b/docs/b.md',
    '-- a',
    '++ b',
    '@@ -1,2 +1,2 @@',
    '+added',
    '-removed',
    '\\ No newline at end of file',
    '',
    ' ',
    '\t',
    '\tx = "\u00e9\u{1f600}";  ',
    'let x = 1;',
    '"""',
    'old\rmac',
  ),
  fc.stringMatching(/^[ -~]{0,20}$/),
);
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.map((one) => `${one}\n`).join(''));
/** Unlike any other line, so that a block with it has one place. */
const unique = (n: number) => `unique ${n}\n`;

const known = (before: string | undefined): KnownFile[] => [
  ...(before === undefined ? [] : [{ path, text: before }]),
  { path: 'docs/b.md', text: 'b\n' },
];
const longestRun = (body: string, mark: string): number =>
  Math.max(0, ...body.split('\n').map((one) => (one.trim().startsWith(mark) ? (one.trim().match(/^(.)\1*/)?.[0].length ?? 0) : 0)));
const fenced = (form: ReplyForm, body: string): string => {
  const marks = '`'.repeat(Math.max(form.fence, longestRun(body, '`') + 1));
  return `${marks}md\n${body}${marks}\n`;
};
const blockOf = (form: ReplyForm, search: string, replace: string): string => {
  let count = form.marks;
  while (
    [...'<=>'].some((mark) =>
      `\n${search}${replace}`.split('\n').some((one) => one.trim().replace(/ (SEARCH|REPLACE)$/, '') === mark.repeat(count)),
    )
  )
    count++;
  const marks = blockMarks(count);
  return `${path}\n${marks.search}\n${search}${marks.middle}\n${replace}${marks.replace}\n`;
};

/** What comes of a reply, and of the other file in play. */
async function written(
  before: string | undefined,
  reply: string,
  format: EditFormat,
  files = known(before),
): Promise<[string | undefined, string]> {
  const { edits, problems } = parseEdits(reply, replyForm(format, files), files);
  expect(problems, reply).toEqual([]);
  return apply(before, edits);
}

async function apply(before: string | undefined, edits: readonly FileEdit[]): Promise<[string | undefined, string]> {
  const folder = mkdtempSync(join(root, 'x'));
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  if (before !== undefined) writeFileSync(join(folder, path), before);
  writeFileSync(join(folder, 'docs/b.md'), 'b\n');
  const { problems } = await applyEdits(folder, edits, everything);
  expect(problems, JSON.stringify(edits)).toEqual([]);
  const result: [string, string] = [readFileSync(join(folder, path), 'utf8'), readFileSync(join(folder, 'docs/b.md'), 'utf8')];
  rmSync(folder, { recursive: true });
  return result;
}

const holds = (property: fc.IAsyncProperty<unknown>) => fc.assert(property, { numRuns: contents, seed: 16 });
const notBlank = (body: string): boolean => body.trim() !== '';

test('a whole file, among others and alone', () =>
  holds(
    fc.asyncProperty(text, text.filter(notBlank), fc.boolean(), async (before, after, alone) => {
      const files = alone ? [{ path, text: before }] : known(before);
      const form = replyForm('whole-file', files);
      const reply = alone ? fenced(form, after) : `### ${path}\n${fenced(form, after)}`;
      expect(await written(before, reply, 'whole-file', files)).toEqual([after, 'b\n']);
    }),
  ));

test('a new file, whole or in a block', () =>
  holds(
    fc.asyncProperty(text, async (after) => {
      const form = replyForm('whole-file', known(undefined));
      expect(await written(undefined, `### ${path}\n${fenced(form, after)}`, 'whole-file')).toEqual([after, 'b\n']);
      if (notBlank(after)) expect(await written(undefined, blockOf(form, '', after), 'search-replace')).toEqual([after, 'b\n']);
    }),
  ));

test('a block in a file, at its place, with its line ends and its last newline', () =>
  holds(
    fc.asyncProperty(text, text, text, text, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (head, old, now, tail, end, last) => {
      const search = unique(1) + old + unique(2);
      const replace = unique(1) + now + unique(2);
      const form = (body: string) => (last ? body : body.replace(/\n$/, '')).replaceAll('\r', '').replaceAll('\n', end);
      const before = form(head + search + tail);
      const files = known(before.replaceAll('\r\n', '\n'));
      const reply = blockOf(replyForm('search-replace', files), search.replaceAll('\r', ''), replace.replaceAll('\r', ''));
      expect(await written(before, reply, 'search-replace', files)).toEqual([form(head + replace + tail), 'b\n']);
    }),
  ));

test('a unified diff as git writes it, in a fence or without', () =>
  holds(
    fc.asyncProperty(text, text, fc.boolean(), fc.boolean(), fc.boolean(), async (old, now, fence, oldLast, nowLast) => {
      const cut = (body: string, last: boolean) => (last ? body : body.replace(/\n$/, ''));
      const before = unique(1) + cut(old + unique(2), oldLast);
      const after = unique(1) + cut(now + unique(3), nowLast);
      const diff = structuredPatch(path, before, after);
      const reply = fence ? `\`\`\`diff\n${diff}\`\`\`\n` : diff;
      expect(await written(before, reply, 'unified-diff')).toEqual([after, 'b\n']);
    }),
  ));

test('a call of a tool, to the byte', () =>
  holds(
    fc.asyncProperty(text, fc.constantFrom('', 'end', '\r\nend\r\n'), async (body, tail) => {
      const after = body + tail;
      expect((await apply(undefined, [{ kind: 'whole-file', path, text: after, exact: true }]))[0]).toBe(after);
    }),
  ));

test('an order beside a text that is full of orders', () =>
  holds(
    fc.asyncProperty(text.filter(notBlank), async (after) => {
      const files = [...known('a\n'), { path: 'docs/old.md', text: 'old\n' }];
      const form = replyForm('whole-file', files);
      const { edits, problems } = parseEdits(
        `DELETE: docs/old.md\n### ${path}\n${fenced(form, after)}RENAME: docs/b.md -> docs/new.md\n`,
        form,
        files,
      );
      expect(problems).toEqual([]);
      expect(edits).toHaveLength(3);
      expect(edits).toEqual(
        expect.arrayContaining([
          { kind: 'delete', path: 'docs/old.md' },
          { kind: 'rename', path: 'docs/b.md', to: 'docs/new.md' },
          { kind: 'whole-file', path, text: after },
        ]),
      );
    }),
  ));

test('a thought that ends inside a block of the answer is a line of a file', () => {
  const answers = [
    '```js\na\n</think>\nb\n```\n',
    '````md\n```\n</think>\n````\n',
    'a.js\n<<<<<<< SEARCH\na\n=======\n</think>\n>>>>>>> REPLACE\n',
  ];
  for (const answer of answers) expect(headlessThinking({ text: answer, reasoning: '' }).text).toBe(answer);
  expect(headlessThinking({ text: `First \`\`\`x\`\`\`.\n\`\`\`js\ndraft\n\`\`\`\n</think>\n${answers[0]}`, reasoning: '' }).text).toBe(
    answers[0],
  );
});
