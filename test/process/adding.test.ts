/** What adding costs: made-up things in a copy of the project, and what the compiler and the rest of the project make of them. */
import { expect, test } from 'vitest';
import { copyProject } from '../support/made-up.ts';

test('a step kind is one file and one line of the table; the compiler asks for one more place, its runner: one file and one line', () => {
  using project = copyProject();
  const table = 'src/plan/step-kinds.ts';
  for (const kind of ['ponder', 'split']) {
    project.add(`${kind}.ts`, `src/plan/kinds/${kind}.ts`);
    project.insert(table, 'generate,\n  analyse', `${kind},\n  `);
    project.insert(table, 'import { generate }', `import { ${kind} } from './kinds/${kind}.ts';\n`);
  }
  expect(project.complaints()).toEqual([
    expect.stringMatching(/^src\/run\/execute\.ts: .*missing the following properties.*: ponder, split$/),
  ]);

  for (const kind of ['ponder', 'split']) {
    project.add(`run-${kind}.ts`, `src/run/steps/${kind}.ts`);
    project.insert('src/run/execute.ts', 'generate,\n', `${kind},\n  `);
    project.insert('src/run/execute.ts', 'import { generate }', `import { ${kind} } from './steps/${kind}.ts';\n`);
  }
  project.add('ask-step-kinds.ts', 'scripts/ask-step-kinds.ts');
  expect(project.complaints()).toEqual([]);

  expect(project.run('scripts/ask-step-kinds.ts')).toEqual({
    problems: [],
    wrong: ['error steps[0].sides: Nobody speaks against "argue". [bad-value]'],
    sameHash: true,
    otherHash: true,
    printed: ['    sides: [for, against]', '    turns: 3', '    first:'],
    changes: ['Step "argue": turns was 3, is 4.'],
    calls: { least: 4, most: 4 },
    layers: 2,
    nodes: [
      'steps[0] agent ponder for 3 turns · thinker',
      'steps[1] frame split in two parts',
      'steps[1].first[0] agent write · coder',
      'steps[2] tool test',
    ],
    edges: [
      'order steps[0] steps[1]',
      'note steps[0] steps[1].first[0]',
      'order steps[1] steps[1].first[0] first',
      'candidate steps[1].first[0] steps[2]',
      'order steps[1].first[0] steps[2]',
      'order steps[1] steps[2] second',
    ],
    text: true,
    schema: true,
    form: ['text Name', 'select Agent thinker coder', 'set Sides for against neither', 'number Turns of each side 1 9'],
    added: { id: 'ponder', do: 'ponder', agent: 'thinker', sides: ['for', 'against'], turns: 2, uses: [] },
    completion: 'an agent argues with itself',
    prompt: true,
    compiled: [{ id: 'ponder', do: 'ponder', agent: 'thinker', sides: ['for', 'against', 'neither'], turns: 2, uses: [] }],
    sketched: [{ do: 'ponder', agent: 'thinker', samples: null, uses: null, rounds: null }],
    flat: ['ponder', 'generate', 'test'],
    translated: ['ponder', 'ponder for {0} turns'],
    docs: ['| `ponder` | an agent argues with itself ', '| `split` | runs one part after the other '],
    grader: true,
  });
});

test('a designer is one file and one entry of the table; the compiler asks for nothing more', () => {
  using project = copyProject();
  project.add('dice.ts', 'src/design/dice.ts');
  project.insert(
    'src/design/designers.ts',
    '} as const satisfies',
    "  dice: { does: 'throws a die', load: async () => (await import('./dice.ts')).diceDesigner },\n",
  );
  project.add('ask-designers.ts', 'scripts/ask-designers.ts');
  expect(project.complaints()).toEqual([]);
  expect(project.run('scripts/ask-designers.ts')).toEqual({
    plan: 'solo',
    setting: 'dice',
    help: ['dice (throws a die)'],
    followers: ['docs/design.md', 'package.json', 'package.nls.json'],
  });
});
