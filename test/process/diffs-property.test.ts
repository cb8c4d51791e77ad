/** A diff as git writes it, in a reply: what comes of it is what `git apply` makes of it, to the byte and the mode, or it is said that it is not clear. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applyEdits } from '../../src/workspace/apply-edits.ts';
import { parseEdits, replyForm } from '../../src/workspace/index.ts';

vi.setConfig({ testTimeout: 300_000 });
const trees = Number(process.env.TEAMWRIGHT_DIFF_TREES ?? 25);
const seed = Number(process.env.TEAMWRIGHT_DIFF_SEED ?? 16);

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'teamwright-diffs-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Entry {
  readonly text: string;
  readonly executable: boolean;
}
type Tree = ReadonlyMap<string, Entry>;

const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_CEILING_DIRECTORIES: tmpdir() };
const git = (cwd: string, args: readonly string[], input?: string): string =>
  execFileSync('git', ['-c', 'core.autocrlf=false', ...args], {
    cwd,
    env,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1e8,
  }).toString('utf8');

function lay(tree: Tree): string {
  const folder = mkdtempSync(join(root, 'x'));
  for (const [path, { text, executable }] of tree) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, 'utf8');
    chmodSync(join(folder, path), executable ? 0o755 : 0o644);
  }
  return folder;
}

function read(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isFile() && !name.startsWith('.git/'))
      found[name] = `${(statSync(path).mode & 0o100) === 0 ? '-' : 'x'} ${JSON.stringify(readFileSync(path, 'utf8'))}`;
  }
  return found;
}

const quoted = (path: string): string => `"${path.replaceAll('"', '\\"')}"`;

/** What git writes of the way from each first tree to its second one: one process puts all of them into a repository, and one compares them. */
function diffsOf(pairs: readonly (readonly [Tree, Tree])[], options: readonly string[]): string[] {
  const folder = mkdtempSync(join(root, 'repository'));
  git(folder, ['init', '-q', '--bare']);
  const commits = pairs.flat().map((tree, n) => {
    const files = [...tree].map(
      ([path, { text: body, executable }]) =>
        `M ${executable ? '100755' : '100644'} inline ${quoted(path)}\ndata ${Buffer.byteLength(body)}\n${body}\n`,
    );
    return `commit refs/heads/t${n}\ncommitter a <a@b> 0 +0000\ndata 0\ndeleteall\n${files.join('')}\n`;
  });
  git(folder, ['fast-import', '--quiet'], commits.join(''));
  return pairs.map((_, n) => git(folder, ['diff', ...options, `t${2 * n}`, `t${2 * n + 1}`]));
}

const line = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('one', 'two', 'three', 'x', '', '}', '  return 1;', 'end') },
  fc.constantFrom(
    '--- a/one.js',
    '+++ b/one.js',
    '@@ -1,2 +1,2 @@',
    'diff --git a/one.js b/one.js',
    'new file mode 100755',
    'rename from one.js',
    'GIT binary patch',
    'Binary files a/x and b/x differ',
    '\\ No newline at end of file',
    '-- ',
    '2.39.5',
    '```',
    '-minus',
    '+plus',
    ' blank',
    'old\rmac',
    'windows\r',
    '\u00e9\u{1f600}',
    '\ufeffmark',
    '=======',
    '>>>>>>> REPLACE',
    'DELETE: one.js',
    '\t',
    ' ',
  ),
  fc.stringMatching(/^[ -~]{0,12}$/),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('\n', '\n', '\n', '\r\n'), fc.boolean(), fc.constantFrom('', '', '', '\ufeff'))
  .map(([lines, end, last, mark]) => (lines.length === 0 ? '' : mark + lines.join(end) + (last ? end : '')));
const names = [
  'one.js',
  'two.js',
  'a/one.js',
  'b/one.js',
  'src/one.js',
  'src/a/two.js',
  'my notes/a b.md',
  'a b/c b/d',
  'd\u00e4/\u65e5.txt',
  'q"uote.txt',
  '_x_',
  'run',
  'run/in.js',
  'a/run.sh',
];
const entry: fc.Arbitrary<Entry> = fc.record({ text, executable: fc.boolean() });
const tree = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), entry), { selector: ([name]) => name, maxLength: 6 })
  .map((list): Tree => new Map(list));

