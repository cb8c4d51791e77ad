/** The review of a plan in whole runs: other teams beside the proposed one, and plans that the user sends back with a remark. */
import { describe, expect, test } from 'vitest';
import { designerByName, soloDesigner, soloTeam } from '../../src/design/index.ts';
import { checkPlan, isError, type Plan, parsePlan, planHash } from '../../src/plan/index.ts';
import { type Proposal, type ReviewAnswer, replayRun } from '../../src/run/index.ts';
import { openRun } from '../../src/trace/index.ts';
import { approveAll, start } from '../support/run-scene.ts';
import { verifyTrace } from '../support/verify-trace.ts';
import { sumReply } from '../support/workspaces.ts';

const signal = new AbortController().signal;

/** Sends the first `times` proposals back, then approves; keeps what it saw. */
function sendingBack(times: number, comment = 'Have somebody review it.') {
  const seen: Proposal[] = [];
  return {
    seen,
    review: async (proposal: Proposal) => {
      seen.push(proposal);
      return seen.length <= times ? ({ kind: 'redesign', comment } as const) : approveAll(proposal);
    },
  };
}

describe('alternatives', () => {
  test('stand beside the proposal: valid, priced, each another team; the trace holds them with their plans', async () => {
    const { seen, review } = sendingBack(0);
    const { workspace, log, run } = await start({ script: [sumReply('a + b')], review });
    const { runId } = await run();
    const [proposal] = seen;
    expect(proposal?.plan.name).toBe('solo');
    expect(proposal?.alternatives.map(({ plan, origin }) => `${plan.name} (${origin})`)).toEqual([
      'bug-fix (library)',
      'bug-fix-larger (library)',
    ]);
    for (const { plan, hash, estimate } of proposal?.alternatives ?? []) {
      expect(checkPlan(plan).filter(isError)).toEqual([]);
      expect(hash).toBe(planHash(plan));
      expect(hash).not.toBe(proposal?.hash);
      expect(estimate.calls.most).toBeGreaterThan(0);
    }
    const trace = await openRun(workspace.dataDir, runId);
    const recorded = log.of('plan.proposed')[0]?.alternatives ?? [];
    expect(recorded.map(({ hash }) => hash)).toEqual(proposal?.alternatives.map(({ hash }) => hash));
    for (const { plan, hash } of recorded) {
      const read = parsePlan(await trace.readBlob(plan)).plan;
      expect(read && planHash(read)).toBe(hash);
    }
    expect(await verifyTrace(trace.dir)).toEqual([]);
  });

  test('one of them is taken by its hash alone, and runs under its own origin', async () => {
    const { log, run } = await start({
      script: ['Line 2 subtracts.', sumReply('a + b')],
      review: async ({ alternatives }) => ({ kind: 'approve', hash: alternatives[0]?.hash ?? '', by: 'user' }),
    });
    expect(await run()).toMatchObject({ outcome: 'solved', origins: ['library'] });
    expect(log.of('plan.proposed').map(({ name, origin }) => `${name} (${origin})`)).toEqual(['solo (solo)', 'bug-fix (library)']);
    expect(log.of('plan.approved')[0]?.hash).toBe(log.of('plan.proposed')[1]?.hash);
  });

  test('a team that changes files in place of one that answers: tests that cannot be started are told before anything is paid for', async () => {
    const solo = soloTeam(1, 'easy');
    const { server, run } = await start({
      script: [sumReply('a + b')],
      request: 'How does sum work?',
      designer: designerByName('library'),
      settings: { testCommand: 'teamwright-no-such-program --test' },
      review: async () => ({ kind: 'approve', hash: planHash(solo), by: 'user', edited: solo }),
    });
    expect(await run()).toMatchObject({ outcome: 'failed', failure: { code: 'command-not-found' } });
    expect(server.requests).toHaveLength(0);
  });

  test('a question has no solo coder beside it', async () => {
    const { seen, review } = sendingBack(0);
    const { run } = await start({ script: ['It adds.'], designer: designerByName('auto'), request: 'What does sum do?', review });
    await run();
    expect(seen[0]?.alternatives.map(({ plan }) => plan.name)).not.toContain('solo');
  });
});

