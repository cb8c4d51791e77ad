/**
 * The hand-made teams. Their briefs are short on purpose: on a small machine every word of a prompt costs time. None of them knows the
 * request; they are reused as they are.
 */
import { type Agent, type Difficulty, type Plan, planSchema } from '../plan/index.ts';
import type { RequestKind } from './kind.ts';

export const coder = (instructions: string, temperature = 0.7): Agent => ({
  role: 'coder',
  instructions,
  output: 'edits',
  tier: 'worker',
  tools: ['read', 'list', 'search', 'edit', 'test'],
  write: ['**'],
  temperature,
});

/** Does the whole of a request. */
export const doer = coder('Do what is asked. Keep everything else as it is.');

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
  readonly agents: Record<string, Agent>;
  readonly steps: readonly unknown[];
  readonly finish?: { when: 'answer' };
}

const test = { id: 'test', do: 'test' };
const testAgain = { id: 'test-again', do: 'test' };
const check = { id: 'check', do: 'check', checks: ['types', 'lint'] };
const merge = { id: 'merge', do: 'merge' };
const select = { id: 'choose', do: 'select' };
const review = { id: 'review', do: 'review', agent: 'reviewer' };

const ifRed = (agent: string, samples: number, uses: readonly string[] = []) => ({
  id: 'if-red',
  do: 'when',
  if: 'tests-fail',
  steps: [{ id: 'repair', do: 'revise', agent, samples, uses, ...(samples > 1 && { from: 'drawn' }) }],
});

/** One size of a team for each difficulty: few calls where one will do, more samples and a second look where it is hard. */
export type BySize = Readonly<Record<Difficulty, number>>;
const drafts: BySize = { easy: 1, medium: 2, hard: 3 };
const repairs: BySize = { easy: 1, medium: 2, hard: 2 };

/** Tests of drafts; where there are several, what each of them makes pass is put together before anybody is asked again. */
const tested = (count: number) => (count > 1 ? [test, merge] : [test]);

/** A revision after a reviewer's look where it is worth one, and a repair of the revision where it is hard. */
const revised = (difficulty: Difficulty) => [
  ...(difficulty === 'easy'
    ? [{ id: 'revise', do: 'revise', agent: 'coder' }]
    : [review, { id: 'revise', do: 'revise', agent: 'coder', uses: ['review'] }]),
  ...(difficulty === 'hard' ? [{ id: 'test-revised', do: 'test' }, ifRed('coder', repairs.hard, ['review'])] : []),
];

/** Raised whenever a team below changes, so that training never mixes what came of them. */
export const libraryGeneration = 8;

/** What each team is for, in a few words. */
export const teamDescriptions: Readonly<Record<RequestKind, string>> = {
  'bug-fix': 'a test fails or something is broken',
  'small-function': 'one function or one file',
  feature: 'a feature over several files',
  'tests-only': 'more tests, no other change',
  refactoring: 'the same behaviour in better shape',
  question: 'a question about the code; nothing is changed',
};

