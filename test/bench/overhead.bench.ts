/**
 * What the runtime itself costs: ten model calls in a row, as a plan of ten steps, as a LangGraph.js graph of ten nodes, and as ten
 * @openai/agents runs. `npm run bench -- overhead`. All make the same calls through the same client; overhead is the time beyond the bare
 * calls. Once with a client that answers at once (only the runtimes differ), once over HTTP with the scripted server.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pLimit from 'p-limit';
import type { Briefing } from '../../src/briefing/types.ts';
import { noTestSources } from '../../src/feedback/index.ts';
import { createCalibration } from '../../src/models/index.ts';
import type { ChatMessage, ChatReply, ModelClient, ModelSet } from '../../src/models/types.ts';
import { planHash, planSchema } from '../../src/plan/index.ts';
import { createAsk } from '../../src/run/ask.ts';
import type { StepContext } from '../../src/run/context.ts';
import { runSteps } from '../../src/run/execute.ts';
import { Meter } from '../../src/run/meter.ts';
import { createOutside } from '../../src/run/outside.ts';
import { Pool } from '../../src/run/pool.ts';
import { RepairProgress } from '../../src/run/repair/progress.ts';
import { createSteering } from '../../src/run/steering.ts';
import { Troubles } from '../../src/run/troubles.ts';
import { defaultRunSettings, type RunPorts } from '../../src/run/types.ts';
import { createTrace } from '../../src/trace/index.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { modelsAt } from '../support/workspaces.ts';

const calls = 10;
const rounds = Number(process.argv[2] ?? 200);
/** Rounds before those that count: the engine compiles code that runs often, for every runner alike. */
const warmUps = Number(process.argv[3] ?? 1000);
const goalMs = 0.5;
const signal = new AbortController().signal;
const prompt: readonly ChatMessage[] = [
  { role: 'system', content: 'You are a careful software engineer in a team.' },
  { role: 'user', content: `Request: make the tests pass.\n${'A line of a file that matters.\n'.repeat(40)}` },
];

const instantReply: ChatReply = {
  text: 'Line 2 subtracts.',
  reasoning: '',
  toolCalls: [],
  finish: 'stop',
  usage: { inputTokens: 400, outputTokens: 5, cachedInputTokens: 0, estimated: false },
  servedModel: 'instant',
  ms: 0,
};
const instant: ModelClient = { endpoint: 'instant', chat: async () => instantReply, listModels: async () => ['instant'] };

type Runner = () => Promise<void>;

/** Milliseconds, with what the runner puts off to the end of the turn: our trace is written there. */
async function timed(run: Runner): Promise<number> {
  const start = performance.now();
  await run();
  await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - start;
}

/** Ten `analyse` steps, each with its own call, budget, events and blobs; every step asks for a durable flush, quick ones share it. */
async function teamwright(
  client: ModelClient,
  dataDir: string,
): Promise<{ run: Runner; settle: () => Promise<void>; close: () => Promise<void> }> {
  const plan = planSchema.parse({
    teamwright: 1,
    name: 'ten',
    difficulty: 'hard',
    agents: { reader: { role: 'reader', instructions: 'Read the files and say what is wrong.', output: 'note', tools: [], write: [] } },
    steps: Array.from({ length: calls }, (_, index) => ({ id: `s${index}`, do: 'analyse', agent: 'reader' })),
    finish: { when: 'answer' },
  });
  const trace = await createTrace({ dataDir, runId: `bench-${Date.now()}`, clock: Date.now });
  const choice = { ...modelsAt('http://127.0.0.1:1/v1').worker, client, model: 'instant' };
  const models: ModelSet = { worker: choice, strong: choice };
  const ports = { trace, models, clock: Date.now, secrets: [] } as unknown as RunPorts;
  const shared = prompt[1]?.content ?? '';
  return {
    run: async () => {
      const meter = new Meter(Date.now);
      meter.limit({ tokens: 1e9, usd: 1, seconds: 1e6, calls: 1e6, agents: 6, depth: 4 }, () => undefined);
      const steering = createSteering({ trace, meter, steerable: true });
      const context: StepContext = {
        plan,
        planHash: planHash(plan),
        facts: {
          request: { text: 'x', files: [] },
          briefing: {} as Briefing,
          suites: [],
          test: undefined,
          baseline: undefined,
          looks: new Map(),
          testSources: noTestSources,
          base: { commit: '', tree: '' },
          start: { commit: '', tree: '' },
        },
        ports,
        settings: defaultRunSettings,
        ask: createAsk(ports, meter, defaultRunSettings, createCalibration(), steering),
        outside: createOutside(ports, meter),
        steering,
        pool: new Pool(),
        notes: new Map(),
        start: { commit: '', tree: '' },
        otherBaselines: new Map(),
        repairs: new RepairProgress(),
        refused: {},
        troubles: new Troubles(),
        sideBySide: pLimit(2),
        shared,
      };
      await runSteps(plan.steps, 'r0', context, signal);
      meter.close();
      if (context.notes.size !== calls) throw new Error('The plan did not make its calls.');
    },
    settle: () => trace.flush(),
    close: () => trace.close(),
  };
}

