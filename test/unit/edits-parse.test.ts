import { describe, expect, it } from 'vitest';
import { parseEdits as parseReply, replyForm } from '../../src/workspace/index.ts';
import { parseEdits } from '../support/replies.ts';

const whole = (reply: string, known: string[] = ['src/a.js', 'src/b.js']) => parseEdits(reply, 'whole-file', known);

describe('whole files', () => {
  const body = 'export const a = 1;\n';
  const expected = [{ kind: 'whole-file', path: 'src/a.js', text: body }];
  const forms: Record<string, string> = {
    'path in the info string': `\`\`\`src/a.js\n${body}\`\`\``,
    'language and path': `\`\`\`js src/a.js\n${body}\`\`\``,
    'language glued to the path': `\`\`\`js:src/a.js\n${body}\`\`\``,
    'title attribute': `\`\`\`js title="src/a.js"\n${body}\`\`\``,
    'filename attribute': `\`\`\`javascript filename=./src/a.js\n${body}\`\`\``,
    heading: `### src/a.js\n\n\`\`\`js\n${body}\`\`\``,
    'quoted heading': `## \`./src/a.js\`\n\`\`\`js\n${body}\`\`\``,
    bold: `**src/a.js**\n\`\`\`js\n${body}\`\`\``,
    'bold with colon': `**src/a.js:**\n\n\`\`\`js\n${body}\`\`\``,
    'File: line': `File: src/a.js\n\`\`\`js\n${body}\`\`\``,
    'numbered list': `1. \`src/a.js\`:\n\`\`\`js\n${body}\`\`\``,
    sentence: `Here is the corrected version of src/a.js:\n\n\`\`\`js\n${body}\`\`\`\nIt adds one.`,
    'quoted in a sentence': `I changed \`src/a.js\` so that it works:\n\n\`\`\`js\n${body}\`\`\``,
    'comment in the first line': `\`\`\`js\n// src/a.js\n${body}\`\`\``,
    'closing fence is missing': `### src/a.js\n\`\`\`js\n${body}`,
    backslashes: `### src\\a.js\n\`\`\`js\n${body}\`\`\``,
    'windows lines': `### src/a.js\r\n\`\`\`js\r\nexport const a = 1;\r\n\`\`\`\r\n`,
    'think block': `<think>\n\`\`\`js\nwrong\n\`\`\`\n</think>\n### src/a.js\n\`\`\`js\n${body}\`\`\``,
    tildes: `### src/a.js\n~~~js\n${body}~~~`,
  };
  for (const [name, reply] of Object.entries(forms)) it(`are read with ${name}`, () => expect(whole(reply).edits).toEqual(expected));

  it('tell which block was not closed', () => {
    expect(whole('### src/a.js\n```js\nexport').unclosed).toEqual(['src/a.js']);
    expect(whole('### src/a.js\n```js\nexport\n```').unclosed).toEqual([]);
  });

  it('take the only file in play when no path is given', () => {
    const reply = 'Run it:\n```sh\nnode x\n```\nThe fix:\n```js\nlet x = 1;\nlet y = 2;\n```\nDone.';
    expect(whole(reply, ['lib/x.js']).edits).toEqual([{ kind: 'whole-file', path: 'lib/x.js', text: 'let x = 1;\nlet y = 2;\n' }]);
  });

  it('mean the one file whose whole text was asked for, among others that are in play', () => {
    const parsed = parseEdits('```js\nlet x = 1;\n```', 'whole-file', ['a.js', 'src/a.js', 'src/b.js'], 'src/a.js');
    expect(parsed).toMatchObject({ edits: [{ kind: 'whole-file', path: 'src/a.js', text: 'let x = 1;\n' }], problems: [] });
    expect(parseEdits('### src/b.js\n```js\nlet x = 1;\n```', 'whole-file', ['src/a.js', 'src/b.js'], 'src/a.js').edits).toMatchObject([
      { path: 'src/b.js' },
    ]);
  });

  it('are refused with a reason when several files are in play and none is named', () => {
    const parsed = whole('```js\nlet x = 1;\n```');
    expect(parsed.edits).toEqual([]);
    expect(parsed.problems[0]?.kind).toBe('unparseable');
  });

  it('understand code without any fence when one file is in play', () => {
    const code = 'def add(a, b):\n    return a + b\n\nprint(add(1, 2))\n';
    expect(whole(code, ['add.py']).edits).toEqual([{ kind: 'whole-file', path: 'add.py', text: code }]);
    expect(whole('I am sorry, I cannot do this.\nIt is too hard.', ['add.py']).edits).toEqual([]);
  });

  it('keep blocks inside a Markdown file', () => {
    const text = '# Title\n\n```js\nlet x;\n```\n\nMore.\n';
    expect(whole(`### README.md\n\`\`\`md\n${text}\`\`\`\n`).edits).toEqual([{ kind: 'whole-file', path: 'README.md', text }]);
    expect(whole(`### README.md\n\`\`\`\`md\n${text}\`\`\`\`\n`).edits).toEqual([{ kind: 'whole-file', path: 'README.md', text }]);
  });

  it('give several files, and the last version of a file written twice', () => {
    const reply = '### src/a.js\n```js\nfirst\n```\n### src/b.js\n```js\nb\n```\nWait:\n### src/a.js\n```js\nsecond\n```\n';
    expect(whole(reply).edits).toEqual([
      { kind: 'whole-file', path: 'src/a.js', text: 'second\n' },
      { kind: 'whole-file', path: 'src/b.js', text: 'b\n' },
    ]);
  });

  it('keep a shebang and comments that name no file', () => {
    const text = '#!/usr/bin/env node\n// adds numbers\nexport {};\n';
    expect(whole(`### src/a.js\n\`\`\`js\n${text}\`\`\``).edits).toEqual([{ kind: 'whole-file', path: 'src/a.js', text }]);
    const python = '# This module is v1.2\nx = 1\n';
    expect(whole(`### src/a.js\n\`\`\`\n${python}\`\`\``).edits).toEqual([{ kind: 'whole-file', path: 'src/a.js', text: python }]);
  });

  it('complete a bare name only when one file is in play', () => {
    expect(whole('### a.js\n```js\nx\n```', ['src/a.js']).edits[0]?.path).toBe('src/a.js');
    expect(whole('### a.js\n```js\nx\n```', ['src/a.js', 'src/b.js']).edits[0]?.path).toBe('a.js');
  });

  it('understand a deletion', () => {
    expect(whole('DELETE: src/b.js\n').edits).toEqual([{ kind: 'delete', path: 'src/b.js' }]);
  });
});

