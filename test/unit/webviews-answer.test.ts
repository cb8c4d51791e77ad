/** An answer on the page: Markdown without markup, and the files that it speaks of. */
import { describe, expect, test } from 'vitest';
import { answerView, namesIn } from '../../src/editor/panels/answer-view.ts';
import { type FindFile, mentioned, mentionedByLink, piecesOf } from '../../src/editor/panels/file-mentions.ts';
import { type Block, blockSchema, type Inline } from '../../src/webviews/answer-types.ts';
import { english } from '../support/pages/speech.ts';

const there = ['src/a.js', 'docs/my notes.md', 'src/größe.ts', 'app/(auth)/page.tsx', 'odd:3', '.env.example', 'sum.js'];
const find: FindFile = (name) => there.find((path) => path === name.replace(/^\.\//, ''));
const shown = (text: string): Block[] => {
  const blocks = answerView(text, find, english.l10n);
  for (const block of blocks) blockSchema.parse(block);
  return blocks;
};

const flat = (parts: readonly Inline[]): string =>
  parts
    .map((part) => {
      if (part.kind === 'file')
        return `[${part.text}|${part.path}${part.line ? `:${part.line}` : ''}${part.endLine ? `-${part.endLine}` : ''}]`;
      if (part.kind === 'web') return `<${part.address}|${flat(part.inside)}>`;
      if (part.kind === 'code') return `\`${part.text}\``;
      if (part.kind === 'break') return '\n';
      return 'inside' in part ? `${part.kind}(${flat(part.inside)})` : part.text;
    })
    .join('');
/** The one paragraph of a text. */
const said = (text: string): string => {
  const [first] = shown(text);
  return first?.kind === 'paragraph' ? flat(first.inside) : JSON.stringify(first);
};

describe('files in an answer', () => {
  test.each([
    ['see src/a.js, it is there', 'see [src/a.js|src/a.js], it is there'],
    ['(src/a.js:3)', '([src/a.js:3|src/a.js:3])'],
    ['at `src/a.js:3-5`.', 'at [src/a.js:3-5|src/a.js:3-5].'],
    ['at ./src/a.js:3:14', 'at [./src/a.js:3:14|src/a.js:3]'],
    ['at src/a.js#L3-L5!', 'at [src/a.js#L3-L5|src/a.js:3-5]!'],
    ['[the sum](src/a.js#L3-L5)', '[the sum|src/a.js:3-5]'],
    ['[the sum](<docs/my notes.md#L2>)', '[the sum|docs/my notes.md:2]'],
    ['[the sum](docs/my%20notes.md:7)', '[the sum|docs/my notes.md:7]'],
    ['as docs/my notes.md:7 says', 'as [docs/my notes.md:7|docs/my notes.md:7] says'],
    ['`docs/my notes.md`', '[docs/my notes.md|docs/my notes.md]'],
    ['in src/größe.ts:1–2', 'in [src/größe.ts:1–2|src/größe.ts:1-2]'],
    ['在src/a.js:3中', '在[src/a.js:3|src/a.js:3]中'],
    ['**src/a.js**', 'strong([src/a.js|src/a.js])'],
    ['app/(auth)/page.tsx', '[app/(auth)/page.tsx|app/(auth)/page.tsx]'],
    ['`odd:3` and .env.example', '[odd:3|odd:3] and [.env.example|.env.example]'],
    ['sum.js:5-2 counts back', '[sum.js:5-2|sum.js:5] counts back'],
  ])('%s', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  test.each([
    ['see src/b.js:3 and ../src/a.js', 'see src/b.js:3 and ../src/a.js'],
    ['`src/gone.js`', '`src/gone.js`'],
    ['[gone](src/gone.js)', 'gone'],
    ['e.g. 1.5 or 3/4', 'e.g. 1.5 or 3/4'],
    ['[bad](%E0%A4%A)', 'bad'],
    ['[run](command:workbench.action.quit)', 'run'],
    ['[x](javascript:alert(1))', 'x'],
    ['[x](data:text/html,hi)', 'x'],
    ['[x](file:///etc/passwd)', 'x'],
  ])('that are not there are no links: %s', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  test('are asked for by every name that they may have', () => {
    expect(namesIn('see docs/my notes.md:7, [a](<b c.js#L1>) and `d`')).toEqual(
      expect.arrayContaining(['docs/my notes.md', 'b c.js', 'd']),
    );
    expect(mentioned('src/a.js:0', find)).toEqual({ text: 'src/a.js:0', path: 'src/a.js' });
    expect(mentionedByLink('src/a.js', find)?.path).toBe('src/a.js');
  });

  test('pieces of a text make the text again', () => {
    for (const text of ['', ' ', 'a src/a.js  b\nsrc/a.js:1, "docs/my notes.md".', 'x (src/a.js) y'])
      expect(
        piecesOf(text, find)
          .map((piece) => (typeof piece === 'string' ? piece : piece.text))
          .join(''),
      ).toBe(text);
  });
});

describe('an answer', () => {
  test('is Markdown: headings below the page’s own and without gaps, lists, tables, code, quotes', () => {
    const blocks = shown(
      '### Why\n\n##### More\n\n3. one\n4. two\n   - [x] done\n\n| a | b |\n|---|---|\n| 1 | `src/a.js` |\n\n> so\n\n```js\nx < 1\n```\n\n---\n',
    );
    expect(blocks.map((block) => (block.kind === 'heading' ? `h${block.level}` : block.kind))).toEqual([
      'h2',
      'h3',
      'list',
      'table',
      'quote',
      'code',
      'rule',
    ]);
    expect(blocks[2]).toMatchObject({
      start: 3,
      items: [[{}], [{}, { kind: 'list', items: [[{ inside: [{ text: '☑ ' }, { text: 'done' }] }]] }]],
    });
    expect(blocks[3]).toMatchObject({
      rows: [
        [{}, {}],
        [{}, [{ kind: 'file', path: 'src/a.js' }]],
      ],
    });
    expect(blocks[5]).toEqual({ kind: 'code', text: 'x < 1' });
  });

  test('has no markup of others and nothing from elsewhere: HTML is text, images are named', () => {
    expect(said('a <b onclick="x()">b</b> &lt;i&gt;')).toBe('a <b onclick="x()">b</b> <i>');
    expect(shown('<script>alert(1)</script>')).toEqual([
      { kind: 'paragraph', inside: [{ kind: 'text', text: '<script>alert(1)</script>' }] },
    ]);
    expect(said('![a chart](https://evil.example/p.png) ![](http://evil.example/q.png)')).toBe(
      '[Image: a chart] [Image: http://evil.example/q.png]',
    );
    expect(said('<https://a.example/x> and [src/a.js](http://b.example)')).toBe(
      '<https://a.example/x|https://a.example/x> and <http://b.example/|src/a.js>',
    );
  });

  test('that is nested without end, or very long, is shown all the same', () => {
    expect(shown(`${'>'.repeat(2000)} deep`).length).toBeGreaterThan(0);
    expect(JSON.stringify(shown(`${'> '.repeat(20_000)}x`))).toContain('> >');
    expect(JSON.stringify(shown(`${'- '.repeat(30)}x`))).toContain('x');
    const long = `${'word '.repeat(10_000)}end`;
    expect(
      shown(long)
        .map((block) => (block.kind === 'paragraph' ? flat(block.inside) : block.kind === 'code' ? block.text : ''))
        .join(''),
    ).toContain('end');
  });
});