const rivalsFolder = new URL('./rivals/', import.meta.url);
const requireRival = createRequire(new URL('package.json', rivalsFolder));
// biome-ignore lint/suspicious/noExplicitAny: the rivals are installed apart and not typed here
const rival = async (name: string): Promise<any> => import(pathToFileURL(requireRival.resolve(name)).href);

async function langGraph(client: ModelClient): Promise<Runner> {
  const { StateGraph, Annotation, START, END } = await rival('@langchain/langgraph');
  const State = Annotation.Root({
    notes: Annotation({ reducer: (a: string[], b: string[]) => [...a, ...b], default: () => [] as string[] }),
  });
  let graph = new StateGraph(State);
  for (let index = 0; index < calls; index += 1) {
    graph = graph.addNode(`s${index}`, async () => ({
      notes: [(await client.chat({ model: 'instant', messages: prompt }, undefined, signal)).text],
    }));
    graph = graph.addEdge(index === 0 ? START : `s${index - 1}`, `s${index}`);
  }
  const compiled = graph.addEdge(`s${calls - 1}`, END).compile();
  return async () => {
    const { notes } = await compiled.invoke({ notes: [] });
    if (notes.length !== calls) throw new Error('The graph did not make its calls.');
  };
}

async function openaiAgents(client: ModelClient): Promise<Runner> {
  const { Agent, Runner, Usage, setTracingDisabled } = await rival('@openai/agents');
  setTracingDisabled(true);
  let made = 0;
  const model = {
    getResponse: async () => {
      const reply = await client.chat({ model: 'instant', messages: prompt }, undefined, signal);
      made += 1;
      return {
        usage: new Usage({ requests: 1, inputTokens: 400, outputTokens: 5, totalTokens: 405 }),
        output: [{ type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: reply.text }] }],
      };
    },
    getStreamedResponse: () => {
      throw new Error('not used');
    },
  };
  const agents = Array.from({ length: calls }, (_, index) => new Agent({ name: `s${index}`, instructions: 'Read the files.', model }));
  const runner = new Runner({ tracingDisabled: true });
  return async () => {
    made = 0;
    for (const agent of agents) await runner.run(agent, prompt[1]?.content);
    if (made !== calls) throw new Error('The agents did not make their calls.');
  };
}

const bare =
  (client: ModelClient): Runner =>
  async () => {
    for (let index = 0; index < calls; index += 1) await client.chat({ model: 'instant', messages: prompt }, undefined, signal);
  };

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw-bench-'));
const server = await startScriptedServer(() => ({ text: instantReply.text, usage: { input: 400, output: 5 }, chunkChars: 100 }));
try {
  const rows: string[] = [];
  for (const [way, client] of [
    ['answered at once', instant],
    ['over HTTP', modelsAt(server.url).worker.client],
  ] as const) {
    const ours = await teamwright(client, path.join(dataDir, way.replaceAll(' ', '-')));
    const runners: Record<string, Runner> = { bare: bare(client), teamwright: ours.run };
    try {
      runners['LangGraph.js'] = await langGraph(client);
      runners['@openai/agents'] = await openaiAgents(client);
    } catch (error) {
      process.stdout.write(
        `Left out: ${error instanceof Error ? error.message.split('\n')[0] : error}. \`npm run bench\` installs the rivals.\n`,
      );
    }
    for (const [name, run] of Object.entries(runners)) {
      if (name === 'bare') continue;
      // Each alone with the bare calls, so that nobody cleans up after another; pair by pair, so that a drift of the machine cancels out.
      const over: number[] = [];
      for (let round = -warmUps; round < rounds; round += 1) {
        const bareMs = await timed(runners.bare as Runner);
        const ms = await timed(run);
        if (round >= 0) over.push(ms - bareMs);
        // The disk's time is nobody's: each round begins with an idle disk, as a run does that waits for its model.
        if (name === 'teamwright') await ours.settle();
      }
      over.sort((a, b) => a - b);
      const at = (share: number): number => Number((over[Math.floor((over.length - 1) * share)] ?? 0).toFixed(3));
      const figure = {
        name: `${name}, ${way}`,
        overheadMs: { p25: at(0.25), median: at(0.5), p75: at(0.75) },
        calls,
        rounds,
        ...(name === 'teamwright' && { goal: goalMs }),
      };
      process.stdout.write(`${JSON.stringify(figure)}\n`);
      rows.push(`${figure.name.padEnd(36)} ${String(at(0.5)).padStart(9)} ms  (${at(0.25)} to ${at(0.75)})`);
    }
  }
  process.stdout.write(`\nOverhead of ${calls} calls beyond the bare calls, median (quartiles) of ${rounds} rounds\n${rows.join('\n')}\n`);
} finally {
  await server.close();
  fs.rmSync(dataDir, { recursive: true, force: true });
}
