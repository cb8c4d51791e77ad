/**
 * A thousand agents side by side: the command line as users have it runs a plan that holds 20 votes at once of 50 replies each. The server, a process
 * of its own, begins to answer after a fixed time. `npm run bench -- agents`, or `node test/bench/agents.bench.ts 1000 10000` (agents, milliseconds of
 * the server). Ends with 1 when a goal is missed. Memory is measured on Linux alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { planSchema } from '../../src/plan/index.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { commandLine } from '../support/command-line.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { temporaryWorkspace } from '../support/workspaces.ts';

const perVote = 50;
const goals = { megabytes: 200, timesIdeal: 1.1 };
/** The parts of a reply come so far apart, as of a server that streams. */
const reply = { text: JSON.stringify('the sign in part3.js'), chunkChars: 8, chunkMs: 20 };

if (process.send !== undefined) await serve(Number(process.argv[2]));
else await measure(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 10_000));

async function serve(delayMs: number): Promise<void> {
  const server = await startScriptedServer(() => ({ ...reply, stallMs: delayMs }));
  process.send?.(server.url);
  await once(process, 'disconnect');
  await server.close();
}

async function measure(agents: number, delayMs: number): Promise<void> {
  const server = fork(import.meta.filename, [String(delayMs)]);
  const line = '  // what this line is about, in some words';
  const files = Array.from({ length: 12 }, (_, n) => {
    const body = Array.from({ length: 60 }, (__, at) => `${line} (${at})`).join('\n');
    return [`src/part${n}.js`, `export function part${n}(a, b) {\n${body}\n  return a + b;\n}\n`];
  });
  const workspace = temporaryWorkspace(Object.fromEntries(files));
  const cli = commandLine();
  try {
    const [url] = (await once(server, 'message')) as [string];
    await cli.knows(url);
    const team = path.join(cli.home, 'many.team.yaml');
    fs.writeFileSync(team, JSON.stringify(planFor(agents)));
    const args = ['run', 'What is wrong in src/part3.js and src/part4.js?', '--workspace', workspace.root, '--designer', team];
    const { child, done } = cli.start([...args, '--model', `scripted@${url}`, '--parallel', String(agents), '--yes', '--json-events']);
    let megabytes = 0;
    const watch = setInterval(() => {
      megabytes = Math.max(megabytes, mostMegabytes(child.pid));
    }, 50);
    const { code, stdout, stderr } = await done;
    clearInterval(watch);
    const events = stdout.split('\n').flatMap((text) => (text.startsWith('{"v":') ? [JSON.parse(text) as TraceEvent] : []));
    const figure = { ...figureOf(events, agents, delayMs), megabytes, goals };
    process.stdout.write(`${JSON.stringify(figure)}\n`);
    const { calls, mostAtOnce, votes, timesIdeal } = figure;
    const isWhole = calls === agents && mostAtOnce === agents && votes === agents / perVote;
    if (code !== 0 || !isWhole) process.stderr.write(stderr.split('\n').slice(-10).join('\n'));
    process.exitCode = code === 0 && isWhole && megabytes < goals.megabytes && timesIdeal <= goals.timesIdeal ? 0 : 1;
  } finally {
    server.disconnect();
    cli.dispose();
    workspace.dispose();
  }
}

function planFor(agents: number) {
  const voters = Array.from({ length: agents / perVote }, (_, n) => `voter-${n + 1}`);
  const agent = (name: string) => ({ role: 'finder', instructions: `Say where it is (${name}).`, output: 'note', tools: [], write: [] });
  return planSchema.parse({
    teamwright: 1,
    name: 'many-agents',
    difficulty: 'hard',
    agents: Object.fromEntries(voters.map((name) => [name, agent(name)])),
    steps: [
      {
        id: 'all',
        do: 'group',
        // All replies of a vote are for measuring, so they are asked for at once.
        steps: voters.map((name) => ({
          ...{ id: `vote-${name}`, do: 'vote', agent: name, answer: 'value', longest: 200 },
          ...{ samples: perVote, calibrate: perVote },
        })),
      },
    ],
    budget: { tokens: 1e9, usd: 1, seconds: 3600, calls: agents, agents: voters.length, depth: 4 },
    finish: { when: 'answer' },
  });
}

function figureOf(events: readonly TraceEvent[], agents: number, delayMs: number) {
  let [underWay, mostAtOnce, calls, votes] = [0, 0, 0, 0];
  for (const { type } of events) {
    if (type === 'call.started') underWay += 1;
    if (type === 'call.done' || type === 'call.failed') underWay -= 1;
    if (type === 'call.done') calls += 1;
    if (type === 'vote.held') votes += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
  }
  const at = (matches: (event: TraceEvent) => boolean): number => events.find(matches)?.at ?? Number.NaN;
  const began = at((event) => event.type === 'step.started' && event.step === 'all');
  const seconds = (at((event) => event.type === 'step.done' && event.step === 'all') - began) / 1000;
  const pauses = Math.ceil(reply.text.length / reply.chunkChars) - 1;
  const idealSeconds = (delayMs + pauses * reply.chunkMs) / 1000;
  return {
    name: 'agents',
    agents,
    mostAtOnce,
    calls,
    votes,
    idealSeconds,
    seconds,
    timesIdeal: Number((seconds / idealSeconds).toFixed(3)),
  };
}

/** The most memory that the process had in RAM so far. */
function mostMegabytes(pid: number | undefined): number {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1');
    return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
  } catch (error) {
    // It has ended, or this is no Linux.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
