import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import type { FileEdit } from '../../src/workspace/edit-types.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'teamwright-edits-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const everything = { allow: ['**'] };
const put = (path: string, content: string | Buffer) => writeFileSync(join(root, path), content);
const get = (path: string) => readFileSync(join(root, path), 'utf8');
const apply = (...edits: FileEdit[]) => applyEdits(root, edits, everything);
/** By a model that was shown placeholders for these values. */
const applyHidden = (hidden: Readonly<Record<string, readonly string[]>>, ...edits: FileEdit[]) =>
  applyEdits(root, edits, everything, new Map(Object.entries(hidden).map(([placeholder, forms]) => [placeholder, new Set(forms)])));
const block = (search: string, replace: string, path = 'a.txt'): FileEdit => ({ kind: 'search-replace', path, search, replace });
const whole = (text: string, path = 'a.txt'): FileEdit => ({ kind: 'whole-file', path, text });

describe('a placeholder of a secret that was not shown', () => {
  const config = "const url = 'https://x';\nconst token = 'real';\n";
  const diff = '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-const url = 1;\n+const url = 2;\n const token = <secret-1>;\n';

  it.each<[string, FileEdit]>([
    ['whole text', whole("const url = 'https://y';\nconst token = '<secret-1>';\n")],
    ['replacement', block("const url = 'https://x';", "const url = '<secret-2>';")],
    ['search', block("const token = '<secret-1>';", "const token = 'mine';")],
    ['diff', { kind: 'unified-diff', path: 'a.txt', patch: diff }],
    ['new file', whole('<secret-1>\n', 'b.txt')],
  ])('in a %s is refused and never written', async (_name, edit) => {
    put('a.txt', config);
    const { changed, problems } = await apply(edit);
    expect(changed).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/<secret-\d> stands for a secret that is not shown and must not be written/);
    expect([get('a.txt'), existsSync(join(root, 'b.txt'))]).toEqual([config, false]);
  });

  it('does not keep other blocks from being written, and is text like any other in a file that holds it', async () => {
    put('a.txt', config);
    put('docs.txt', 'shown as <secret-1>\n');
    const report = await apply(
      block('https://x', 'https://y'),
      block("'<secret-1>'", "''"),
      block('shown as <secret-1>', 'told as <secret-1>', 'docs.txt'),
    );
    expect(report.changed).toEqual(['a.txt', 'docs.txt']);
    expect([get('a.txt'), get('docs.txt')]).toEqual([config.replace('https://x', 'https://y'), 'told as <secret-1>\n']);
  });

  it('becomes the value again that its file has, in a whole file and in a block, however often', async () => {
    put('a.txt', "token = 'r$&eal'\nurl = 'x'\n");
    await applyHidden({ '<secret-1>': ['r$&eal'] }, whole("url = 'y'\ntoken = '<secret-1>'\nagain = '<secret-1>'\n"));
    expect(get('a.txt')).toBe("url = 'y'\ntoken = 'r$&eal'\nagain = 'r$&eal'\n");
    await applyHidden({ '<secret-1>': ['r$&eal'] }, block("token = '<secret-1>'\nagain = '<secret-1>'", "key = '<secret-1>'"));
    expect(get('a.txt')).toBe("url = 'y'\nkey = 'r$&eal'\n");
  });

  it.each<[string, string, RegExp]>([
    ['of another file', 'key = 1\n', /must not be written/],
    ['in two forms', 'one = real1\ntwo = cmVhbDE=\n', /may mean more than one thing in a\.txt/],
    ['beside the same words', 'one = real1\ntwo = <secret-1>\n', /may mean more than one thing/],
    ['shown in part', 'one = real1234\n', /may mean more than one thing/],
  ])('is refused where it is one %s', async (_name, text, reason) => {
    put('a.txt', text);
    const { changed, problems } = await applyHidden({ '<secret-1>': ['real1', 'cmVhbDE='] }, whole(`${text}\nnew = <secret-1>\n`));
    expect(changed).toEqual([]);
    expect(problems[0]?.message).toMatch(reason);
    expect(get('a.txt')).toBe(text);
  });
});

