/** Rights of agents in whole runs: the network, and rights that are handed on. The fence, the programs and the servers are real. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileDesigner } from '../../src/design/index.ts';
import type { Designer } from '../../src/design/types.ts';
import { planHash, planSchema } from '../../src/plan/index.ts';
import { findFence, noGrants } from '../../src/process/index.ts';
import { replayRun } from '../../src/run/index.ts';
import { agentRun, call, mend } from '../support/agent-scene.ts';
import { type Setup, start } from '../support/run-scene.ts';
import type { ChatBody } from '../support/scripted-server.ts';
import { quickSum } from '../support/workspaces.ts';

const fence = await findFence();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright-rights-')));
let listening: Server;
let port = 0;
let asked = 0;
beforeAll(async () => {
  listening = createServer((socket) => {
    asked += 1;
    socket.end('here');
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  port = (listening.address() as { port: number }).port;
  writeFileSync(join(folder, 'server.cjs'), serverText);
});
afterAll(() => {
  listening.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Says whether it came to a port of this machine. */
const reach = `
const socket = require('node:net').connect(Number(process.argv[2]), '127.0.0.1');
socket.on('data', (data) => { console.log('reached: ' + data); socket.destroy(); });
socket.on('error', (error) => { console.log(error.message); });
`;

/** A server with one tool, which says whether it came to a port of this machine. */
const serverText = `
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const answers = {
  initialize: ({ protocolVersion }, done) =>
    done({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'reach', version: '1' } }),
  'tools/list': (_, done) => done({ tools: [{ name: 'reach', inputSchema: { type: 'object' } }] }),
  'tools/call': (_, done) => {
    const told = (text) => done({ content: [{ type: 'text', text }] });
    const socket = require('node:net').connect(Number(process.argv[2]), '127.0.0.1');
    socket.on('data', (data) => { told('reached: ' + data); socket.destroy(); });
    socket.on('error', (error) => told(error.message));
  },
};
let unread = '';
process.stdin.on('data', (chunk) => {
  unread += chunk;
  for (let end = unread.indexOf('\\n'); end !== -1; end = unread.indexOf('\\n')) {
    const { id, method, params } = JSON.parse(unread.slice(0, end));
    unread = unread.slice(end + 1);
    if (id !== undefined) answers[method](params, (result) => say({ id, result }));
  }
});
`;

const files = { ...quickSum, 'reach.js': reach };
const runner = { tools: ['edit', 'run'], commands: ['node reach.js'] };
const opened = { replans: 0, attempts: 1, grants: { ...noGrants, network: true } };

describe.skipIf(fence.by === 'none')('the network of a command', () => {
  const run = (agent: object, settings?: Setup['settings']) =>
    agentRun(agent, [mend, call('run', { command: `node reach.js ${port}` })], { files, ...(settings && { settings }) });

  test('is there where the plan grants it and the settings open it', async () => {
    const { told, log } = await run({ ...runner, network: true }, opened);
    expect(told[1]).toContain('reached: here');
    expect(log.of('right.refused')).toEqual([]);
    expect(log.of('right.loose')).toEqual([]);
  });

  test('is not there without a grant, whatever the settings open; reaching for it is a breach', async () => {
    const before = asked;
    const { told, log, result } = await run(runner, opened);
    expect(told[1]).toContain(`It has no network and did not come to 127.0.0.1:${port}.`);
    expect(asked).toBe(before);
    expect(log.of('right.refused')).toMatchObject([{ agent: 'coder', right: 'network', what: `127.0.0.1:${port}` }]);
    expect(result.outcome).toBe('solved');
  });

  test('is not there where the settings do not open it, and the plan and the trace say so', async () => {
    const before = asked;
    const { log } = await run({ ...runner, network: true });
    expect(asked).toBe(before);
    expect(log.of('right.loose')).toMatchObject([{ agent: 'coder', network: 'closed' }]);
    expect(log.of('right.refused')).toEqual([]);
  });
});

test('without a fence nothing keeps a command from the network, and the trace says so', async () => {
  const settings = { replans: 0, attempts: 1, fence: false };
  const { told, log } = await agentRun(runner, [mend, call('run', { command: `node reach.js ${port}` })], { files, settings });
  expect(told[1]).toContain('reached: here');
  expect(log.of('right.loose')).toMatchObject([{ agent: 'coder', network: 'open' }]);
});

