/**
 * One team per request, refined by what its tests say (FlowReasoner, arXiv 2504.15257), over real runs: different requests, a failing test, the best
 * candidate, and what the trace holds of each round. The model is scripted.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { designerByName, soloDesigner } from '../../src/design/index.ts';
import { seededRandom } from '../../src/learning/index.ts';
import { exportFormats, exportRuns } from '../../src/lessons/index.ts';
import { checkPlan, isError, parsePlan } from '../../src/plan/index.ts';
import { openRun } from '../../src/trace/index.ts';
import { start } from '../support/run-scene.ts';
import { quickNodeTest, sumReply } from '../support/workspaces.ts';

const sketch = (reason: string, name: string, instructions: string, samples = 1) =>
  JSON.stringify({
    ...{ difficulty: 'easy', reason },
    agents: [{ name, instructions, tier: 'worker' }],
    steps: [{ do: 'generate', agent: name, samples, uses: null, rounds: null }],
  });
const isDesign = (text: string): boolean => text.includes('You design a team of agents');

describe('a team for each request', () => {
  test('two different requests get different valid plans, each designed from its own facts', async () => {
    const ask = async (request: string) => {
      const scene = await start({
        request,
        designer: designerByName('model'),
        script: ({ messages }) => {
          const text = JSON.stringify(messages);
          if (!isDesign(text)) return sumReply('a + b');
          return text.includes('Speed up')
            ? sketch('Speed needs variety.', 'tuner', 'Make it fast without changing what it gives.', 3)
            : sketch('One look is enough.', 'fixer', 'Find the wrong operator.');
        },
        settings: { replans: 0 },
      });
      const { runId } = await scene.run();
      const run = await openRun(scene.workspace.dataDir, runId);
      const [proposed] = scene.log.of('plan.proposed');
      const { plan } = parsePlan(await run.readBlob(proposed?.plan ?? ''));
      if (plan === undefined) throw new Error('a plan');
      expect(checkPlan(plan, { request }).filter(isError)).toEqual([]);
      const [round] = scene.log.of('design.round');
      expect(await run.readBlob(round?.prompt ?? '')).toContain(request);
      return plan;
    };
    const [mend, speed] = [await ask('Fix the bug in sum.js'), await ask('Speed up sum in sum.js')];
    expect([Object.keys(mend.agents), Object.keys(speed.agents)]).toEqual([['fixer'], ['tuner']]);
    expect(JSON.stringify(mend.steps)).not.toBe(JSON.stringify(speed.steps));
  });

  test('a failing test changes the next plan, and the trace holds every round as a distillation sample', async () => {
    let designs = 0;
    const scene = await start({
      request: 'Fix the bug in sum.js',
      designer: designerByName('model'),
      script: ({ messages }) => {
        const text = JSON.stringify(messages);
        if (!isDesign(text)) return sumReply(text.includes('Trace the failing test') ? 'a + b' : 'a * b');
        designs += 1;
        if (designs === 1) return 'I would rather write the code.';
        return text.includes('adds two numbers')
          ? sketch('The product was wrong.', 'tracer', 'Trace the failing test, then write the operator it needs.')
          : sketch('One look is enough.', 'fixer', 'Find the wrong operator.');
      },
      settings: { replans: 1 },
    });
    const result = await scene.run();
    expect(result.outcome).toBe('solved');
    const [first, second] = scene.log.of('plan.proposed');
    expect(second?.hash).not.toBe(first?.hash);
    const rounds = scene.log.of('design.round');
    expect(rounds.map(({ valid, failure }) => [valid, failure === undefined])).toEqual([
      [false, true],
      [true, true],
      [true, false],
    ]);
    // Question, answer and reasoning of each round can be read again, and the export makes the sample of the team that did best.
    const run = await openRun(scene.workspace.dataDir, result.runId);
    for (const { prompt, reply } of rounds) {
      expect(await run.readBlob(prompt ?? '')).toContain('Fix the bug in sum.js');
      expect(await run.readBlob(reply ?? '')).not.toBe('');
    }
    const format = exportFormats.find(({ name }) => name === 'designs-sft');
    if (format === undefined) throw new Error('a format');
    const out = join(scene.workspace.dataDir, 'designs');
    await exportRuns(
      {
        ...{ dataDir: scene.workspace.dataDir, format, out, filter: {}, filterWords: [], split: 0, seed: 1, program: 'teamwright 0.1.0' },
        privacy: { known: [], user: 'ann', host: 'anns-machine', home: '/home/ann' },
      },
      new AbortController().signal,
    );
    const [sample, ...others] = readFileSync(join(out, 'train.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(others).toEqual([]);
    expect(sample.messages.at(-2).content).toContain('Fix the bug in sum.js');
    expect(sample.messages.at(-1).content).toContain('Trace the failing test');
    expect(sample.score).toBeGreaterThan(0.9);
  });
});

const operations = ['one', 'two', 'three', 'four', 'five'];
const moduleText = (right: ReadonlySet<number>): string =>
  `${operations.map((name, at) => `exports.${name} = () => ${right.has(at) ? at + 1 : 0};`).join('\n')}\n`;

test.each([1, 2, 6])('the best candidate by visible tests is what ships, seed %i', async (seed) => {
  const random = seededRandom(seed);
  const drafts = Array.from({ length: 4 }, () => new Set(operations.flatMap((_, at) => (random() < 0.45 ? [at] : []))));
  // None solves all, so that every draft is made.
  const some = drafts.map((right) => (right.size === operations.length ? new Set([0, 1, 2]) : right));
  const scene = await start({
    files: {
      'package.json': `{"name":"numbers","scripts":{"test":"${quickNodeTest}"}}`,
      'numbers.js': moduleText(new Set()),
      'numbers.test.js': `const test = require('node:test');\nconst assert = require('node:assert');\nconst numbers = require('./numbers.js');\n${operations
        .map((name, at) => `test('${name} is right', () => assert.strictEqual(numbers.${name}(), ${at + 1}));`)
        .join('\n')}\n`,
    },
    request: 'make the failing tests pass',
    designer: soloDesigner(some.length),
    settings: { replans: 0 },
    script: (_, index) => `numbers.js\n\`\`\`js\n${moduleText(some[Math.min(index, some.length - 1)] as ReadonlySet<number>)}\`\`\`\n`,
  });
  await scene.run();
  const tested = scene.log.of('candidate.tested').map(({ candidate, counts }) => ({ candidate, passed: counts.passed }));
  const best = Math.max(...tested.map(({ passed }) => passed));
  expect(new Set(tested.map(({ passed }) => passed)).size).toBeGreaterThan(1);
  const [finished] = scene.log.of('run.finished');
  expect(tested.find(({ candidate }) => candidate === finished?.candidate)?.passed).toBe(best);
  expect(finished?.after?.passed).toBe(best);
});