describe('a search and replace block', () => {
  it('is found exactly', async () => {
    put('a.txt', 'one\ntwo\nthree\n');
    expect(await apply(block('two\n', 'TWO\n'))).toEqual({ changed: ['a.txt'], levels: { exact: 1 }, problems: [] });
    expect(get('a.txt')).toBe('one\nTWO\nthree\n');
  });

  it('is found although spaces at line ends differ, and leaves the lines it repeats as they are', async () => {
    put('a.txt', 'keep  \nold \nend\n');
    expect((await apply(block('keep\nold\n', 'keep\nnew\n'))).levels).toEqual({ 'trailing-space': 1 });
    expect(get('a.txt')).toBe('keep  \nnew\nend\n');
  });

  it('is found although quotes, dashes and spaces are typographic', async () => {
    put('a.txt', 'say(“hi”) – now\u00a0or never\nnext\n');
    expect((await apply(block('say("hi") - now or never\n', 'done\n'))).levels).toEqual({ punctuation: 1 });
    expect(get('a.txt')).toBe('done\nnext\n');
  });

  it('is found at another indent, and its replacement is indented likewise', async () => {
    put('a.txt', 'class A:\n    def f(self):\n        return 1\n');
    expect(
      (await apply(block('def f(self):\n    return 1\n', 'def f(self):\n    if self:\n        return 2\n    return 1\n'))).levels,
    ).toEqual({ indent: 1 });
    expect(get('a.txt')).toBe('class A:\n    def f(self):\n        if self:\n            return 2\n        return 1\n');
  });

  it('is found with too much indent', async () => {
    put('a.txt', 'def f():\n    return 1\n');
    await apply(block('    def f():\n        return 1\n', '    def f():\n        return 2\n'));
    expect(get('a.txt')).toBe('def f():\n    return 2\n');
  });

  it('is found as a part of one line', async () => {
    put('a.txt', '    return a - b;\n');
    expect((await apply(block('a - b\n', 'a + b\n'))).problems).toEqual([]);
    expect(get('a.txt')).toBe('    return a + b;\n');
  });

  it('is refused when it matches several places, with the lines', async () => {
    put('a.txt', 'x = 1\ny\nx = 1\n');
    const report = await apply(block('x = 1\n', 'x = 2\n'));
    expect(report.changed).toEqual([]);
    expect(report.problems[0]).toMatchObject({ kind: 'ambiguous', path: 'a.txt' });
    expect(report.problems[0]?.message).toContain('1, 3');
    expect(get('a.txt')).toBe('x = 1\ny\nx = 1\n');
  });

  it('is refused with the nearest region when it matches nothing', async () => {
    put('a.txt', 'function area(width, height) {\n  return width * height;\n}\n');
    const report = await apply(block('function area(w, height) {\n  return w * height;\n}\n', 'x\n'));
    expect(report.problems[0]?.kind).toBe('not-found');
    expect(report.problems[0]?.message).toContain('2|   return width * height;');
  });

  it('stands for itself: a failed one does not hold up the others, and order does not matter', async () => {
    put('a.txt', 'one\ntwo\nthree\nfour\n');
    const report = await apply(block('four\n', '4\n'), block('nothing like it\n', 'x\n'), block('one\n', '1\n'), block('three\n', '3\n'));
    expect(get('a.txt')).toBe('1\ntwo\n3\n4\n');
    expect(report.problems).toHaveLength(1);
  });

  it('may stand on the result of another', async () => {
    put('a.txt', 'one\n');
    await apply(block('uno due\n', 'tre\n'), block('one\n', 'uno due\n'));
    expect(get('a.txt')).toBe('tre\n');
  });

  it('may delete lines, but never empties a file', async () => {
    put('a.txt', 'one\ntwo\n');
    await apply(block('two\n', ''));
    expect(get('a.txt')).toBe('one\n');
    expect((await apply(block('one\n', ''))).problems[0]?.kind).toBe('unparseable');
    expect(get('a.txt')).toBe('one\n');
  });

  it('makes a new file when it searches for nothing, and is refused on a file with text', async () => {
    await apply(block('', 'new\n', 'deep/er/new.txt'));
    expect(get('deep/er/new.txt')).toBe('new\n');
    expect((await apply(block('', 'newer\n', 'deep/er/new.txt'))).problems[0]?.kind).toBe('ambiguous');
    expect(get('deep/er/new.txt')).toBe('new\n');
  });

  it('does not treat dollar signs as anything special', async () => {
    put('a.txt', 'price\n');
    await apply(block('price\n', "$& $1 $' $$\n"));
    expect(get('a.txt')).toBe("$& $1 $' $$\n");
  });
});

