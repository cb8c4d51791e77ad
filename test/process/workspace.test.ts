import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorkspaceCopies, undoApply } from '../../src/workspace/index.ts';
import type { WorkspaceCopies } from '../../src/workspace/types.ts';
import { applyAll, type Bench, makeRepository } from '../support/repositories.ts';

const signal = new AbortController().signal;
const everything = { allow: ['**'] };
const open: { bench: Bench; copies: WorkspaceCopies[] }[] = [];

async function opened(bench: Bench, runId = 'run-1'): Promise<WorkspaceCopies> {
  const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId, dataDir: bench.dataDir });
  open.push({ bench, copies: [copies] });
  return copies;
}

afterEach(async () => {
  for (const { bench, copies } of open.splice(0)) {
    for (const one of copies) await one.dispose();
    bench.remove();
  }
});

/** Everything of the user's git folder that a run must leave alone. */
function gitState(bench: Bench): string {
  const index = readFileSync(join(bench.workspace, '.git/index')).toString('base64');
  return [
    bench.git('status', '--porcelain=v2', '--branch'),
    bench.git('for-each-ref'),
    bench.git('stash', 'list'),
    bench.git('worktree', 'list'),
    bench.git('count-objects'),
    index,
  ].join('\n');
}

describe('a copy of a repository', () => {
  it('carries what is committed, changed, staged and untracked, and leaves the user‘s git folder as it was', async () => {
    const bench = makeRepository({ 'a.txt': 'one\n', 'b.txt': 'two\n', 'gone.txt': 'x\n', 'staged.txt': 's\n' });
    bench.write({ 'a.txt': 'one, changed\n', 'new/ünï code.txt': 'new\n', 'staged.txt': 'staged\n' });
    bench.git('add', 'staged.txt');
    bench.git('rm', '-q', '--cached', 'gone.txt');
    const before = gitState(bench);
    const copies = await opened(bench);
    const { snapshot, leftOut } = await copies.snapshot(signal);
    const copy = await copies.create('c1', snapshot, signal);
    expect(leftOut).toEqual([]);
    expect(readFileSync(join(copy.root, 'a.txt'), 'utf8')).toBe('one, changed\n');
    expect(readFileSync(join(copy.root, 'staged.txt'), 'utf8')).toBe('staged\n');
    expect(readFileSync(join(copy.root, 'new/ünï code.txt'), 'utf8')).toBe('new\n');
    expect(gitState(bench)).toBe(before);
  });

  it('turns edits into a candidate, and the candidate into a diff', async () => {
    const bench = makeRepository({ 'src/add.js': 'export const add = (a, b) => a - b;\n', 'old name.txt': 'a\nb\nc\nd\ne\n' });
    const copies = await opened(bench);
    const { snapshot } = await copies.snapshot(signal);
    const copy = await copies.create('c1', snapshot, signal);
    const report = await copy.edit([{ kind: 'search-replace', path: 'src/add.js', search: 'a - b', replace: 'a + b' }], everything);
    expect(report.problems).toEqual([]);
    expect(report.changed).toEqual(['src/add.js']);
    const candidate = await copy.freeze('candidate');
    const diff = await copies.diff(snapshot, candidate);
    expect(diff.files).toEqual([{ path: 'src/add.js', change: 'modified', added: 1, removed: 1, binary: false }]);
    expect(diff.patch).toContain('+export const add = (a, b) => a + b;');
    expect(await copies.read(candidate, 'src/add.js')).toContain('a + b');
    expect(await copies.read(candidate, 'nowhere.js')).toBeUndefined();
    expect(readFileSync(join(bench.workspace, 'src/add.js'), 'utf8')).toContain('a - b');
  });

  it('applies a candidate onto a workspace that moved on, and takes it back', async () => {
    const bench = makeRepository({ 'a.txt': '1\n2\n3\n4\n5\n6\n7\n8\n', 'b.txt': 'b\n' });
    const copies = await opened(bench);
    const { snapshot } = await copies.snapshot(signal);
    const copy = await copies.create('c1', snapshot, signal);
    await copy.edit(
      [
        { kind: 'search-replace', path: 'a.txt', search: '2\n', replace: 'two\n' },
        { kind: 'whole-file', path: 'new/n.txt', text: 'n\n' },
        { kind: 'delete', path: 'b.txt' },
      ],
      everything,
    );
    const candidate = await copy.freeze('candidate');
    writeFileSync(join(bench.workspace, 'a.txt'), '1\n2\n3\n4\n5\n6\n7\neight\n');
    const report = await applyAll(bench, snapshot, candidate, 'run-1');
    expect(report.conflicts).toEqual([]);
    expect([...report.applied].sort()).toEqual(['a.txt', 'b.txt', 'new/n.txt']);
    expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('1\ntwo\n3\n4\n5\n6\n7\neight\n');
    expect(existsSync(join(bench.workspace, 'b.txt'))).toBe(false);
    const undone = await undoApply({ workspace: bench.workspace, runId: 'run-1', dataDir: bench.dataDir }, report.undo, signal);
    expect(undone.conflicts).toEqual([]);
    expect(readFileSync(join(bench.workspace, 'a.txt'), 'utf8')).toBe('1\n2\n3\n4\n5\n6\n7\neight\n');
    expect(readFileSync(join(bench.workspace, 'b.txt'), 'utf8')).toBe('b\n');
    expect(existsSync(join(bench.workspace, 'new'))).toBe(false);
  });

  it('is gone after dispose', async () => {
    const bench = makeRepository({ 'a.txt': 'one\n' });
    const copies = await opened(bench);
    const { snapshot } = await copies.snapshot(signal);
    const copy = await copies.create('c1', snapshot, signal);
    await copies.dispose();
    expect(existsSync(copy.root)).toBe(false);
  });
});
