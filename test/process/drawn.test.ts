/** A revision of a candidate that is drawn, on a real workspace with real tests. Only the model is scripted. */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { planSchema } from '../../src/plan/schema.ts';
import { replayRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import { quickSum } from '../support/workspaces.ts';

const files = {
  'package.json': quickSum['package.json'],
  'a.js': 'exports.sum = (a, b) => a - b;\n\n\nexports.half = (n) => n * 2;\n',
  'all.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum, half } = require('./a.js');",
    "test('sum', () => assert.strictEqual(sum(2, 3), 5));",
    "test('half', () => assert.strictEqual(half(6), 3));",
    '',
  ].join('\n'),
};
const reply = (sum: string, half: string): string =>
  `### a.js\n\`\`\`js\n${files['a.js'].replace('a - b', sum).replace('n * 2', half)}\`\`\`\n`;

test.each(['first-pass', 'never'] as const)('each sample improves one that is drawn, and a replay draws the same (%s)', async (stop) => {
  const { workspace, log, run } = await start({
    files,
    request: 'The tests fail. Fix a.js.',
    settings: { replans: 0 },
    designer: fileDesigner(
      planSchema.parse({
        teamwright: 1,
        name: 'drawn',
        difficulty: 'medium',
        agents: {
          coder: {
            role: 'coder',
            tier: 'worker',
            tools: [],
            write: ['**'],
            output: 'edits',
            instructions: 'Do what is asked and no more.',
          },
        },
        steps: [
          { id: 'draft', do: 'generate', agent: 'coder', samples: 2 },
          { id: 'mend', do: 'revise', agent: 'coder', samples: 2, from: 'drawn', stop },
          { id: 'check', do: 'test' },
        ],
      }),
    ),
    script: [reply('b - a', 'n * 3'), reply('a + b', 'n * 2'), reply('a + b', 'n * 4'), reply('a + b', 'n / 2')],
  });
  const result = await run();
  expect(result.outcome).toBe('solved');
  const draws = log.of('candidate.drawn');
  expect(draws).toHaveLength(2);
  const byName = (one: (typeof draws)[number] | undefined) => one?.arms.toSorted((a, b) => a.candidate.localeCompare(b.candidate));
  expect(byName(draws[0])).toMatchObject([
    { candidate: 'c1', share: 0, fails: 0 },
    { candidate: 'c2', share: 0.5, fails: 0 },
  ]);
  expect(draws[0]).toMatchObject({ step: 'mend', candidate: draws[0]?.arms[0]?.candidate });
  const [first] = log.of('candidate.made').filter(({ step }) => step === 'mend');
  expect(first?.from).toBe(draws[0]?.candidate);
  if (stop === 'first-pass') {
    // What was improved without gain counts against it, and what came of it can be drawn as well.
    expect(byName(draws[1])).toMatchObject([{ fails: 0 }, { fails: draws[0]?.candidate === 'c2' ? 1 : 0 }, { share: 0.5 }]);
  } else expect(byName(draws[1])).toHaveLength(2);
  expect(await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal)).toMatchObject({ same: true });
});
