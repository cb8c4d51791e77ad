/** Diffs with what git says beside the lines: modes, copies, names in quotes, and what is no text. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import type { EditFormat, FileEdit } from '../../src/workspace/edit-types.ts';
import { parseEdits, replyForm } from '../../src/workspace/index.ts';

const texts: Readonly<Record<string, string>> = {
  'a.js': 'one\ntwo\n\nthree\n',
  'run.sh': 'echo 1\n',
  'tool.sh': 'echo tool\n',
  'win.txt': 'one\r\ntwo\r\n',
  'src/b.js': 'b\n',
  'my notes.md': 'note\n',
  'd\u00e4.txt': 'one\n',
};
const known = Object.entries(texts).map(([path, text]) => ({ path, text: text.replaceAll('\r\n', '\n') }));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'teamwright-diffs-'));
  mkdirSync(join(root, 'src'));
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(root, path), text, { mode: 0o644 });
  chmodSync(join(root, 'tool.sh'), 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

const parse = (reply: string, format: EditFormat = 'search-replace') => parseEdits(reply, replyForm(format, known), known);
const has = (path: string): string => {
  if (!existsSync(join(root, path))) return 'gone';
  return `${(statSync(join(root, path)).mode & 0o100) === 0 ? '' : 'x '}${readFileSync(join(root, path), 'utf8')}`;
};

/** Files after the reply; each form of a reply gives the same. */
async function expectFiles(diff: string, right: Readonly<Record<string, string>>): Promise<void> {
  const forms = [diff, `${'`'.repeat(3)}diff\n${diff}${'`'.repeat(3)}\n`, `So:\n\n${diff}\nDone.\n`];
  const [edits = [], ...others] = forms.map((reply) => {
    const parsed = parse(reply);
    expect(parsed.problems, reply).toEqual([]);
    return parsed.edits;
  });
  for (const other of others) expect(other).toEqual(edits);
  const report = await applyEdits(root, edits, { allow: ['**'] });
  expect(report.problems).toEqual([]);
  expect(Object.fromEntries(Object.keys(right).map((path) => [path, has(path)]))).toEqual(right);
}

describe('a mode', () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['alone', 'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n', { 'run.sh': 'x echo 1\n' }],
    ['taken away', 'diff --git a/tool.sh b/tool.sh\nold mode 100755\nnew mode 100644\n', { 'tool.sh': 'echo tool\n' }],
    [
      'of a file with blanks in its name',
      'diff --git a/my notes.md b/my notes.md\nold mode 100644\nnew mode 100755\n',
      { 'my notes.md': 'x note\n' },
    ],
    [
      'of a name in quotes',
      'diff --git "a/d\\303\\244.txt" "b/d\\303\\244.txt"\nold mode 100644\nnew mode 100755\n',
      { 'd\u00e4.txt': 'x one\n' },
    ],
    [
      'beside lines',
      'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\nindex 1..2\n--- a/run.sh\n+++ b/run.sh\n@@ -1 +1 @@\n-echo 1\n+echo 2\n',
      { 'run.sh': 'x echo 2\n' },
    ],
    [
      'of a new file',
      'diff --git a/new.sh b/new.sh\nnew file mode 100755\nindex 0000000..2\n--- /dev/null\n+++ b/new.sh\n@@ -0,0 +1 @@\n+echo new\n',
      { 'new.sh': 'x echo new\n' },
    ],
    ['of a new empty file', 'diff --git a/e b/e\nnew file mode 100755\nindex 0000000..e69de29\n', { e: 'x ' }],
    [
      'with a rename and lines',
      'diff --git a/run.sh b/bin/go.sh\nold mode 100644\nnew mode 100755\nsimilarity index 50%\nrename from run.sh\nrename to bin/go.sh\nindex 1..2\n--- a/run.sh\n+++ b/bin/go.sh\n@@ -1 +1,2 @@\n echo 1\n+echo 2\n',
      { 'run.sh': 'gone', 'bin/go.sh': 'x echo 1\necho 2\n' },
    ],
    [
      'kept by a rename',
      'diff --git a/tool.sh b/t.sh\nsimilarity index 100%\nrename from tool.sh\nrename to t.sh\n',
      { 'tool.sh': 'gone', 't.sh': 'x echo tool\n' },
    ],
    [
      'of two files, one after the other',
      'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\ndiff --git a/tool.sh b/tool.sh\nold mode 100755\nnew mode 100644\n',
      { 'run.sh': 'x echo 1\n', 'tool.sh': 'echo tool\n' },
    ],
  ])('%s', (_name, diff, right) => expectFiles(diff, right));

  test('of a file that is not there is said', async () => {
    const { edits } = parse('diff --git a/no.sh b/no.sh\nold mode 100644\nnew mode 100755\n');
    expect((await applyEdits(root, edits, { allow: ['**'] })).problems).toMatchObject([{ path: 'no.sh', kind: 'not-found' }]);
  });

  test('is not changed where the lines beside it are not found', async () => {
    const { edits } = parse(
      'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n--- a/run.sh\n+++ b/run.sh\n@@ -1 +1 @@\n-echo three words\n+echo 2\n',
    );
    const report = await applyEdits(root, edits, { allow: ['**'] });
    expect([report.problems.length, has('run.sh')]).toEqual([1, 'echo 1\n']);
  });
});

