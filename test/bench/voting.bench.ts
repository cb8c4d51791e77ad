/**
 * A chain of 10,000 steps, each a vote that builds on the answer of the one before, through the runtime (step, calls, meter, trace), with a worker
 * that is right in 95 of 100 replies and whose wrong replies all agree; one reply in twenty is too long. `npm run bench -- voting`. Ends with 1 when
 * a step of the chain is wrong, or the votes are not those foretold.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pLimit from 'p-limit';
import type { Briefing } from '../../src/briefing/types.ts';
import { noTestSources } from '../../src/feedback/index.ts';
import { createCalibration } from '../../src/models/index.ts';
import type { ModelClient } from '../../src/models/types.ts';
import { leadNeeded, planHash, planSchema } from '../../src/plan/index.ts';
import { successOf, votesExpected } from '../../src/plan/voting.ts';
import { createAsk } from '../../src/run/ask.ts';
import type { StepContext } from '../../src/run/context.ts';
import { runSteps } from '../../src/run/execute.ts';
import { Meter } from '../../src/run/meter.ts';
import { createOutside } from '../../src/run/outside.ts';
import { Pool } from '../../src/run/pool.ts';
import { RepairProgress } from '../../src/run/repair/progress.ts';
import { createSteering } from '../../src/run/steering.ts';
import { Troubles } from '../../src/run/troubles.ts';
import { defaultRunSettings, type RunPorts } from '../../src/run/types.ts';
import { createTrace } from '../../src/trace/index.ts';
import { modelsAt } from '../support/workspaces.ts';

const steps = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
const accuracy = 0.95;
const flagged = 0.05;
const target = 0.99;
/** The measured votes may differ so much from those foretold; in 10,000 steps chance makes some 0.3 % of it. */
const tolerance = 0.02;

/** Mulberry32: numbers between 0 and 1 from a seed. */
let state = seed;
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};

const plan = planSchema.parse({
  teamwright: 1,
  name: 'chain',
  difficulty: 'hard',
  agents: { counter: { role: 'counter', instructions: 'Say the number that comes next.', output: 'note', tools: [], write: [] } },
  steps: [
    { id: 'next', do: 'vote', agent: 'counter', answer: 'value', uses: ['now'], samples: 64, longest: 20 }, // one link of the chain
  ].map((step) => ({ ...step, accuracy: accuracy * 100, target: target * 100, chain: steps })),
  finish: { when: 'answer' },
});
const chainPlan = { ...plan, steps: [{ ...plan.steps[0], id: 'now' }, ...plan.steps] } as typeof plan;

/** Reads where the chain stands out of the prompt, and counts on from there. */
const worker: ModelClient = {
  endpoint: 'worker',
  listModels: async () => ['worker'],
  chat: async ({ messages }) => {
    const now = Number(/# From the counter\n(\d+)/.exec(messages.at(-1)?.content ?? '')?.[1]);
    const usage = { inputTokens: 100, outputTokens: 5, cachedInputTokens: 0, estimated: false };
    const reply = { reasoning: '', toolCalls: [], usage, servedModel: 'worker', ms: 0 };
    if (random() < flagged) return { ...reply, text: `The number is ${now}`, finish: 'length' };
    return { ...reply, text: String(random() < accuracy ? now + 1 : now), finish: 'stop' };
  },
};

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw-bench-'));
const signal = new AbortController().signal;
const trace = await createTrace({ dataDir, runId: 'chain', clock: Date.now });
try {
  const choice = { ...modelsAt('http://127.0.0.1:1/v1').worker, client: worker, model: 'worker' };
  const ports = { trace, models: { worker: choice, strong: choice }, clock: Date.now, secrets: [] } as unknown as RunPorts;
  const meter = new Meter(Date.now);
  meter.limit({ tokens: 1e12, usd: 1, seconds: 1e6, calls: 1e9, agents: 6, depth: 4 }, () => undefined);
  const steering = createSteering({ trace, meter, steerable: true });
  const nowhere = { commit: '', tree: '' };
  const context: StepContext = {
    plan: chainPlan,
    planHash: planHash(plan),
    facts: {
      request: { text: 'x', files: [] },
      briefing: { files: [] } as unknown as Briefing,
      suites: [],
      test: undefined,
      baseline: undefined,
      looks: new Map(),
      testSources: noTestSources,
      base: nowhere,
      start: nowhere,
    },
    ports,
    settings: defaultRunSettings,
    ask: createAsk(ports, meter, defaultRunSettings, createCalibration(), steering),
    outside: createOutside(ports, meter),
    steering,
    pool: new Pool(),
    notes: new Map([['now', { step: 'now', role: 'counter', text: '0' }]]),
    start: nowhere,
    otherBaselines: new Map(),
    repairs: new RepairProgress(),
    refused: {},
    troubles: new Troubles(),
    sideBySide: pLimit(2),
    shared: '# Request\nCount.',
  };
  const startedAt = performance.now();
  let wrong = 0;
  for (let link = 1; link <= steps; link += 1) {
    await runSteps(plan.steps, `r0/${link}`, context, signal);
    const said = context.notes.get('next')?.text;
    if (said !== String(link)) wrong += 1;
    context.notes.set('now', { step: 'now', role: 'counter', text: said ?? '' });
    context.notes.delete('next');
  }
  const seconds = (performance.now() - startedAt) / 1000;
  meter.close();
  const lead = leadNeeded({ accuracy, target, chain: steps });
  const foretold = (steps * votesExpected(accuracy, lead)) / (1 - flagged);
  const { calls } = meter.spend();
  const figure = {
    name: 'voting',
    ...{ steps, accuracy, flagged, lead, wrong },
    errorsForetold: Number((steps * (1 - successOf(accuracy, lead))).toFixed(4)),
    calls,
    callsForetold: Math.round(foretold),
    msOfEachStep: Number(((seconds * 1000) / steps).toFixed(2)),
  };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
  process.exitCode = wrong === 0 && Math.abs(calls / foretold - 1) <= tolerance ? 0 : 1;
} finally {
  await trace.close();
  fs.rmSync(dataDir, { recursive: true, force: true });
}
