/**
 * How long until a workspace copy is ready, against bare `git worktree add` of the same repository.
 *
 *   node test/bench/worktree.bench.ts [--files 10000,100000] [--rounds 5]
 *
 * Makes a repository of that many files in the temporary folder. Each round measures, in turn: bare `git worktree add`; the first
 * copy of the first run in this workspace ever, and of a later run (open, snapshot, create); a further copy of the same snapshot. Prints a JSON line per figure and a table; goal: ≤ 1.2.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openWorkspaceCopies } from '../../src/workspace/index.ts';
import type { Snapshot, WorkspaceCopies } from '../../src/workspace/types.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '10000,100000' }, rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const signal = new AbortController().signal;

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', '-c', 'commit.gpgSign=false', ...args], {
    cwd,
    stdio: 'ignore',
  });
}

/** `files` source files of about 1 kB, 100 to a folder. */
function makeRepository(folder: string, files: number): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q');
  for (let n = 0; n < files; n++) {
    const group = join(folder, `src/part-${Math.floor(n / 100)}`);
    if (n % 100 === 0) mkdirSync(group, { recursive: true });
    writeFileSync(join(group, `file-${n}.js`), `export const value${n} = ${n};\n${`// line of file ${n}\n`.repeat(50)}`);
  }
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'start');
  git(folder, 'repack', '-q', '-a', '-d');
}

type Measured = 'bare' | 'first run here' | 'a later run' | 'a further copy';

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** The disk is quiet before each measurement: what was deleted before is not paid for by the next. */
async function timed(work: () => unknown): Promise<number> {
  if (process.platform !== 'win32') execFileSync('sync');
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measure(files: number): Promise<void> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-bench-worktree-')));
  try {
    const workspace = join(top, 'project');
    makeRepository(workspace, files);
    const times: Record<Measured, number[]> = { bare: [], 'first run here': [], 'a later run': [], 'a further copy': [] };
    for (let round = -1; round < rounds; round++) {
      const place = join(top, `bare-${round}`);
      const dataDir = join(top, `data-${round + 1}`);
      const begin = async (runId: string): Promise<{ copies: WorkspaceCopies; snapshot: Snapshot }> => {
        const copies = await openWorkspaceCopies({ workspace, runId, dataDir });
        const { snapshot } = await copies.snapshot(signal);
        await copies.create('c1', snapshot, signal);
        return { copies, snapshot };
      };
      const bareMs = await timed(() => git(workspace, 'worktree', 'add', '--detach', place));
      git(workspace, 'worktree', 'remove', '--force', place);
      let run: Awaited<ReturnType<typeof begin>> | undefined;
      const firstMs = await timed(async () => {
        run = await begin('first');
      });
      await run?.copies.dispose();
      const laterMs = await timed(async () => {
        run = await begin('later');
      });
      const furtherMs = await timed(() => run?.copies.create('c2', run.snapshot, signal));
      await run?.copies.dispose();
      rmSync(dataDir, { recursive: true, force: true });
      // The first round warms the disk cache.
      if (round < 0) continue;
      times.bare.push(bareMs);
      times['first run here'].push(firstMs);
      times['a later run'].push(laterMs);
      times['a further copy'].push(furtherMs);
    }
    const figures = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])) as Record<Measured, number>;
    const common = { bench: 'worktree', files, rounds, cpus: cpus().length };
    for (const [name, all] of Object.entries(times)) {
      const ratios = all.map((one, n) => one / (times.bare[n] ?? Number.NaN));
      console.log(JSON.stringify({ ...common, name, ms: Math.round(median(all)), ratio: Number(median(ratios).toFixed(3)) }));
    }
    console.table(
      Object.fromEntries(
        Object.entries(figures).map(([name, ms]) => [
          `${name} (${files} files)`,
          { 'median ms': Math.round(ms), 'against bare': (ms / figures.bare).toFixed(2) },
        ]),
      ),
    );
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

for (const files of values.files.split(',').map(Number)) await measure(files);
