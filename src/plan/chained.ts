/** Votes inside a chain build on each other, so how far ahead an answer must be follows from all of them: `chain` of each is as many as there are. */

import { mostPieces } from './kinds/chain.ts';
import { childLists } from './places.ts';
import { type Step, type StepOf, stepKindOf } from './step-kinds.ts';

/** Votes of the steps at most, each of them run once. */
const votesOf = (steps: readonly Step[]): number => steps.reduce((sum, step) => sum + votesIn(step), 0);

function votesIn(step: Step): number {
  if ('chain' in step) return 1;
  const { inside } = stepKindOf(step);
  if (!inside) return 0;
  const lists = childLists(step).map(({ steps }) => votesOf(steps));
  const once = inside.exclusive ? Math.max(0, ...lists) : lists.reduce((sum, votes) => sum + votes, 0);
  return once * (inside.mostRounds?.(step) ?? 1);
}

const mapLists = (step: Step, change: (inner: Step) => Step): Step =>
  ({ ...step, ...Object.fromEntries(childLists(step).map(({ list, steps }) => [list, steps.map(change)])) }) as Step;

const asPartOf = (step: Step, votes: number): Step =>
  'chain' in step ? { ...step, chain: Math.max(step.chain, votes) } : mapLists(step, (inner) => asPartOf(inner, votes));

/** The steps of a chain of so many pieces. */
export const stepsOfChain = ({ steps }: StepOf<'chain'>, pieces: number): readonly Step[] => {
  const votes = pieces * votesOf(steps);
  return steps.map((step) => asPartOf(step, votes));
};

/** The steps of a plan, with the votes of every chain as long as it may become. */
export const chained = (steps: readonly Step[]): Step[] => steps.map(atItsLongest);

const atItsLongest = (step: Step): Step =>
  mapLists(step.do === 'chain' ? { ...step, steps: [...stepsOfChain(step, mostPieces(step))] } : step, atItsLongest);
