/** Problems of a plan that was refused, long after: said in the words of the form, in the user's language, or by the line of the file. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tellError } from '../../src/editor/failure-table.ts';
import { keptProblemText } from '../../src/editor/panels/problem-words.ts';
import { planInvalid } from '../../src/errors.ts';
import { checkPlan, keptProblem, type Problem, parsePlanValue, sayKept, textWords, validPlan } from '../../src/plan/index.ts';
import { english, german } from '../support/pages/speech.ts';
import { planArbitrary } from '../support/plan-arbitrary.ts';
import { plan, team } from '../support/plan-example.ts';

const problemsOf = (value: unknown): readonly Problem[] => {
  const parsed = parsePlanValue(value);
  return parsed.plan ? checkPlan(parsed.plan) : parsed.problems;
};
const withStep = (change: object) => ({ ...plan, steps: plan.steps.map((step, index) => (index === 1 ? { ...step, ...change } : step)) });

test('each problem of any plan says in a file’s words what it said at first', () => {
  fc.assert(
    fc.property(planArbitrary, fc.constantFrom('', '\u{e000}', '\u{e000}["t"', 'x\u{e001}'), (any, sign) => {
      for (const problem of [...checkPlan(any), ...problemsOf({ ...any, name: 7, difficulty: `h${sign}ard` })]) {
        const { said, message } = keptProblem(problem);
        expect(sayKept(said, textWords)).toBe(message);
      }
    }),
    { numRuns: 100 },
  );
});

describe('a refused plan', () => {
  test.each([
    [withStep({ samples: 0 }), /^Step 2 · “Samples”: “Samples” must be at least 1\.$/, /^Schritt 2 · „Kandidaten je Aufruf“: /],
    [
      { ...plan, steps: [{ id: 'look', do: 'analyse', agent: 'planner' }] },
      /^“It is done when”: .*add a write step/,
      /einen Schritt „schreiben“/,
    ],
    [withStep({ uses: ['look', 'nobody'] }), /^Step 2 · “.*”: There is no step "nobody"/, /nobody/],
    [
      { ...plan, agents: { ...plan.agents, coder: { ...plan.agents.coder, write: ['../x'] } } },
      /^Agent coder · “May write”: /,
      /^Agent coder · „Darf schreiben“: /,
    ],
  ])('is told in the words of the form', (value, expected, inGerman) => {
    const [first] = problemsOf(value).filter(({ severity }) => severity === 'error');
    if (first === undefined) throw new Error('There is no problem.');
    // As a trace keeps it.
    const kept = JSON.parse(JSON.stringify(keptProblem(first)));
    expect(keptProblemText(kept, english.l10n)).toMatch(expected);
    expect(keptProblemText(kept, german.l10n)).toMatch(inGerman);
    const { message } = tellError(english, planInvalid([kept]));
    expect(message).not.toMatch(/steps\[|agents\.|"write"|generate/);
  });

  test('of a file is told by its line, in the words of the file', () => {
    try {
      validPlan(team.replace('samples: 2', 'samples: 0'));
      expect.unreachable();
    } catch (error) {
      expect(tellError(english, error).message).toBe('The plan is not valid: line 27: "samples" must be at least 1.');
    }
  });

  test('of an older trace, without the parts of its sentence, is told all the same', () => {
    for (const said of [undefined, '\u{e000}\u{e001}\u{e000}["t"'])
      expect(keptProblemText({ path: 'budget.tokens', message: 'Too small.', said }, english.l10n)).toBe('“Tokens”: Too small.');
  });
});
