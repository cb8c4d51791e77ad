import { describe, expect, it } from 'vitest';
import { parseEdits } from '../support/replies.ts';

const paths = [
  '_config.yml',
  '__main__.py',
  'pkg/__init__.py',
  'app/(auth)/login/page.tsx',
  'pages/[id].tsx',
  '[slug]/page.tsx',
  '(group)/page.tsx',
  '*star*.md',
  "it's.md",
  'a`b.md',
  'docs/my notes.md',
  'größe.py',
  '日本/語.ts',
  '.github/workflows/ci.yml',
  '@scope/pkg/index.js',
  '$lib/a.ts',
  'a,b.csv',
  'x:y.txt',
  '"quoted".txt',
  'Makefile',
  '#tags.md',
  '-dash.txt',
  '1. one.txt',
];
const body = 'new\n';
const heads: Record<string, (path: string) => string> = {
  'a heading': (path) => `### ${path}\n`,
  'a bold line': (path) => `**${path}**\n`,
  'a quoted line with a colon': (path) => `\`${path}\`:\n`,
  'a comment line': (path) => `# ${path}\n`,
  'a line of its own': (path) => `${path}\n`,
  'a label': (path) => `File: ${path}\n`,
};

describe('a known path is what it is called', () => {
  for (const [name, head] of Object.entries(heads)) {
    it.each(paths)(`%s in ${name}`, (path) => {
      const known = [path, 'src/other.js'];
      const { edits } = parseEdits(`${head(path)}\`\`\`\n${body}\`\`\`\n`, 'whole-file', known);
      expect(edits).toEqual([{ kind: 'whole-file', path, text: body }]);
      const block = `${head(path)}<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n`;
      expect(parseEdits(block, 'search-replace', known).edits.map((edit) => edit.path)).toEqual([path]);
    });
  }

  it('also where the name without its marks is known as well', () => {
    const known = ['_a.py', 'a.py', '__a__.py', '(a).py'];
    for (const path of known)
      expect(parseEdits(`### ${path}\n\`\`\`\n${body}\`\`\`\n`, 'whole-file', known).edits.map((edit) => edit.path)).toEqual([path]);
  });

  it('inside a sentence only where no letter of any alphabet goes on', () => {
    const read = (line: string) =>
      parseEdits(`${line}\n\`\`\`\n${body}\`\`\`\n`, 'whole-file', ['a.py', 'b.py']).edits.map(({ path }) => path);
    expect(read('This is the new a.py:')).toEqual(['a.py']);
    expect(read('This is the new äa.py, then a.py:')).toEqual(['a.py']);
  });
});

describe('a new path', () => {
  it.each(paths.filter((path) => /^[\w@(.[/$\p{L}][^\s`*'",:]*$/u.test(path)))('%s is kept as written', (path) => {
    const { edits } = parseEdits(`### ${path}\n\`\`\`\n${body}\`\`\`\n`, 'whole-file', ['src/a.js', 'src/b.js']);
    expect(edits).toEqual([{ kind: 'whole-file', path, text: body }]);
  });

  it('loses the decorations of a model, and no more', () => {
    const read = (line: string) =>
      parseEdits(`${line}\n\`\`\`\n${body}\`\`\`\n`, 'whole-file', ['x.js', 'y.js']).edits.map(({ path }) => path);
    expect(read('**_data/nav.yml:**')).toEqual(['_data/nav.yml']);
    expect(read('1. `./src/__init__.py`:')).toEqual(['src/__init__.py']);
    expect(read('__src/a.py__')).toEqual(['src/a.py']);
    expect(read('## (new) → not a path')).toEqual([]);
    expect(read('### `docs/my notes.md`')).toEqual(['docs/my notes.md']);
  });
});
