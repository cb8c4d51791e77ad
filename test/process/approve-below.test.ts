/** Which plans run without being asked about, and that such a run never costs more than its limit. */
import { describe, expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/file.ts';
import { plannerCoderTester, soloTeam } from '../../src/design/index.ts';
import { libraryDesigner } from '../../src/design/library.ts';
import type { Plan } from '../../src/plan/index.ts';
import type { Proposal } from '../../src/run/index.ts';
import { runSettingsShape } from '../../src/run/index.ts';
import { fold, openRun, renderRun } from '../../src/trace/index.ts';
import { approveAll, type Setup, start } from '../support/run-scene.ts';
import { sumReply } from '../support/workspaces.ts';

const price = { input: 1, cachedInput: 0.1, output: 4, known: true };
const right = [{ text: sumReply('a + b') }];

/** The plans that were asked about. */
async function asked(setup: Partial<Setup>) {
  const seen: Proposal[] = [];
  const scene = await start({
    script: right,
    price,
    approveBelow: { usd: 0.5, by: 'setting' },
    review: async (proposal) => {
      seen.push(proposal);
      return approveAll(proposal);
    },
    ...setup,
  });
  const result = await scene.run();
  return { ...scene, seen, result };
}

const solo = soloTeam(1, 'easy');
const namesTests: Plan = {
  ...solo,
  agents: Object.fromEntries(Object.entries(solo.agents).map(([name, agent]) => [name, { ...agent, write: ['**', '**/*.test.js'] }])),
};

test('a plan of one agent below the limit is not asked about; the trace and what is told of it say who approved it', async () => {
  const { seen, result, log, workspace } = await asked({});
  expect([seen, result.outcome]).toEqual([[], 'solved']);
  expect(log.of('plan.approved')).toMatchObject([{ hash: log.of('plan.proposed')[0]?.hash, by: 'setting', below: 0.5 }]);
  const { events } = await (await openRun(workspace.dataDir, result.runId)).read();
  expect(renderRun(fold(events), { ownerAlive: false })).toMatch(/approved by setting, unasked: at most \$0\.50/);
});

describe('is asked about, and says why', () => {
  const cases: readonly (readonly [string, Partial<Setup>, Proposal['whyAsked']])[] = [
    ['the run may cost more', { approveBelow: { usd: 0.000_01, by: 'setting' } }, 'cost'],
    ['the price is not known', { price: { ...price, known: false } }, 'price-unknown'],
    ['it has several agents', { designer: fileDesigner(plannerCoderTester()) }, 'team'],
    ['nothing can judge the change', { files: { 'sum.js': 'export const sum = (a, b) => a - b;\n' } }, 'no-tests'],
    ['the plan has a warning', { designer: fileDesigner(namesTests) }, 'warnings'],
  ];
  test.each(cases)('%s', async (_name, setup, why) => {
    const { seen, log } = await asked(setup);
    expect(seen.map(({ whyAsked }) => whyAsked)).toEqual([why]);
    expect(log.of('plan.approved')[0]).toMatchObject({ by: 'flag' });
    expect(log.of('plan.approved')[0]?.below).toBeUndefined();
  });

  test('a second plan, after the first has failed', async () => {
    const { seen } = await asked({
      script: [{ text: sumReply('a * b') }],
      designer: libraryDesigner,
      approveBelow: { usd: 5, by: 'setting' },
    });
    expect(seen.every(({ round, whyAsked }) => (round > 0 ? whyAsked === 'failed-before' : whyAsked === 'team'))).toBe(true);
    expect(seen.length).toBeGreaterThan(0);
  });
});

test('without the setting every plan is asked about, and none says why', async () => {
  const { seen } = await asked({ approveBelow: undefined });
  expect(seen.map(({ whyAsked }) => whyAsked)).toEqual([undefined]);
});

test('a run that was not asked about stops before the call that would cost more than the limit', async () => {
  // The first reply is wrong and dearer than anybody thought.
  const script = [{ text: sumReply('a - b'), usage: { input: 400_000, output: 1000 } }, { text: sumReply('a + b') }];
  const { result, log } = await asked({ script, approveBelow: { usd: 0.4, by: 'setting' } });
  expect(log.of('plan.approved')).toMatchObject([{ by: 'setting', below: 0.4 }]);
  expect(result.outcome).toBe('budget');
  expect(log.of('call.done')).toHaveLength(1);
});

test("the limit is the user's own number, and 0 stands for what costs nothing", () => {
  expect(runSettingsShape.approveBelow.safeParse(0).success).toBe(true);
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1'])
    expect(runSettingsShape.approveBelow.safeParse(wrong).success).toBe(false);
});
