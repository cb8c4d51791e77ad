/** Design search by runs, as a program: teams are run on tasks, within a budget, and everything is in the journal. The model is scripted: it shows plumbing, never quality. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { sumTask } from '../support/bench-task.ts';
import { commandLineScene } from '../support/command-line-scene.ts';
import type { ChatBody, Reply } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const better = 'Add both numbers, and change nothing else.';
const text = ({ messages }: ChatBody): string => JSON.stringify(messages);
const asksForInstructions = (body: ChatBody): boolean => text(body).includes('You improve the instructions');
/** Only a coder with better instructions gets it right, and the model that writes instructions knows them. */
const usualScript = (body: ChatBody): Reply => {
  if (asksForInstructions(body)) return JSON.stringify({ why: 'The sum is wrong.', instructions: better });
  return sumReply(text(body).includes(better) ? 'a + b' : 'a * b');
};

async function scene(script: (body: ChatBody, index: number) => Reply | Promise<Reply> = usualScript) {
  const { cli, server } = await commandLineScene(cleanUps, script);
  const file = join(cli.home, 'tasks.jsonl');
  writeFileSync(
    file,
    Array.from(
      { length: 3 },
      (_, at) => `${JSON.stringify({ ...sumTask, id: `own/${at + 1}`, request: `${sumTask.request}, number ${at + 1}` })}\n`,
    ).join(''),
  );
  const journal = join(cli.home, 'search.jsonl');
  const words = (...more: string[]) => [
    'learn',
    'search',
    '--live',
    file,
    '--model',
    `scripted@${server.url}`,
    '--journal',
    journal,
    ...more,
  ];
  // biome-ignore lint/suspicious/noExplicitAny: lines of several kinds, looked into field by field
  const lines = (): any[] =>
    readFileSync(journal, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { cli, server, journal, lines, words, search: (...more: string[]) => cli.run(words(...more)) };
}

/** Each makes a dozen runs with their tests. */
const timeout = 300_000;
const rich = ['--budget-tokens', '400000', '--run-tokens', '700', '--json'];

async function searchWhole() {
  const { server, lines, search } = await scene();
  const { code, stdout, stderr } = await search(...rich, '--tries', '4');
  return { code, stderr, found: JSON.parse(stdout), lines: lines(), requests: server.requests };
}
let whole: ReturnType<typeof searchWhole> | undefined;
/** A search that nothing cut off, made once. */
const uncut = (): ReturnType<typeof searchWhole> => {
  whole ??= searchWhole();
  return whole;
};

test('a change is accepted only where held-back problems are better by it; instructions are written from what failed', {
  timeout,
}, async () => {
  const { code, stderr, found, lines, requests } = await uncut();
  expect(stderr).toContain('2 tasks to search on, 1 held back');
  expect(code).toBe(0);
  expect(found.end).toEqual({ why: 'tries' });
  const [start, ...others] = found.tries;
  expect(start).toMatchObject({ id: 0, accepted: true, change: 'what the search began with' });
  const byId = new Map(found.tries.map((one: { id: number }) => [one.id, one]));
  for (const one of others) {
    const parent = byId.get(one.parent) as typeof one;
    expect(parent.accepted).toBe(true);
    if (one.heldBack !== undefined) expect(one.searched).toBeGreaterThan(parent.searched);
    expect(one.accepted).toBe(one.heldBack !== undefined && one.heldBack > parent.heldBack);
  }
  // The instructions that solve everything were found, by the model, and hold no words of the tasks.
  expect(found.best.plan.agents.coder.instructions).toBe(better);
  expect(found.best.heldBack).toBeGreaterThan(start.heldBack + 0.9);
  const asked = requests.map(({ body }) => body).filter(asksForInstructions);
  expect(asked.length).toBeGreaterThan(0);
  expect(text(asked[0] as ChatBody)).toContain('adds nothing fails');
  // No team runs twice on a task, no modification is tried twice, and all tokens are in the journal.
  const runs = lines.filter(({ kind }) => kind === 'live-run');
  expect(new Set(runs.map(({ team, task }) => `${team} ${task}`)).size).toBe(runs.length);
  const spent = lines.reduce((sum, { tokens = 0, designTokens = 0 }) => sum + tokens + designTokens, 0);
  expect(found.tokens).toBe(spent);
  // More tokens give better plans: the curve only rises.
  expect(found.curve.length).toBeGreaterThan(1);
  for (const [at, point] of found.curve.entries()) {
    if (at === 0) continue;
    expect(point.tokens).toBeGreaterThan(found.curve[at - 1].tokens);
    expect(point.heldBack).toBeGreaterThan(found.curve[at - 1].heldBack);
  }
});

test('it stops at its budget, goes on from its journal without a run made twice, and takes back what was accepted', {
  timeout,
}, async () => {
  const { server, lines, search } = await scene();
  const poor = JSON.parse((await search('--budget-tokens', '1500', '--run-tokens', '700', '--tries', '3', '--json')).stdout);
  expect(poor.end).toEqual({ why: 'budget' });
  expect(poor.tokens).toBeLessThanOrEqual(1500);
  const before = lines();
  const asked = server.requests.length;
  const again = JSON.parse((await search('--budget-tokens', '1500', '--run-tokens', '700', '--tries', '3', '--json')).stdout);
  expect(again).toMatchObject({ end: { why: 'budget' }, tokens: poor.tokens });
  expect(server.requests).toHaveLength(asked);
  expect(lines()).toEqual(before);
  const further = JSON.parse((await search(...rich, '--tries', '3')).stdout);
  expect(further.end).toEqual({ why: 'tries' });
  expect(further.tries.slice(0, poor.tries.length)).toEqual(poor.tries);
  expect(lines().slice(0, before.length)).toEqual(before);
  // The same as one search that was never cut off.
  const { found } = await uncut();
  const told = ({ tries }: { tries: { change: string; accepted: boolean }[] }) => tries.map(({ change, accepted }) => [change, accepted]);
  expect(told(further)).toEqual(told(found).slice(0, further.tries.length));
  const last = further.tries.findLast(({ accepted }: { accepted: boolean }) => accepted);
  const undone = await search('--undo', '--run-tokens', '700');
  expect(undone).toMatchObject({ code: 0, stdout: expect.stringContaining(`Taken back: ${last.change}`) });
  const after = JSON.parse((await search('--budget-tokens', '0', '--run-tokens', '700', '--tries', '1', '--json')).stdout);
  expect(after.best.id).not.toBe(last.id);
});

test('a reply that is no instructions costs its tokens and changes nothing', { timeout }, async () => {
  const { lines, search } = await scene((body) => (asksForInstructions(body) ? 'I would rather not.' : sumReply('a * b')));
  await search('--budget-tokens', '200000', '--tries', '4');
  const written = lines().filter(({ kind, designTokens }) => kind === 'live-try' && designTokens > 0);
  expect(written.length).toBeGreaterThan(0);
  for (const one of written) expect(one).toMatchObject({ accepted: false, problem: expect.any(String) });
});

test('Ctrl-C ends it within two seconds; what was measured stays, and the same command goes on', { timeout }, async () => {
  const { cli, server, lines, words, search } = await scene(async (body, index) => {
    if (index === 2) return { stallMs: 60_000, text: '' };
    return usualScript(body);
  });
  const more = ['--budget-tokens', '200000', '--tries', '1'];
  const started = cli.start(words(...more));
  await expect.poll(() => server.requests.length, { timeout: 60_000 }).toBe(3);
  const at = performance.now();
  started.child.kill('SIGINT');
  const { code, stderr } = await started.done;
  expect(performance.now() - at).toBeLessThan(2_500);
  expect(code).toBe(4);
  expect(stderr).toContain('the same command goes on from it');
  const before = lines();
  expect(before.length).toBeGreaterThan(0);
  expect(await search(...more)).toMatchObject({ code: 0 });
  expect(lines().slice(0, before.length)).toEqual(before);
});

test('what cannot be searched on is said', async () => {
  const { cli, search } = await scene();
  expect(await search()).toMatchObject({ code: 2, stderr: expect.stringContaining('--budget-tokens') });
  expect(await search('bank.jsonl', '--budget-tokens', '1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('one or the other'),
  });
  const one = join(cli.home, 'one.jsonl');
  writeFileSync(one, `${JSON.stringify(sumTask)}\n`);
  expect(await cli.run(['learn', 'search', '--live', one, '--budget-tokens', '1'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('holds one problem'),
  });
  expect(await cli.run(['learn', 'search'])).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing to search on') });
});