const teams: Record<RequestKind, (difficulty: Difficulty) => Team> = {
  'bug-fix': (difficulty) => ({
    agents: {
      debugger: thinker(
        'debugger',
        'Follow one failing test through the code step by step. Name the line that is wrong and what it should do.',
      ),
      coder: coder('Fix the mistake that the debugger found. Keep everything else as it is.'),
      ...(difficulty === 'hard' && { reviewer }),
    },
    steps: [
      { id: 'diagnose', do: 'analyse', agent: 'debugger' },
      { id: 'fix', do: 'generate', agent: 'coder', samples: drafts[difficulty], uses: ['diagnose'] },
      ...tested(drafts[difficulty]),
      ...(difficulty === 'hard' ? [review] : []),
      ifRed('coder', repairs[difficulty], difficulty === 'hard' ? ['review'] : []),
      testAgain,
      select,
    ],
  }),
  'small-function': (difficulty) => ({
    agents: {
      planner: thinker('planner', 'Name the edge cases and the steps of a correct solution. Do not repeat the request.'),
      coder: coder('Write the solution, complete and correct for every edge case.'),
    },
    steps: [
      { id: 'think', do: 'analyse', agent: 'planner' },
      { id: 'write', do: 'generate', agent: 'coder', samples: { easy: 2, medium: 3, hard: 4 }[difficulty], uses: ['think'] },
      ...tested(2),
      ...(difficulty === 'hard' ? [ifRed('coder', repairs.hard), testAgain] : []),
      select,
    ],
  }),
  feature: (difficulty) => ({
    agents: {
      planner: thinker('planner', 'List which files must change and what each change is, in order.'),
      coder: coder('Build the feature as the planner says. Change every file that must change.'),
      ...(difficulty !== 'easy' && { reviewer }),
    },
    steps: [
      { id: 'outline', do: 'analyse', agent: 'planner' },
      { id: 'build', do: 'generate', agent: 'coder', samples: drafts[difficulty], uses: ['outline'] },
      ...tested(drafts[difficulty]),
      check,
      ...revised(difficulty),
      testAgain,
      select,
    ],
  }),
  'tests-only': (difficulty) => ({
    agents: {
      ...(difficulty === 'hard' && {
        planner: thinker('planner', 'List the behaviour that has no test yet: cases, edges, errors. The most important first.'),
      }),
      tester,
    },
    steps: [
      ...(difficulty === 'hard' ? [{ id: 'list', do: 'analyse', agent: 'planner' }] : []),
      { id: 'cover', do: 'write-tests', agent: 'tester', uses: difficulty === 'hard' ? ['list'] : [] },
      test,
      // Of one set of tests there is nothing to choose.
      ...(difficulty === 'easy' ? [] : [ifRed('tester', difficulty === 'hard' ? 2 : 1), testAgain, select]),
    ],
  }),
  refactoring: (difficulty) => ({
    agents: {
      coder: coder('Do the refactoring. The behaviour must stay exactly the same.'),
      ...(difficulty !== 'easy' && { reviewer }),
    },
    steps: [
      { id: 'reshape', do: 'generate', agent: 'coder', samples: drafts[difficulty] },
      test,
      check,
      ...revised(difficulty),
      testAgain,
      select,
    ],
  }),
  question: () => ({
    agents: { reader: thinker('reader', 'Answer from the files you were given, naming files and lines. Say it when they do not tell.') },
    steps: [{ id: 'answer', do: 'analyse', agent: 'reader' }],
    finish: { when: 'answer' },
  }),
};

/** The library team for a kind of request; the harder it looks, the larger the team (a question has one reader, always). */
export function teamFor(kind: RequestKind, difficulty: Difficulty): Plan {
  const { agents, steps, finish } = teams[kind](difficulty);
  return planSchema.parse({
    teamwright: 1,
    name: kind,
    reason: `A team from the library: ${teamDescriptions[kind]}.`,
    difficulty,
    agents,
    steps,
    finish,
  });
}

/** Fresh samples a solo coder draws while the tests fail. */
export const soloSamples = 3;

/** One coder, fresh samples while the tests fail, no design call. `samples` 1 is a single shot. `reply`: the one function that is meant in place of whole files. */
export function soloTeam(samples: number, difficulty: Difficulty, reply: 'files' | 'part' = 'files'): Plan {
  const steps = [{ id: 'draft', do: 'generate', agent: 'coder', samples, reply }, test, ...(samples > 1 ? [select] : [])];
  return planSchema.parse({
    teamwright: 1,
    name: 'solo',
    reason:
      reply === 'part'
        ? 'One coder, asked for one function where it is clear which one.'
        : 'One coder: most requests need one call and a test run.',
    difficulty,
    agents: { coder: doer },
    steps,
  });
}

/** Of teams that go on until the budget is spent. */
const manyRounds = 10;
const manyRevisions = 64;

/** The same for every request, to compare: a planner, a coder, and a tester who says what is wrong, in rounds. */
export const plannerCoderTester = (): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'planner-coder-tester',
    reason: 'The same three roles for every request.',
    difficulty: 'hard',
    agents: {
      planner: thinker('planner', 'Name the edge cases and the steps of a correct solution. Do not repeat the request.'),
      coder: coder('Do what is asked, as the planner says. Mend what the tester finds.'),
      tester: { ...reviewer, role: 'tester', tier: 'worker', instructions: 'Say which tests fail, why, and what must change.' },
    },
    steps: [
      { id: 'outline', do: 'analyse', agent: 'planner' },
      { id: 'code', do: 'generate', agent: 'coder', uses: ['outline'] },
      test,
      {
        id: 'rounds',
        do: 'repeat',
        until: 'tests-pass',
        max: manyRounds,
        steps: [{ id: 'report', do: 'review', agent: 'tester' }, { id: 'mend', do: 'revise', agent: 'coder', uses: ['report'] }, testAgain],
      },
      select,
    ],
  });

/** One draft, and what fails of it mended again and again, to compare. */
export const revisingTeam = (): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'revise',
    reason: 'One draft, mended by what its tests say.',
    difficulty: 'hard',
    agents: { coder: doer },
    steps: [
      { id: 'draft', do: 'generate', agent: 'coder' },
      test,
      { id: 'mend', do: 'revise', agent: 'coder', samples: manyRevisions, from: 'drawn' },
      testAgain,
      select,
    ],
  });
