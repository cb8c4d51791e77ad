/** A benchmark over several machines: the programs as users start them, and a real Redis between them. Only the model is scripted. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BankReading, readBank } from '../../src/bench/bank.ts';
import { type Result, readResults } from '../../src/bench/results.ts';
import { sumTask } from '../support/bench-task.ts';
import { commandLine, type Started } from '../support/command-line.ts';
import { commandLineScene } from '../support/command-line-scene.ts';
import { type RunningRedis, redisAbsent, startRedis } from '../support/redis.ts';
import type { Script } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

if (redisAbsent !== '') console.log(`Skipped: ${redisAbsent}.`);
beforeEach((context) => context.skip(redisAbsent !== '', redisAbsent));

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const tasksOf = (count: number): string =>
  Array.from({ length: count }, (_, at) =>
    JSON.stringify({ ...sumTask, id: `own/${at + 1}`, request: `task ${at + 1}: make the failing test pass` }),
  ).join('\n');

/** Says the same to the same question, whoever asks: the first task it does at once, the second at another try, the third never. */
const able: Script = ({ messages, seed }) => {
  const task = Number(/task (\d+):/.exec(JSON.stringify(messages))?.[1]);
  if (task === 3) return sumReply('a - b - 1');
  return sumReply(task === 1 || seed !== undefined ? 'a + b' : 'b === 5 ? 9 : 0');
};

