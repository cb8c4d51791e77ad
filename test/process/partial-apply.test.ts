/** A part of a candidate laid onto a real workspace with real git, on record in a real trace. */
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { applyRun, candidateDiff, decideHunks, giveVerdict, rejectRun, undoRun } from '../../src/run/index.ts';
import { fold, openRun } from '../../src/trace/index.ts';
import type { Hunk } from '../../src/workspace/hunk-types.ts';
import { openDiff, openWorkspaceCopies } from '../../src/workspace/index.ts';
import { commandLine } from '../support/command-line.ts';
import { type FinishedRun, finishedRun as makeRun } from '../support/finished-run.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from '../support/workspaces.ts';

const signal = new AbortController().signal;
const open: TemporaryWorkspace[] = [];
afterEach(() => {
  for (const workspace of open.splice(0)) workspace.dispose();
});

const finishedRun = async (...options: Parameters<typeof makeRun>): Promise<FinishedRun> => {
  const run = await makeRun(...options);
  open.push(run.workspace);
  return run;
};

const hunksOf = async ({ workspace, runId }: FinishedRun, candidate?: string): Promise<Hunk[]> =>
  (await candidateDiff({ dataDir: workspace.dataDir, runId, candidate }, signal)).files.flatMap((file) => [...file.hunks]);

const said = async ({ workspace, runId }: FinishedRun) => (await (await openRun(workspace.dataDir, runId)).read()).events;

