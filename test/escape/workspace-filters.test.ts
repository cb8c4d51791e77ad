/** Programs that a repository's settings name for git: none of them is started, whatever Teamwright asks git for. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { brief, gitState } from '../../src/briefing/index.ts';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import { applyAll, type Bench, makeRepository, storeIn } from '../support/repositories.ts';

const signal = new AbortController().signal;
const everything = { allow: ['**'] };
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of cleanup.splice(0).reverse()) await one();
});

/** A repository with a program that leaves a mark, and that program. */
function trapped(): { bench: Bench; program: string; ran: () => boolean } {
  const bench = makeRepository({ '.gitattributes': '*.js filter=p diff=p merge=p\n', 'a.js': 'a\n', 'b.js': 'b\n' });
  cleanup.push(() => bench.remove());
  const mark = join(bench.top, 'ran');
  const program = join(bench.top, 'program');
  writeFileSync(program, `#!/bin/sh\necho "$@" >> ${mark}\nexec cat\n`);
  chmodSync(program, 0o755);
  return { bench, program, ran: () => existsSync(mark) };
}

/** Everything that a run asks git for: looking, freezing, copying, comparing, applying. */
async function wholeWay(bench: Bench): Promise<void> {
  await gitState(bench.workspace, signal);
  await brief({ request: { text: 'look for sum in a.js', files: [] }, root: bench.workspace }, signal);
  const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
  cleanup.push(() => copies.dispose());
  const { snapshot } = await copies.snapshot(signal);
  const copy = await copies.create('c1', snapshot, signal);
  await copy.edit([{ kind: 'whole-file', path: 'b.js', text: 'new\n' }], everything);
  const candidate = await copy.freeze('x');
  const applied = await applyAll(bench, snapshot, candidate);
  expect(applied.applied).toEqual(['b.js']);
  expect(readFileSync(join(bench.workspace, 'b.js'), 'utf8')).toBe('new\n');
}

describe.skipIf(process.platform === 'win32')('a program in the settings of a repository is not started', () => {
  it.each([['clean', 'smudge'], ['process']])('for a filter: %s', async (...keys) => {
    const { bench, program, ran } = trapped();
    for (const key of keys) bench.git('config', `filter.p.${key}`, program);
    bench.git('config', 'filter.p.required', 'true');
    bench.write({ 'a.js': 'dirty\n', 'new.js': 'untracked\n' });
    await wholeWay(bench);
    expect(ran()).toBe(false);
  });

  it('for a filter of a name with dots and spaces, set in an included file', async () => {
    const { bench, program, ran } = trapped();
    bench.write({
      '.git/more': `[filter "a.b c"]\n\tclean = ${program}\n\tsmudge = ${program}\n`,
      '.git/info/attributes': '*.js filter=p\n',
    });
    bench.git('config', 'include.path', 'more');
    bench.git('config', 'filter.p.clean', program);
    bench.write({ 'a.js': 'dirty\n' });
    await wholeWay(bench);
    expect(ran()).toBe(false);
  });

  it('for files that are named because git stores them otherwise', async () => {
    const { bench, program, ran } = trapped();
    bench.write({
      '.gitattributes':
        '*.js filter=p\n*.bin filter=lfs diff=lfs -text\nplain.js -filter\n*.txt working-tree-encoding=UTF-16LE\n*.md working-tree-encoding=UTF-8\n',
      'plain.js': 'x\n',
      'pictures/a.bin': 'version https://git-lfs.github.com/spec/v1\n',
      'notes.txt': Buffer.from('hi\n', 'utf16le'),
      'README.md': 'x\n',
    });
    bench.git('add', '-A');
    bench.git('commit', '-qm', 'more');
    bench.git('config', 'filter.p.clean', program);
    bench.git('config', 'filter.p.smudge', program);
    const stored = async (workspace: string) => {
      const copies = await openWorkspaceCopies({ workspace, runId: 'run', dataDir: bench.dataDir });
      cleanup.push(() => copies.dispose());
      return (await copies.snapshot(signal)).storedOtherwise;
    };
    expect(await stored(bench.workspace)).toEqual([
      { path: 'a.js', how: 'filter', by: 'p' },
      { path: 'b.js', how: 'filter', by: 'p' },
      { path: 'notes.txt', how: 'encoding', by: 'UTF-16LE' },
      { path: 'pictures/a.bin', how: 'lfs', by: 'lfs' },
    ]);
    expect(await stored(join(bench.workspace, 'pictures'))).toEqual([{ path: 'a.bin', how: 'lfs', by: 'lfs' }]);
    expect(ran()).toBe(false);
  });

  it('that tests planted in the settings of the store', async () => {
    const { bench, program, ran } = trapped();
    const copies = await openWorkspaceCopies({ workspace: bench.workspace, runId: 'run', dataDir: bench.dataDir });
    cleanup.push(() => copies.dispose());
    const { snapshot } = await copies.snapshot(signal);
    await copies.create('c1', snapshot, signal);
    const settings = join(storeIn(bench.dataDir), 'config');
    writeFileSync(settings, `${readFileSync(settings, 'utf8')}[filter "p"]\n\tclean = ${program}\n\tsmudge = ${program}\n`);
    const second = await copies.create('c2', snapshot, signal);
    await second.edit([{ kind: 'whole-file', path: 'b.js', text: 'new\n' }], everything);
    await second.freeze('x');
    expect(readFileSync(join(second.root, 'a.js'), 'utf8')).toBe('a\n');
    expect(ran()).toBe(false);
  });
});