describe('a file keeps', () => {
  it('its Windows line ends, its byte order mark and its missing final newline', async () => {
    put('a.txt', '\ufeffone\r\ntwo\r\nthree');
    await apply(block('two\n', '2\n2b\n'));
    expect(get('a.txt')).toBe('\ufeffone\r\n2\r\n2b\r\nthree');
    await apply(whole('uno\ndue\n'));
    expect(get('a.txt')).toBe('\ufeffuno\r\ndue');
  });

  it('mixed line ends where lines stay', async () => {
    put('a.txt', 'one\r\ntwo\nthree\r\nfour\n');
    await apply(block('two\n', '2\n'));
    expect(get('a.txt').startsWith('one\r\n2')).toBe(true);
    expect(get('a.txt').endsWith('three\r\nfour\n')).toBe(true);
  });

  it('its mode', async () => {
    put('run.sh', '#!/bin/sh\necho 1\n');
    chmodSync(join(root, 'run.sh'), 0o750);
    await apply(block('echo 1\n', 'echo 2\n', 'run.sh'));
    expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o750);
  });

  it('everything when it is binary, or in an encoding that cannot be told', async () => {
    put('a.bin', Buffer.from([1, 0, 2]));
    const greek = Buffer.concat([Buffer.from('tea\n'), Buffer.from([0xca, 0xe1, 0xeb, 0xe7, 0xec, 0xdd, 0xf1, 0xe1, 0x0a])]);
    put('greek.txt', greek);
    const report = await apply(whole('text\n', 'a.bin'), block('tea\n', 'coffee\n', 'greek.txt'));
    expect(report.problems.map((problem) => problem.kind)).toEqual(['binary', 'binary']);
    expect(readFileSync(join(root, 'greek.txt'))).toEqual(greek);
  });

  it('its text when a whole file is empty, or leaves parts out', async () => {
    put('a.txt', 'let a = 1;\nlet b = 2;\n');
    for (const text of [
      '',
      '\n',
      'let a = 3;\n// ... rest of the code unchanged ...\n',
      'let a = 3;\n# ... existing code ...\n',
      '// rest of the code remains the same\n',
    ]) {
      const report = await apply(whole(text));
      expect(report.problems[0]?.kind, text).toBe('unparseable');
      expect(get('a.txt')).toBe('let a = 1;\nlet b = 2;\n');
    }
  });

  it('an ellipsis that it had before', async () => {
    put('a.txt', '// ... rest of the arguments\nf(...rest);\n');
    expect((await apply(whole('// ... rest of the arguments\nf(1, ...rest);\n'))).problems).toEqual([]);
  });
});

describe('a whole file', () => {
  it('that is the same changes nothing', async () => {
    put('a.txt', 'same\r\n');
    expect((await apply(whole('same\n'))).changed).toEqual([]);
  });

  it('may be new and empty', async () => {
    expect((await apply(whole('', 'pkg/__init__.py'))).changed).toEqual(['pkg/__init__.py']);
    expect(get('pkg/__init__.py')).toBe('');
  });
});

describe('a unified diff', () => {
  const patch = (text: string, path = 'a.txt'): FileEdit => ({ kind: 'unified-diff', path, patch: text });

  it('applies with wrong counts and numbers', async () => {
    put('a.txt', 'a\nb\nc\nd\n');
    await apply(patch('@@ -40,9 +77,2 @@ whatever\n b\n-c\n+C\n+C2\n d\n'));
    expect(get('a.txt')).toBe('a\nb\nC\nC2\nd\n');
  });

  it('uses its line number to choose between equal places', async () => {
    put('a.txt', 'x\n1\nx\n2\nx\n3\n');
    await apply(patch('@@ -3,1 +3,1 @@\n-x\n+y\n'));
    expect(get('a.txt')).toBe('x\n1\ny\n2\nx\n3\n');
  });

  it('makes a new file', async () => {
    await apply(patch('@@ -0,0 +1,2 @@\n+one\n+two\n', 'n.txt'));
    expect(get('n.txt')).toBe('one\ntwo\n');
  });

  it('applies hunk by hunk', async () => {
    put('a.txt', 'a\nb\nc\n');
    const report = await apply(patch('@@ -1 +1 @@\n-a\n+A\n@@ -9 +9 @@\n-zebra\n+Z\n'));
    expect(get('a.txt')).toBe('A\nb\nc\n');
    expect(report.problems).toHaveLength(1);
  });
});

describe('scope', () => {
  it('lets through what is allowed and not denied', async () => {
    const edits = ['src/a.ts', 'src/deep/b.tsx', 'test/a.test.ts', 'README.md', 'src/secret.env', 'SRC/x.ts'].map((path) =>
      whole('x\n', path),
    );
    const report = await applyEdits(root, edits, {
      allow: ['src/**/*.{ts,tsx}', './test'],
      refuse: (path) => (/\.test\.ts$/.test(path) ? 'it is a test' : undefined),
    });
    expect(report.changed).toEqual(['src/a.ts', 'src/deep/b.tsx']);
    expect(report.problems.map((problem) => problem.kind)).toEqual(Array(4).fill('outside-scope'));
  });

  it('allows nothing when nothing is allowed, and never a secret', async () => {
    expect((await applyEdits(root, [whole('x\n')], { allow: [] })).problems[0]?.kind).toBe('outside-scope');
    expect((await apply(whole('KEY=1\n', '.env'))).problems[0]?.kind).toBe('outside-scope');
    expect((await apply(whole('KEY=\n', '.env.example'))).changed).toEqual(['.env.example']);
  });

  it('deletes a file and the folders that are empty then', async () => {
    await apply(whole('x\n', 'deep/er/x.txt'));
    expect((await apply({ kind: 'delete', path: 'deep/er/x.txt' })).changed).toEqual(['deep/er/x.txt']);
    expect(existsSync(join(root, 'deep'))).toBe(false);
    expect((await apply({ kind: 'delete', path: 'deep/er/x.txt' })).problems[0]?.kind).toBe('not-found');
  });
});

