/** Help for plans as text: what is offered where, what a word means, and at which line a problem stands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completionsAt, hoverAt } from '../../src/editor/panels/plan-help.ts';
import { placeInText } from '../../src/editor/panels/plan-text-place.ts';
import { planTextProblems } from '../../src/editor/panels/plan-text-problems.ts';
import { printPlan } from '../../src/plan/index.ts';
import { toolNames } from '../../src/plan/schema.ts';
import { english } from '../../src/text/index.ts';
import { planArbitrary } from '../support/plan-arbitrary.ts';
import { team } from '../support/plan-example.ts';

/** The text with `|` at the position. */
const at = (marked: string): [string, number, number] => {
  const offset = marked.indexOf('|');
  const before = marked.slice(0, offset).split('\n');
  return [marked.replace('|', ''), before.length - 1, before.at(-1)?.length ?? 0];
};
const labels = (marked: string): string[] => completionsAt(...at(marked)).map(({ label }) => label);
const path = (marked: string): string => {
  const place = placeInText(...at(marked));
  return place ? `${place.kind} ${place.path.join('/')}` : 'nowhere';
};

describe('a position in the text of a plan', () => {
  test.each([
    ['na|', 'key '],
    ['name: x|', 'value name'],
    ['agents:\n  coder:\n    ro|', 'key agents/coder'],
    ['agents:\n  coder:\n    tools: [read, |]', 'value agents/coder/tools'],
    ['steps:\n  - id: a\n    d|', 'key steps/[]'],
    ['steps:\n- id: a\n  do: t|', 'value steps/[]/do'],
    ['steps:\n  - { id: a, do: |}', 'value steps/[]/do'],
    ['steps:\n  - { id: a, |}', 'key steps/[]'],
    ['steps:\n  - { id: a, do: generate, uses: [x, |] }', 'value steps/[]/uses'],
    ['steps:\n  - id: m\n    do: repeat\n    steps:\n      - id: a\n        do: |', 'value steps/[]/steps/[]/do'],
    ['budget: {tokens: 5, |}', 'key budget'],
    ['budget:\n  tokens: 1\n|', 'key '],
    ['budget: {\n  tokens: 5,\n  |\n}', 'key budget'],
    ['steps:\n  - { id: a,\n      do: |', 'value steps/[]/do'],
    ['agents:\n  coder:\n    tools: [read, |\n  critic:\n    role: reviewer', 'value agents/coder/tools'],
    ['agents:\n  coder:\n    tools:\n      - re|', 'key agents/coder/tools/[]'],
    ['agents:\n  "my coder":\n    tier: "wor|', 'value agents/my coder/tier'],
    ['agents:\r\n  coder:\r\n    tier: w|\r\n', 'value agents/coder/tier'],
    ['steps:\n  - id: a\n    do:|', 'value steps/[]/do'],
    ['agents:\n  coder:\n    |role: coder', 'key agents/coder'],
    ['agents:\n  coder:\n  |  role: coder', 'nowhere'],
    ['name: x # wh|y', 'nowhere'],
  ])('%j is %s', (marked, expected) => {
    expect(path(marked)).toBe(expected);
  });
});

test('every position of any text, whole or cut off, has an answer', () => {
  fc.assert(
    fc.property(planArbitrary, fc.nat(), fc.nat(), (plan, end, at) => {
      const text = printPlan(plan);
      const cut = text.slice(0, end % (text.length + 1));
      const before = text.slice(0, at % (text.length + 1)).split('\n');
      for (const shown of [text, cut]) {
        const position = [before.length - 1, before.at(-1)?.length ?? 0] as const;
        expect(Array.isArray(completionsAt(shown, ...position))).toBe(true);
        expect(hoverAt(shown, ...position)).not.toBe('');
      }
    }),
    { numRuns: 100 },
  );
});

describe('completion', () => {
  test('offers the keys of the plan that are not there yet', () => {
    expect(labels('teamwright: 1\nname: x\n|')).toEqual(['reason', 'difficulty', 'agents', 'steps', 'budget', 'finish', 'abort']);
  });

  test('offers a key that is being changed once more', () => {
    expect(labels('steps:\n  - { id: a, do: generate, sto|p: never, agent: coder }')).toEqual(['samples', 'stop', 'from', 'reply', 'uses']);
  });

  test('offers the keys of the kind of step that is written', () => {
    expect(labels('steps:\n  - id: a\n    do: generate\n    |')).toEqual(['agent', 'samples', 'stop', 'from', 'reply', 'uses']);
    expect(labels('steps:\n  - id: a\n    do: test\n    |')).toEqual([]);
  });

  test('offers all kinds of steps with what they do', () => {
    const kinds = completionsAt(...at('steps:\n  - id: a\n    do: |'));
    expect(kinds.map(({ label }) => label)).toContain('write-tests');
    expect(kinds.find(({ label }) => label === 'test')?.documentation).toContain("runs the project's tests");
  });

  test('offers the agents and steps that the text names', () => {
    expect(labels(team.replace('agent: critic', 'agent: |'))).toEqual(['planner', 'coder', 'critic']);
    expect(labels(team.replace('uses: [look]', 'uses: [|]'))).toContain('judge');
  });

  test('offers tools, tiers and conditions', () => {
    expect(labels(team.replace('tools: [read, search]', 'tools: [|]'))).toEqual([...toolNames]);
    expect(labels('agents:\n  a:\n    tier: |')).toEqual(['worker', 'strong']);
    expect(labels(team.replace('until: tests-pass', 'until: |'))).toContain('review-approves');
  });
});

describe('hover', () => {
  test('says what a key holds and what it is for', () => {
    const text = hoverAt(...at(team.replace('tools: [read, search]', 'to|ols: [read, search]')));
    expect(text).toContain('**tools**');
    expect(text).toContain('Empty: one reply, no tools');
  });

  test('says what a kind of step does', () => {
    expect(hoverAt(...at(team.replace('do: select', 'do: sel|ect')))).toBe('**select** – keeps the best candidates');
  });

  test('has nothing to say about names', () => {
    expect(hoverAt(...at(team.replace('name: bug-fix', 'name: bug|-fix')))).toBeUndefined();
  });
});

describe('problems of the text', () => {
  test('a plan without fault has none', () => {
    expect(planTextProblems(team, { t: english })).toEqual([]);
  });

  test('each stands at its line, errors first', () => {
    const lineOf = (part: string): number => team.split('\n').findIndex((line) => line.includes(part)) + 1;
    expect(planTextProblems(team.replace('samples: 2', 'samples: 99'), { t: english })).toMatchObject([
      { code: 'bad-value', line: lineOf('samples: 2') },
    ]);
    const found = planTextProblems(team.replace('agent: critic', 'agent: critc'), { t: english });
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['error unknown-agent', 'warning unused-agent']);
    expect(found[0]).toMatchObject({ line: lineOf('agent: critic') });
  });

  test('unreadable YAML is a problem at the place where reading failed', () => {
    expect(planTextProblems(`${team}\n  bad: [`, { t: english })[0]).toMatchObject({ severity: 'error', code: 'syntax' });
  });
});
