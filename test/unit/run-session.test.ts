/** However a run ends, its trace ends with `run.finished`. The rooms around the session are stood in for here; whole runs are in test/process. */
import { expect, test } from 'vitest';
import type { Briefing } from '../../src/briefing/types.ts';
import { fileDesigner } from '../../src/design/index.ts';
import { diskFull, gitFailed } from '../../src/errors.ts';
import { recordedClient } from '../../src/models/index.ts';
import type { ChatReply } from '../../src/models/types.ts';
import { planSchema } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';
import type { Past } from '../../src/run/past.ts';
import { runSession } from '../../src/run/session.ts';
import { defaultRunSettings, type RunPorts } from '../../src/run/types.ts';
import type { NewEvent } from '../../src/trace/events.ts';
import { emptyBriefing } from '../support/empty-briefing.ts';
import { modelsAt } from '../support/workspaces.ts';

const session = (ports: Partial<RunPorts>, signal = new AbortController().signal, past?: Past) => {
  const events: NewEvent[] = [];
  const trace = { runId: 'r', emit: (event: NewEvent) => void events.push(event), blob: () => '', flush: async () => undefined };
  const all = {
    trace,
    clock: Date.now,
    models: { worker: { client: {}, model: 'm' } },
    designer: { name: 'solo' },
    copies: { workspace: '/w' },
    fence: { by: 'unshare', discards: true },
    secrets: [],
    ...ports,
  } as unknown as RunPorts;
  const run = runSession({ request: parseRequest('Fix it'), settings: defaultRunSettings, program: 'test', past }, all, signal);
  return { events, run };
};

const reply: ChatReply = {
  text: '',
  reasoning: '',
  toolCalls: [],
  finish: 'stop',
  usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, estimated: false },
  servedModel: 'm',
  ms: 0,
};
const answering = {
  teamwright: 1,
  name: 'one-reader',
  difficulty: 'easy',
  agents: { reader: { role: 'reader', instructions: 'Say what is wrong.', output: 'note', tools: [], write: [] } },
  steps: [{ id: 'say', do: 'analyse', agent: 'reader' }],
  finish: { when: 'answer' },
};

const copiesWhose = (snapshot: () => Promise<never>) => ({ workspace: '/w', snapshot }) as unknown as RunPorts['copies'];

/** A workspace that is there, and gives copies nobody looks into. */
const untouched = {
  workspace: '/w',
  snapshot: async () => ({ snapshot: { commit: 'c2', tree: 't2' }, leftOut: [] }),
  create: async () => ({ root: '/copy', remove: async () => undefined }),
} as unknown as RunPorts['copies'];

test('git trouble at the start', async () => {
  const { events, run } = session({
    copies: copiesWhose(async () => {
      throw gitFailed('add', 'broken', '/w');
    }),
  });
  expect(await run).toMatchObject({ outcome: 'failed', failure: { code: 'git-failed' } });
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'failed' });
});

test('a trace that can no longer be written is a failure of the environment, not a stop by the user', async () => {
  const broken = new AbortController();
  const { run } = session(
    {
      copies: copiesWhose(async () => {
        broken.abort(diskFull('/data'));
        throw new Error('aborted');
      }),
    },
    broken.signal,
  );
  expect(await run).toMatchObject({ outcome: 'failed', failure: { code: 'disk-full' } });
});

test('a stop is a stop, whatever the wait that was cut short says', async () => {
  const stop = new AbortController();
  const { run } = session(
    {
      copies: copiesWhose(async () => {
        stop.abort();
        throw new TypeError('anything');
      }),
    },
    stop.signal,
  );
  expect(await run).toMatchObject({ outcome: 'stopped', failure: { code: 'stopped' } });
});

test('a run with a past begins, looks, reviews and calls as was recorded, and asks nobody', async () => {
  const asked = async (): Promise<never> => {
    throw new Error('The world was asked.');
  };
  const then = { commit: 'c1', tree: 't1' };
  const past: Past = {
    continues: { runId: 'old', how: 'resume' },
    seconds: 100,
    beginning: () => ({ snapshot: then, leftOut: [] }),
    found: { test: undefined, otherSuites: [], briefing: emptyBriefing },
    answer: (hash) => ({ kind: 'approve', hash, by: 'replay' }),
    clientFor: () => recordedClient(() => ({ ...reply, text: 'It subtracts.' })),
  };
  const world = {
    copies: untouched,
    models: modelsAt('http://127.0.0.1:1/v1'),
    designer: fileDesigner(planSchema.parse(answering)),
    findSuites: asked,
    brief: asked,
    review: asked,
  };
  const { events, run } = session(world, undefined, past);
  const result = await run;
  expect(result).toMatchObject({ outcome: 'answered', answer: 'It subtracts.', base: then });
  expect(result.spend.seconds).toBeGreaterThanOrEqual(100);
  expect(events).toMatchObject([
    { type: 'run.started', continues: { runId: 'old' } },
    { type: 'snapshot.taken', snapshot: then },
    { type: 'briefing.done' },
    { type: 'plan.proposed' },
    { type: 'plan.approved', by: 'replay' },
    { type: 'step.started' },
    { type: 'call.started' },
    { type: 'call.done' },
    { type: 'note.written' },
    { type: 'step.done' },
    { type: 'run.finished' },
  ]);
});

test('what all plans of a run share is read once, however many are priced', async () => {
  let reads = 0;
  const file: Briefing['files'][number] = {
    path: 'a.js',
    reasons: ['named-in-request'],
    score: 1,
    bytes: 9,
    truncated: false,
    isTest: false,
    get text() {
      reads += 1;
      return 'a = a - b';
    },
  };
  const past: Past = {
    continues: { runId: 'old', how: 'resume' },
    seconds: 0,
    beginning: () => ({ snapshot: { commit: 'c', tree: 't' }, leftOut: [] }),
    found: { test: undefined, otherSuites: [], briefing: { ...emptyBriefing, files: [file] } },
    clientFor: () => recordedClient(() => ({ ...reply, text: 'It subtracts.' })),
  };
  const plan = planSchema.parse(answering);
  let readsOfPrices = 0;
  const { run } = session(
    {
      copies: untouched,
      models: modelsAt('http://127.0.0.1:1/v1'),
      designer: {
        name: 'hesitant',
        design: async (input, signal) => {
          const before = reads;
          for (let asked = 0; asked < 20; asked += 1) expect(input.fits?.(plan)).toBe(true);
          readsOfPrices += reads - before;
          return fileDesigner(plan).design(input, signal);
        },
      },
      review: async ({ hash, price }) => {
        const before = reads;
        for (let asked = 0; asked < 20; asked += 1) expect(price(plan).estimate.calls.most).toBe(1);
        readsOfPrices += reads - before;
        return { kind: 'approve', hash, by: 'user' };
      },
    },
    undefined,
    past,
  );
  expect(await run).toMatchObject({ outcome: 'answered' });
  expect(reads).toBeGreaterThan(0);
  expect(readsOfPrices).toBe(0);
});