describe.skipIf(fence.by === 'none')('the network of a server', () => {
  const run = (agent: object) =>
    agentRun({ servers: ['reach'], ...agent }, [mend, call('reach__reach', {})], {
      servers: { reach: { command: process.execPath, args: [join(folder, 'server.cjs'), String(port)], env: {} } },
    });

  test('is there where the plan grants it', async () => {
    const { told, log } = await run({ network: true });
    expect(told[1]).toBe('reached: here');
    expect(log.of('server.started')).toMatchObject([{ server: 'reach' }]);
    expect(log.of('server.started')[0]).not.toHaveProperty('offline');
  });

  test('is not there without a grant, and the trace says that it was started without', async () => {
    const before = asked;
    const { told, log } = await run({});
    expect(told[1]).toMatch(/ECONNREFUSED|ENETUNREACH/);
    expect(asked).toBe(before);
    expect(log.of('server.started')).toMatchObject([{ server: 'reach', offline: true }]);
  });
});

const coder = { role: 'coder', instructions: 'Work as the first coder.', tools: ['edit'], write: ['**'], output: 'edits' };
const planOf = (name: string, agents: object) =>
  planSchema.parse({
    teamwright: 1,
    name,
    difficulty: 'easy',
    agents,
    steps: [
      { id: 'draft', do: 'generate', agent: 'one' },
      { id: 'judge', do: 'test' },
    ],
    budget: { calls: 30, tokens: 400_000 },
  });

test('a stand-in whose files must be named does not begin where the one it stands in for names none', async () => {
  const plan = planOf('standing-in', {
    one: { ...coder, tools: [], rescue: { agent: 'two' } },
    two: { ...coder, tools: [], instructions: 'Work as the second coder.', write: ['.github/**'] },
  });
  const { run, server, log } = await start({
    designer: fileDesigner(plan),
    settings: { replans: 0, attempts: 1 },
    script: () => 'No files here.',
  });
  await run();
  expect(log.of('right.refused')).toMatchObject([{ agent: 'two', right: 'delegation', what: 'writing .github/**' }]);
  expect(log.of('agent.replaced')).toEqual([]);
  expect(said(server.requests, 'second coder')).toBe(0);
});

const said = (requests: readonly { readonly body: ChatBody }[], words: string): number =>
  requests.filter(({ body }) => body.messages.some(({ content }) => content.includes(words))).length;

describe('a second plan', () => {
  const first = planOf('first', { one: { ...coder, tools: [] } });
  const second = planOf('second', {
    one: { ...coder, instructions: 'Work as the second coder.', tools: ['edit', 'run'], commands: ['npm run'], network: true },
  });
  const designer = (): Designer => {
    let round = 0;
    return {
      name: 'file',
      design: async () => {
        const plan = round === 0 ? first : second;
        round += 1;
        return { plan, origin: 'file', reason: '', difficulty: plan.difficulty, rounds: [] };
      },
    };
  };
  const wrong = `### sum.js\n\`\`\`js\n${quickSum['sum.js'].replace('a - b', 'a * b')}\`\`\`\n`;
  const runWith = async (by: 'flag' | 'user', edited?: typeof second) => {
    const scene = await start({
      designer: designer(),
      settings: { replans: 1, attempts: 1 },
      script: () => wrong,
      review: async ({ hash, round }) =>
        round > 0 && edited ? { kind: 'approve', hash: planHash(edited), by, edited } : { kind: 'approve', hash, by },
    });
    return { ...scene, result: await scene.run() };
  };

  test('that nobody looks at has no right that the first one did not give: it does not run, and that is on record', async () => {
    const { server, log, result, workspace } = await runWith('flag');
    expect(log.of('right.refused')).toMatchObject([
      { agent: 'one', call: 'r1', right: 'delegation', what: 'the command "npm run"' },
      { agent: 'one', call: 'r1', right: 'delegation', what: 'the network' },
    ]);
    expect(said(server.requests, 'second coder')).toBe(0);
    expect(result.outcome).toBe('tests-fail');
    expect(log.of('plan.declined')).toMatchObject([{ comment: 'it would give agents what no plan before it gave' }]);
    const where = { dataDir: workspace.dataDir, runId: result.runId };
    expect(await replayRun(where, new AbortController().signal)).toMatchObject({ same: true });
  });

  test('that the user approves has them, and one that they edited as well', async () => {
    const looked = await runWith('user');
    expect(looked.log.of('right.refused')).toEqual([]);
    expect(said(looked.server.requests, 'second coder')).toBeGreaterThan(0);
    const edited = { ...second, name: 'edited' };
    const changed = await runWith('user', edited);
    expect(said(changed.server.requests, 'second coder')).toBeGreaterThan(0);
    expect(changed.log.of('plan.approved').at(-1)?.hash).toBe(planHash(edited));
  });
});