describe('search and replace blocks', () => {
  const block = (path: string, search: string, replace: string) => `${path}\n<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`;
  const read = (reply: string, known: string[] = ['src/a.js', 'src/b.js']) => parseEdits(reply, 'search-replace', known);

  it('are read with the path above, in a fence or without', () => {
    const expected = [{ kind: 'search-replace', path: 'src/a.js', search: 'old\n', replace: 'new\n' }];
    expect(read(block('src/a.js', 'old\n', 'new\n')).edits).toEqual(expected);
    expect(read(`src/a.js\n\`\`\`js\n${block('', 'old\n', 'new\n').slice(1)}\`\`\`\n`).edits).toEqual(expected);
    expect(read(`\`\`\`js src/a.js\n${block('', 'old\n', 'new\n').slice(1)}\`\`\`\n`).edits).toEqual(expected);
    expect(read(`\`\`\`js\n${block('src/a.js', 'old\n', 'new\n')}\`\`\`\n`).edits).toEqual(expected);
  });

  it('share the path of the block before', () => {
    const reply = `${block('### `src/b.js`', 'x\n', 'y\n')}\nand\n\n${block('', 'p\n', 'q\n')}`;
    expect(read(reply).edits.map((edit) => edit.path)).toEqual(['src/b.js', 'src/b.js']);
  });

  it('may delete lines, create files, and lack their last mark', () => {
    expect(read(block('src/a.js', 'old\n', '')).edits[0]).toMatchObject({ replace: '' });
    expect(read(block('src/new.js', '', 'new\n')).edits[0]).toMatchObject({ path: 'src/new.js', search: '' });
    const cut = read('src/a.js\n<<<<<<< SEARCH\nold\n=======\nnew\n');
    expect(cut.edits).toEqual([{ kind: 'search-replace', path: 'src/a.js', search: 'old\n', replace: 'new\n' }]);
    expect(cut.unclosed).toEqual(['src/a.js']);
  });

  it('report a block without its middle, and one without a path', () => {
    expect(read('src/a.js\n<<<<<<< SEARCH\nold\n').problems[0]?.kind).toBe('unparseable');
    expect(read('<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n').problems[0]?.kind).toBe('unparseable');
  });

  it('are understood when whole files were asked for', () => {
    expect(parseEdits(block('src/a.js', 'old\n', 'new\n'), 'whole-file', ['src/a.js']).edits[0]?.kind).toBe('search-replace');
  });

  it('are not torn by prose between them that names other files', () => {
    const reply = `${block('src/a.js', 'x\n', 'y\n')}\nNow I change \`src/b.js\` too:\n\n${block('src/b.js', 'p\n', 'q\n')}`;
    expect(read(reply).edits.map((edit) => edit.path)).toEqual(['src/a.js', 'src/b.js']);
  });
});