describe('a copy', () => {
  const copied = 'diff --git a/a.js b/c.js\nsimilarity index 70%\ncopy from a.js\ncopy to c.js\n';
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['as it is', copied, { 'a.js': 'one\ntwo\n\nthree\n', 'c.js': 'one\ntwo\n\nthree\n' }],
    [
      'with lines, of a file that is changed as well',
      `diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n${copied}--- a/a.js\n+++ b/c.js\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n`,
      { 'a.js': '1\ntwo\n\nthree\n', 'c.js': 'one\n2\n\nthree\n' },
    ],
    [
      'of a file that is renamed as well',
      `${copied}diff --git a/a.js b/d.js\nsimilarity index 100%\nrename from a.js\nrename to d.js\n`,
      { 'a.js': 'gone', 'c.js': 'one\ntwo\n\nthree\n', 'd.js': 'one\ntwo\n\nthree\n' },
    ],
    [
      'that is executable',
      'diff --git a/tool.sh b/t2.sh\nsimilarity index 100%\ncopy from tool.sh\ncopy to t2.sh\n',
      { 'tool.sh': 'x echo tool\n', 't2.sh': 'x echo tool\n' },
    ],
  ])('%s', (_name, diff, right) => expectFiles(diff, right));

  test('two names exchanged, and one that takes the place of a file that goes', () =>
    expectFiles(
      'diff --git a/run.sh b/tool.sh\nsimilarity index 100%\nrename from run.sh\nrename to tool.sh\ndiff --git a/tool.sh b/run.sh\nsimilarity index 100%\nrename from tool.sh\nrename to run.sh\n',
      { 'run.sh': 'x echo tool\n', 'tool.sh': 'echo 1\n' },
    ));

  test.each<[string, FileEdit[]]>([
    ['onto a file that stays', [{ kind: 'copy', path: 'run.sh', to: 'tool.sh' }]],
    [
      'onto a file that would have left, if its own new name were free',
      [
        { kind: 'rename', path: 'run.sh', to: 'tool.sh' },
        { kind: 'rename', path: 'tool.sh', to: 'src/b.js' },
      ],
    ],
  ])('%s writes nothing over', async (_name, edits) => {
    const { problems } = await applyEdits(root, edits, { allow: ['**'] });
    expect(problems.length).toBe(edits.length);
    expect(['run.sh', 'tool.sh', 'src/b.js'].map(has)).toEqual(['echo 1\n', 'x echo tool\n', 'b\n']);
  });

  test('of a secret is refused', async () => {
    writeFileSync(join(root, '.env'), 'TOKEN=1\n');
    const { problems } = await applyEdits(root, [{ kind: 'copy', path: '.env', to: 'shown.txt' }], { allow: ['**'] });
    expect([problems[0]?.kind, has('shown.txt')]).toEqual(['outside-scope', 'gone']);
  });
});

describe('names', () => {
  const hunk = '@@ -1 +1 @@\n-b\n+c\n';
  test.each<[string, string]>([
    ['without prefixes', `diff --git src/b.js src/b.js\nindex 1..2 100644\n--- src/b.js\n+++ src/b.js\n${hunk}`],
    ['with other prefixes', `diff --git i/src/b.js w/src/b.js\nindex 1..2 100644\n--- i/src/b.js\n+++ w/src/b.js\n${hunk}`],
    ['with long prefixes', `diff --git old/x/src/b.js new/y/src/b.js\nindex 1..2 100644\n--- old/x/src/b.js\n+++ new/y/src/b.js\n${hunk}`],
    ['with the same prefix twice, as models write', `--- a/src/b.js\n+++ a/src/b.js\n${hunk}`],
    ['with a prefix on one side', `--- src/b.js\n+++ b/src/b.js\n${hunk}`],
    ['with times', `--- src/b.js.orig\t2024-01-01 10:00:00\n+++ src/b.js\t2024-01-01 10:00:01\n${hunk}`],
    ['in the line of git alone', `diff --git a/src/b.js b/src/b.js\n${hunk}`],
    [
      'with an index line of svn above',
      `Index: src/b.js\n${'='.repeat(67)}\n--- src/b.js\t(revision 1)\n+++ src/b.js\t(working copy)\n${hunk}`,
    ],
  ])('%s', (_name, diff) => expectFiles(diff, { 'src/b.js': 'c\n' }));

  test('a new file keeps a name that looks decorated, and one that ends like a known file', () =>
    expectFiles(
      ['_x_', 'lib/src/b.js', 'b.js']
        .map((path) => `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+new\n`)
        .join(''),
      { _x_: 'new\n', 'lib/src/b.js': 'new\n', 'b.js': 'new\n', 'src/b.js': 'b\n' },
    ));
});

