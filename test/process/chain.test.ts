/** Chains of votes in whole runs. Only the model is scripted; its errors come from a seed. */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { type Plan, planSchema } from '../../src/plan/schema.ts';
import { applyRun, replayRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import type { ChatBody, Reply } from '../support/scripted-server.ts';
import { quickSum } from '../support/workspaces.ts';

const { signal } = new AbortController();
const agents = {
  counter: { role: 'counter', tools: [], write: [], output: 'note', instructions: 'Do the one sum that is asked for.' },
  coder: { role: 'coder', tools: [], write: ['**'], output: 'edits', instructions: 'Do what is asked and no more.' },
  planner: { role: 'planner', tools: [], write: [], output: 'note', instructions: 'Cut the work into small pieces.' },
};
const planWith = (steps: readonly unknown[], names: readonly (keyof typeof agents)[], finish = 'tests-pass'): Plan =>
  planSchema.parse({
    ...{ teamwright: 1, name: 'chains', difficulty: 'hard', steps, finish: { when: finish } },
    agents: Object.fromEntries(names.map((name) => [name, agents[name]])),
    budget: { calls: 2000, tokens: 5_000_000 },
  });

async function runOf(plan: Plan, script: Reply[] | ((body: ChatBody) => Reply), files: Readonly<Record<string, string>> = quickSum) {
  const scene = await start({ files, request: 'Make it right.', settings: { replans: 0 }, designer: fileDesigner(plan), script });
  const result = await scene.run();
  const again = await replayRun({ dataDir: scene.workspace.dataDir, runId: result.runId }, signal);
  expect(again).toMatchObject({ same: true });
  return { ...scene, result };
}

/** Between 0 and 1, from what was asked and the seed of the call. */
function chanceOf(text: string): number {
  let hash = 2_166_136_261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

const textOf = ({ messages }: ChatBody): string => messages.map(({ content }) => content ?? '').join('\n');

test('sixty steps that build on each other come out right where one reply in five is wrong, and the lead follows from all of them', async () => {
  const pieces = Array.from({ length: 60 }, (_, index) => `Add ${(index * 37) % 11} to the value so far`);
  const plan = planWith(
    [{ id: 'sums', do: 'chain', pieces, steps: [{ id: 'add', do: 'vote', agent: 'counter', answer: 'value', accuracy: 80, samples: 64 }] }],
    ['counter'],
    'answer',
  );
  let wrong = 0;
  const { log } = await runOf(plan, (body) => {
    const text = textOf(body);
    const before = Number(/^\d+\. .*: (-?\d+)$/gm.exec([...text.matchAll(/^\d+\. .*: -?\d+$/gm)].at(-1)?.[0] ?? '')?.[1] ?? 0);
    const right = before + Number(/the only one to do now: Add (\d+)/.exec(text)?.[1]);
    const errs = chanceOf(`${body.seed} ${right} ${text.length}`) < 0.2;
    wrong += Number(errs);
    return String(errs ? right + 1 : right);
  });
  const held = log.of('vote.held');
  expect(held).toHaveLength(60);
  // ln(0.95^(-1/60) − 1) / ln(0.25) = 5.1
  expect(new Set(held.map(({ lead }) => lead))).toEqual(new Set([6]));
  expect(wrong).toBeGreaterThan(60);
  let sum = 0;
  const sums = pieces.map((piece) => {
    sum += Number(/\d+/.exec(piece)?.[0]);
    return sum;
  });
  expect(held.map(({ answers }) => Number(answers[0]?.answer))).toEqual(sums);
  expect(held.at(-1)?.path).toBe('r0/sums/60/add');
});

const both = (first: string, second: string): string =>
  `function sum(a, b) {\n  return ${first};\n}\n\nfunction twice(a) {\n  return ${second};\n}\n\nmodule.exports = { sum, twice };\n`;
const files = { ...quickSum, 'sum.js': both('a - b', 'sum(a, b)') };
const block = (name: string, parameters: string, body: string): string =>
  `\`\`\`js\nfunction ${name}(${parameters}) {\n  return ${body};\n}\n\`\`\`\n`;
const changes = (more: object): unknown[] => [
  { id: 'edit', do: 'chain', steps: [{ id: 'write', do: 'vote-part', agent: 'coder', accuracy: 80, target: 80, samples: 6 }], ...more },
  { id: 'check', do: 'test' },
];

test('changes to one file build on each other; the pieces may come from a note; what a piece was built on is not tested again', async () => {
  const plan = planWith([{ id: 'cut', do: 'analyse', agent: 'planner' }, ...changes({ uses: ['cut'] })], ['planner', 'coder']);
  const { log, result, workspace } = await runOf(
    plan,
    (body) => {
      const text = textOf(body);
      if (text.includes('Cut the work')) return '1. Mend `sum`\n2. Mend `twice`\n';
      return text.includes('now: Mend `sum`') ? block('sum', 'a, b', 'a + b') : block('twice', 'a', 'sum(a, a)');
    },
    files,
  );
  expect(result.outcome).toBe('solved');
  expect(log.of('candidate.made')).toMatchObject([
    { candidate: 'c1', from: 'start', call: 'r0/edit/1/write/1' },
    { candidate: 'c2', from: 'c1', call: 'r0/edit/2/write/1' },
  ]);
  expect(log.of('candidate.tested').map(({ candidate }) => candidate)).toEqual(['c2']);
  expect(log.of('candidates.selected')).toMatchObject([{ step: 'edit', kept: ['c2'], by: 'chain' }]);
  expect(result).toMatchObject({ candidate: 'c2' });
  await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
  expect(workspace.contents()['sum.js']).toBe(both('a + b', 'sum(a, a)'));
});

test('a vote that decides nothing ends the chain, which says where; what was done before stays', async () => {
  const pieces = ['Mend `sum`', 'Mend `twice`', 'Mend `sum` again'];
  const plan = planWith(changes({ pieces }), ['coder']);
  const { log, result } = await runOf(
    plan,
    (body) => (textOf(body).includes('now: Mend `sum`') ? block('sum', 'a, b', 'a + b') : block('twice', 'a', `sum(a, ${body.seed})`)),
    files,
  );
  expect(log.of('step.done').find(({ step }) => step === 'edit')?.skipped).toMatch(
    /^piece 2 of 3 came to nothing, so those after it have nothing to build on \("write": no answer is ahead by .*\); what was done before it stays$/,
  );
  expect(log.of('vote.held').map(({ ended }) => ended)).toEqual(['agreed', 'undecided']);
  expect(log.of('candidate.made')).toHaveLength(1);
  expect(result).toMatchObject({ outcome: 'solved', candidate: 'c1' });
});

test.each([
  ['Nothing to do.\nNothing.\nNothing.', { most: 2 }, 'the note of "cut" has 3 pieces, and 2 are allowed'],
  [`- ${'x'.repeat(401)}`, {}, 'piece 1 in the note of "cut" has more than 400 characters'],
])('a note that holds no fit pieces is no chain: %#', async (note, more, why) => {
  const { log } = await runOf(
    planWith([{ id: 'cut', do: 'analyse', agent: 'planner' }, ...changes({ uses: ['cut'], ...more })], ['planner', 'coder']),
    () => note,
    files,
  );
  expect(log.of('step.done').find(({ step }) => step === 'edit')?.skipped).toBe(why);
});
