/** The order of the work: nothing judged before it exists, nothing handed over untested, no step that cannot run, no loop without a way out. */
import { deadLists, type Flow, planFlow } from './flow.ts';
import type { Place } from './place.ts';
import { allSteps, childLists, childSteps, type LocatedStep, locateSteps } from './places.ts';
import { errorAt, type Problem } from './problem.ts';
import type { Plan } from './schema.ts';
import { makesCandidates, type Step, stepKindOf, writesNote } from './step-kinds.ts';

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
  const kind = stepKindOf(step);
  const problems = deadLists(flow, step, place).map((list) =>
    errorAt('unreachable', [...place, list, 0], kind.inside?.unreachable(step, list) ?? ''),
  );
  if (kind.needsCandidates && here.first.candidates === 0) {
    problems.push(errorAt('nothing-made', place, `There is nothing to ${step.do} yet: no step before "${step.id}" makes a candidate.`));
  }
  const sideBySide = parents.some((parent) => runsSideBySide(parent.step));
  const leftInside = new Set([...allSteps(childSteps(step))].flatMap((inner) => stepKindOf(inner).leaves));
  problems.push(...kind.problems(step, { place, here, sideBySide, leftInside }));
  return runsSideBySide(step) ? [...problems, ...raceProblems(step, place)] : problems;
}

const runsSideBySide = (step: Step): boolean => stepKindOf(step).inside?.order === 'side-by-side';

/** In a group, what one step works on must not depend on how far another one is: runs would differ, and replays diverge. */
function raceProblems(group: Step, place: Place): Problem[] {
  const children = childLists(group).flatMap(({ list, steps }) =>
    steps.map((child, index) =>
      [...locateSteps({ steps: [child] })].map((found) => ({ step: found.step, at: [...place, list, index, ...found.place.slice(2)] })),
    ),
  );
  return children.flatMap((child) =>
    child.flatMap(({ step, at }) => {
      const kind = stepKindOf(step);
      if (!(kind.races ?? kind.takesCandidates)(step)) return [];
      const maker = children
        .filter((other) => other !== child)
        .flat()
        .find((other) => makesCandidates(other.step));
      if (!maker) return [];
      const message = `"${step.id}" depends on the candidates while "${maker.step.id}" beside it still makes some; put one of them after the group.`;
      return [errorAt('side-by-side', at, message)];
    }),
  );
}

function changeProblems(steps: readonly LocatedStep[], flow: Flow): Problem[] {
  if (!steps.some(({ step }) => makesCandidates(step))) {
    const message = 'The plan finishes when the tests pass, but no step makes a change; add a generate step, or finish with an answer.';
    return [errorAt('no-change', ['finish', 'when'], message)];
  }
  const untested = flow.end.untested.at(-1);
  if (!untested) return [];
  const maker = steps.find(({ place }) => place === untested || place.join('\n') === untested.join('\n'))?.step.id;
  return [errorAt('no-test-at-end', untested, `Nothing tests what "${maker}" makes; add a test step after it.`)];
}

function answerProblems(steps: readonly LocatedStep[]): Problem[] {
  const makers = steps.filter(({ step }) => makesCandidates(step));
  const problems = makers.map(({ step, place }) =>
    errorAt(
      'answer-changes-files',
      place,
      `The plan finishes with an answer, but "${step.id}" changes files; finish with tests-pass, or remove it.`,
    ),
  );
  if (!steps.some(({ step }) => writesNote(step))) {
    problems.push(
      errorAt('no-answer', ['finish', 'when'], 'The plan finishes with an answer, but no step writes a note; add an analyse step.'),
    );
  }
  return problems;
}