const lines = (...numbers: (number | string)[]): string => numbers.map((n) => `line ${n}\n`).join('');
const ten = lines(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

describe('the hunks of a candidate', () => {
  test('are stretches of lines, and one piece for whatever a file is as a whole', async () => {
    const run = await finishedRun(
      { 'a.txt': ten, 'gone.txt': 'gone\n', 'old.txt': `${ten}old\n`, 'tool.sh': 'echo\n', 'image.bin': 'text for now\n' },
      {
        c1: {
          'a.txt': lines(1, 'two', 3, 4, 5, 6, 7, 8, 9, 10, 11),
          'gone.txt': undefined,
          'new/added.txt': 'grüße\nnew\n',
          'old.txt': undefined,
          'renamed.txt': `${ten}new\n`,
          'image.bin': Buffer.from([0, 1, 2, 255]),
        },
      },
      { change: (root) => chmodSync(join(root, 'tool.sh'), 0o755) },
    );
    const hunks = await hunksOf(run);
    expect(hunks.map(({ path, kind, removed, added }) => [path, kind, removed.length, added.length])).toEqual([
      ['a.txt', 'lines', 1, 1],
      ['a.txt', 'lines', 0, 1],
      ['gone.txt', 'deleted', 1, 0],
      ['image.bin', 'binary', 0, 0],
      ['new/added.txt', 'added', 0, 2],
      ['renamed.txt', 'renamed', 11, 11],
      ['tool.sh', 'mode', 0, 0],
    ]);
    expect(hunks[0]).toMatchObject({
      base: { start: 1, end: 2 },
      candidate: { start: 1, end: 2 },
      removed: ['line 2'],
      added: ['line two'],
    });
    expect(hunks[5]).toMatchObject({ oldPath: 'old.txt' });
    expect(hunks[6]).toMatchObject({ executable: true });
    expect(new Set(hunks.map((hunk) => hunk.id)).size).toBe(7);
    expect((await hunksOf(run)).map((hunk) => hunk.id)).toEqual(hunks.map((hunk) => hunk.id));
  });

  test('of every kind are written or left out one by one', async () => {
    const base = { 'a.txt': ten, 'gone.txt': 'gone\n', 'old.txt': `${ten}old\n`, 'tool.sh': lines('x', 'y', 'z'), 'image.bin': 'text\n' };
    const run = await finishedRun(
      base,
      {
        c1: {
          'gone.txt': undefined,
          'new.txt': 'new\n',
          'old.txt': undefined,
          'renamed.txt': `${ten}new\n`,
          'tool.sh': lines('x', 'Y', 'z'),
          'image.bin': Buffer.from([0, 255]),
        },
      },
      { change: (root) => chmodSync(join(root, 'tool.sh'), 0o755) },
    );
    const { root, dataDir } = run.workspace;
    for (const hunk of await hunksOf(run)) {
      const report = await applyRun({ dataDir, runId: run.runId, hunks: [hunk.id] }, signal);
      expect(report.conflicts).toEqual([]);
      const after = run.workspace.contents();
      const expected: Record<string, object> = {
        deleted: { ...base, 'gone.txt': undefined },
        added: { ...base, 'new.txt': 'new\n' },
        renamed: { ...base, 'old.txt': undefined, 'renamed.txt': `${ten}new\n` },
        binary: { ...base, 'image.bin': '\0\ufffd' },
        mode: base,
        lines: { ...base, 'tool.sh': lines('x', 'Y', 'z') },
      };
      expect(after, hunk.kind).toEqual(JSON.parse(JSON.stringify(expected[hunk.kind])));
      expect((statSync(join(root, 'tool.sh')).mode & 0o111) !== 0, hunk.kind).toBe(hunk.kind === 'mode');
      await undoRun({ dataDir, runId: run.runId }, signal);
      expect(run.workspace.contents()).toEqual(base);
    }
  });

  test('that is unknown is refused before anything is written', async () => {
    const run = await finishedRun({ 'a.txt': ten }, { c1: { 'a.txt': lines('x') } });
    await expect(applyRun({ dataDir: run.workspace.dataDir, runId: run.runId, hunks: ['0000'] }, signal)).rejects.toThrow(
      /not part of this diff/,
    );
    expect(run.workspace.read('a.txt')).toBe(ten);
    expect((await said(run)).some((event) => event.type === 'diff.applied')).toBe(false);
  });
});

describe('any change, cut by git and put together again', () => {
  const line = fc.oneof(
    { arbitrary: fc.constantFrom('a', 'a\r', '', '}', '\ufeffb', 'grüße 🎉'), weight: 4 },
    fc.string({ unit: 'grapheme' }),
  );
  const clean = (text: string): string => text.replaceAll(/[\n\0]/g, ' ');
  /** Two versions of a file: most lines kept, some gone, some new; either may end without a line end. */
  const versions = fc
    .tuple(
      fc.array(fc.record({ line, other: line, what: fc.nat(6) }), { maxLength: 14 }),
      fc.constantFrom('\n', ''),
      fc.constantFrom('\n', ''),
    )
    .map(([parts, baseEnd, candidateEnd]): [Buffer, Buffer] => {
      const base = parts.filter(({ what }) => what !== 0).map((part) => clean(part.line));
      const candidate = parts.filter(({ what }) => what !== 1).map(({ what, line: same, other }) => clean(what === 2 ? other : same));
      const whole = (all: string[], end: string): Buffer => Buffer.from(all.length === 0 ? '' : all.join('\n') + end);
      return [whole(base, baseEnd), whole(candidate, candidateEnd)];
    });
  const latin = fc.array(fc.constantFrom(0x0a, 0xe9, 0x41, 0x0d), { maxLength: 20 }).map((bytes) => Buffer.from(bytes));

  test('is the candidate with all hunks, the base with none, and for any choice the rest leads on to the candidate', async () => {
    const texts = fc.sample(versions, { numRuns: 60, seed: 4 });
    const pairs = [...texts, ...fc.sample(fc.tuple(latin, latin), { numRuns: 10, seed: 4 })];
    const masks = fc.sample(fc.nat(), { numRuns: pairs.length, seed: 5 });
    const workspace = temporaryWorkspace({ 'readme.md': 'Cases.\n' });
    open.push(workspace);
    const { root, dataDir } = workspace;
    const put = (side: 0 | 1): void => {
      for (const [n, pair] of pairs.entries()) writeFileSync(join(root, `${n}.txt`), pair[side]);
    };
    const copies = await openWorkspaceCopies({ workspace: root, runId: 'r1', dataDir });
    put(0);
    const { snapshot: base } = await copies.snapshot(signal);
    put(1);
    const { snapshot: candidate } = await copies.snapshot(signal);
    put(0);
    const diff = await openDiff({ workspace: root, runId: 'r1', dataDir }, base, candidate, signal);
    const ids = diff.files.flatMap((file) => file.hunks.map((hunk) => hunk.id));
    expect(ids.length).toBeGreaterThan(80);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await diff.partial(ids, signal)).tree).toBe(candidate.tree);
    expect((await diff.partial([], signal)).tree).toBe(base.tree);

    const accepted = diff.files.flatMap((file) => {
      const mask = masks[Number.parseInt(file.path, 10)] ?? 0;
      return file.hunks.filter((_, n) => (mask >> (n % 30)) & 1).map((hunk) => hunk.id);
    });
    const first = await diff.apply({ accepted }, signal);
    expect(first.conflicts).toEqual([]);
    const { snapshot: between } = await copies.snapshot(signal);
    expect(between.tree).toBe((await diff.partial(accepted, signal)).tree);
    expect(between.tree).not.toBe(base.tree);

    const rest = ids.filter((id) => !accepted.includes(id));
    const second = await diff.apply({ accepted: rest }, signal);
    expect(second.conflicts).toEqual([]);
    expect((await copies.snapshot(signal)).snapshot.tree).toBe(candidate.tree);
    await copies.dispose();
  });
});