test('line ends are those of the diff where it shows them, and those of the file where the reply lost them', async () => {
  const head = '--- a/win.txt\n+++ b/win.txt\n@@ -1,2 +1,2 @@\n';
  await expectFiles(`${head} one\r\n-two\r\n+2\n`, { 'win.txt': 'one\r\n2\n' });
  writeFileSync(join(root, 'win.txt'), 'one\r\ntwo\r\n');
  await expectFiles(`${head} one\n-two\n+2\n`, { 'win.txt': 'one\r\n2\r\n' });
  await expectFiles(`${head.replaceAll('\n', '\r\n')} one\r\n-2\r\n+3\r\n`, { 'win.txt': 'one\r\n3\r\n' });
  await expectFiles('--- a/run.sh\r\n+++ b/run.sh\r\n@@ -1 +1 @@\r\n-echo 1\r\n+echo 2\r\n', { 'run.sh': 'echo 2\n' });
});

test('what git writes below a series of patches is no line of a file', () =>
  expectFiles(
    'Subject: [PATCH] b\n---\n src/b.js | 2 +-\n\ndiff --git a/src/b.js b/src/b.js\nindex 1..2 100644\n--- a/src/b.js\n+++ b/src/b.js\n@@ -1 +1 @@\n-b\n+c\n-- \n2.39.5\n',
    { 'src/b.js': 'c\n' },
  ));

describe('asked once more, and nothing taken', () => {
  const text = '--- a/a.js\n+++ b/a.js\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n';
  const literal = 'zcmZ?wbhEHbRA5kG_`tw#kcIL8KLeQXgYu4\n';
  const two = 'DELETE: a.js\n';
  test.each<[string, string, RegExp]>([
    [
      'a binary patch',
      `diff --git a/x.png b/x.png\nnew file mode 100644\nindex 0000000..1\nGIT binary patch\nliteral 5\n${literal}\nliteral 0\nHcmV?d00001\n\n`,
      /x\.png.*binary file/,
    ],
    [
      'a binary patch of a known file',
      `diff --git a/a.js b/a.js\nindex 1..2 100644\nGIT binary patch\ndelta 5\n${literal}\ndelta 5\n${literal}\n`,
      /a\.js.*binary file/,
    ],
    [
      'the word that binary files differ',
      'diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n',
      /x\.png/,
    ],
    [
      'a new symbolic link',
      'diff --git a/l b/l\nnew file mode 120000\nindex 0000000..1\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+a.js\n\\ No newline at end of file\n',
      /symbolic link/,
    ],
    [
      'another target of a symbolic link',
      'diff --git a/l b/l\nindex 1234567..89abcde 120000\n--- a/l\n+++ b/l\n@@ -1 +1 @@\n-a.js\n+b.js\n',
      /symbolic link/,
    ],
    [
      'a file that becomes a symbolic link',
      'diff --git a/a.js b/a.js\ndeleted file mode 100644\nindex 1..0\n--- a/a.js\n+++ /dev/null\n@@ -1,4 +0,0 @@\n-one\n-two\n-\n-three\ndiff --git a/a.js b/a.js\nnew file mode 120000\nindex 0..1\n--- /dev/null\n+++ b/a.js\n@@ -0,0 +1 @@\n+src/b.js\n',
      /symbolic link/,
    ],
    [
      'a submodule',
      'diff --git a/sub b/sub\nindex 1234567..89abcde 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n',
      /submodule/,
    ],
    ['a mode that files do not have', 'diff --git a/a.js b/a.js\nold mode 100644\nnew mode 040000\n', /no mode 040000/],
    ['a rename without its second name', 'diff --git a/a.js b/c.js\nsimilarity index 100%\nrename from a.js\n', /not where to/],
    ['two names without a rename', '--- a/a.js\n+++ b/new.js\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n', /two files, a\.js and new\.js/],
    ['a deletion of some lines', '--- a/a.js\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n', /not all of it/],
    ['a name with a backslash', 'diff --git "a/q\\\\w" "b/q\\\\w"\nold mode 100644\nnew mode 100755\n', /cannot be written/],
    ['a name that is no text', 'diff --git "a/q\\377" "b/q\\377"\nold mode 100644\nnew mode 100755\n', /cannot be written/],
    ['a name with blanks that parts in two ways', 'diff --git x y z\nold mode 100644\nnew mode 100755\n', /cannot be told/],
    ['names of a file without a change', '--- a/src/b.js\n+++ b/src/b.js\n@@ -1 +1 @@\n c\n', /no line with/],
    [
      'a header of git with nothing below',
      'diff --git a/a.js b/a.js\n\nAs shown above.\n',
      /belongs to no edit|changes nothing|has no line with/,
    ],
  ])('%s', (_name, diff, why) => {
    for (const reply of [diff, text + diff, diff + text, `\`\`\`diff\n${diff}\`\`\`\n`, `${diff}\n${two}`]) {
      const { edits, problems } = parse(reply);
      expect(edits, reply).toEqual([]);
      expect(problems.map(({ message }) => message).join(' '), reply).toMatch(why);
    }
  });
});
