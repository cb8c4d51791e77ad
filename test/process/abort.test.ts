/** Runs that end early, as their plan says, on a real workspace with real tests; only the model is scripted. */
import { describe, expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { planHash, planSchema } from '../../src/plan/index.ts';
import { replayRun } from '../../src/run/index.ts';
import { copiesLeft, start } from '../support/run-scene.ts';
import type { Reply } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

/** Ten rounds, each with so many calls. */
const planWith = (abort: object | undefined, width = 1) =>
  planSchema.parse({
    teamwright: 1,
    name: 'ends-early',
    difficulty: 'hard',
    agents: {
      coder: { role: 'coder', instructions: 'Make the tests pass at last.', tools: [], write: ['sum.js'], output: 'edits' },
    },
    steps: [
      { id: 'first', do: 'generate', agent: 'coder' },
      { id: 'look', do: 'test' },
      {
        id: 'rounds',
        do: 'repeat',
        until: 'tests-pass',
        max: 10,
        steps: [
          ...Array.from({ length: width }, (_, n) => ({ id: `again-${n}`, do: 'generate', agent: 'coder' })),
          { id: 'look-again', do: 'test' },
        ],
      },
    ],
    budget: { calls: 60, tokens: 400_000 },
    ...(abort && { abort }),
  });

const run = async (abort: object | undefined, reply: (call: number) => Reply, width?: number) => {
  let calls = 0;
  const scene = await start({
    designer: fileDesigner(planWith(abort, width)),
    settings: { replans: 2, attempts: 1 },
    script: () => {
      calls += 1;
      return reply(calls);
    },
  });
  const result = await scene.run();
  expect(copiesLeft(scene.workspace)).toEqual([]);
  const where = { dataDir: scene.workspace.dataDir, runId: result.runId };
  return { ...scene, result, where, calls: () => calls };
};

const signal = new AbortController().signal;
const wrong = (call: number): string => sumReply(`a * b + ${call}`);
const outside = (call: number): string => `${wrong(call)}other-${call}.js\n\`\`\`js\nmodule.exports = ${call};\n\`\`\`\n`;

describe('a run ends early', () => {
  test('after so many breaches, with the best candidate, and a replay ends in the same place', async () => {
    const { result, log, calls, where } = await run({ breaches: 3 }, outside);
    expect(calls()).toBe(3);
    expect(log.of('write.blocked').length).toBe(3);
    expect(result.failure).toMatchObject({ code: 'run-ended-early', facts: { trigger: 'breaches', limit: 3 } });
    expect(result.failure?.message).toBe(
      'The run ended early, as its plan says: agents reached 3 times for what they may not use or write.',
    );
    expect(result).toMatchObject({ outcome: 'tests-fail', candidate: expect.any(String) });
    expect(log.of('run.replanned')).toEqual([]);
    expect(log.of('run.finished')[0]?.failure).toMatchObject({ code: 'run-ended-early' });
    expect(await replayRun(where, signal)).toMatchObject({ same: true });
  });

  test('after so many failures of one kind in a row; a candidate between them begins the count anew', async () => {
    const { result, calls } = await run({ failures: 3 }, (call) => (call === 3 ? wrong(call) : 'No code here.'));
    expect(calls()).toBe(6);
    expect(result.failure).toMatchObject({ facts: { trigger: 'failures', limit: 3, trouble: 'format' } });
  });

  test('after so many tokens without a gain', async () => {
    const { result, log } = await run({ tokens: 1500 }, wrong, 2);
    expect(result.failure).toMatchObject({ facts: { trigger: 'tokens', limit: 1500 } });
    const { inputTokens, outputTokens } = result.spend;
    expect(inputTokens + outputTokens).toBeGreaterThanOrEqual(1500);
    expect(log.of('call.done').length).toBeLessThan(20);
  });

  test('never where nothing of it comes: it is solved without a word', async () => {
    const { result } = await run({ breaches: 1, failures: 1, tokens: 100_000 }, () => sumReply('a + b'));
    expect(result).toMatchObject({ outcome: 'solved' });
    expect(result.failure).toBeUndefined();
  });

  test('with a plan that says nothing, after the usual number', async () => {
    const { result, calls } = await run(undefined, () => 'No code here.', 3);
    expect(result.failure).toMatchObject({ facts: { trigger: 'failures', limit: 20 } });
    expect(calls()).toBe(20);
  });
});

test('what is usual takes no part in the hash of a plan, anything else does', () => {
  const hash = planHash(planWith(undefined));
  expect(planHash(planWith({}))).toBe(hash);
  expect(planHash(planWith({ breaches: 50, failures: 20, tokens: 0 }))).toBe(hash);
  expect(planHash(planWith({ tokens: 1 }))).not.toBe(hash);
});