test('a workspace in a sub-folder of its repository, and one without git, are decided hunk by hunk as well', async () => {
  const changed = lines('one', 2, 3, 4, 5, 6, 7, 8, 9, 'ten');
  for (const git of [true, false]) {
    const workspace = temporaryWorkspace({ 'sub/a.txt': ten, 'outside.txt': 'outside\n' }, { git });
    open.push(workspace);
    const root = join(workspace.root, 'sub');
    const copies = await openWorkspaceCopies({ workspace: root, runId: 'r1', dataDir: workspace.dataDir });
    const { snapshot: base } = await copies.snapshot(signal);
    const copy = await copies.create('c1', base, signal);
    await copy.edit([{ kind: 'whole-file', path: 'a.txt', text: changed }], { allow: ['**'] });
    const candidate = await copy.freeze('c1');
    const diff = await openDiff({ workspace: root, runId: 'r1', dataDir: workspace.dataDir }, base, candidate, signal);
    expect(diff.files.map((file) => [file.path, file.hunks.length, file.after])).toEqual([['a.txt', 2, changed]]);
    const report = await diff.apply({ accepted: [diff.files[0]?.hunks[1]?.id ?? ''] }, signal);
    expect(report).toMatchObject({ applied: ['a.txt'], conflicts: [] });
    expect(workspace.contents()).toEqual({ 'outside.txt': 'outside\n', 'sub/a.txt': lines(1, 2, 3, 4, 5, 6, 7, 8, 9, 'ten') });
    await copies.dispose();
  }
});

