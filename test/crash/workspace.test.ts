import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDiff, openWorkspaceCopies, sweepCopies, undoApply } from '../../src/workspace/index.ts';
import type { ApplyReport, Snapshot } from '../../src/workspace/types.ts';
import { applyAll, type Bench, gitIn, makeRepository, plainEnvironment } from '../support/repositories.ts';

const signal = new AbortController().signal;
let bench: Bench | undefined;
afterEach(() => bench?.remove());

/** Starts a phase and kills its process (and its git children) some time after it began. Gives what it said. */
async function killedIn(on: Bench, phase: string, afterMs: number): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'workspace-run.ts'), on.workspace, on.dataDir, phase], {
    detached: true,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('ready')) resolve();
    });
  });
  await Promise.race([ready, ended]);
  // An apply writes files for a short time only: wait for its journal.
  while (phase === 'apply' && child.exitCode === null && !journalOf(on)) await new Promise((resolve) => setTimeout(resolve, 2));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await ended;
  return said;
}

function journalOf(on: Bench): boolean {
  const stores = join(on.dataDir, 'stores');
  return existsSync(stores) && readdirSync(stores).some((name) => existsSync(join(stores, name, 'apply-journal.json')));
}

/** The user's files and git folder, as far as a run must leave them alone. */
function state(on: Bench): string {
  const files = readdirSync(on.workspace, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return files.map((file) => `${file}\n${readFileSync(file).toString('base64')}`).join('\n');
}

describe('a process killed without warning', () => {
  for (const phase of ['snapshot', 'create', 'freeze']) {
    it(`in the middle of ${phase} leaves the workspace and git's index as they were, and a later run works`, async () => {
      bench = makeRepository({ 'a.txt': 'a\n', ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f/${n}.txt`, `${n}\n`])) });
      bench.write({ 'a.txt': 'dirty\n', 'untracked.txt': 'u\n' });
      bench.git('add', 'untracked.txt');
      const before = state(bench);
      for (const afterMs of [5, 120]) expect(await killedIn(bench, phase, afterMs)).toContain('ready');
      expect(state(bench)).toBe(before);
      // A kill may come just when the folder has no owner yet, which is left alone for ten minutes, or when the owner's record is still empty, which
      // counts as one for ten seconds.
      const { dataDir } = bench;
      const sweep = async () => expect((await sweepCopies(dataDir, Date.now() + 11 * 60_000)).copies).toEqual([]);
      await vi.waitFor(sweep, { timeout: 15_000, interval: 500 });
      const copiesFolder = join(bench.dataDir, 'copies');
      const left = existsSync(copiesFolder) ? readdirSync(copiesFolder) : [];
      expect(left.filter((name) => name !== '.trash')).toEqual([]);
      const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
      const { snapshot } = await copies.snapshot(signal);
      const copy = await copies.create('c0', snapshot, signal);
      expect(readFileSync(join(copy.root, 'a.txt'), 'utf8')).toBe('dirty\n');
      expect((await copy.freeze('x')).tree).toBe(snapshot.tree);
      await copies.dispose();
      expect(state(bench)).toBe(before);
    });
  }

  it('in the middle of apply: the next apply finds all or nothing, and no temporary file stays', async () => {
    bench = makeRepository(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`many/${n}.txt`, `before ${n}\n`])));
    const original = state(bench).replace(/.*\.git\/.*\n.*\n?/g, '');
    for (const afterMs of [0, 60]) {
      const said = await killedIn(bench, 'apply', afterMs);
      // Opening the workspace again takes back what was half done.
      const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'later', dataDir: bench.dataDir });
      await copies.dispose();
      const texts = Array.from({ length: 300 }, (_, n) => readFileSync(join(bench?.workspace ?? '', `many/${n}.txt`), 'utf8'));
      const changed = texts.filter((text) => text.startsWith('changed')).length;
      expect([0, 300]).toContain(changed);
      expect(readdirSync(join(bench.workspace, 'many')).filter((name) => name.startsWith('.teamwright'))).toEqual([]);
      if (said.includes('applied')) break;
      expect(changed).toBe(0);
      expect(state(bench).replace(/.*\.git\/.*\n.*\n?/g, '')).toBe(original);
    }
    expect(existsSync(join(bench.workspace, 'many/0.txt'))).toBe(true);
  });

  it('in the middle of making a copy’s repository: the next run of this id makes its copies all the same, and the sweep leaves nothing', async () => {
    bench = makeRepository({ 'a.txt': 'a\n' });
    const run = join(bench.dataDir, 'copies', 'run');
    for (const file of ['.common-abc/pack/tmp_pack_x', '.common-abc/pack/pack-0.pack', 'c0/.git/index.lock', 'c0/.git/HEAD', 'c0/a.txt'])
      bench.write({ [file]: 'half' }, run);
    const copies = await openCopies(bench);
    const { snapshot } = await copies.snapshot(signal);
    const copy = await copies.create('c0', snapshot, signal);
    expect(readFileSync(join(copy.root, 'a.txt'), 'utf8')).toBe('a\n');
    expect(gitIn(copy.root, 'status', '--porcelain')).toBe('');
    await copies.dispose();
    await sweepCopies(bench.dataDir, Date.now());
    expect(readdirSync(join(bench.dataDir, 'copies'), { recursive: true })).toEqual(['.trash']);
  });

  it.each([
    { exchanged: 0, by: 'a process that is gone' },
    { exchanged: 1, by: 'a process that is gone' },
    { exchanged: 2, by: 'a process that is gone' },
    ...(process.platform === 'linux' ? [{ exchanged: 1, by: 'a process whose number another one has now' }] : []),
  ])('after $exchanged of 2 files were exchanged by $by: opening the workspace takes back what was written', async ({ exchanged, by }) => {
    bench = makeRepository({ 'a.txt': 'before a\n', 'b.txt': 'before b\n' });
    const { undo } = await appliedTo(bench);
    // As the process left it that was killed at this moment: its journal, some files new and the rest still old.
    bench.write(Object.fromEntries(['a', 'b'].slice(exchanged).map((name) => [`${name}.txt`, `before ${name}\n`])));
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await new Promise((resolve) => gone.once('close', resolve));
    const killed = by.endsWith('gone') ? { pid: gone.pid, host: hostname() } : { pid: process.ppid, started: '1', host: hostname() };
    const [store = ''] = readdirSync(join(bench.dataDir, 'stores'));
    const inStore = join(bench.dataDir, 'stores', store);
    writeFileSync(join(inStore, 'apply.1'), JSON.stringify(killed));
    writeFileSync(join(inStore, 'apply-journal.json'), JSON.stringify({ version: 1, undo, temporaries: [] }));
    await (await openCopies(bench)).dispose();
    expect(['a', 'b'].map((name) => readFileSync(join(bench?.workspace ?? '', `${name}.txt`), 'utf8'))).toEqual([
      'before a\n',
      'before b\n',
    ]);
    expect(journalOf(bench)).toBe(false);
  });
});

it('an apply that goes on is left alone by whoever opens the workspace meanwhile, and nobody else writes', async () => {
  bench = makeRepository({ 'a.txt': 'before a\n', 'b.txt': 'before b\n' });
  const { undo } = await appliedTo(bench);
  const where = { workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir };
  await undoApply(where, undo, signal);
  const copies = await openCopies(bench);
  const { snapshot } = await copies.snapshot(signal);
  await copies.dispose();
  const diff = await openDiff(where, snapshot, await candidateOf(bench), signal);
  const other = async (): Promise<void> => {
    await (await openCopies(where)).dispose();
    await expect(diff.apply({}, signal)).resolves.toMatchObject({ applied: [] });
    await expect(undoApply(where, undo, signal)).rejects.toThrow('another change is being applied');
  };
  expect((await diff.apply({ record: other }, signal)).applied).toEqual(['a.txt', 'b.txt']);
  expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('changed a\n');
});

const openCopies = (on: Pick<Bench, 'workspace' | 'dataDir'>) =>
  openWorkspaceCopies({ workspace: on.workspace, runId: 'run', dataDir: on.dataDir });

/** Makes a candidate that changes both files. */
async function candidateOf(on: Bench): Promise<Snapshot> {
  const copies = await openCopies(on);
  const { snapshot } = await copies.snapshot(signal);
  const copy = await copies.create('c', snapshot, signal);
  const edits = ['a', 'b'].map((name) => ({ kind: 'whole-file', path: `${name}.txt`, text: `changed ${name}\n` }) as const);
  await copy.edit(edits, { allow: ['**'] });
  const candidate = await copy.freeze('candidate');
  await copies.dispose();
  return candidate;
}

async function appliedTo(on: Bench): Promise<ApplyReport> {
  const candidate = await candidateOf(on);
  const copies = await openCopies(on);
  const { snapshot } = await copies.snapshot(signal);
  const report = await applyAll(on, snapshot, candidate);
  await copies.dispose();
  return report;
}
