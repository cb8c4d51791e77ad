/** The user's hand on a running team: each control, in whole runs; and replays that do the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { fileDesigner, soloDesigner, soloTeam } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import { type Plan, planSchema } from '../../src/plan/index.ts';
import { replayRun } from '../../src/run/index.ts';
import { fold } from '../../src/trace/index.ts';
import { start } from '../support/run-scene.ts';
import type { ChatBody } from '../support/scripted-server.ts';
import { sumReply } from '../support/workspaces.ts';

const lastOf = ({ messages }: ChatBody): string => messages.at(-1)?.content ?? '';
const isDebugger = (body: ChatBody): boolean => lastOf(body).includes('Follow one failing test');

describe('pause', () => {
  test('no call and no test begins until the run goes on, and its time stands still', async () => {
    const { server, log, controls, run } = await start({
      script: [sumReply('a * b'), sumReply('a + b')],
      onEvent: ({ type }, hand) => {
        if (type === 'call.done') hand.pause();
      },
    });
    const result = run();
    while (log.of('control.used').length === 0) await sleep(20);
    const pausedAt = Date.now();
    await sleep(1200);
    expect(log.of('candidate.tested')).toEqual([]);
    expect(server.requests).toHaveLength(1);
    expect(fold(log.events).paused).toBe(true);
    controls.continue();
    const heldMs = Date.now() - pausedAt;
    while (log.of('control.used').length < 3) await sleep(20);
    await sleep(300);
    controls.continue();
    const { outcome, spend } = await result;
    const wholeMs = Date.now() - (log.events[0]?.at ?? 0);
    expect(outcome).toBe('solved');
    expect(log.of('control.used').map(({ action }) => action)).toEqual(['pause', 'continue', 'pause', 'continue']);
    expect(spend.seconds * 1000).toBeLessThan(wholeMs - heldMs);
  });

  test('a stop works at once, also while the run is held', async () => {
    const stop = new AbortController();
    const { log, run } = await start({
      script: () => sumReply('a * b'),
      signal: stop.signal,
      onEvent: ({ type }, hand) => {
        if (type === 'call.done') hand.pause();
      },
    });
    const result = run();
    while (log.of('control.used').length === 0) await sleep(20);
    await sleep(200);
    const stoppedAt = Date.now();
    stop.abort();
    expect((await result).outcome).toBe('stopped');
    expect(Date.now() - stoppedAt).toBeLessThan(2000);
  });

  test('seconds do not run out while the run is held', async () => {
    const { log, controls, run } = await start({
      script: [sumReply('a * b'), sumReply('a + b')],
      // More than the run itself needs on a busy machine.
      settings: { budget: { seconds: 20 } },
      onEvent: (event, hand) => {
        if (event.type === 'call.done' && event.spend.calls === 1) hand.pause();
      },
    });
    const result = run();
    while (log.of('control.used').length === 0) await sleep(20);
    await sleep(20_500);
    controls.continue();
    expect((await result).outcome).toBe('solved');
  });
});

describe('skip', () => {
  const team = fileDesigner(teamFor('bug-fix', 'easy'));

  test('a running step is cut short, and the run goes on without its work', async () => {
    const { server, log, run } = await start({
      designer: team,
      script: (body) => (isDebugger(body) ? { text: 'Never said.', stallMs: 30_000 } : sumReply('a + b')),
      onEvent: (event, hand) => {
        if (event.type === 'call.started' && event.call === 'r0/diagnose/1') setTimeout(() => hand.skip('r0/diagnose'), 100);
      },
    });
    expect(await run()).toMatchObject({ outcome: 'solved' });
    expect(log.of('step.done').find(({ path }) => path === 'r0/diagnose')).toMatchObject({ skipped: 'skipped by the user' });
    expect(log.of('note.written')).toEqual([]);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[0]?.ending).toBe('left');
  });

  test('a step that is still to come never begins', async () => {
    const { server, log, run } = await start({
      designer: team,
      script: () => sumReply('a + b'),
      onEvent: ({ type }, hand) => {
        if (type === 'plan.approved') hand.skip('r0/diagnose');
      },
    });
    expect((await run()).outcome).toBe('solved');
    expect(log.of('step.started').map(({ path }) => path)).not.toContain('r0/diagnose');
    expect(server.requests).toHaveLength(1);
    expect(fold(log.events).steps.find(({ path }) => path === 'r0/diagnose')).toMatchObject({
      state: 'skipped',
      reason: 'skipped by the user',
    });
  });

  test('an agent with tools is cut short between two turns, beside one that goes on; a replay does the same', async () => {
    const coder = soloTeam(1, 'easy').agents.coder;
    const plan = planSchema.parse({
      teamwright: 1,
      name: 'side-by-side',
      difficulty: 'easy',
      agents: {
        left: { ...coder, instructions: 'Go the way to the left.' },
        right: { ...coder, instructions: 'Go the way to the right.' },
      },
      steps: [
        {
          id: 'both',
          do: 'group',
          steps: [
            { id: 'one', do: 'generate', agent: 'left' },
            { id: 'two', do: 'generate', agent: 'right' },
          ],
        },
        { id: 'test', do: 'test' },
        { id: 'choose', do: 'select' },
      ],
    });
    const { workspace, server, log, run } = await start({
      designer: fileDesigner(plan),
      settings: { replans: 0 },
      capabilities: { strength: 'strong', tools: true },
      script: (body) => {
        const turns = body.messages.filter(({ role }) => role === 'assistant').length;
        const isLeft = body.messages.some(({ content }) => content.includes('Go the way to the left.'));
        if (isLeft && turns === 1) return { text: 'Never said.', stallMs: 30_000 };
        const edit = { path: 'sum.js', search: 'a - b', replace: isLeft ? 'a / b' : 'a + b' };
        return turns === 0 ? { toolCalls: [{ name: 'edit', arguments: edit }] } : 'Done.';
      },
      onEvent: (event, hand) => {
        if (event.type === 'call.started' && event.call === 'r0/both/one/1/2') setTimeout(() => hand.skip('r0/both/one'), 50);
      },
    });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved' });
    expect(log.of('candidate.made').map(({ agent }) => agent)).toEqual(['right']);
    await server.close();
    const replay = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(replay.differences).toEqual([]);
  });

  test('who skips the only answer has stopped the run', async () => {
    const { run } = await start({
      designer: fileDesigner(teamFor('question', 'easy')),
      request: 'What does sum do?',
      script: [{ text: 'Never said.', stallMs: 30_000 }],
      onEvent: (event, hand) => {
        if (event.type === 'call.started') setTimeout(() => hand.skip('r0/answer'), 50);
      },
    });
    expect(await run()).toMatchObject({ outcome: 'stopped', failure: { code: 'stopped' } });
  });

  const loop: Plan = planSchema.parse({
    teamwright: 1,
    name: 'loop',
    difficulty: 'easy',
    agents: { coder: teamFor('bug-fix', 'easy').agents.coder },
    steps: [
      { id: 'draft', do: 'generate', agent: 'coder' },
      { id: 'test', do: 'test' },
      {
        id: 'again',
        do: 'repeat',
        until: 'tests-pass',
        max: 3,
        steps: [
          { id: 'repair', do: 'revise', agent: 'coder' },
          { id: 'look', do: 'test' },
        ],
      },
      { id: 'fresh', do: 'generate', agent: 'coder', samples: 2, stop: 'never' },
      { id: 'test-all', do: 'test' },
      { id: 'choose', do: 'select' },
    ],
  });

  test('a loop is left with the step it is in; a replay leaves it at the same place', async () => {
    let asked = 0;
    const { workspace, server, log, run } = await start({
      designer: fileDesigner(loop),
      settings: { replans: 0 },
      script: () => {
        asked += 1;
        return asked <= 2 ? sumReply(`a * b * ${asked}`) : asked === 3 ? { text: 'Late.', stallMs: 30_000 } : sumReply('a + b');
      },
      onEvent: (event, hand) => {
        if (event.type === 'call.started' && event.call === 'r0/again/2/repair/1') setTimeout(() => hand.skip('r0/again'), 50);
      },
    });
    const result = await run();
    expect(result.outcome).toBe('solved');
    const ended = Object.fromEntries(log.of('step.done').map(({ path, skipped }) => [path, skipped]));
    expect(ended).toMatchObject({ 'r0/again': 'skipped by the user', 'r0/again/2/repair': 'skipped by the user' });
    expect(ended['r0/again/1/repair']).toBeUndefined();
    expect(Object.keys(ended)).not.toContain('r0/again/2/look');
    await server.close();
    const replayed: string[] = [];
    const replay = await replayRun(
      {
        dataDir: workspace.dataDir,
        runId: result.runId,
        onEvent: (event) => {
          if (event.type === 'step.done' && event.skipped === 'skipped by the user') replayed.push(event.path);
        },
      },
      new AbortController().signal,
    );
    expect(replay.differences).toEqual([]);
    expect(replayed).toContain('r0/again');
  });
});

describe('hint', () => {
  test('reaches every further prompt of its agent, after the shared part, and no other agent', async () => {
    const { server, run } = await start({
      designer: fileDesigner(teamFor('bug-fix', 'medium')),
      script: (body) => (isDebugger(body) ? 'Line 2 subtracts.' : sumReply(lastOf(body).includes('Use plus') ? 'a + b' : 'a * b')),
      settings: { replans: 0 },
      onEvent: (event, hand) => {
        if (event.type === 'plan.approved') hand.hint('coder', 'Keep it short.');
        if (event.type === 'candidate.refused' || event.type === 'candidate.tested') hand.hint(undefined, 'Use plus.');
      },
    });
    expect((await run()).outcome).toBe('solved');
    const prompts = server.requests.map(({ body }) => lastOf(body));
    expect(prompts[0]).not.toContain('Keep it short.');
    expect(prompts[1]).toMatch(/# From the user, while you work\nKeep it short\.$/);
    expect(prompts[2]).toMatch(/Keep it short\.\nUse plus\.$/);
    const shared = (prompt = ''): string => prompt.slice(0, prompt.indexOf('# Request'));
    expect(shared(prompts[1])).not.toBe('');
    expect(new Set(prompts.map(shared)).size).toBe(1);
  });

  test('a run with a hint and a skip replays to the same end, with the same prompts', async () => {
    const { workspace, server, log, run } = await start({
      designer: fileDesigner(teamFor('bug-fix', 'medium')),
      script: (body) => {
        if (isDebugger(body)) return { text: 'Never said.', stallMs: 30_000 };
        return sumReply(lastOf(body).includes('Use plus') ? 'a + b' : 'a * b');
      },
      onEvent: (event, hand) => {
        if (event.type === 'call.started' && event.call === 'r0/diagnose/1') setTimeout(() => hand.skip('r0/diagnose'), 50);
        if (event.type === 'candidate.tested') hand.hint('coder', 'Use plus.');
      },
    });
    const result = await run();
    expect(result.outcome).toBe('solved');
    expect(log.of('call.started').map(({ hints }) => hints)).toEqual([undefined, undefined, ['Use plus.']]);
    await server.close();
    const replay = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, new AbortController().signal);
    expect(replay.differences).toEqual([]);
    expect(replay).toMatchObject({ same: true, result: { outcome: 'solved' } });
  });
});

describe('more budget', () => {
  test('a run that would have ended goes on; a limit never shrinks', async () => {
    const { server, log, run } = await start({
      script: ({ seed }) => sumReply(seed === 1003 ? 'a + b' : `a * b * ${seed}`),
      settings: { budget: { calls: 2 }, replans: 0 },
      designer: soloDesigner(4),
      onEvent: (event, hand) => {
        if (event.type !== 'call.done' || event.spend.calls !== 2) return;
        hand.raiseBudget({ calls: 4, tokens: 1 });
        hand.raiseBudget({ calls: 1 });
      },
    });
    expect(await run()).toMatchObject({ outcome: 'solved', spend: { calls: 4 } });
    expect(server.requests).toHaveLength(4);
    expect(log.of('control.used')).toEqual([expect.objectContaining({ action: 'raise-budget', budget: { calls: 4 } })]);
  });
});

test('before a run begins and after it ended the controls do nothing', async () => {
  const { log, controls, run } = await start({ script: [sumReply('a + b')] });
  controls.pause();
  controls.hint(undefined, 'Too early.');
  expect((await run()).outcome).toBe('solved');
  controls.pause();
  controls.skip('r0/draft');
  expect(log.of('control.used')).toEqual([]);
});
