/**
 * What learning from the user's own runs costs: a schedule with its figures, one more run, the look at the traces before a design, and the size of the
 * stores, after 10,000 runs. `npm run bench -- learning`: one JSON line per figure. Milliseconds, median and worst of the rounds; goals are judged by
 * processor time, which a busy machine blurs least.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  afterRun,
  believedIn,
  expectedOf,
  nothingExperienced,
  operatorsOf,
  type RunLessons,
  type Situation,
  scheduleFor,
  shippedPrior,
} from '../../src/learning/index.ts';
import { experienceFile } from '../../src/lessons/experience.ts';
import { updateTaught } from '../../src/lessons/index.ts';
import { memoryFile } from '../../src/lessons/memory/store.ts';
import { teamsFile } from '../../src/lessons/teams.ts';
import { newRunId } from '../../src/trace/index.ts';
import { enveloped, wholeRun } from '../support/trace-events.ts';

const runs = 10_000;
const rounds = 25;
const prior = shippedPrior.learned;
const start: Situation = {
  ...{ language: 'python', kind: 'bug-fix', bytes: 800, lines: 30 },
  testsPassed: 3,
  testsFailed: 1,
  attempts: 0,
  tries: 0,
};
const terms = { budget: 30_000, usualCalls: 4, weights: { complexity: 0.05, efficiency: 0.1 } };

const tell = (figure: object): void => void process.stdout.write(`${JSON.stringify(figure)}\n`);
async function measure(name: string, goal: number | undefined, work: (round: number) => unknown): Promise<void> {
  const wall: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [began, spent] = [performance.now(), process.cpuUsage()];
    await work(round);
    const { user, system } = process.cpuUsage(spent);
    wall.push(performance.now() - began);
    processor.push((user + system) / 1000);
  }
  const medianOf = (all: readonly number[]): number => Number((all.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0).toFixed(2));
  const median = medianOf(processor);
  tell({ name, processor: median, worst: Number(Math.max(...processor).toFixed(2)), wall: medianOf(wall), goal });
  if (goal !== undefined && median > goal) process.exitCode = 1;
}

const lessonsOf = (run: number): RunLessons => ({
  ...{ workspace: `w${run % 250}`, model: `m${run % 3}` },
  lessons: ['place', 'place', 'place', 'changes', 'draft'].map((operator, tries) => ({
    ...{ operator, succeeded: tries === 4 && run % 3 > 0, cost: 100 + tries * 50, calls: 1 },
    situation: { ...start, tries: operator === 'place' ? tries : 0, attempts: tries },
  })),
});

let experience = nothingExperienced;
for (let run = 0; run < runs; run += 1) experience = afterRun(experience, prior, lessonsOf(run));
await measure('a schedule with three others beside it', 5, (round) => {
  const operators = operatorsOf(believedIn(experience, prior, `w${round}`, 'm1').learned);
  scheduleFor(operators, start, terms);
  for (const count of [1, 2, 3]) expectedOf(operators, start, [...Array.from({ length: 8 * count }, () => 'place'), 'draft']);
});
await measure('learning from one more run, without its trace', 50, (round) => afterRun(experience, prior, lessonsOf(runs + round)));
tell({ name: 'what is believed after 10,000 runs, bytes', bytes: JSON.stringify(experience).length, goal: 5_000_000 });

const firstAt = Date.now() - runs * 3_600_000;
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'teamwright-learning-'));
try {
  const events = enveloped(wholeRun);
  const write = (run: number): void => {
    // A run an hour, the last of them now.
    const at = firstAt + run * 3_600_000;
    const dir = path.join(
      dataDir,
      'runs',
      newRunId(
        () => at,
        () => 0,
      ),
    );
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, 'events.jsonl'), events.map((event) => `${JSON.stringify({ ...event, at })}\n`).join(''));
  };
  for (let run = 0; run < runs; run += 1) write(run);
  const { signal } = new AbortController();
  const began = performance.now();
  await updateTaught(dataDir, Date.now, signal);
  tell({ name: 'the first look at the traces of 10,000 runs', ms: Math.round(performance.now() - began) });
  // Clocks of disks are coarse: what was written just before the last look is looked at once more.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await updateTaught(dataDir, Date.now, signal);
  await measure('a later look, with one run more', 50, async (round) => {
    write(runs + round);
    await updateTaught(dataDir, Date.now, signal);
  });
  const bytes = [experienceFile, memoryFile, teamsFile].reduce((sum, file) => sum + fs.statSync(file(dataDir)).size, 0);
  tell({ name: 'all stores, bytes', bytes, goal: 5_000_000 });
  if (bytes > 5_000_000) process.exitCode = 1;
} finally {
  fs.rmSync(dataDir, { recursive: true, force: true });
}
