/** Applying to files that git looks away from, ignores or knows too little of, and to another folder than the run's own. Real git. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { ownerMark, thisOwner } from '../../src/process/owner.ts';
import { applyRun, candidateDiff, undoRun } from '../../src/run/index.ts';
import { createTrace } from '../../src/trace/index.ts';
import { openWorkspaceCopies, undoApply } from '../../src/workspace/index.ts';
import { commandLine } from '../support/command-line.ts';
import { type FinishedRun, finishedRun } from '../support/finished-run.ts';
import { applyAll } from '../support/repositories.ts';
import { git, type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

async function run(...options: Parameters<typeof finishedRun>): Promise<FinishedRun> {
  const made = await finishedRun(...options);
  cleanUps.push(made.workspace.dispose);
  return made;
}

function workspaceOf(files: Readonly<Record<string, string>>): TemporaryWorkspace {
  const workspace = temporaryWorkspace(files);
  cleanUps.push(workspace.dispose);
  return workspace;
}

test.each(['--skip-worktree', '--assume-unchanged'])(
  "what the user wrote into a file under git's %s is kept, by apply and by undo",
  async (flag) => {
    const workspace = workspaceOf({ 'config.js': 'host = prod\n\n\n\nport = 1\n' });
    git(workspace.root, 'update-index', flag, 'config.js');
    workspace.write('config.js', 'host = mine\n\n\n\nport = 1\n');
    const where = { workspace: workspace.root, runId: 'run', dataDir: workspace.dataDir };
    const copies = await openWorkspaceCopies(where);
    const { snapshot } = await copies.snapshot(signal);
    const copy = await copies.create('c0', snapshot, signal);
    await copy.edit([{ kind: 'search-replace', path: 'config.js', search: 'port = 1', replace: 'port = 2' }], { allow: ['**'] });
    const { undo } = await applyAll(where, snapshot, await copy.freeze('x'));
    await copies.dispose();
    expect(workspace.read('config.js')).toBe('host = mine\n\n\n\nport = 2\n');
    await undoApply(where, undo, signal);
    expect(workspace.read('config.js')).toBe('host = mine\n\n\n\nport = 1\n');
    expect(git(workspace.root, 'ls-files', '-v')).not.toContain('H config.js');
  },
);

test('a new file that git ignores is taken back by undo, and can be applied again', async () => {
  const workspace = workspaceOf({ '.gitignore': 'generated/\n', 'a.txt': 'a\n' });
  const where = { workspace: workspace.root, runId: 'run', dataDir: workspace.dataDir };
  const copies = await openWorkspaceCopies(where);
  const { snapshot } = await copies.snapshot(signal);
  const copy = await copies.create('c0', snapshot, signal);
  const edits = ['generated/x.txt', 'a.txt'].map((path) => ({ kind: 'whole-file', path, text: 'b\n' }) as const);
  await copy.edit(edits, { allow: ['**'] });
  const frozen = await copy.freeze('x');
  const { applied, undo } = await applyAll(where, snapshot, frozen);
  expect((await undoApply(where, undo, signal)).restored.toSorted()).toEqual(applied.toSorted());
  expect(existsSync(join(workspace.root, 'generated/x.txt'))).toBe(false);
  expect((await applyAll(where, snapshot, frozen)).applied).toHaveLength(2);
  await copies.dispose();
});

test('undo does not copy large files that are none of its business', async () => {
  const { workspace, runId } = await run({ 'a.txt': 'a\n' }, { c1: { 'a.txt': 'b\n' } });
  const { root, dataDir } = workspace;
  await applyRun({ dataDir, runId }, signal);
  writeFileSync(join(root, 'video.bin'), randomBytes(60_000_000));
  await undoRun({ dataDir, runId }, signal);
  expect(workspace.read('a.txt')).toBe('a\n');
  const stored = readdirSync(join(dataDir, 'stores'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const largest = Math.max(...stored.map((entry) => statSync(join(entry.parentPath, entry.name)).size));
  expect(largest).toBeLessThan(1_000_000);
});

test('who may read and write a file stays as it is, while git’s "executable" changes', async () => {
  const { workspace, runId } = await run(
    { 'private.conf': 'a\n', 'tool.sh': 'a\n' },
    { c1: { 'private.conf': 'b\n' } },
    { change: (root) => chmodSync(join(root, 'tool.sh'), 0o755) },
  );
  const { root, dataDir } = workspace;
  for (const name of ['private.conf', 'tool.sh']) chmodSync(join(root, name), 0o600);
  const modes = () => ['private.conf', 'tool.sh'].map((name) => (statSync(join(root, name)).mode & 0o777).toString(8));
  await applyRun({ dataDir, runId }, signal);
  expect(modes()).toEqual(['600', '700']);
  await undoRun({ dataDir, runId }, signal);
  expect(modes()).toEqual(['600', '600']);
});

test.runIf(process.getuid?.() === 0)(
  'applied and taken back as root: every file keeps owner, group, mode and, unless it changed, its times',
  async () => {
    const { workspace, runId } = await run({ 'mine.txt': 'a\n', 'sub/other.txt': 'x\n', 'tool.sh': 'x\n' }, { c1: { 'mine.txt': 'b\n' } });
    const { root, dataDir } = workspace;
    const paths = ['mine.txt', 'sub', 'sub/other.txt', 'tool.sh'];
    for (const path of paths) {
      chownSync(join(root, path), 1234, 4321);
      chmodSync(join(root, path), path === 'sub' ? 0o2770 : 0o640);
      utimesSync(join(root, path), 1_000_000_000, 1_000_000_000);
    }
    const state = () =>
      paths.map((path) => {
        const { uid, gid, mode, mtimeMs } = statSync(join(root, path));
        return [path, uid, gid, mode.toString(8), path === 'mine.txt' ? 0 : mtimeMs];
      });
    const before = state();
    await applyRun({ dataDir, runId }, signal);
    expect(workspace.read('mine.txt')).toBe('b\n');
    expect(state()).toEqual(before);
    await undoRun({ dataDir, runId }, signal);
    expect(workspace.read('mine.txt')).toBe('a\n');
    expect(state()).toEqual(before);
  },
);

test.each(['copied', 'moved', 'cloned', 'a worktree'])(
  '`runs apply RUN --workspace DIR` to a project that was %s, and `runs undo RUN`',
  async (how) => {
    const { workspace, runId } = await run({ 'a.txt': 'one\n' }, { c1: { 'a.txt': 'two\n' } });
    const { root, dataDir } = workspace;
    const top = mkdtempSync(join(tmpdir(), 'teamwright-other-'));
    cleanUps.push(() => rmSync(top, { recursive: true, force: true }));
    const other = join(top, 'project');
    if (how === 'copied') cpSync(root, other, { recursive: true });
    else if (how === 'moved') renameSync(root, other);
    else {
      const someone = ['-c', 'user.name=a', '-c', 'user.email=a@b.test'];
      for (const args of [
        ['init', '-q'],
        ['add', '-A'],
        ['commit', '-qm', 'x', '--allow-empty'],
      ])
        execFileSync('git', [...someone, ...args], { cwd: root });
      if (how === 'cloned') git(root, 'clone', '-q', root, other);
      else git(root, 'worktree', 'add', '-q', other);
    }
    const cli = commandLine();
    cleanUps.push(cli.dispose);
    const env = { TEAMWRIGHT_DATA: dataDir };
    expect(await cli.run(['runs', 'apply', runId, '--workspace', other], { env })).toMatchObject({ code: 0 });
    expect(readFileSync(join(other, 'a.txt'), 'utf8')).toBe('two\n');
    if (how !== 'moved') expect(workspace.read('a.txt')).toBe('one\n');
    expect(await cli.run(['runs', 'undo', runId], { env })).toMatchObject({ code: 0 });
    expect(readFileSync(join(other, 'a.txt'), 'utf8')).toBe('one\n');
  },
);

describe('what is applied is what was shown and tested', () => {
  const ten = Array.from({ length: 10 }, (_, n) => `line ${n}\n`).join('');
  const made = () => run({ 'a.txt': ten }, { c1: { 'a.txt': ten.replace('line 3', 'line three') }, c2: { 'a.txt': 'all is gone\n' } });
  const eventsOf = ({ workspace, runId }: FinishedRun): string => join(workspace.dataDir, 'runs', runId, 'events.jsonl');
  const rewritten = (of: FinishedRun, change: (line: string) => string): void => {
    const lines = readFileSync(eventsOf(of), 'utf8').split('\n');
    const after = lines.map(change);
    expect(after).not.toEqual(lines);
    writeFileSync(eventsOf(of), after.join('\n'));
  };

  test('a record that was changed afterwards is shown, with that said, and not applied', async () => {
    const one = await made();
    const { workspace, runId } = one;
    const where = { dataDir: workspace.dataDir, runId };
    const other = (await candidateDiff({ ...where, candidate: 'c2' }, signal)).tree;
    const chosen = (await candidateDiff(where, signal)).tree;
    const [from, to] = chosen === other ? [other, (await candidateDiff({ ...where, candidate: 'c1' }, signal)).tree] : [chosen, other];
    rewritten(one, (line) => (line.includes('"type":"run.finished"') ? line.replaceAll(from, to) : line));
    await expect(applyRun(where, signal)).rejects.toMatchObject({ code: 'not-applicable', facts: { why: 'record-changed' } });
    expect(workspace.read('a.txt')).toBe(ten);
    const cli = commandLine();
    cleanUps.push(cli.dispose);
    const told = await cli.run(['runs', 'apply', runId], { env: { TEAMWRIGHT_DATA: workspace.dataDir } });
    expect(told.code).toBe(2);
    expect(told.stderr).toContain('its record was changed after it was written');
    expect((await cli.run(['runs', 'show', runId], { env: { TEAMWRIGHT_DATA: workspace.dataDir } })).stdout).toContain(
      'the record was changed after it was written',
    );
  });

  test('a candidate that is not the one that was shown is not applied', async () => {
    const { workspace, runId } = await made();
    const where = { dataDir: workspace.dataDir, runId };
    const [first, second] = await Promise.all(['c1', 'c2'].map((candidate) => candidateDiff({ ...where, candidate }, signal)));
    await expect(applyRun({ ...where, candidate: 'c2', shown: first?.tree }, signal)).rejects.toMatchObject({
      facts: { why: 'not-as-shown' },
    });
    expect(workspace.read('a.txt')).toBe(ten);
    await applyRun({ ...where, candidate: 'c2', shown: second?.tree }, signal);
    expect(workspace.read('a.txt')).toBe('all is gone\n');
  });

  test('what is left of the copies of a run that was killed while it cleared up goes with the apply', async () => {
    const { workspace, runId } = await made();
    const [dead, living] = ['dead', 'living'].map((name) => join(workspace.dataDir, 'copies', name));
    for (const [folder, owner] of [
      [dead, { ...thisOwner(), pid: 2 ** 31 - 1 }],
      [living, thisOwner()],
    ] as const) {
      mkdirSync(join(`${folder}`, 'c1'), { recursive: true });
      writeFileSync(join(`${folder}`, '.owner.1'), JSON.stringify(owner));
    }
    // Of an apply that was killed, and of one under way.
    const [store = ''] = readdirSync(join(workspace.dataDir, 'stores'));
    const tmp = join(workspace.dataDir, 'stores', store, 'tmp');
    const mark = ownerMark();
    const [left, used] = [mark.replace(String(process.pid), '2147483647'), mark].map((owner) => join(tmp, `${owner}-a1b2.index`));
    for (const file of [left, used]) writeFileSync(`${file}`, '');
    await applyRun({ dataDir: workspace.dataDir, runId }, signal);
    expect([dead, living, left, used].map((place) => existsSync(`${place}`))).toEqual([false, true, false, true]);
  });

  test('a program applies only the tree that was tested', async () => {
    const { workspace, runId } = await made();
    const where = { dataDir: workspace.dataDir, runId };
    const { candidate, tree } = await candidateDiff(where, signal);
    const tested = async (on: string): Promise<void> => {
      const trace = await createTrace({ ...where, clock: Date.now });
      const counts = { passed: 1, failed: 0, skipped: 0, green: true };
      const delta = { fixed: [], broken: [], added: [], missing: [], stillFailing: [], newlySkipped: [] };
      const report = trace.blob('{}');
      trace.emit({
        type: 'candidate.tested',
        candidate,
        report,
        counts,
        ending: 'done',
        delta,
        tampering: [],
        breaches: [],
        tree: on,
        ms: 1,
      });
      await trace.close();
    };
    await tested('0'.repeat(40));
    await expect(applyRun({ ...where, by: 'program' }, signal)).rejects.toMatchObject({ facts: { why: 'not-as-tested' } });
    expect(workspace.read('a.txt')).toBe(ten);
    await tested(tree);
    expect((await applyRun({ ...where, by: 'program' }, signal)).applied).toEqual(['a.txt']);
  });

  /** Puts other content under the name of a blob, in the store or in the user's repository. */
  function exchanged({ workspace }: FinishedRun, content: string): void {
    const bytes = Buffer.from(content);
    const name = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const below = `objects/${name.slice(0, 2)}/${name.slice(2)}`;
    const objects = globSync([join(workspace.dataDir, 'stores/*', below), join(workspace.root, '.git', below)]);
    expect(objects).not.toEqual([]);
    const evil = Buffer.concat([Buffer.from('X'), bytes]);
    for (const object of objects) {
      chmodSync(object, 0o600);
      writeFileSync(object, deflateSync(Buffer.concat([Buffer.from(`blob ${evil.length}\0`), evil])));
    }
  }

  describe('and what is taken back is what was kept', () => {
    const applied = async () => {
      const one = await made();
      const where = { dataDir: one.workspace.dataDir, runId: one.runId };
      await applyRun(where, signal);
      return { one, where, after: one.workspace.read('a.txt') };
    };

    test('content that was changed in the store is not', async () => {
      const { one, where, after } = await applied();
      exchanged(one, ten);
      await expect(undoRun(where, signal)).rejects.toMatchObject({
        code: 'apply-conflict',
        message: expect.stringContaining('what was kept of its files is damaged, or was changed since it was recorded'),
      });
      expect(one.workspace.read('a.txt')).toBe(after);
    });

    test.each(['c1', 'c2'])('nor is another state that a changed record names (%s)', async (candidate) => {
      const { one, where, after } = await applied();
      const lines = readFileSync(eventsOf(one), 'utf8').split('\n');
      const made = lines.flatMap((line) => (line.includes('"type":"candidate.made"') ? [JSON.parse(line)] : []));
      const { snapshot } = made.find((event) => event.candidate === candidate);
      rewritten(one, (line) => (line.includes('"type":"diff.applied"') ? JSON.stringify({ ...JSON.parse(line), undo: snapshot }) : line));
      await expect(undoRun(where, signal)).rejects.toMatchObject({
        message: expect.stringContaining('is not the one that was kept when its change was applied'),
      });
      expect(one.workspace.read('a.txt')).toBe(after);
    });

    test('a change elsewhere in the record does not stand in its way', async () => {
      const { one, where } = await applied();
      rewritten(one, (line) => line.replace('"type":"run.finished"', '"type":"run.finished" '));
      expect((await undoRun(where, signal)).restored).toEqual(['a.txt']);
      expect(one.workspace.read('a.txt')).toBe(ten);
    });
  });

  test('content that was changed in the store is not applied', async () => {
    const one = await made();
    const { workspace, runId } = one;
    const where = { dataDir: workspace.dataDir, runId };
    const { files } = await candidateDiff(where, signal);
    exchanged(one, files[0]?.after ?? '');
    await expect(applyRun(where, signal)).rejects.toMatchObject({ code: 'git-failed' });
    expect(workspace.read('a.txt')).toBe(ten);
  });
});
