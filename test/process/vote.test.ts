/** Votes in whole runs, on a real workspace with real tests. Only the model is scripted. */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { type Plan, planSchema } from '../../src/plan/schema.ts';
import { applyRun, replayRun } from '../../src/run/index.ts';
import { start } from '../support/run-scene.ts';
import type { Reply } from '../support/scripted-server.ts';
import { quickSum } from '../support/workspaces.ts';

const agents = {
  judge: { role: 'planner', tier: 'worker', tools: [], write: [], output: 'note', instructions: 'Say which file holds the mistake.' },
  coder: { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits', instructions: 'Do what is asked and no more.' },
};
const planWith = (steps: readonly unknown[], used: Partial<typeof agents> = agents): Plan =>
  planSchema.parse({ teamwright: 1, name: 'votes', difficulty: 'medium', agents: used, steps, budget: { calls: 40 } });
const file = 'exports.sum = function sum(a, b) {\n  return a - b;\n};\n';
const files = { ...quickSum, 'sum.js': file };
const right = 'exports.sum = function sum(a, b) {\n  return a + b;\n};\n';
const { signal } = new AbortController();
const scene = async (plan: Plan, script: Reply[], own = files) => {
  const settings = { replans: 0 };
  const started = await start({
    files: own,
    request: 'The tests of sum fail. Fix sum.js.',
    settings,
    designer: fileDesigner(plan),
    script,
  });
  const again = async (runId: string) => replayRun({ dataDir: started.workspace.dataDir, runId }, signal);
  return { ...started, again };
};

test('the answer that is ahead by k is the note that later steps read; discarded replies are in the trace and have no vote', async () => {
  const plan = planWith([
    { id: 'where', do: 'vote', agent: 'judge', answer: 'files', accuracy: 80, longest: 40 },
    { id: 'draft', do: 'generate', agent: 'coder', uses: ['where'] },
    { id: 'check', do: 'test' },
  ]);
  const replies: Reply[] = [
    'sum.js',
    'The mistake is in sum.js.',
    'sum.test.js',
    // Three are ahead by none; three more, and one for each that is discarded.
    'sum.js',
    { text: 'sum.js', finish: 'length' },
    'sum.js',
    'sum.js',
    `### sum.js\n\`\`\`js\n${right}\`\`\`\n`,
  ];
  const { run, log, server, again } = await scene(plan, replies);
  const result = await run();
  expect(result.outcome).toBe('solved');
  expect(log.of('vote.cast').map(({ answer, flag }) => answer ?? flag)).toEqual([
    ...['sum.js', 'not-exact', 'sum.test.js'],
    ...['sum.js', 'too-long', 'sum.js', 'sum.js'],
  ]);
  expect(log.of('vote.held')).toMatchObject([
    { step: 'where', ended: 'agreed', lead: 3, accuracy: 0.8, measured: false, flagged: 2, answers: [{ votes: 4 }, { votes: 1 }] },
  ]);
  expect(log.of('note.written')).toMatchObject([{ step: 'where', agent: 'judge', call: 'r0/where/1', verdict: 'none' }]);
  expect(JSON.stringify(server.requests.at(-1))).toContain('# From the planner\\nsum.js');
  const asked = server.requests.slice(0, 7).map(({ body }) => body);
  expect(asked.filter(({ temperature }) => temperature === 0)).toHaveLength(1);
  expect(new Set(asked.map(({ temperature }) => temperature))).toEqual(new Set([0, 0.2]));
  expect(asked.every(({ max_tokens }) => max_tokens === 40)).toBe(true);
  expect(await again(result.runId)).toMatchObject({ same: true });
});

test('a vote on a function makes a candidate of the text that is ahead', async () => {
  const plan = planWith(
    [
      { id: 'write', do: 'vote-part', agent: 'coder', accuracy: 80 },
      { id: 'check', do: 'test' },
    ],
    { coder: agents.coder },
  );
  const own = { ...files, 'sum.js': 'function sum(a, b) {\n  return a - b;\n}\nmodule.exports = { sum };\n' };
  const block = (sign: string): string => `\`\`\`js\nfunction sum(a, b) {\n  return a ${sign} b;\n}\n\`\`\`\n`;
  const { run, log, again, workspace, before } = await scene(
    plan,
    [block('+'), block('*'), 'I do not know.', block('+'), block('+'), block('+')],
    own,
  );
  const result = await run();
  expect(result.outcome).toBe('solved');
  expect(log.of('vote.held')).toMatchObject([{ ended: 'agreed', lead: 3, flagged: 1, answers: [{ votes: 4 }, { votes: 1 }] }]);
  expect(log.of('candidate.made')).toMatchObject([{ step: 'write', call: 'r0/write/1', changed: ['sum.js'] }]);
  expect(await again(result.runId)).toMatchObject({ same: true });
  await applyRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
  expect(workspace.contents()).toEqual({ ...before, 'sum.js': own['sum.js'].replace('a - b', 'a + b') });
});

test('where the first replies agree too little there is no vote, and the step says what to do instead', async () => {
  const plan = planWith([
    { id: 'how', do: 'vote', agent: 'judge', options: ['one line', 'anew', 'not at all'], calibrate: 6 },
    { id: 'draft', do: 'generate', agent: 'coder', uses: ['how'] },
    { id: 'check', do: 'test' },
  ]);
  const votes = ['one line', 'anew', 'not at all', 'one line', 'anew', 'not at all'];
  const { run, log, server, again } = await scene(plan, [...votes, `### sum.js\n\`\`\`js\n${right}\`\`\`\n`]);
  const result = await run();
  expect(result.outcome).toBe('solved');
  const [held] = log.of('vote.held');
  expect(held).toMatchObject({ ended: 'refused', measured: true, accuracy: 0.375 });
  expect(held?.lead).toBeUndefined();
  expect(log.of('step.done').find(({ step }) => step === 'how')?.skipped).toContain('let "select" choose by behaviour');
  expect(log.of('note.written')).toEqual([]);
  expect(JSON.stringify(server.requests.at(-1))).not.toContain('# From the planner');
  expect(await again(result.runId)).toMatchObject({ same: true });
});

test('a vote ends where the budget ends', async () => {
  const plan = planWith([
    { id: 'how', do: 'vote', agent: 'judge', options: ['one line', 'anew'] },
    { id: 'draft', do: 'generate', agent: 'coder' },
    { id: 'check', do: 'test' },
  ]);
  const small = { ...plan, budget: { ...plan.budget, calls: 5 } };
  const { run, log } = await scene(small, ['one line', 'anew', 'one line', 'anew', 'one line', 'anew', 'one line', 'anew']);
  expect((await run()).outcome).toBe('budget');
  expect(log.of('call.started')).toHaveLength(5);
});
