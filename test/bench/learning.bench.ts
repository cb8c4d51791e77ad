/**
 * What learning from the user's own runs costs: a schedule with its figures, one more run, the look at the traces before a design, and the size of the
 * stores, after 10,000 runs. `npm run bench -- learning`: one JSON line per figure. Milliseconds, median and worst of the rounds; goals are judged by
 * processor time, which a busy machine blurs least.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { teamFor } from '../../src/design/teams.ts';
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
import type { Plan } from '../../src/plan/index.ts';
import { newRunId } from '../../src/trace/index.ts';
import { writeLessonRun } from '../support/lesson-runs.ts';
import { enveloped, wholeRun } from '../support/trace-events.ts';

const runs = 10_000;
/** The newest of them tell everything that a run may teach; what is older is summed up or let go, and lies there all the same. */
const toldRuns = 1_000;
const betweenLooks = 100;
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
async function measure(
  name: string,
  goal: number,
  work: (round: number) => unknown,
  before = (_round: number): void => undefined,
): Promise<void> {
  const wall: number[] = [];
  const processor: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    before(round);
    const [began, spent] = [performance.now(), process.cpuUsage()];
    await work(round);
    const { user, system } = process.cpuUsage(spent);
    wall.push(performance.now() - began);
    processor.push((user + system) / 1000);
  }
  const medianOf = (all: readonly number[]): number => Number((all.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0).toFixed(2));
  const median = medianOf(processor);
  tell({ name, processor: median, worst: Number(Math.max(...processor).toFixed(2)), wall: medianOf(wall), goal });
  if (median > goal) process.exitCode = 1;
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

const words =
  'order invoice customer total discount parse render tokens cache session router header cursor window buffer stream folder'.split(' ');
/** Some words that follow from a number: runs differ as requests and tests do. */
const said = (run: number, count: number): string =>
  Array.from({ length: count }, (_, at) => words[(run * 7 + at * (1 + (run % 11))) % words.length]).join(' ');

/** A run that teaches all three stores, as much as one run may: a long request, a change of many lines, in every third run a plan that the user had edited. */
function write(dataDir: string, run: number, at: number): void {
  const edited = { ...usualTeam, reason: `Edited for ${said(run, 3)}.`, agents: editedAgents(run) };
  writeLessonRun(dataDir, {
    runId: idAt(at),
    at,
    ...{ workspace: `/home/ann/work/project-${run % 250}`, model: `coder-${run % 3}`, tree: `tree ${run}` },
    request: `Fix the bug in ${said(run, 12)}: ${'it must be as the tests say, and nothing else may change. '.repeat(5)}`,
    plan: run % 3 === 0 ? edited : usualTeam,
    tests: [`${said(run, 4)} is right`, ...Array.from({ length: 20 }, (_, test) => `${said(run + test, 3)} of ${test}`)],
    message: `AssertionError: expected ${said(run, 10)} to equal ${said(run + 1, 10)}`,
    replies: [`Wrong ${run}.`, `Wrong again ${run}.`, run % 4 === 0 ? `Still wrong ${run}.` : `This is right ${run}.`],
    patch: [
      '--- a/sum.js',
      '+++ b/sum.js',
      ...Array.from({ length: 40 }, (_, line) => `${line % 2 ? '+' : '-'}  ${said(run + line, 8)};`),
    ].join('\n'),
  });
}

const usualTeam = teamFor('bug-fix', 'hard');
const editedAgents = (run: number): Plan['agents'] =>
  Object.fromEntries(
    Object.entries(usualTeam.agents).map(([name, agent]) => [
      name,
      { ...agent, instructions: `${agent.instructions} Mind ${said(run, 20)}, as in number ${run}.` },
    ]),
  );

const idAt = (at: number): string =>
  newRunId(
    () => at,
    () => 0,
  );

const hour = 3_600_000;
const firstAt = Date.now() - runs * hour;
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'teamwright-learning-'));
try {
  const { signal } = new AbortController();
  const older = enveloped(wholeRun);
  for (let run = 0; run < runs - toldRuns; run += 1) {
    const at = firstAt + run * hour;
    const dir = path.join(dataDir, 'runs', idAt(at));
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, 'events.jsonl'), older.map((event, seq) => `${JSON.stringify({ ...event, at: at + seq })}\n`).join(''));
  }
  for (let run = runs - toldRuns; run < runs; run += 1) {
    write(dataDir, run, firstAt + run * hour);
    if (run % betweenLooks === betweenLooks - 1) await updateTaught(dataDir, Date.now, signal);
  }
  await measure(
    'learning from one more run, with the look at its trace',
    50,
    () => updateTaught(dataDir, Date.now, signal),
    (round) => write(dataDir, runs + round, firstAt + (runs + round) * hour),
  );
  const sizes = Object.entries({ beliefs: experienceFile, memory: memoryFile, teams: teamsFile }).map(
    ([name, file]) => [name, fs.statSync(file(dataDir)).size] as const,
  );
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  tell({ name: 'all stores after 10,000 runs, bytes', bytes, ...Object.fromEntries(sizes), goal: 5_000_000 });
  if (bytes > 5_000_000) process.exitCode = 1;
} finally {
  fs.rmSync(dataDir, { recursive: true, force: true });
}
