/** The order of the work: nothing judged before it exists, nothing handed over untested, no step that cannot run, no loop without a way out. */
import { chained } from './chained.ts';
import { deadLists, type Flow, planFlow } from './flow.ts';
import type { Place } from './place.ts';
import { allSteps, childLists, childSteps, type LocatedStep, locateSteps } from './places.ts';
import { errorAt, type Problem } from './problem.ts';
import type { Plan } from './schema.ts';
import { makesCandidates, type Step, stepKindOf, writesNote } from './step-kinds.ts';

export function flowProblems(written: Plan): Problem[] {
  const plan = { ...written, steps: chained(written.steps) };
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
    errorAt('unreachable', [...place, list, 0], ({ t }) => kind.inside?.unreachable(step, list, t) ?? ''),
  );
  if (kind.needsCandidates && here.first.candidates === 0) {
    problems.push(
      errorAt('nothing-made', place, (words) =>
        words.t('There is nothing to {0} yet: no step before "{1}" makes a candidate.', words.kind(step.do), step.id),
      ),
    );
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
      return [
        errorAt('side-by-side', at, ({ t }) =>
          t(
            '"{0}" depends on the candidates while "{1}" beside it still makes some; put one of them after the group.',
            step.id,
            maker.step.id,
          ),
        ),
      ];
    }),
  );
}

function changeProblems(steps: readonly LocatedStep[], flow: Flow): Problem[] {
  if (!steps.some(({ step }) => makesCandidates(step))) {
    return [
      errorAt('no-change', ['finish', 'when'], ({ t, kind }) =>
        t('The plan finishes when the tests pass, but no step makes a change; add a {0} step, or finish with an answer.', kind('generate')),
      ),
    ];
  }
  const untested = flow.end.untested.at(-1);
  if (!untested) return [];
  const maker = steps.find(({ place }) => place === untested || place.join('\n') === untested.join('\n'))?.step.id;
  return [
    errorAt('no-test-at-end', untested, ({ t, kind }) =>
      t('Nothing tests what "{0}" makes; add a {1} step after it.', maker ?? '', kind('test')),
    ),
  ];
}

function answerProblems(steps: readonly LocatedStep[]): Problem[] {
  const makers = steps.filter(({ step }) => makesCandidates(step));
  const problems = makers.map(({ step, place }) =>
    errorAt('answer-changes-files', place, ({ t }) =>
      t('The plan finishes with an answer, but "{0}" changes files; finish with tests that pass, or remove it.', step.id),
    ),
  );
  if (!steps.some(({ step }) => writesNote(step))) {
    problems.push(
      errorAt('no-answer', ['finish', 'when'], ({ t, kind }) =>
        t('The plan finishes with an answer, but no step writes a note; add a step of the kind "{0}".', kind('analyse')),
      ),
    );
  }
  return problems;
}