type Change = (before: Tree) => Tree;
/** Ways from one tree to another that git finds renames, copies and small changes in. */
const change: fc.Arbitrary<Change> = fc.oneof(
  tree.map(
    (other): Change =>
      (before) =>
        new Map([...before, ...other]),
  ),
  fc.record({ at: fc.nat(), to: fc.constantFrom(...names), stays: fc.boolean(), mode: fc.boolean() }).map(
    ({ at, to, stays, mode }): Change =>
      (before) => {
        const [path, was] = [...before][at % Math.max(before.size, 1)] ?? [];
        if (path === undefined || was === undefined) return before;
        const others = [...before].filter(([name]) => name !== to && (stays || name !== path));
        return new Map([...others, [to, { text: was.text, executable: mode ? !was.executable : was.executable }]]);
      },
  ),
  fc.record({ at: fc.nat(), line, place: fc.nat(), drop: fc.nat({ max: 2 }), mode: fc.boolean() }).map(
    ({ at, line: fresh, place, drop, mode }): Change =>
      (before) => {
        const [path, was] = [...before][at % Math.max(before.size, 1)] ?? [];
        if (path === undefined || was === undefined) return before;
        const lines = was.text.split('\n');
        lines.splice(place % lines.length, drop, ...(lines.length > 1 ? [fresh] : []));
        return new Map([...before, [path, { text: lines.join('\n'), executable: mode ? !was.executable : was.executable }]]);
      },
  ),
  fc.nat().map(
    (at): Change =>
      (before) =>
        new Map([...before].filter((_, n) => n !== at % Math.max(before.size, 1))),
  ),
);

const forms: readonly { readonly options: readonly string[]; readonly strip?: string }[] = [
  { options: [] },
  { options: ['-M', '--full-index'] },
  { options: ['-C', '-C', '--find-copies-harder'] },
  { options: ['-M', '-B'] },
  { options: ['--no-renames', '-U0'], strip: '-p1' },
  { options: ['-M', '-U1', '--patience'] },
  { options: ['-U10', '--histogram'] },
  { options: ['-M', '--no-prefix'], strip: '-p0' },
  { options: ['--src-prefix=i/', '--dst-prefix=w/', '-M'] },
  { options: ['--src-prefix=old/', '--dst-prefix=new/', '-C'] },
  { options: ['--minimal', '--function-context'] },
  { options: ['--ignore-submodules', '--binary', '-M'] },
];

/** Names that git could not lay beside each other. */
const isPossible = (some: Tree): boolean =>
  [...some.keys()].every((path) => [...some.keys()].every((other) => !other.startsWith(`${path}/`)));

interface Tally {
  same: number;
  said: number;
}

/** Of an emptied file, of lines that only a number places, and of a new file that may stand in a folder `a` or `b`. */
const doubts = /would leave .+ empty|has nothing to search for|it may be about/;

async function compare(before: Tree, diff: string, form: (typeof forms)[number], reply: string): Promise<keyof Tally> {
  const [byGit, ours] = [lay(before), lay(before)];
  git(byGit, ['apply', '--unidiff-zero', '--whitespace=nowarn', form.strip ?? '-p1', '-'], diff);
  const files = [...before].map(([path, { text: body }]) => ({ path, text: body.replaceAll('\r\n', '\n').replace(/^\ufeff/, '') }));
  const { edits, problems } = parseEdits(reply, replyForm('unified-diff', files), files);
  const report = await applyEdits(ours, edits, { allow: ['**'] });
  const said = [...problems, ...report.problems].map(({ message }) => message);
  for (const message of said) expect(message, diff).toMatch(doubts);
  if (said.length > 0) return 'said';
  expect(read(ours), `${form.options.join(' ')}\n${diff}`).toEqual(read(byGit));
  return 'same';
}

const wraps: readonly ((diff: string) => string)[] = [
  (diff) => diff,
  (diff) => `Here is the change:\n\n${diff}`,
  (diff) => `${'`'.repeat(13)}diff\n${diff}${'`'.repeat(13)}\n`,
  (diff) => `From 1234 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n---\n a | 2 +-\n 1 file changed\n\n${diff}-- \n2.39.5\n`,
];

test.each(forms)('as with $options', async (form) => {
  const tally: Tally = { same: 0, said: 0 };
  const ways = fc
    .tuple(tree, fc.array(change, { minLength: 1, maxLength: 3 }), fc.constantFrom(...wraps))
    .map(([before, changes, wrap]) => ({
      before,
      after: changes.reduce((now, next) => next(now), before),
      wrap,
    }));
  const sampled = fc.sample(
    ways.filter(({ before, after }) => isPossible(before) && isPossible(after)),
    { numRuns: trees, seed },
  );
  const diffs = diffsOf(
    sampled.map(({ before, after }) => [before, after]),
    form.options,
  );
  for (const [n, { before, wrap }] of sampled.entries()) {
    const diff = diffs[n] ?? '';
    if (diff !== '') tally[await compare(before, diff, form, wrap(diff))]++;
  }
  expect(tally.same).toBeGreaterThan(2 * tally.said);
});
