/** One plan that uses most of the language, and a short way to say what is found in changed forms of it. */

import type { CheckOptions } from '../../src/plan/check.ts';
import { checkPlan, type Plan, parsePlan, planSchema, problemText, type Step } from '../../src/plan/index.ts';

export const team = `teamwright: 1
name: bug-fix
reason: A thinker and a coder.
difficulty: medium
agents:
  planner:
    role: planner
    instructions: Follow the failing test and name the cause.
    output: note
    tools: [read, search]
    write: []
  coder:
    role: coder
    instructions: Repair the cause and nothing else.
    output: edits
    tools: []
    write: ["src/**"]
    temperature: 0.7
  critic:
    role: reviewer
    instructions: Look for cases that the change forgets.
    output: verdict
    tools: [read]
    write: []
steps:
  - { id: look, do: analyse, agent: planner }
  - { id: draft, do: generate, agent: coder, samples: 2, uses: [look] }
  - { id: try, do: test }
  - id: mend
    do: repeat
    until: tests-pass
    max: 2
    steps:
      - { id: judge, do: review, agent: critic }
      - { id: fix, do: revise, agent: coder, uses: [judge, look] }
      - { id: retry, do: test }
  - { id: pick, do: select }
`;

export const read = (text: string): Plan => {
  const parsed = parsePlan(text);
  if (!parsed.plan) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.plan;
};
export const plan = read(team);
/** The findings about a plan that differs from the team above. */
export const findings = (change: (copy: Plan) => void, options: CheckOptions = {}): string[] => {
  const copy = structuredClone(plan);
  change(copy);
  return checkPlan(copy, options).map(problemText);
};
export const steps = (...list: object[]): Step[] => planSchema.parse({ ...plan, steps: list }).steps;
export const findingsOf = (...list: object[]): string[] =>
  findings((copy) => {
    copy.steps = steps(...list);
  }).filter((text) => !text.includes('unused-agent'));
export const draft = { id: 'draft', do: 'generate', agent: 'coder' };
export const test = { id: 'try', do: 'test' };
