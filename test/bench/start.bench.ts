/**
 * How alive a request is: `node test/bench/start.bench.ts [--runs 7]`. From Enter in the box to the first sign of life in the view of runs, to a
 * plan that can be approved, and from the approval to the first token that a screen is handed. The whole extension over a fake VS Code, on a real
 * workspace whose tests run, with a model that answers at once; the first run warms up and does not count. What VS Code takes to draw is not in it.
 * Processor time up to the plan stands beside the wall clock, on Linux: that of this process and of all it started, which a busy machine stretches less.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createHost } from '../../src/editor/host.ts';
import { lazy } from '../../src/editor/lazy.ts';
import { registerRunsTree } from '../../src/editor/tree/runs-view.ts';
import { openEditorCore } from '../support/editor.ts';
import { sumReply } from '../support/workspaces.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
const runs = Number(values.runs);
const goals = { 'something moves': 300, 'plan to approve': 2000, 'first token': 1000 } as const;
type Moment = keyof typeof goals;
const worked: number[] = [];
const taken: Record<Moment, number[]> = { 'something moves': [], 'plan to approve': [], 'first token': [] };

const editor = await openEditorCore({ script: Array.from({ length: runs + 1 }, () => sumReply('a + b')) });
try {
  registerRunsTree(
    createHost(editor.fake.vscode, editor.fake.context),
    lazy(async () => editor.core),
  );
  editor.fake.showView('teamwright.runs', true);
  for (let run = 0; run <= runs; run++) {
    const marks = await once();
    if (run === 0) continue;
    for (const moment of Object.keys(goals) as Moment[]) taken[moment].push(marks[moment]);
    worked.push(marks['processor time to the plan']);
    console.log(JSON.stringify({ run, ...marks, load_average: loadavg()[0] }));
  }
} finally {
  await editor[Symbol.asyncDispose]();
}

async function once(): Promise<Record<Moment | 'processor time to the plan', number>> {
  const { core, fake } = editor;
  const done = editor.command('teamwright.newRequest');
  const box = await fake.prompts.quickPicks.next();
  box.type('Make the failing test pass.');
  const moved = Promise.withResolvers<number>();
  const drawn = core.tree.onDidChange(() => moved.resolve(performance.now()));
  const waits = Promise.withResolvers<number>();
  const asked = core.runs.onDidChangeWaiting((handle) => handle.proposal() !== undefined && waits.resolve(performance.now()));
  const [entered, before] = [performance.now(), processorMs()];
  box.enter();
  const marks = { moves: await moved.promise, plan: await waits.promise };
  const processor = processorMs() - before;
  await done;
  const handle = editor.shown.runs.at(-1);
  const hash = handle?.proposal()?.hash;
  if (handle === undefined || hash === undefined) throw new Error('No plan waits.');
  const spoke = Promise.withResolvers<number>();
  const heard = handle.onDidStream(() => spoke.resolve(performance.now()));
  const approved = performance.now();
  handle.approve(hash);
  const token = await spoke.promise;
  await handle.result;
  for (const each of [drawn, asked, heard]) each.dispose();
  const whole = Math.round;
  return {
    'something moves': whole(marks.moves - entered),
    'plan to approve': whole(marks.plan - entered),
    'first token': whole(token - approved),
    'processor time to the plan': whole(processor),
  };
}

/** Of this process and of those it started that have ended. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  if (process.platform !== 'linux') return Number.NaN;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // cutime and cstime, in hundredths of a second.
  const [ofUser = 0, ofSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number);
  return (user + system) / 1000 + (ofUser + ofSystem) * 10;
}

const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const median = (list: readonly number[]): number => sorted(list)[Math.floor(list.length / 2)] ?? Number.NaN;
console.log(`\nMedian of ${runs} runs (least to most), ${cpus().length} cores`);
for (const [moment, goal] of Object.entries(goals) as [Moment, number][]) {
  const list = sorted(taken[moment]);
  console.log(
    `${moment.padEnd(16)}${median(list)} ms (${list[0]} to ${list.at(-1)}); goal ≤ ${goal} ms: ${median(list) <= goal ? 'met' : 'missed'}`,
  );
}
const work = sorted(worked);
console.log(`processor time to the plan: ${median(work)} ms (${work[0]} to ${work.at(-1)})`);
process.exitCode = (Object.keys(goals) as Moment[]).every((moment) => median(taken[moment]) <= goals[moment]) ? 0 : 1;
