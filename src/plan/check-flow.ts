/** The order of the work: nothing judged before it exists, nothing handed over untested, no step that cannot run, no loop without a way out. */
import { deadBranches, type Flow, planFlow } from './flow.ts';
import { type LocatedStep, locateSteps, type Place } from './places.ts';
import { errorAt, type Problem, warningAt } from './problem.ts';
import { allSteps, type Condition, type GroupStep, type Plan, type RepeatStep, type Step } from './schema.ts';
import { conditionLabels, factsOf, takesCandidates } from './step-kinds.ts';

export function flowProblems(plan: Plan): Problem[] {
  const flow = planFlow(plan);
  const steps = [...locateSteps(plan)];
  return [
    ...steps.flatMap((found) => stepProblems(found, flow)),
    ...(plan.finish.when === 'answer' ? answerProblems(steps) : changeProblems(steps, flow)),
  ];
}

function stepProblems({ step, place, parents }: LocatedStep, flow: Flow): Problem[] {
  const here = flow.at(place);
  if (!here.reachable) return [];
  const facts = factsOf(step);
  const problems = deadBranches(flow, step, place).map((list) => deadProblem(step, list));
  if (facts.needsCandidates && here.first.candidates === 0) {
    problems.push(errorAt('nothing-made', place, `There is nothing to ${step.do} yet: no step before "${step.id}" makes a candidate.`));
  }
  if (step.do === 'generate' && step.from === 'best' && here.every.candidates === 0) {
    problems.push(
      errorAt('nothing-made', [...place, 'from'], `There is no best candidate to start from: no step before "${step.id}" makes one.`),
    );
  }
  if (step.do === 'review' && here.first.candidates === 0 && step.uses.length === 0) {
    const message = `There is nothing to review yet: no step before "${step.id}" makes a candidate, and it reads no note.`;
    problems.push(errorAt('nothing-made', place, message));
  }
  if (step.do === 'select' && parents.some((parent) => parent.step.do === 'group')) {
    problems.push(
      errorAt('select-in-group', place, `"${step.id}" would choose while the steps beside it still work; put it after the group.`),
    );
  } else if (step.do === 'select' && here.every.candidates > 0 && here.every.candidates <= step.keep) {
    const count = here.every.candidates === 1 ? 'one candidate' : `${here.every.candidates} candidates`;
    problems.push(warningAt('selects-nothing', place, `There will be at most ${count} here, so keeping ${step.keep} narrows nothing.`));
  }
  if (step.do === 'group') problems.push(...raceProblems(step, place));
  if (step.do === 'repeat' && !canEnd(step)) {
    const message = `Nothing inside "${step.id}" can make "${conditionLabels[step.until]}" true, so it always runs ${step.max} times.`;
    problems.push(errorAt('endless-wait', [...place, 'until'], message));
  }
  return problems;
}

/** In a group, what one step works on must not depend on how far another one is: runs would differ, and replays diverge. */
function raceProblems(group: GroupStep, place: Place): Problem[] {
  const children = group.steps.map((child, index) => [...locateSteps({ steps: [child] })].map((found) => ({ ...found, index })));
  return children.flatMap((child) =>
    child.flatMap(({ step, place: inside, index }) => {
      if (step.do === 'select' || !(takesCandidates(step) || step.do === 'write-tests')) return [];
      const maker = children.flat().find((other) => other.index !== index && factsOf(other.step).makesCandidates);
      if (!maker) return [];
      const at = [...place, 'steps', index, ...inside.slice(2)];
      const message = `"${step.id}" depends on the candidates while "${maker.step.id}" beside it still makes some; put one of them after the group.`;
      return [errorAt('side-by-side', at, message)];
    }),
  );
}

function deadProblem(step: Step, list: Place): Problem {
  const at = [...list, 0];
  if (step.do === 'repeat')
    return errorAt('unreachable', at, `This never runs: ${conditionLabels[step.until]} already when "${step.id}" begins.`);
  const condition = step.do === 'when' ? conditionLabels[step.if] : '';
  const held = list.at(-1) === 'else' ? 'always' : 'never';
  return errorAt('unreachable', at, `This never runs: at "${step.id}" it is ${held} the case that ${condition}.`);
}

/** What has to be inside a loop for its condition to come true: every list, at least one of its kinds of step. */
const turnsTrue: Readonly<Record<Condition, readonly (readonly ('make' | 'check' | 'review')[])[]>> = {
  'tests-pass': [['make']],
  'tests-fail': [['make']],
  'no-tests': [[]],
  'checks-fail': [['make'], ['check']],
  'review-rejects': [['review']],
  'review-approves': [['review']],
  'candidates-agree': [['make']],
};

function canEnd(repeat: RepeatStep): boolean {
  const inside = new Set([...allSteps(repeat.steps)].map((step) => (factsOf(step).makesCandidates ? 'make' : step.do)));
  return turnsTrue[repeat.until].every((oneOf) => oneOf.some((kind) => inside.has(kind)));
}

function changeProblems(steps: readonly LocatedStep[], flow: Flow): Problem[] {
  if (!steps.some(({ step }) => factsOf(step).makesCandidates)) {
    const message = 'The plan finishes when the tests pass, but no step makes a change; add a generate step, or finish with an answer.';
    return [errorAt('no-change', ['finish', 'when'], message)];
  }
  const untested = flow.end.untested.at(-1);
  if (!untested) return [];
  const maker = steps.find(({ place }) => place === untested || place.join('\n') === untested.join('\n'))?.step.id;
  return [errorAt('no-test-at-end', untested, `Nothing tests what "${maker}" makes; add a test step after it.`)];
}

function answerProblems(steps: readonly LocatedStep[]): Problem[] {
  const makers = steps.filter(({ step }) => factsOf(step).makesCandidates);
  const problems = makers.map(({ step, place }) =>
    errorAt(
      'answer-changes-files',
      place,
      `The plan finishes with an answer, but "${step.id}" changes files; finish with tests-pass, or remove it.`,
    ),
  );
  if (!steps.some(({ step }) => factsOf(step).writesNote)) {
    problems.push(
      errorAt('no-answer', ['finish', 'when'], 'The plan finishes with an answer, but no step writes a note; add an analyse step.'),
    );
  }
  return problems;
}
