/** What is one modification away from a team: always a valid plan, another one, and without the words of a task. */
import { describe, expect, test } from 'vitest';
import { rewritten, stepChanges } from '../../src/bench/team-changes.ts';
import { soloTeam, teamIdOf } from '../../src/design/index.ts';
import { teamFor } from '../../src/design/teams.ts';
import type { ChatMessage, ChatReply } from '../../src/models/types.ts';
import { checkPlan, isError, planSchema } from '../../src/plan/index.ts';

const request = 'Make the function that reads the settings file give the defaults where a key is missing, and say which key it was.';

describe('modifications by rule', () => {
  test.each([soloTeam(1, 'medium'), soloTeam(3, 'easy'), teamFor('bug-fix', 'hard'), teamFor('feature', 'medium')])(
    '$name: each is one valid plan more, and none is the team itself',
    (team) => {
      const changes = stepChanges(team, [request]);
      expect(changes.length).toBeGreaterThan(2);
      expect(new Set(changes.map(({ change }) => change)).size).toBe(changes.length);
      for (const { plan } of changes) {
        expect(planSchema.safeParse(plan).success).toBe(true);
        expect(checkPlan(plan, { request }).filter(isError)).toEqual([]);
        expect(teamIdOf({ plan })).not.toBe(teamIdOf({ plan: team }));
      }
    },
  );

  test('one coder grows: more samples, a planner first, what is red mended', () => {
    const changes = stepChanges(soloTeam(1, 'medium'), [request]).map(({ change }) => change);
    expect(changes).toEqual(expect.arrayContaining(['2 samples in draft', 'a planner first', 'what is red mended by coder']));
  });
});

describe('instructions written by a model', () => {
  const reply = (text: string) => ({ text, finish: 'stop', usage: { inputTokens: 100, outputTokens: 20 } }) as ChatReply;
  const asked = async (...replies: readonly unknown[]) => {
    const seen: string[] = [];
    const left = replies.map((one) => reply(typeof one === 'string' ? one : JSON.stringify(one)));
    const ask = async (messages: readonly ChatMessage[]): Promise<ChatReply> => {
      seen.push(messages.map(({ content }) => content).join('\n'));
      return left.shift() as ChatReply;
    };
    const about = {
      failures: ['"Add": adds fails: 6 is not 5'],
      experience: [{ change: 'a planner first', result: 'not better' }],
      requests: [request],
    };
    return { answer: await rewritten(soloTeam(1, 'medium'), 'coder', about, { ask, capabilities: { format: 'none' } }), seen };
  };

  test('what failed and what was tried is told; all else of the team stays', async () => {
    const { answer, seen } = await asked({ why: 'It guessed.', instructions: 'Look at what the tests expect before you write.' });
    expect(seen[0]).toContain('6 is not 5');
    expect(seen[0]).toContain('a planner first: not better');
    expect(answer).toMatchObject({ tokens: 120, change: { change: 'instructions of coder: It guessed.' } });
    const team = soloTeam(1, 'medium');
    const coder = { ...team.agents.coder, instructions: 'Look at what the tests expect before you write.' };
    expect(answer.change?.plan).toEqual({ ...team, agents: { coder } });
  });

  test('the words of a task are refused, and so is what is there already; both questions are paid for', async () => {
    const [{ instructions = '' } = {}] = Object.values(soloTeam(1, 'medium').agents);
    const { answer, seen } = await asked({ why: 'x', instructions: `Do this: ${request}` }, { why: 'x', instructions });
    expect(seen).toHaveLength(2);
    expect(answer).toMatchObject({ tokens: 240, problem: expect.stringContaining('These are the instructions that there are') });
    expect(answer).not.toHaveProperty('change');
  });
});