async function scene({ tasks = 3, script = able, password }: { tasks?: number; script?: Script; password?: string } = {}) {
  const redis: RunningRedis = await startRedis({ password });
  cleanUps.push(redis.close);
  const { cli, server } = await commandLineScene(cleanUps, script);
  const file = join(cli.home, 'tasks.jsonl');
  writeFileSync(file, tasksOf(tasks));
  const address = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${redis.port}`;
  const bench = (out: string, ...more: string[]) =>
    cli.start([
      ...['bench', file, '--arms', 'one-shot', '--budget-tokens', '700', '--model', `scripted@${server.url}`],
      ...['--out', join(cli.home, out), ...more],
    ]);
  /** A worker has a home of its own, as on another machine. */
  const worker = async (tasksFile = file, ...more: string[]) => {
    const machine = commandLine();
    cleanUps.push(machine.dispose);
    await machine.knows(server.url);
    return machine.start(['worker', tasksFile, '--queue', address, ...more]);
  };
  const results = async (out: string) => (await readResults(join(cli.home, out))).results;
  return { redis, cli, server, file, address, bench, worker, results };
}

/** Ms until it has ended by itself after a Ctrl-C. */
async function interrupted({ child, done }: Started): Promise<{ code: number | null; ms: number; said: string }> {
  const began = Date.now();
  child.kill('SIGINT');
  const { code, stdout, stderr } = await done;
  return { code, ms: Date.now() - began, said: stdout + stderr };
}

/** What does not depend on the clock and on who did it. */
const told = ({ task, arm, seed, passHidden, passVisible, inputTokens, outputTokens, calls, outcome, origin, error }: Result) => ({
  ...{ task, arm, seed, passHidden, passVisible, inputTokens, outputTokens, calls, outcome, origin, error },
});
const lines = ({ attempts }: BankReading) =>
  attempts
    .map(({ task, arm, seed, order, operator, ended, visible, hidden, tree }) => ({
      task,
      arm,
      seed,
      order,
      operator,
      ended,
      visible,
      hidden,
      tree,
    }))
    .toSorted((a, b) => (JSON.stringify([a.task, a.arm]) < JSON.stringify([b.task, b.arm]) ? -1 : 1));

test('three workers, one of them killed in the middle of a task: each run has one result, the same as without a queue', {
  timeout: 300_000,
}, async () => {
  const { cli, bench, worker, results, address } = await scene();
  const banked = (name: string) => ['--arms', 'one-shot,samples', '--bank', join(cli.home, `${name}.bank.jsonl`)];
  const alone = await bench('alone.jsonl', ...banked('alone')).done;
  expect(alone.code, alone.stderr).toBe(0);
  const [victim, ...others] = [await worker(), await worker(), await worker()] as const;
  const queued = bench('queued.jsonl', ...banked('queued'), '--queue', address);
  await victim.printed('runs to make');
  victim.child.kill('SIGKILL');
  const finished = await queued.done;
  expect(finished.code, finished.stderr).toBe(0);
  for (const other of others) expect(await interrupted(other)).toMatchObject({ code: 0 });

  const [one, many] = [await results('alone.jsonl'), await results('queued.jsonl')];
  expect(many).toHaveLength(6);
  const sorted = (some: readonly Result[]) => some.map(told).toSorted((a, b) => (`${a.task} ${a.arm}` < `${b.task} ${b.arm}` ? -1 : 1));
  expect(sorted(many)).toEqual(sorted(one));
  expect(many.map(({ machine }) => machine)).not.toContain(undefined);
  // The file holds a line for each, however often it was begun.
  expect(readFileSync(join(cli.home, 'queued.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(6);
  const [bankAlone, bankQueued] = await Promise.all(['alone', 'queued'].map((name) => readBank(join(cli.home, `${name}.bank.jsonl`))));
  expect(bankQueued?.problems).toEqual([]);
  expect(lines(bankQueued as BankReading)).toEqual(lines(bankAlone as BankReading));
});

test('a worker that was only slow finds its task taken: what it hands over late counts for nothing', { timeout: 240_000 }, async () => {
  const { bench, worker, results, address, cli } = await scene({ tasks: 1 });
  const slow = await worker();
  const queued = bench('r.jsonl', '--queue', address);
  await slow.printed('run to make');
  slow.child.kill('SIGSTOP');
  const quick = await worker();
  const finished = await queued.done;
  expect(finished.code, finished.stderr).toBe(0);
  slow.child.kill('SIGCONT');
  await slow.printed('one-shot seed 1');
  expect(await interrupted(slow)).toMatchObject({ code: 0 });
  expect(await interrupted(quick)).toMatchObject({ code: 0 });
  expect((await results('r.jsonl')).map(({ machine }) => machine)).toEqual([expect.stringMatching(new RegExp(`:${quick.child.pid}$`))]);
  expect(readFileSync(join(cli.home, 'r.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
});

test('Ctrl-C ends worker and bench within two seconds; a task that was begun goes back, and --resume goes on', async () => {
  let stalls = true;
  const { bench, worker, results, address, server } = await scene({
    tasks: 2,
    script: () => (stalls ? { stallMs: 60_000 } : sumReply('a + b')),
  });
  const [first, queued] = [await worker(), bench('r.jsonl', '--queue', address)];
  await first.printed('own/1: 1 run to make');
  await until(() => server.requests.length > 0);
  const gone = await interrupted(first);
  expect(gone).toMatchObject({ code: 0 });
  expect(gone.ms).toBeLessThan(2000);
  stalls = false;
  // Another one has it before any lock ends.
  const second = await worker(undefined, '--per-minute', '1');
  const began = Date.now();
  await second.printed('own/1: 1 run to make');
  expect(Date.now() - began).toBeLessThan(15_000);
  await queued.printed('1/2 ');
  const stopped = await interrupted(queued);
  expect(stopped).toMatchObject({ code: 4, said: expect.stringContaining('--resume goes on') });
  expect(stopped.ms).toBeLessThan(2000);
  // It begins one task in a minute, and of a bench that has gone none.
  expect((await interrupted(second)).said).toContain('1 task taken, 1 run made.');
  expect(await results('r.jsonl')).toHaveLength(1);
  const third = await worker();
  const resumed = await bench('r.jsonl', '--queue', address, '--resume').done;
  expect(resumed.code, resumed.stderr).toBe(0);
  expect((await results('r.jsonl')).map(({ task, passHidden }) => [task, passHidden])).toEqual([
    ['own/1', true],
    ['own/2', true],
  ]);
  expect(await interrupted(third)).toMatchObject({ code: 0 });
});

test('what the environment broke is tried again, later; then its failure is the result', { timeout: 240_000 }, async () => {
  // The server has only gone for a while in the first task, and for good in the second.
  let broken = 0;
  const { bench, worker, results, address } = await scene({
    tasks: 2,
    script: ({ messages }) => {
      const first = JSON.stringify(messages).includes('task 1:');
      broken += Number(first);
      return first && broken > 1 ? sumReply('a + b') : { status: 401, body: 'no' };
    },
  });
  const only = await worker();
  const { code, stderr } = await bench('r.jsonl', '--queue', address).done;
  expect(code, stderr).toBe(0);
  const [first, second] = await results('r.jsonl').then((all) => all.toSorted((a, b) => (a.task < b.task ? -1 : 1)));
  expect(first).toMatchObject({ passHidden: true });
  expect(first).not.toHaveProperty('error');
  expect(second).toMatchObject({ passHidden: false, error: expect.stringMatching(/refused access/) });
  const { said } = await interrupted(only);
  expect(said.split('own/2: 1 run to make')).toHaveLength(4);
});

test('a Redis that dies is told, and one that comes back empty gets the tasks again', { timeout: 240_000 }, async () => {
  const { redis, bench, worker, results, address } = await scene({ tasks: 1 });
  const queued = bench('r.jsonl', '--queue', address);
  await queued.printed(
    'No worker takes these tasks. Start one, here or elsewhere: teamwright worker tasks.jsonl --queue redis://127.0.0.1:',
  );
  await redis.kill();
  await queued.printed('does not answer (');
  const started = await worker();
  const refused = await started.done;
  expect(refused).toMatchObject({ code: 5, stderr: expect.stringMatching(/No Redis answers at redis:\/\/127.0.0.1:\d+: .*ECONNREFUSED/) });
  await redis.again();
  await queued.printed('answers again.');
  const late = await worker();
  const { code, stderr } = await queued.done;
  expect(code, stderr).toBe(0);
  expect(await results('r.jsonl')).toMatchObject([{ passHidden: true }]);
  expect(await interrupted(late)).toMatchObject({ code: 0 });
});

test('who waits in vain is told why: other tasks, another version, a wrong password; and no password is ever printed', async () => {
  const password = 'p@ss:w/rd';
  const secret = encodeURIComponent(password);
  const { redis, cli, server, bench, address } = await scene({ tasks: 1, password }).then((one) => ({
    ...one,
    address: `redis://:${secret}@127.0.0.1:${one.redis.port}`,
  }));
  const other = join(cli.home, 'other.jsonl');
  writeFileSync(other, tasksOf(2));
  const said: string[] = [];
  const wrong = await cli.run(['worker', other, '--queue', `redis://:wrong-secret@127.0.0.1:${redis.port}`]);
  expect(wrong).toMatchObject({ code: 5, stderr: expect.stringMatching(/refuses the login: WRONGPASS/) });
  const none = await cli.run(['worker', other, '--queue', `redis://127.0.0.1:${redis.port}`]);
  expect(none).toMatchObject({ code: 5, stderr: expect.stringMatching(/refuses the login: NOAUTH/) });
  const queued = bench('r.jsonl', '--queue', address);
  await queued.printed('No worker takes these tasks.');
  // One with other tasks, and the card of one of another version.
  const { Redis } = await import('ioredis');
  const client = new Redis({ port: redis.port, password });
  cleanUps.push(() => client.disconnect());
  const card = { v: 1, who: 'elsewhere:7', program: 'teamwright 0.0.9', suites: [] };
  await client.set('teamwright:present:worker:elsewhere:7', JSON.stringify(card), 'EX', 60);
  await client.set(
    'teamwright:present:bench:elsewhere:8',
    JSON.stringify({ ...card, who: 'elsewhere:8', suites: [{ name: 'x.jsonl', hash: 'x' }] }),
    'EX',
    60,
  );
  const machine = commandLine();
  cleanUps.push(machine.dispose);
  const unfit = machine.start(['worker', other, '--queue'], { env: { TEAMWRIGHT_QUEUE: address } });
  await queued.printed('takes none of these tasks: it has other.jsonl, and not this tasks.jsonl.');
  await queued.printed('The worker elsewhere:7 takes none of these tasks: it is teamwright 0.0.9, and this is teamwright ');
  await unfit.printed('gets nothing from here: its tasks.jsonl holds other tasks than the files of this worker.');
  await unfit.printed('The bench elsewhere:8 (x.jsonl) gets nothing from here: it is teamwright 0.0.9, and this is teamwright ');
  const loose = await cli.run(['bench', other, '--queue', address]);
  expect(loose).toMatchObject({ code: 2, stderr: expect.stringContaining('--queue needs --model') });
  const bad = await Promise.all(
    [`http://u:${secret}@h`, `redis://:${secret}@h/x`, `:${secret}`].map((text) => cli.run(['worker', other, '--queue', text])),
  );
  for (const each of bad) expect(each).toMatchObject({ code: 2, stderr: expect.stringContaining('The address of the queue') });
  said.push(...[wrong, none, loose, ...bad].map(({ stdout, stderr }) => stdout + stderr));
  for (const each of [queued, unfit]) said.push((await interrupted(each)).said);
  expect(said.join('\n')).not.toContain(password);
  expect(said.join('\n')).not.toContain(secret);
  expect(said.join('\n')).not.toContain('wrong-secret');
  expect(server.requests).toHaveLength(0);
});

test('without its packages the program says which to install', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-bundle-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(import.meta.dirname, '../..');
  mkdirSync(join(folder, 'dist'));
  for (const name of readdirSync(join(root, 'dist')))
    if (/^cli(-\w+)?\.js$/.test(name)) copyFileSync(join(root, 'dist', name), join(folder, 'dist', name));
  writeFileSync(join(folder, 'package.json'), '{"name":"teamwright","version":"1.0.0","type":"module"}');
  writeFileSync(join(folder, 'tasks.jsonl'), tasksOf(1));
  const cli = commandLine();
  cleanUps.push(cli.dispose);
  const { code, stderr } = await cli.run(['worker', join(folder, 'tasks.jsonl'), '--queue', 'redis://127.0.0.1:1'], {
    program: join(folder, 'dist', 'cli.js'),
  });
  expect(stderr).toContain('A queue needs the packages bullmq and ioredis, which are not installed.');
  expect(stderr).toContain('npm install -g bullmq@6 ioredis@6');
  expect(code).toBe(5);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}