describe('whatever is asked', () => {
  it('a file is changed only where a unique block stands', async () => {
    const line = fc.constantFrom('a', 'b', '  a', 'c “x”', 'd - e', '');
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.array(line, { minLength: 1, maxLength: 3 }), async (lines, search) => {
        const text = `start\n${lines.map((one) => `${one}\n`).join('')}end\n`;
        put('a.txt', text);
        const report = await apply(block(`${search.join('\n')}\n`, 'REPLACED\n'));
        const after = get('a.txt');
        if (report.changed.length === 0) expect(after).toBe(text);
        else {
          // Where the block stands indented, so does what replaces it.
          const [before, rest] = after.split(/[ ]*REPLACED\n/);
          expect(text.startsWith(before ?? '?')).toBe(true);
          expect(text.endsWith(rest ?? '?')).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a rename', () => {
  const rename = (path: string, to: string): FileEdit => ({ kind: 'rename', path, to });

  it('moves the bytes and the mode, and what else is asked for the file', async () => {
    put('run.sh', Buffer.from([0xff, 0x0a]));
    chmodSync(join(root, 'run.sh'), 0o750);
    put('a.txt', 'one\ntwo\n');
    const report = await apply(
      rename('run.sh', 'bin/run.sh'),
      rename('a.txt', 'b.txt'),
      block('two\n', '2\n'),
      block('one\n', '1\n', 'b.txt'),
    );
    expect(report).toMatchObject({ changed: ['bin/run.sh', 'run.sh', 'b.txt', 'a.txt'], problems: [] });
    expect(readFileSync(join(root, 'bin/run.sh'))).toEqual(Buffer.from([0xff, 0x0a]));
    expect(statSync(join(root, 'bin/run.sh')).mode & 0o777).toBe(0o750);
    expect([get('b.txt'), existsSync(join(root, 'a.txt')), existsSync(join(root, 'run.sh'))]).toEqual(['1\n2\n', false, false]);
  });

  it('writes nothing over, and stays inside the scope on both sides', async () => {
    put('a.txt', 'a\n');
    put('b.txt', 'b\n');
    expect((await apply(rename('a.txt', 'b.txt'))).problems[0]?.message).toContain('there is a file of that name');
    expect((await apply(rename('c.txt', 'd.txt'))).problems[0]?.kind).toBe('not-found');
    expect((await apply(rename('a.txt', '../out.txt'))).problems[0]?.kind).toBe('escapes');
    expect((await apply(rename('a.txt', '.env'))).problems[0]?.kind).toBe('outside-scope');
    expect((await applyEdits(root, [rename('a.txt', 'c.md')], { allow: ['*.txt'] })).problems[0]?.kind).toBe('outside-scope');
    expect([get('a.txt'), get('b.txt')]).toEqual(['a\n', 'b\n']);
  });
});

describe('mixed line ends', () => {
  it.each([
    [
      'the first of two alike goes',
      'function one() {\r\n  a();\r\n}\r\nfunction two() {\n  a();\n}\n',
      'function one() {\n  a();\n}\n',
      '',
      'function two() {\n  a();\n}\n',
    ],
    [
      'a line like others is put in',
      'log();\r\nconst x = 1;\r\nlog();\n',
      'log();\nconst x = 1;\n',
      'log();\nlog();\nconst x = 1;\n',
      'log();\r\nlog();\r\nconst x = 1;\r\nlog();\n',
    ],
    ['the last goes', 'a\nb\r\na\r\n', 'b\na\n', 'b\n', 'a\nb\r\n'],
    ['one in the middle is replaced', 'a\r\nb\na\r\nc\nb\r\n', 'c\n', 'd\ne\n', 'a\r\nb\na\r\nd\r\ne\r\nb\r\n'],
  ])('stay by position when %s', async (_name, before, search, replace, after) => {
    put('a.txt', before);
    expect((await apply(block(search, replace))).problems).toEqual([]);
    expect(get('a.txt')).toBe(after);
  });
});
