/** The outcome bank, written by the benchmark as a program. Only the model is scripted: what it shows is plumbing, never quality. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readBank } from '../../src/bench/bank.ts';
import { type Result, readResults } from '../../src/bench/results.ts';
import { sumTask } from '../support/bench-task.ts';
import { commandLineScene } from '../support/command-line-scene.ts';
import type { Script } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function scene(script: Script) {
  const { cli, server } = await commandLineScene(cleanUps, script);
  const file = join(cli.home, 'tasks.jsonl');
  // What the tests ran over is told of tests in processes of their own.
  writeFileSync(file, `${JSON.stringify({ ...sumTask, test: 'node --test' })}\n`);
  const [results, bank] = [join(cli.home, 'r.jsonl'), join(cli.home, 'bank.jsonl')];
  const bench = (...more: string[]) =>
    cli.run(['bench', file, '--arms', 'one-shot,samples', '--model', `scripted@${server.url}`, '--out', results, ...more]);
  return { cli, server, results, bank, bench };
}

test('every attempt is there with its visible and hidden result, what it cost, and what was known before it', async () => {
  const { results, bank, bench } = await scene((_, index) => (index === 0 ? 'no edit in this' : sumReply('b === 3 ? 5 : a')));
  expect(await bench('--bank', bank)).toMatchObject({ code: 0 });
  const { attempts, problems } = await readBank(bank);
  expect(problems).toEqual([]);
  const [oneShot, samples] = (await readResults(results)).results as [Result, Result];
  const of = ({ runId }: Result) => attempts.filter((attempt) => attempt.runId === runId);
  // The first reply is no edit. The second passes the visible tests, and no hidden one.
  const first = { order: 1, operator: 'sample', model: 'scripted', draw: 1, calls: 1, ended: 'refused', chosen: false };
  expect(of(oneShot)).toMatchObject([{ task: 'own/1', suite: 'own', problem: 'own/1', arm: 'one-shot', seed: 1, of: 1, ...first }]);
  expect(of(samples)).toMatchObject([
    {
      ...first,
      of: 2,
      before: {
        ...{ language: 'javascript', kind: 'bug-fix', files: 1, testsPassed: 1, testsFailed: 1, raises: false, weighs: false },
        ...{ attempts: 0, tries: 0, replans: 0, baseShare: 0.5, tokens: 0, budgetTokens: 8000 },
      },
    },
    {
      ...{ order: 2, of: 2, draw: 2, ended: 'candidate', from: 0, visible: true, passed: 2, failed: 0, hidden: false, chosen: true },
      before: { attempts: 1, tries: 1, baseShare: 0.5, tokens: oneShot.inputTokens + oneShot.outputTokens },
    },
  ]);
  expect(of(oneShot)[0]).not.toHaveProperty('hidden');
  for (const result of [oneShot, samples]) {
    const sum = (name: 'calls' | 'inputTokens' | 'outputTokens' | 'modelSeconds' | 'testSeconds') =>
      of(result).reduce((all, attempt) => all + attempt[name], 0);
    expect(sum('inputTokens')).toBe(result.inputTokens);
    expect(sum('outputTokens')).toBe(result.outputTokens);
    expect(sum('calls')).toBe(result.calls);
    expect(sum('modelSeconds')).toBeCloseTo(result.modelSeconds ?? -1, 6);
    expect(sum('testSeconds')).toBeCloseTo(result.testSeconds ?? -1, 6);
  }
});

test('candidates that were not handed over are scored as well, and the same files once', async () => {
  const wrong = [sumReply('a - b - 1'), sumReply('b === 5 ? 9 : 0'), sumReply('a - b - 1')];
  const { bank, bench } = await scene((_, index) => wrong[index] ?? sumReply('a + b'));
  expect(await bench('--arms', 'samples', '--bank', bank)).toMatchObject({ code: 0 });
  const { attempts } = await readBank(bank);
  expect(
    attempts.map(({ order, draw, ended, sameAs, visible, hidden, chosen }) => [order, draw, ended, sameAs, visible, hidden, chosen]),
  ).toEqual([
    [1, 1, 'candidate', undefined, false, false, false],
    [2, 2, 'candidate', undefined, false, true, false],
    [3, 3, 'same', 1, false, false, false],
    [4, 4, 'candidate', undefined, true, true, true],
  ]);
  expect(new Set(attempts.map(({ prompt }) => prompt)).size).toBe(1);
  expect(attempts.map(({ before }) => [before.attempts, before.tries, before.bestShare])).toEqual([
    [0, 0, undefined],
    [1, 1, 0],
    [2, 2, 0],
    [3, 3, 0],
  ]);
});

test('runs that are done are put into a bank later, without a call; lines of a run that was cut off count for nothing', async () => {
  const { cli, server, bank, bench } = await scene(() => sumReply('a + b'));
  await bench();
  const calls = server.requests.length;
  expect(await bench('--resume', '--bank', bank)).toMatchObject({ code: 0 });
  expect(server.requests).toHaveLength(calls);
  const whole = readFileSync(bank, 'utf8');
  expect((await readBank(bank)).attempts.map(({ arm, hidden }) => [arm, hidden])).toEqual([
    ['one-shot', true],
    ['samples', true],
  ]);

  writeFileSync(bank, whole.slice(0, -40));
  const again = await bench('--resume', '--bank', bank);
  expect(again.stderr).toContain('bank.jsonl:2: the last line is incomplete');
  expect((await readBank(bank)).attempts).toHaveLength(2);

  rmSync(join(cli.dataDir, 'bench', 'runs'), { recursive: true });
  rmSync(bank);
  const gone = await bench('--resume', '--bank', bank);
  expect(gone.stderr).toMatch(/own\/1 one-shot seed 1: the record of its run \S+ is gone, so none of its attempts are in the bank/);
  expect(gone.code).toBe(0);
});

test('shards are one bank when they stand one behind the other; of a tuple the last run counts, and only a whole one', async () => {
  const { cli, bank, bench } = await scene(() => sumReply('a + b'));
  await bench('--bank', bank);
  const [first = '', second = ''] = readFileSync(bank, 'utf8').trimEnd().split('\n');
  const later = { ...JSON.parse(first), runId: 'later', order: 1, of: 2 };
  const file = join(cli.home, 'all.jsonl');
  writeFileSync(file, `${second}\n${first}\n`);
  appendFileSync(file, `${JSON.stringify(later)}\n`);
  const half = await readBank(file);
  expect(half.attempts).toHaveLength(2);
  expect(half.problems).toEqual([`${file}: of the 2 attempts of run later only 1 are there, so it counts for nothing`]);
  appendFileSync(file, `${JSON.stringify({ ...later, order: 2, operator: 'revise' })}\n{"v":1}\n`);
  const { attempts, problems } = await readBank(file);
  expect(attempts.map(({ runId, operator }) => [runId === 'later', operator])).toEqual([
    [false, 'sample'],
    [true, 'sample'],
    [true, 'revise'],
  ]);
  expect(problems).toHaveLength(1);
  await expect(readBank(cli.home)).rejects.toMatchObject({ code: 'bench-unusable' });
});

test('two tiers: the strong model gets what stays red after the worker, and the bank says who was asked', async () => {
  const { cli, server, results, bank, bench } = await scene((body) =>
    sumReply(body.model === 'large' ? 'a + b' : `a - b - ${server.requests.length}`),
  );
  await cli.knows(server.url, 'large');
  const strong = ['--strong', `large@${server.url}`];
  const ran = await bench('--arms', 'two-tiers,strong-samples,team', ...strong, '--bank', bank);
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(/^scripted at \S+, strong model large at /m);
  const asked = (await readBank(bank)).attempts.map(({ arm, order, model, visible, hidden }) => [arm, order, model, visible, hidden]);
  const [red, green] = [
    [false, false],
    [true, true],
  ];
  const workerThenStrong = (arm: string) => [...[1, 2, 3].map((order) => [arm, order, 'scripted', ...red]), [arm, 4, 'large', ...green]];
  expect(asked).toEqual([...workerThenStrong('two-tiers'), ['strong-samples', 1, 'large', ...green], ...workerThenStrong('team')]);
  expect((await readResults(results)).results).toMatchObject(
    [1, 2, 3].map(() => ({ model: 'scripted', strong: 'large', passHidden: true })),
  );
  // Both tiers' replies are kept, so the arms share them.
  expect(server.requests.map(({ body }) => body.model)).toEqual(['scripted', 'scripted', 'scripted', 'large']);
});

test('every kind of work has its operator, whatever team does it', async () => {
  let edits = 0;
  const { bank, bench } = await scene(({ messages }) => {
    const said = JSON.stringify(messages);
    if (said.includes('numbered')) return 'nothing';
    if (said.includes('Name the edge cases')) return 'Think of zero.';
    if (said.includes('Say which tests fail')) return 'reject: it still takes away';
    edits += 1;
    return sumReply(edits % 2 === 1 ? 'a - b - 1' : 'a + b');
  });
  expect(await bench('--arms', 'planner-coder-tester,revise,mutate', '--bank', bank)).toMatchObject({ code: 0 });
  const { attempts } = await readBank(bank);
  const of = (name: string) => attempts.filter(({ arm }) => arm === name);
  expect(of('planner-coder-tester').map(({ operator, ended, from, visible }) => [operator, ended, from, visible])).toEqual([
    ['analyse', 'note', undefined, undefined],
    ['sample', 'candidate', 0, false],
    ['review', 'note', undefined, undefined],
    ['revise', 'candidate', 2, true],
  ]);
  expect(of('planner-coder-tester').at(-1)?.before).toMatchObject({ attempts: 3, tries: 0, bestShare: 0, baseShare: 0 });
  expect(of('revise').map(({ operator }) => operator)).toEqual(['sample', 'revise']);
  const [first, ...changes] = of('mutate');
  expect(first).toMatchObject({ operator: 'written', ended: 'nothing' });
  expect(new Set(changes.map(({ operator, calls, inputTokens, model }) => [operator, calls, inputTokens, model].join()))).toEqual(
    new Set(['mutate,0,0,']),
  );
  expect(changes.at(-1)).toMatchObject({ ended: 'candidate', file: 'sum.js', line: 2, visible: true, hidden: true, chosen: true });
  expect(changes.at(-1)?.before.rank).toBe(1);
});