test('line ends that git turns round on the way are as the workspace wants them', async () => {
  const windows = (text: string): string => text.replaceAll('\n', '\r\n');
  const run = await finishedRun(
    { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': windows(ten) },
    { c1: { 'a.txt': windows(lines('one', 2, 3, 4, 5, 6, 7, 8, 9, 'ten')) } },
  );
  const [first] = await hunksOf(run);
  expect(first).toMatchObject({ removed: ['line 1'], added: ['line one'] });
  await applyRun({ dataDir: run.workspace.dataDir, runId: run.runId, hunks: [first?.id ?? ''] }, signal);
  expect(run.workspace.read('a.txt')).toBe(windows(lines('one', 2, 3, 4, 5, 6, 7, 8, 9, 10)));
});

describe('accepted hunks on a workspace that has moved on', () => {
  test('are merged with what the user did meanwhile; rejected ones are not there', async () => {
    const run = await finishedRun({ 'a.txt': ten }, { c1: { 'a.txt': lines(1, 'two', 3, 4, 5, 6, 7, 8, 'nine', 10) } });
    run.workspace.write('a.txt', lines(1, 2, 3, 4, 'mine', 6, 7, 8, 9, 10));
    const [first] = await hunksOf(run);
    const report = await applyRun(
      { dataDir: run.workspace.dataDir, runId: run.runId, hunks: [first?.id ?? ''], reason: 'nine is right' },
      signal,
    );
    expect(report).toMatchObject({ applied: ['a.txt'], conflicts: [] });
    expect(run.workspace.read('a.txt')).toBe(lines(1, 'two', 3, 4, 'mine', 6, 7, 8, 9, 10));
  });

  test('write nothing when one of them conflicts, and the conflict is in the report and the trace', async () => {
    const run = await finishedRun(
      { 'a.txt': ten, 'b.txt': 'b\n' },
      { c1: { 'a.txt': lines(1, 'two', 3, 4, 5, 6, 7, 8, 9, 10), 'b.txt': 'B\n' } },
    );
    run.workspace.write('a.txt', lines(1, 'mine', 3, 4, 5, 6, 7, 8, 9, 10));
    const report = await applyRun({ dataDir: run.workspace.dataDir, runId: run.runId }, signal);
    expect(report.applied).toEqual([]);
    expect(report.conflicts).toEqual([{ path: 'a.txt', detail: expect.stringMatching(/same lines \(line 2 of/) }]);
    expect(run.workspace.read('b.txt')).toBe('b\n');
    const state = fold(await said(run));
    expect(state.applied).toMatchObject([{ applied: [], conflicts: ['a.txt'] }]);
    expect(state.verdict).toBeUndefined();
  });

  test('are written with conflict markers only when asked for, and one undo brings everything back', async () => {
    const run = await finishedRun(
      { 'a.txt': ten, 'b.txt': 'b\n' },
      { c1: { 'a.txt': lines(1, 'two', 3), 'b.txt': 'B\n', 'n.txt': 'theirs' } },
    );
    const mine = { 'a.txt': lines(1, 'mine', 3, 4, 5, 6, 7, 8, 9, 10), 'b.txt': 'b\n', 'n.txt': 'mine' };
    for (const [path, text] of Object.entries(mine)) run.workspace.write(path, text);
    const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
    const report = await applyRun({ ...reference, onConflict: 'markers' }, signal);
    expect(report.applied).toEqual(['a.txt', 'b.txt', 'n.txt']);
    expect(report.conflicts.map((conflict) => conflict.path)).toEqual(['a.txt', 'n.txt']);
    expect(run.workspace.read('a.txt')).toBe(
      `line 1\n<<<<<<< Workspace\n${lines('mine')}=======\n${lines('two')}>>>>>>> Candidate\nline 3\n`,
    );
    expect(run.workspace.read('n.txt')).toBe('<<<<<<< Workspace\nmine\n=======\ntheirs\n>>>>>>> Candidate\n');
    expect(run.workspace.read('b.txt')).toBe('B\n');
    await undoRun(reference, signal);
    expect(run.workspace.contents()).toEqual(mine);
  });
});

describe('the record of a review', () => {
  test('is made while the files can still be taken back: without it nothing is written', async () => {
    const run = await finishedRun(
      { 'a.txt': ten, 'gone.txt': 'gone\n' },
      { c1: { 'a.txt': lines(1, 'two', 3, 4, 5, 6, 7, 8, 9, 10), 'gone.txt': undefined, 'new/added.txt': 'new\n' } },
    );
    const { workspace, runId } = run;
    const before = workspace.contents();
    const diff = await candidateDiff({ dataDir: workspace.dataDir, runId }, signal);
    let seen: Record<string, string> = {};
    const record = async (): Promise<void> => {
      seen = workspace.contents();
      throw new Error('The record could not be written.');
    };
    await expect(diff.open.apply({ record }, signal)).rejects.toThrow('could not be written');
    // The old contents are still beside them, under temporary names.
    expect(seen).toMatchObject({ 'a.txt': lines(1, 'two', 3, 4, 5, 6, 7, 8, 9, 10), 'new/added.txt': 'new\n' });
    expect(seen['gone.txt']).toBeUndefined();
    expect(workspace.contents()).toEqual(before);
    expect((await diff.open.apply({}, signal)).applied).toHaveLength(3);
    expect(Object.keys(workspace.contents()).sort()).toEqual(['a.txt', 'new/added.txt']);
  });

  const changed = {
    c1: { 'a.txt': lines(1, 2, 3, 4, 5, 6, 7, 8, 9, 'first') },
    c2: { 'a.txt': lines('one', 2, 3, 4, 'five', 6, 7, 8, 9, 'ten') },
  };

  test('holds a word on each hunk, what was written of which candidate, and the verdict', async () => {
    const run = await finishedRun({ 'a.txt': ten }, changed);
    const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
    const [one, five, last] = await hunksOf(run);
    await decideHunks(reference, [
      { candidate: 'c2', path: 'a.txt', hunk: five?.id ?? '', decision: 'rejected', reason: 'five is not the point' },
      { candidate: 'c2', path: 'a.txt', hunk: last?.id ?? '', decision: 'accepted' },
    ]);
    await applyRun({ ...reference, hunks: [one?.id ?? '', last?.id ?? ''] }, signal);
    expect(run.workspace.read('a.txt')).toBe(lines('one', 2, 3, 4, 5, 6, 7, 8, 9, 'ten'));
    const state = fold(await said(run));
    expect(state.hunks).toEqual([
      { candidate: 'c2', path: 'a.txt', hunk: five?.id, decision: 'rejected', reason: 'five is not the point' },
      { candidate: 'c2', path: 'a.txt', hunk: last?.id, decision: 'accepted', reason: '' },
      { candidate: 'c2', path: 'a.txt', hunk: one?.id, decision: 'accepted', reason: '' },
    ]);
    expect((await said(run)).filter((event) => event.type === 'hunk.decided')).toHaveLength(3);
    expect(state.applied).toMatchObject([{ candidate: 'c2', applied: ['a.txt'], hunks: { accepted: 2, rejected: 1 } }]);
    expect(state.verdict).toEqual({ candidate: 'c2', decision: 'partly-accepted', reason: '' });
  });

  test('tells of another candidate that was applied, and of what was taken back', async () => {
    const run = await finishedRun({ 'a.txt': ten }, changed);
    const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
    await applyRun({ ...reference, candidate: 'c1' }, signal);
    expect(run.workspace.read('a.txt')).toBe(lines(1, 2, 3, 4, 5, 6, 7, 8, 9, 'first'));
    expect(fold(await said(run)).standing.apply).toMatchObject({ candidate: 'c1', files: ['a.txt'] });
    expect(await undoRun(reference, signal)).toEqual({ restored: ['a.txt'], conflicts: [] });
    const events = await said(run);
    expect(fold(events).undone).toEqual([{ restored: ['a.txt'], conflicts: [] }]);
    expect(fold(events).verdict).toMatchObject({ candidate: 'c1', decision: 'accepted' });
    expect(fold(events).standing).toEqual({ kind: 'undone' });
    expect(run.workspace.read('a.txt')).toBe(ten);
  });

  test('takes two applies back one after the other', async () => {
    const run = await finishedRun({ 'a.txt': ten }, changed);
    const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
    const [one, five, last] = await hunksOf(run);
    await applyRun({ ...reference, hunks: [one?.id ?? ''], others: 'open' }, signal);
    await applyRun({ ...reference, hunks: [one?.id ?? '', five?.id ?? '', last?.id ?? ''] }, signal);
    expect(run.workspace.read('a.txt')).toBe(changed.c2['a.txt']);
    expect(fold(await said(run)).verdict?.decision).toBe('accepted');
    await undoRun(reference, signal);
    expect(run.workspace.read('a.txt')).toBe(lines('one', 2, 3, 4, 5, 6, 7, 8, 9, 10));
    await undoRun(reference, signal);
    expect(run.workspace.read('a.txt')).toBe(ten);
  });

  test('says that nothing was wanted, and why', async () => {
    const run = await finishedRun({ 'a.txt': ten }, changed);
    const reference = { dataDir: run.workspace.dataDir, runId: run.runId };
    await rejectRun({ ...reference, reason: 'wrong file' }, signal);
    const state = fold(await said(run));
    expect(state.hunks.map((word) => [word.decision, word.reason])).toEqual(Array(3).fill(['rejected', 'wrong file']));
    expect(state.verdict).toEqual({ candidate: 'c2', decision: 'rejected', reason: 'wrong file' });
    await giveVerdict(reference, { decision: 'sent-back', reason: 'try the other file' });
    expect(fold(await said(run)).verdict).toEqual({ decision: 'sent-back', reason: 'try the other file' });
    expect(run.workspace.read('a.txt')).toBe(ten);
  });

  test('keeps no verdict of a program, and makes no run of a mistyped id', async () => {
    const run = await finishedRun({ 'a.txt': ten }, changed);
    const { dataDir } = run.workspace;
    await applyRun({ dataDir, runId: run.runId, by: 'program' }, signal);
    expect(fold(await said(run)).verdict).toBeUndefined();
    await expect(giveVerdict({ dataDir, runId: 'nowhere' }, { decision: 'rejected' })).rejects.toMatchObject({ code: 'run-unknown' });
    await expect(candidateDiff({ dataDir, runId: run.runId, candidate: 'c9' }, signal)).rejects.toThrow(/no candidate c9/);
  });
});

describe('the command line', () => {
  test('counts the hunks of a run and applies those that are named', async () => {
    const run = await finishedRun(
      { 'a.txt': ten },
      { c1: { 'a.txt': lines('other') }, c2: { 'a.txt': lines('one', 2, 3, 4, 'five', 6, 7, 8, 9, 10), 'new.txt': 'new\n' } },
    );
    const teamwright = commandLine();
    const env = { TEAMWRIGHT_DATA: run.workspace.dataDir };
    const said = async (...args: string[]) => {
      const { code, stdout, stderr } = await teamwright.run(['runs', ...args], { env });
      return { code, said: stdout + stderr };
    };
    try {
      expect(await said('diff', 'last', '--hunks')).toEqual({
        code: 0,
        said: 'a.txt\n[1] line 1 → 1\n-line 1\n+line one\n[2] line 5 → 5\n-line 5\n+line five\nnew.txt\n[3] new file\n+new\n',
      });
      expect((await said('diff', 'last', '--candidate', 'c1')).said).toContain('+line other');
      expect(await said('apply', 'last', '--hunks', '4')).toMatchObject({ code: 2, said: expect.stringContaining('there are 1 to 3') });
      expect(await said('apply', 'last', '--reason', 'why')).toMatchObject({ code: 2, said: expect.stringContaining('all are taken') });
      expect(await said('apply', 'last', '--reject', '2', '--reason', 'five stays')).toMatchObject({
        code: 0,
        said: expect.stringContaining('! applied in part, not tested like this'),
      });
      expect(run.workspace.contents()).toEqual({ 'a.txt': lines('one', 2, 3, 4, 5, 6, 7, 8, 9, 10), 'new.txt': 'new\n' });
      const { hunks, verdict } = fold((await (await openRun(run.workspace.dataDir, run.runId)).read()).events);
      expect(hunks.map((word) => [word.decision, word.reason])).toEqual([
        ['accepted', ''],
        ['accepted', ''],
        ['rejected', 'five stays'],
      ]);
      expect(verdict?.decision).toBe('partly-accepted');
      expect(await said('undo', 'last')).toMatchObject({ code: 0 });
      run.workspace.write('a.txt', lines('mine'));
      expect(await said('apply', 'last', '--hunks', '1,3')).toMatchObject({
        code: 5,
        said: expect.stringContaining('Nothing was written'),
      });
      expect(await said('apply', 'last', '--markers')).toMatchObject({ code: 5, said: expect.stringContaining('both versions') });
      expect(run.workspace.read('a.txt')).toContain('<<<<<<< Workspace\nline mine\n');
    } finally {
      teamwright.dispose();
    }
  });
});

test('a file that is saved while the change is being applied is not written over; applied again, both stand', async () => {
  const run = await finishedRun(
    { 'a.txt': 'one\ntwo\nthree\nfour\nfive\n', 'b.txt': 'b\n' },
    { c1: { 'a.txt': 'ONE\ntwo\nthree\nfour\nfive\n', 'b.txt': 'B\n' } },
  );
  const { workspace, runId } = run;
  const { root, dataDir } = workspace;
  // A git that saves the file when the new content is made ready: after the workspace was looked at, before it is written.
  const programs = join(dataDir, '..', 'programs');
  const usual = process.env.PATH ?? '';
  const save = `case " $* " in *" checkout-index "*) printf 'one\\ntwo\\nthree\\nfour\\nFIVE\\n' > '${join(root, 'a.txt')}';; esac`;
  mkdirSync(programs);
  writeFileSync(join(programs, 'git'), `#!/bin/sh\n${save}\nPATH='${usual}' exec git "$@"\n`, { mode: 0o755 });
  process.env.PATH = `${programs}:${usual}`;
  await expect(applyRun({ dataDir, runId }, signal)).rejects.toMatchObject({
    code: 'apply-conflict',
    message: expect.stringContaining('a.txt'),
  });
  expect([workspace.read('a.txt'), workspace.read('b.txt')]).toEqual(['one\ntwo\nthree\nfour\nFIVE\n', 'b\n']);

  process.env.PATH = usual;
  const { undo } = await applyRun({ dataDir, runId }, signal);
  expect(undo.commit).not.toBe('');
  expect([workspace.read('a.txt'), workspace.read('b.txt')]).toEqual(['ONE\ntwo\nthree\nfour\nFIVE\n', 'B\n']);
});
