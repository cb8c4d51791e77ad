/** What is wrong with a plan, as the form says it: its own words for fields, kinds of steps and what agents hand over, in the user's language. */
import { describe, expect, test } from 'vitest';
import { readBundle } from '../../scripts/l10n.ts';
import { formWords } from '../../src/editor/panels/problem-words.ts';
import { checkPlan, type Plan, type Problem, parsePlanValue } from '../../src/plan/index.ts';
import { english, type Say } from '../../src/text/index.ts';
import { plan } from '../support/plan-example.ts';

const german: Say = (text, ...values) => english(readBundle('de')[text] ?? `NOT TRANSLATED: ${text}`, ...values);

function problemsOf(change: (copy: Plan) => void): readonly Problem[] {
  const copy = structuredClone(plan);
  change(copy);
  const parsed = parsePlanValue(copy);
  return parsed.plan ? checkPlan(parsed.plan) : parsed.problems;
}

const wrong: Readonly<Record<string, (copy: Plan) => void>> = {
  'no step makes a change': (copy) => {
    copy.steps = copy.steps.filter(({ do: kind }) => kind === 'analyse');
  },
  'a coder that may write nothing': ({ agents: { coder } }) => Object.assign(coder ?? {}, { write: [] }),
  'a planner that may write': ({ agents: { planner } }) => Object.assign(planner ?? {}, { tools: ['edit'], write: ['src/**'] }),
  'an agent for other work': ({ agents: { coder } }) => Object.assign(coder ?? {}, { output: 'note' }),
  'a right without commands': ({ agents: { coder } }) => coder?.tools.push('run'),
  'a scope outside': ({ agents: { coder } }) => coder?.write.push('../x', 'test/**'),
  'a name that is none': ({ agents: { coder } }) => Object.assign(coder ?? {}, { role: 'A Coder' }),
  'nothing said': ({ agents: { coder } }) => Object.assign(coder ?? {}, { instructions: '' }),
  'a budget that is too small': ({ budget }) => Object.assign(budget, { calls: 1, agents: 1 }),
  'too many samples': (copy) => Object.assign(copy.steps[1] ?? {}, { samples: 99 }),
  'no samples at all': (copy) => Object.assign(copy.steps[1] ?? {}, { samples: null }),
  'an agent that there is not': (copy) => Object.assign(copy.steps[1] ?? {}, { agent: 'codr' }),
};

/** Names that only a file has: of places, fields, kinds of steps, and of what is handed over. */
const ofFiles =
  /\w\[\d+\]|(in|make) "write"|"(commands|tools|output|role|instructions|samples|edits|note|verdict|tests|generate|analyse)"|\bgenerate\b|tests-pass/;

describe.each(Object.entries(wrong))('%s', (_name, change) => {
  test('is said in the words of the form', () => {
    const said = problemsOf(change).map(({ say }) => say(formWords({ t: english })));
    expect(said).not.toEqual([]);
    for (const sentence of said) expect(sentence).not.toMatch(ofFiles);
  });

  test('is said in German', () => {
    for (const { say, message } of problemsOf(change)) {
      const sentence = say(formWords({ t: german }));
      expect(sentence).not.toContain('NOT TRANSLATED');
      expect(sentence).not.toBe(message);
    }
  });
});

test('a form names its fields as they are labelled', () => {
  const say = (change: (copy: Plan) => void, t: Say): string => problemsOf(change)[0]?.say(formWords({ t })) ?? '';
  const silent = wrong['a coder that may write nothing'] ?? (() => undefined);
  expect(say(silent, english)).toBe(
    '"coder" hands over “Edits to files” but may write nothing: list globs in “May write”, for example "src/**".',
  );
  expect(say(silent, german)).toContain('Nennen Sie Muster unter „Darf schreiben“');
});
