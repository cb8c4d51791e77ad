/**
 * The hand-made teams. Their briefs are short on purpose: on a small machine every word of a prompt costs time. None of them knows the
 * request; they are reused as they are.
 */
import { type Agent, type Difficulty, type Plan, planSchema } from '../plan/index.ts';
import type { RequestKind } from './kind.ts';

const coder = (instructions: string, temperature = 0.7): Agent => ({
  role: 'coder',
  instructions,
  output: 'edits',
  tier: 'worker',
  tools: ['read', 'list', 'search', 'edit', 'test'],
  write: ['**'],
  temperature,
});

const thinker = (role: string, instructions: string): Agent => ({
  role,
  instructions,
  output: 'note',
  tier: 'worker',
  tools: [],
  write: [],
  temperature: 0.2,
});

const reviewer: Agent = {
  role: 'reviewer',
  instructions: 'Check that the change does exactly what was asked, handles edge cases and breaks nothing. Name only real mistakes.',
  output: 'verdict',
  tier: 'strong',
  tools: [],
  write: [],
  temperature: 0,
};

const tester: Agent = {
  role: 'tester',
  instructions: 'Write tests for the behaviour that was asked for, in the style of the tests that exist. Change no other file.',
  output: 'tests',
  tier: 'worker',
  tools: ['read', 'list', 'search', 'edit', 'test'],
  write: ['**'],
  temperature: 0.2,
};

interface Team {
  readonly for: string;
  readonly agents: Record<string, Agent>;
  readonly steps: readonly unknown[];
  readonly finish?: { when: 'answer' };
}

const test = { id: 'test', do: 'test' };
const select = { id: 'choose', do: 'select' };

const teams: Record<RequestKind, Team> = {
  'bug-fix': {
    for: 'a test fails or something is broken',
    agents: {
      debugger: thinker(
        'debugger',
        'Follow one failing test through the code step by step. Name the line that is wrong and what it should do.',
      ),
      coder: coder('Fix the mistake that the debugger found. Keep everything else as it is.'),
    },
    steps: [
      { id: 'diagnose', do: 'analyse', agent: 'debugger' },
      { id: 'fix', do: 'generate', agent: 'coder', samples: 2, uses: ['diagnose'] },
      test,
      { id: 'if-red', do: 'when', if: 'tests-fail', steps: [{ id: 'repair', do: 'revise', agent: 'coder', samples: 2 }] },
      { id: 'test-again', do: 'test' },
      select,
    ],
  },
  'small-function': {
    for: 'one function or one file',
    agents: {
      planner: thinker('planner', 'Name the edge cases and the steps of a correct solution. Do not repeat the request.'),
      coder: coder('Write the solution, complete and correct for every edge case.'),
    },
    steps: [
      { id: 'think', do: 'analyse', agent: 'planner' },
      { id: 'write', do: 'generate', agent: 'coder', samples: 3, uses: ['think'] },
      test,
      select,
    ],
  },
  feature: {
    for: 'a feature over several files',
    agents: {
      planner: thinker('planner', 'List which files must change and what each change is, in order.'),
      coder: coder('Build the feature as the planner says. Change every file that must change.'),
      reviewer,
    },
    steps: [
      { id: 'outline', do: 'analyse', agent: 'planner' },
      { id: 'build', do: 'generate', agent: 'coder', samples: 2, uses: ['outline'] },
      test,
      { id: 'check', do: 'check', checks: ['types', 'lint'] },
      { id: 'review', do: 'review', agent: 'reviewer' },
      { id: 'revise', do: 'revise', agent: 'coder', uses: ['review'] },
      { id: 'test-again', do: 'test' },
      select,
    ],
  },
  'tests-only': {
    for: 'more tests, no other change',
    agents: { tester },
    steps: [
      { id: 'cover', do: 'write-tests', agent: 'tester' },
      test,
      { id: 'if-red', do: 'when', if: 'tests-fail', steps: [{ id: 'repair', do: 'revise', agent: 'tester' }] },
      { id: 'test-again', do: 'test' },
      select,
    ],
  },
  refactoring: {
    for: 'the same behaviour in better shape',
    agents: { coder: coder('Do the refactoring. The behaviour must stay exactly the same.'), reviewer },
    steps: [
      { id: 'reshape', do: 'generate', agent: 'coder', samples: 2 },
      test,
      { id: 'check', do: 'check', checks: ['types', 'lint'] },
      { id: 'review', do: 'review', agent: 'reviewer' },
      { id: 'revise', do: 'revise', agent: 'coder', uses: ['review'] },
      { id: 'test-again', do: 'test' },
      select,
    ],
  },
  question: {
    for: 'a question about the code; nothing is changed',
    agents: { reader: thinker('reader', 'Answer from the files you were given, naming files and lines. Say it when they do not tell.') },
    steps: [{ id: 'answer', do: 'analyse', agent: 'reader' }],
    finish: { when: 'answer' },
  },
};

/** The library team for a kind of request. */
export function teamFor(kind: RequestKind, difficulty: Difficulty): Plan {
  const { agents, steps, finish } = teams[kind];
  return planSchema.parse({
    teamwright: 1,
    name: kind,
    reason: `A proven team from the library: ${teams[kind].for}.`,
    difficulty,
    agents,
    steps,
    finish,
  });
}

export const teamDescriptions: Readonly<Record<RequestKind, string>> = Object.fromEntries(
  Object.entries(teams).map(([kind, team]) => [kind, team.for]),
) as Record<RequestKind, string>;

/** One coder, fresh samples while the tests fail, no design call. `samples` 1 is a single shot. */
export function soloTeam(samples: number, difficulty: Difficulty): Plan {
  const steps = [{ id: 'draft', do: 'generate', agent: 'coder', samples }, test, ...(samples > 1 ? [select] : [])];
  return planSchema.parse({
    teamwright: 1,
    name: 'solo',
    reason: 'One coder: most requests need one call and a test run.',
    difficulty,
    agents: { coder: coder('Do what is asked. Keep everything else as it is.') },
    steps,
  });
}
