/** What is left of an apply that was cut short, and what the next opening of the workspace makes of it: journals of many kinds, real git. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { applyRun } from '../../src/run/index.ts';
import { fold, openRun } from '../../src/trace/index.ts';
import { forgetRun, openDiff, openWorkspaceCopies, sweepCopies } from '../../src/workspace/index.ts';
import { type FinishedRun, finishedRun } from '../support/finished-run.ts';

const signal = new AbortController().signal;
const day = 86_400;
const made: FinishedRun[] = [];
afterEach(() => {
  for (const { workspace } of made.splice(0)) workspace.dispose();
});

async function run(...options: Parameters<typeof finishedRun>): Promise<FinishedRun> {
  const one = await finishedRun(...options);
  made.push(one);
  return one;
}

function storeOf({ workspace }: FinishedRun): string {
  const stores = join(workspace.dataDir, 'stores');
  return join(stores, readdirSync(stores).find((name) => name.endsWith('.git')) ?? '');
}

const journalOf = (of: FinishedRun): string => join(storeOf(of), 'apply-journal.json');
const lockOf = (of: FinishedRun): string => join(storeOf(of), 'apply.1');

/** Leaves a journal as a process left it that is gone, or one of another host. */
function leaveJournal(of: FinishedRun, journal: object, owner: object = {}): void {
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(lockOf(of), JSON.stringify({ pid, started: '1', host: hostname(), ...owner }));
  writeFileSync(journalOf(of), JSON.stringify({ version: 1, temporaries: [], ...journal }));
}

const openAgain = async ({ workspace: { root, dataDir } }: FinishedRun): Promise<void> =>
  (await openWorkspaceCopies({ workspace: root, runId: 'later', dataDir })).dispose();

test('under an earlier name of this machine: an hour later nobody waits for it', async () => {
  const of = await run({ 'a.txt': 'a\n' }, { c1: { 'a.txt': 'b\n' } });
  leaveJournal(of, {}, { host: 'laptop.some-network' });
  const soon = applyRun({ dataDir: of.workspace.dataDir, runId: of.runId }, signal);
  await expect(soon).rejects.toThrow('another process is applying');
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(lockOf(of), hourAgo, hourAgo);
  await applyRun({ dataDir: of.workspace.dataDir, runId: of.runId }, signal);
  expect(of.workspace.read('a.txt')).toBe('b\n');
});

test('under the number of this process on another machine: it goes on there and is left alone', async () => {
  const of = await run({ 'a.txt': 'a\n' }, { c1: { 'a.txt': 'b\n' } });
  const { undo } = await applyRun({ dataDir: of.workspace.dataDir, runId: of.runId }, signal);
  leaveJournal(of, { undo }, { pid: process.pid, host: 'another-container' });
  await openAgain(of);
  expect(of.workspace.read('a.txt')).toBe('b\n');
});

test('of a run that was deleted meanwhile: it is still taken back', async () => {
  const of = await run({ 'a.txt': 'a\n' }, { c1: { 'a.txt': 'b\n' } });
  const { undo } = await applyRun({ dataDir: of.workspace.dataDir, runId: of.runId }, signal);
  leaveJournal(of, { undo });
  const twoDaysAgo = Date.now() / 1000 - 2 * day;
  for (const entry of readdirSync(join(storeOf(of), 'objects'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), twoDaysAgo, twoDaysAgo);
  await forgetRun(of.workspace.dataDir, of.runId);
  await openAgain(of);
  expect(of.workspace.read('a.txt')).toBe('a\n');
  await openAgain(of);
});

test('with a temporary file whose folder is a file by now', async () => {
  const of = await run({ 'a.txt': 'a\n', lib: 'a file\n' }, { c1: { 'a.txt': 'b\n' } });
  leaveJournal(of, { temporaries: ['lib/.teamwright-00.tmp'] });
  await openAgain(of);
  expect(existsSync(journalOf(of))).toBe(false);
});

test('a file that cannot be brought back leaves the journal, which brings back the rest at the next opening', async () => {
  const of = await run({ 'a.txt': 'a\n' }, { c1: { 'a.txt': 'b\n', 'z-new.txt': 'new\n' } });
  const { root, dataDir } = of.workspace;
  const diff = await openDiff({ workspace: root, runId: of.runId, dataDir }, of.base, of.snapshots.c1 ?? of.base, signal);
  const record = async (): Promise<void> => {
    rmSync(join(root, 'z-new.txt'));
    throw new Error('The record could not be written.');
  };
  await expect(diff.apply({ record }, signal)).rejects.toThrow();
  await openAgain(of);
  expect(of.workspace.contents()).toEqual({ 'a.txt': 'a\n' });
});

test('killed when it is on record already: the accepted change stands', async () => {
  const many = Object.fromEntries(Array.from({ length: 800 }, (_, n) => [`f/${n}.txt`, `${n}\n`]));
  const of = await run(many, { c1: Object.fromEntries(Object.keys(many).map((path) => [path, 'changed\n'])) });
  const { root, dataDir } = of.workspace;
  const child = join(dataDir, 'child.ts');
  const program = join(import.meta.dirname, '../../src/run/index.ts');
  writeFileSync(
    child,
    `import { applyRun } from ${JSON.stringify(program)};\nawait applyRun(${JSON.stringify({ dataDir, runId: of.runId })}, new AbortController().signal);\n`,
  );
  const applying = spawn(process.execPath, [child], { stdio: 'inherit' });
  const closed = new Promise((resolve) => applying.once('close', resolve));
  const trace = join(dataDir, 'runs', of.runId, 'events.jsonl');
  const size = statSync(trace).size;
  // On record, and its temporary files are being removed.
  const tidying = () =>
    statSync(trace).size > size &&
    readFileSync(trace, 'utf8').includes('diff.applied') &&
    readdirSync(join(root, 'f')).filter((name) => name.endsWith('.tmp')).length < 700;
  while (applying.exitCode === null) {
    if (tidying()) applying.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (applying.killed) break;
  }
  await closed;
  await openAgain(of);
  const { events } = await (await openRun(dataDir, of.runId)).read();
  expect(fold(events).standing.apply?.files).toHaveLength(800);
  expect(Object.values(of.workspace.contents()).filter((text) => text === 'changed\n')).toHaveLength(800);
  expect(readdirSync(join(root, 'f')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a deletion and a sweep while the disk of the workspace is away keep what fresh runs left', async () => {
  const of = await run({ 'a.txt': 'a\n' }, { c1: { 'a.txt': 'b\n' } });
  const { dataDir, root } = of.workspace;
  const store = storeOf(of);
  const someone = { GIT_AUTHOR_NAME: 'x', GIT_AUTHOR_EMAIL: 'x', GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'x' };
  const twoMonthsAgo = `${Math.floor(Date.now() / 1000) - 60 * day} +0000`;
  const env = { ...process.env, ...someone, GIT_DIR: store, GIT_COMMITTER_DATE: twoMonthsAgo };
  const old = execFileSync('git', ['commit-tree', of.base.tree, '-m', 'old'], { encoding: 'utf8', env }).trim();
  for (const runId of ['old', 'deleted']) execFileSync('git', ['update-ref', `refs/teamwright/runs/${runId}/${old}`, old], { env });
  renameSync(root, `${root}-away`);
  await forgetRun(dataDir, 'deleted');
  await sweepCopies(dataDir, Date.now());
  renameSync(`${root}-away`, root);
  expect(existsSync(store)).toBe(true);
  expect((await applyRun({ dataDir, runId: of.runId }, signal)).applied).toEqual(['a.txt']);
});