describe('limits that the user wrote into the first plan', () => {
  const small = soloTeam(1, 'easy');
  const limited = { ...small, budget: { ...small.budget, calls: 2 } };
  const scene = (second: (proposal: Proposal) => ReviewAnswer) =>
    start({
      script: () => sumReply('a * b'),
      designer: designerByName('auto'),
      settings: { replans: 1 },
      review: async (proposal) =>
        proposal.round === 0 ? { kind: 'approve', hash: planHash(limited), by: 'user', edited: limited } : second(proposal),
    });
  const edit = (proposal: Proposal, change: Partial<Plan>): ReviewAnswer => {
    const edited = { ...proposal.plan, ...change };
    return { kind: 'approve', hash: planHash(edited), by: 'user', edited };
  };

  test('hold for the next plan, also when words of that are edited', async () => {
    const { server, run } = await scene((proposal) => edit(proposal, { reason: 'In other words.' }));
    expect((await run()).outcome).toBe('budget');
    expect(server.requests).toHaveLength(2);
  });

  test('hold for another team that is taken', async () => {
    const { server, run } = await scene(({ alternatives }) => ({ kind: 'approve', hash: alternatives[0]?.hash ?? '', by: 'user' }));
    expect((await run()).outcome).toBe('budget');
    expect(server.requests).toHaveLength(2);
  });

  test('give way to those that the user writes into the next one; the run replays', async () => {
    const { server, run, workspace } = await scene((proposal) => edit(proposal, { budget: { ...proposal.plan.budget, calls: 4 } }));
    const { runId } = await run();
    expect(server.requests.length).toBeGreaterThan(2);
    expect(server.requests.length).toBeLessThanOrEqual(4);
    expect((await replayRun({ dataDir: workspace.dataDir, runId }, signal)).differences).toEqual([]);
  });
});

describe('a plan that is sent back', () => {
  const sketch = {
    difficulty: 'medium',
    reason: 'A reviewer looks at it, as the user wants.',
    agents: [
      { name: 'Coder', instructions: 'Fix the line that is wrong.', tier: 'worker' },
      { name: 'Reviewer', instructions: 'Look for mistakes in the change.', tier: 'worker' },
    ],
    steps: [
      { do: 'generate', agent: 'Coder', samples: 1, uses: null, rounds: null },
      { do: 'review', agent: 'Reviewer', samples: null, uses: null, rounds: null },
    ],
  };

  test('goes to the model with the remark; the new one is shown and approved under its own hash, and the run replays', async () => {
    const { seen, review } = sendingBack(1);
    const { workspace, server, log, run } = await start({
      designer: designerByName('auto'),
      review,
      script: ({ messages }) => {
        const last = messages.at(-1)?.content ?? '';
        if (JSON.stringify(messages).includes('You design a team'))
          return { text: JSON.stringify(sketch), reasoning: 'The user wants a second look.' };
        return last.includes('APPROVE or REJECT') ? 'Fine.\nAPPROVE' : sumReply('a + b');
      },
    });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'solved' });
    expect(seen.map(({ plan }) => plan.name)).toEqual(['solo', 'redesigned-1']);
    const prompt = JSON.stringify(server.requests[0]?.body.messages);
    expect(prompt).toContain('sent it back: Have somebody review it.');
    expect(prompt).toContain('generate by coder');
    expect(log.of('plan.declined')).toEqual([
      expect.objectContaining({ hash: seen[0]?.hash, comment: 'Have somebody review it.', redesign: true }),
    ]);
    expect(log.of('plan.proposed').map(({ round, reasoning }) => ({ round, reasoning }))).toEqual([
      { round: 0, reasoning: undefined },
      { round: 0, reasoning: 'The user wants a second look.' },
    ]);
    expect(log.of('plan.approved')[0]?.hash).toBe(seen[1]?.hash);
    expect(new Set(log.of('call.started').map(({ call }) => call)).size).toBe(log.of('call.started').length);
    await server.close();
    const replay = await replayRun({ dataDir: workspace.dataDir, runId: result.runId }, signal);
    expect(replay.differences).toEqual([]);
  });

  test.each(['library', 'solo'] as const)('gets another team from the designer "%s", without a model', async (name) => {
    const { seen, review } = sendingBack(2);
    const { log, server, run } = await start({
      designer: name === 'solo' ? soloDesigner() : designerByName('library'),
      review,
      script: ({ messages }) => (messages.at(-1)?.content.includes('Write no code') ? 'Line 2 subtracts.' : sumReply('a + b')),
    });
    expect((await run()).outcome).toBe('solved');
    expect(new Set(seen.map(({ hash }) => hash)).size).toBe(3);
    expect(seen[1]?.reason).toContain('after the remark "Have somebody review it."');
    const firstCall = log.of('call.started')[0]?.seq ?? 0;
    expect(log.of('plan.declined').every(({ seq }) => seq < firstCall)).toBe(true);
    expect(server.requests.length).toBeGreaterThan(0);
    expect(seen[1]?.alternatives.map(({ hash }) => hash)).not.toContain(seen[0]?.hash);
  });

  test('ends the run after the fifth time: somebody who likes no plan is not asked for ever', async () => {
    const { seen, review } = sendingBack(99);
    const { log, server, run } = await start({ designer: designerByName('library'), review, script: [] });
    expect((await run()).outcome).toBe('declined');
    expect(seen).toHaveLength(6);
    expect(log.of('plan.declined').map(({ redesign }) => redesign ?? false)).toEqual([true, true, true, true, true, false]);
    expect(server.requests).toEqual([]);
  });
});
