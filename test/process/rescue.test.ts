/** Agents that come to grief in whole runs, on a real workspace with real tests. Only the model is scripted; servers really fall silent or are gone. */
import { expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import { openAiClient } from '../../src/models/index.ts';
import type { ModelClient } from '../../src/models/types.ts';
import { planSchema } from '../../src/plan/schema.ts';
import { replayRun } from '../../src/run/index.ts';
import { copiesLeft, start } from '../support/run-scene.ts';
import { type ChatBody, type Reply, startScriptedServer } from '../support/scripted-server.ts';
import { quickSum } from '../support/workspaces.ts';

const first = 'Work as the first coder.';
const second = 'Work as the second coder.';
const right = `### sum.js\n\`\`\`js\n${quickSum['sum.js'].replace('a - b', 'a + b')}\`\`\`\n`;
const isFirst = (said: { readonly messages: readonly { readonly content: string }[] }): boolean =>
  said.messages.some(({ content }) => content.includes(first));

const planWith = (rescue: object, more: object = {}, steps?: readonly unknown[]) => {
  const coder = { role: 'coder', tier: 'worker', tools: [], write: ['**'], output: 'edits' };
  return planSchema.parse({
    teamwright: 1,
    name: 'rescue',
    difficulty: 'medium',
    agents: { one: { ...coder, ...more, instructions: first, rescue }, two: { ...coder, instructions: second } },
    steps: steps ?? [
      { id: 'draft', do: 'generate', agent: 'one' },
      { id: 'check', do: 'test' },
    ],
    budget: { calls: 60, tokens: 400_000 },
  });
};

interface Scene {
  readonly plan: ReturnType<typeof planWith>;
  readonly reply: (body: ChatBody) => Reply;
  readonly chat?: ModelClient['chat'];
  readonly capabilities?: Parameters<typeof start>[0]['capabilities'];
}
const signal = new AbortController().signal;
const scene = async ({ plan, reply, chat, capabilities }: Scene) => {
  const settings = { replans: 0, attempts: 1 };
  const script = (body: ChatBody) => reply(body);
  const started = await start({ files: quickSum, settings, designer: fileDesigner(plan), script, chat, capabilities });
  const result = await started.run();
  expect(copiesLeft(started.workspace)).toEqual([]);
  const replayed = await replayRun({ dataDir: started.workspace.dataDir, runId: result.runId }, signal);
  expect(replayed).toMatchObject({ same: true });
  return { ...started, result, replaced: started.log.of('agent.replaced') };
};

test('an agent whose server is gone is replaced by another one, and the run ends as solved', async () => {
  const gone = await startScriptedServer([]);
  const live = await startScriptedServer(() => right);
  await gone.close();
  const clients = [gone, live].map(({ url }) => openAiClient({ endpoint: 'scripted', baseUrl: url }));
  try {
    const { result, replaced } = await scene({
      plan: planWith({ agent: 'two' }),
      reply: () => right,
      chat: async (request, onDelta, stop) => {
        const client = clients[isFirst(request) ? 0 : 1] as ModelClient;
        return client.chat(request, onDelta, stop);
      },
    });
    expect(result.outcome).toBe('solved');
    expect(replaced).toMatchObject([{ step: 'draft', agent: 'one', trouble: 'fails', by: 'agent', with: 'two', model: 'scripted' }]);
  } finally {
    await live.close();
  }
});

test('an agent whose model falls silent is tried again, then replaced', async () => {
  const live = await startScriptedServer((body) => (isFirst(body) ? { text: right, stallAfterChunks: 2 } : right));
  const client = openAiClient({ endpoint: 'scripted', baseUrl: live.url, timeouts: { firstByteMs: 5000, idleMs: 400 } });
  try {
    const { result, replaced } = await scene({ plan: planWith({ retries: 1, agent: 'two' }), reply: () => right, chat: client.chat });
    expect(result.outcome).toBe('solved');
    expect(replaced.map(({ trouble, by, with: other }) => [trouble, by, other])).toEqual([
      ['silent', 'retry', 'one'],
      ['silent', 'agent', 'two'],
    ]);
  } finally {
    await live.close();
  }
});

test('who stands in hands nothing on: its own policy is not for the place of another one', async () => {
  const plan = planWith({ on: ['format'], agent: 'two' });
  const three = { ...plan.agents.two, instructions: 'Work as the third coder.' };
  const agents = { ...plan.agents, two: { ...plan.agents.two, rescue: { on: ['format'], retries: 2, agent: 'three' } }, three };
  const asked: string[] = [];
  const { result, replaced } = await scene({
    plan: planSchema.parse({ ...plan, agents }),
    reply: (body) => {
      asked.push(/Work as the (\w+) coder/.exec(JSON.stringify(body.messages))?.[1] ?? '?');
      return 'No files here.';
    },
  });
  expect(result.outcome).toBe('tests-fail');
  expect(replaced.map(({ by, with: other }) => [by, other])).toEqual([['agent', 'two']]);
  expect(new Set(asked)).toEqual(new Set(['first', 'second']));
});

test('an agent with tools that goes in circles is replaced', async () => {
  const looking: Reply = { toolCalls: [{ name: 'read', arguments: { path: 'sum.js' } }] };
  const { result, replaced, log } = await scene({
    plan: planWith({ on: ['loops'], agent: 'two' }, { tools: ['read', 'edit'] }),
    capabilities: { strength: 'strong', tools: true },
    reply: (body) => (isFirst(body) ? looking : 'sum.js\n<<<<<<< SEARCH\n  return a - b;\n=======\n  return a + b;\n>>>>>>> REPLACE\n'),
  });
  expect(log.of('loop.found').at(-1)).toMatchObject({ agent: 'one', action: 'stopped' });
  expect(replaced).toMatchObject([{ agent: 'one', trouble: 'loops', by: 'agent', with: 'two' }]);
  expect(result.outcome).toBe('solved');
});

test('an agent that breaks its format is asked with the other model', async () => {
  let asked = 0;
  const { result, replaced, log } = await scene({
    plan: planWith({ model: 'strong' }),
    reply: () => {
      asked += 1;
      return asked === 1 ? 'I would add the two numbers.' : right;
    },
  });
  expect(result.outcome).toBe('solved');
  expect(replaced).toMatchObject([{ trouble: 'format', by: 'model', with: 'one' }]);
  expect(log.of('candidate.made')).toMatchObject([{ step: 'draft', agent: 'one' }]);
});

test('an agent that is dropped is asked no more; the others go on, and the run ends', async () => {
  const { result, replaced, log } = await scene({
    plan: planWith({ on: ['fails'], otherwise: 'drop' }, {}, [
      { id: 'draft', do: 'generate', agent: 'one' },
      { id: 'more', do: 'generate', agent: 'one' },
      { id: 'other', do: 'generate', agent: 'two' },
      { id: 'check', do: 'test' },
    ]),
    reply: (body) => (isFirst(body) ? { status: 500, body: 'out of order' } : right),
  });
  expect(result.outcome).toBe('solved');
  expect(replaced).toMatchObject([{ step: 'draft', agent: 'one', trouble: 'fails', by: 'drop' }]);
  const ends = log.of('step.done').map(({ step, skipped, failure }) => [step, failure?.code ?? skipped]);
  expect(ends).toEqual([
    ['draft', 'model-server-error'],
    ['more', 'one was dropped'],
    ['other', undefined],
    ['check', 'every candidate is tested'],
  ]);
});

test('what the policy does not cover fails as without it', async () => {
  const { result, replaced } = await scene({
    plan: planWith({ on: ['loops'], agent: 'two' }),
    reply: (body) => (isFirst(body) ? { status: 500, body: 'out of order' } : right),
  });
  expect(replaced).toEqual([]);
  expect(result.outcome).toBe('failed');
});