describe('unified diffs, as a small model writes them', () => {
  it('one fence for several files, each closed again', () => {
    const reply = [
      '```diff',
      '--- a/src/a.js',
      '+++ b/src/a.js',
      '@@ -1,3 +1,4 @@',
      ' a',
      '+b',
      '```',
      '',
      '--- a/src/b.js',
      '+++ b/src/b.js',
      '@@ -1,9 +1,9 @@',
      '-x',
      '+y',
      '```',
      '',
      'diff --git a/src/c.js b/src/c.js',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/src/c.js',
      '@@ -0,0 +1,4 @@',
      '+c',
      '```',
    ].join('\n');
    expect(parseEdits(reply, 'unified-diff', ['src/a.js', 'src/b.js']).edits).toEqual([
      { kind: 'unified-diff', path: 'src/a.js', patch: '@@ -1,3 +1,4 @@\n a\n+b' },
      { kind: 'unified-diff', path: 'src/b.js', patch: '@@ -1,9 +1,9 @@\n-x\n+y' },
      { kind: 'unified-diff', path: 'src/c.js', patch: '@@ -0,0 +1,4 @@\n+c' },
    ]);
  });

  it('a new file in a fence without a language is a diff, not the text of the file in play', () => {
    const reply = '```\ndiff --git a/c.go b/c.go\nnew file mode 100644\n--- /dev/null\n+++ b/c.go\n@@ -0,0 +1 @@\n+package c\n```';
    expect(parseEdits(reply, 'unified-diff', ['a.go']).edits).toEqual([
      { kind: 'unified-diff', path: 'c.go', patch: '@@ -0,0 +1 @@\n+package c' },
    ]);
  });

  it.each([
    ['a heading', '### path/of/the/file\n```\nx = 1\n```'],
    ['a block for nothing that is there', 'path/of/the/file\n<<<<<<< SEARCH\nold lines\n=======\nnew lines\n>>>>>>> REPLACE'],
  ])('the path of the example is none (%s)', (_, reply) => {
    const { edits, problems } = parseEdits(reply, 'search-replace', ['a.py', 'b.py']);
    expect(edits).toEqual([]);
    expect(problems[0]?.message).toMatch(/is that of the example/);
  });
});

describe('a form that was copied too well', () => {
  const files = [
    { path: 'a.py', text: 'x = 1\ny = 2\n' },
    { path: 'b.py', text: 'y = 2\n' },
  ];
  const block = (search: string): string => `path/of/the/file\n<<<<<<< SEARCH\n${search}\n=======\nx = 3\n>>>>>>> REPLACE`;

  it('a block under the path of the example is for the one file that has its text', () => {
    expect(parseReply(block('x = 1'), replyForm('search-replace', files), files).edits).toEqual([
      { kind: 'search-replace', path: 'a.py', search: 'x = 1\n', replace: 'x = 3\n' },
    ]);
    expect(parseReply(block('y = 2'), replyForm('search-replace', files), files).problems[0]?.message).toMatch(/is that of the example/);
  });

  it('a fence around the heading and the fence of the file is not its text', () => {
    const reply = '### path\n```\n### a.json\n```json\n{}\n```';
    const only = [{ path: 'a.json', text: '{"a": 1}\n' }];
    expect(parseReply(reply, replyForm('whole-file', only), only).edits).toEqual([{ kind: 'whole-file', path: 'a.json', text: '{}\n' }]);
  });

  it('an order in a block that is named after the very file is no text of it', () => {
    const reply = '### a.py\n```\nDELETE: a.py\n```\n';
    expect(parseReply(reply, replyForm('whole-file', files), files)).toMatchObject({
      edits: [],
      problems: [{ kind: 'ambiguous', path: 'a.py' }],
    });
  });
});

describe('unified diffs', () => {
  it('are split by file, with and without a fence', () => {
    const diff =
      '--- a/src/a.js\n+++ b/src/a.js\n@@ -1,1 +1,1 @@\n-old\n+new\n--- /dev/null\n+++ b/src/c.js\n@@ -0,0 +1 @@\n+c\n--- a/src/b.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n';
    for (const reply of [diff, `\`\`\`diff\n${diff}\`\`\`\n`]) {
      const { edits } = parseEdits(reply, 'unified-diff', ['src/a.js', 'src/b.js']);
      expect(edits.map((edit) => [edit.kind, edit.path])).toEqual([
        ['unified-diff', 'src/a.js'],
        ['unified-diff', 'src/c.js'],
        ['delete', 'src/b.js'],
      ]);
    }
  });

  it('without headers belong to the only file in play', () => {
    expect(parseEdits('```diff\n@@ -1 +1 @@\n-old\n+new\n```', 'unified-diff', ['x.py']).edits[0]?.path).toBe('x.py');
  });
});

describe('any reply', () => {
  it('is read without an error', () => {
    for (const reply of [
      '',
      '\0',
      '```',
      '````\n```',
      '<<<<<<< SEARCH',
      '@@ @@',
      '--- \n+++ ',
      '='.repeat(50_000),
      '`'.repeat(10_000),
      '\ud800',
    ]) {
      for (const format of ['whole-file', 'search-replace', 'unified-diff'] as const) {
        expect(Array.isArray(parseEdits(reply, format, ['a.js']).edits)).toBe(true);
      }
    }
  });
});
