/** A suite that takes long: the failing tests alone while working, the whole once before the hand-over. */
import { describe, expect, test } from 'vitest';
import { timeLines } from '../../src/cli/output/report.ts';
import { fileDesigner, soloDesigner } from '../../src/design/index.ts';
import type { Proposal } from '../../src/run/index.ts';
import { parallelSamples, start } from '../support/run-scene.ts';
import { sumReply } from '../support/workspaces.ts';

const testFile = (name: string, body: string) =>
  `const assert = require('node:assert');\nconst { test } = require('node:test');\nconst { sum } = require('../sum.js');\ntest('${name}', async () => {\n  ${body}\n});\n`;
const files = {
  'package.json': '{"scripts":{"test":"node --test --test-concurrency=1"}}',
  'sum.js': 'function sum(a, b) {\n  return a - b;\n}\n\nmodule.exports = { sum };\n',
  'test/adds.test.js': testFile('adds', 'assert.equal(sum(2, 2), 4);'),
  'test/slow.test.js': testFile('slow', 'await new Promise((done) => setTimeout(done, 5500));\n  assert.equal(sum(0, 0), 0);'),
};

describe('a long suite', () => {
  test('runs as a whole on what passes the failing tests, and on the next one when that breaks something', async () => {
    const proposals: Proposal[] = [];
    const { log, run } = await start({
      files,
      script: [sumReply('a * b + 1'), sumReply('a * b || 4'), sumReply('a + b')],
      designer: soloDesigner(3),
      review: async (proposal) => {
        proposals.push(proposal);
        return { kind: 'approve', hash: proposal.hash, by: 'flag' };
      },
    });
    expect(await run()).toMatchObject({ outcome: 'solved', candidate: 'c3', after: { passed: 2, failed: 0 } });
    const only = ['test/adds.test.js'];
    expect(log.of('candidate.tested').map((event) => [event.candidate, event.only, event.judgement?.state])).toEqual([
      ['c1', only, 'red'],
      ['c2', only, 'unproven'],
      ['c2', undefined, 'red'],
      ['c3', only, 'unproven'],
      ['c3', undefined, 'solved'],
    ]);
    // The whole is in the price: once at least, twice at most.
    const { least, most } = proposals[0]?.estimate.seconds ?? { least: 0, most: 0 };
    expect(least).toBeGreaterThan(5.5);
    expect(most - least).toBeGreaterThan(5.5);
  });

  test('runs as a whole on the best only, where several candidates stand side by side', async () => {
    const { log, run } = await start({ files, script: [sumReply('a + b'), sumReply('b + a')], designer: fileDesigner(parallelSamples(2)) });
    expect(await run()).toMatchObject({ outcome: 'solved' });
    expect(log.of('candidate.tested').map(({ only }) => only !== undefined)).toEqual([true, true, false]);
  });

  test('that met its limit before as well is not called solved, and what was seen is told', async () => {
    const { log, run } = await start({
      files,
      script: [sumReply('a + b')],
      settings: { testLimits: { wallMs: 5_200, idleMs: 5_200, outputBytes: 10_000 } },
    });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'unproven', after: { passed: 1 } });
    expect(result.judgement?.reasons).toMatchObject([{ kind: 'not-seen', detail: 'time-limit', tests: ['test/slow.test.js > slow'] }]);
    expect(log.of('candidate.tested')).toHaveLength(2);
  });

  test('whose limit came before anything failed is told at the plan, and one try is paid for', async () => {
    const proposals: Proposal[] = [];
    const { run, server } = await start({
      files: {
        'package.json': '{"scripts":{"test":"node run.js"}}',
        'sum.js': files['sum.js'],
        'run.js': "setInterval(() => console.log('still at it'), 300);\n",
      },
      script: Array.from({ length: 10 }, (_, n) => sumReply(`a + b + ${n}`)),
      designer: soloDesigner(5),
      settings: { testLimits: { wallMs: 3_000, idleMs: 2_000, outputBytes: 10_000 } },
      review: async (proposal) => {
        proposals.push(proposal);
        return { kind: 'approve', hash: proposal.hash, by: 'flag' };
      },
    });
    expect(await run()).toMatchObject({
      outcome: 'unproven',
      candidate: 'c1',
      judgement: { reasons: [{ kind: 'not-seen', detail: 'time-limit' }] },
    });
    expect(server.requests).toHaveLength(1);
    const { baseline } = proposals[0]?.briefing ?? {};
    expect(timeLines(baseline?.ending, baseline).join(' ')).toMatch(/^Nothing had failed .* unproven, after one try. .*--test-seconds N/);
  });
});
