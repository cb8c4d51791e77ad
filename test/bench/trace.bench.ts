/**
 * Append and fold of 10,000 realistic events, and a list of 1,000 runs. `node test/bench/trace.bench.ts`: one JSON line per figure, then a
 * table. Milliseconds of wall clock, median and worst of the rounds after one to warm up, and of processor time (median), which a busy
 * machine blurs less (the goals are judged by it); `cold` figures are the first round of a new process.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TraceWriter } from '../../src/trace/events.ts';
import { createTrace, fold, listRuns, runDir, table } from '../../src/trace/index.ts';
import { readTrace } from '../../src/trace/reader.ts';
import { longRun } from '../support/trace-events.ts';

const count = 10_000;
const rounds = 9;
interface Time {
  readonly wall: number;
  readonly cpu: number;
}
const figures: { name: string; median: number; worst: number; cpu: number; goal?: number }[] = [];

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[Math.floor(sorted.length / 2)]?.toFixed(2));
}

function note(name: string, times: readonly Time[], goal?: number, per = 1): void {
  const wall = times.map((time) => time.wall / per);
  const figure = {
    name,
    median: median(wall),
    worst: Number(Math.max(...wall).toFixed(2)),
    cpu: median(times.map((time) => time.cpu / per)),
    goal,
  };
  figures.push(figure);
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}

async function timed(work: () => unknown): Promise<Time> {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return { wall: performance.now() - start, cpu: (used.user + used.system) / 1000 };
}

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw-bench-'));
try {
  const events = longRun(count);
  const emitAll = (trace: TraceWriter): void => {
    for (const event of events) trace.emit(event);
  };
  const emitting: Time[] = [];
  const appending: Time[] = [];
  const stepwise: Time[] = [];
  const reading: Time[] = [];
  const folding: Time[] = [];

  for (let round = 0; round <= rounds; round += 1) {
    const runId = `run-${round}`;
    const trace = await createTrace({ dataDir, runId, clock: Date.now, secrets: ['sk-0123456789abcdef'] });
    appending.push(
      await timed(async () => {
        emitting.push(await timed(() => emitAll(trace)));
        await trace.flush();
      }),
    );
    await trace.close();

    const dir = runDir(dataDir, runId);
    let reply = await readTrace(dir);
    reading.push(await timed(async () => (reply = await readTrace(dir))));
    folding.push(await timed(() => fold(reply.events)));
    if (reply.events.length !== count) throw new Error(`${reply.events.length} of ${count} events came back`);
  }

  // As the runtime does it: a prompt and a reply per call, a flush per step.
  const flushes = 200;
  for (let round = 0; round <= 2; round += 1) {
    const trace = await createTrace({ dataDir, runId: `steps-${round}`, clock: Date.now });
    stepwise.push(
      await timed(async () => {
        for (let step = 0; step < flushes; step += 1) {
          trace.blob(`${'prompt '.repeat(500)}${step}`);
          trace.blob(`${'reply '.repeat(300)}${step}`);
          for (const event of events.slice(step * 10, step * 10 + 10)) trace.emit(event);
          await trace.flush();
        }
      }),
    );
    await trace.close();
  }

  const many = path.join(dataDir, 'many');
  for (let run = 0; run < 1000; run += 1) {
    const trace = await createTrace({ dataDir: many, runId: `run-${run}`, clock: Date.now });
    for (const event of events.slice(0, 50)) trace.emit(event);
    await trace.close();
  }
  const listing: Time[] = [];
  for (let round = 0; round < 4; round += 1) listing.push(await timed(() => listRuns(many)));

  note('emit 10k events (on the caller)', emitting.slice(1));
  note('append 10k events, durable', appending.slice(1));
  note('one step: 2 blobs, 10 events, flush', stepwise.slice(1), undefined, flushes);
  note('read and check 10k events, cold', reading.slice(0, 1));
  note('read and check 10k events', reading.slice(1));
  note('fold 10k events, cold', folding.slice(0, 1), 100);
  note('fold 10k events', folding.slice(1), 100);
  note('list 1,000 runs', listing.slice(1));

  const rows = figures.map(({ name, median: middle, worst, cpu, goal }) => [
    name,
    ...[middle, worst, cpu].map(String),
    goal === undefined ? '' : `≤ ${goal}`,
  ]);
  process.stdout.write(`\n${table([['ms', 'median', 'worst', 'processor', 'goal'], ...rows], [1, 2, 3, 4]).join('\n')}\n`);
  process.exitCode = figures.some((figure) => figure.goal !== undefined && figure.cpu > figure.goal) ? 1 : 0;
} finally {
  fs.rmSync(dataDir, { recursive: true, force: true });
}
