/** From the attempts of a run to tries: what one more use of an operator came to, in the order in which they were made. Pure. */
import { changesInRound, type Lesson, type Operator } from '../learning/index.ts';
import { waysOfModels } from '../trace/events.ts';
import type { Attempt, Known } from './attempt.ts';

export interface Try<One extends Attempt = Attempt> {
  readonly operator: Operator;
  /** Of the run, before it. */
  readonly before: Known;
  /** Several for a round of small changes. */
  readonly attempts: readonly One[];
  /** Visible tests pass, by a change that is likely to be what was meant: the run ends there. */
  readonly visible: boolean;
  /** Share of the visible tests that it passes; undefined: nothing was tested. */
  readonly share?: number;
  /** With those of the work that only prepared it. */
  readonly tokens: number;
  readonly calls: number;
  readonly seconds: number;
}

const places = new Set(waysOfModels);
const nameOf = (operator: string): Operator =>
  places.has(operator) ? 'place' : operator === 'mutate' ? 'changes' : operator === 'sample' ? 'draft' : operator;
/** Work that makes no candidate: its cost belongs to the try that it prepares. */
const preparing = (attempt: Attempt): boolean =>
  attempt.operator === 'localise' || attempt.ended === 'note' || attempt.operator === 'design';

const endsRun = ({ visible, unlikely }: Attempt): boolean => visible === true && unlikely !== true;

export function triesOf<One extends Attempt>(attempts: readonly One[]): Try<One>[] {
  const tries: Try<One>[] = [];
  let preparation: One[] = [];
  let round: One[] = [];
  const add = (operator: Operator, some: readonly One[]): void => {
    const [first] = some;
    const last = some.at(-1);
    if (first === undefined || last === undefined) return;
    const sum = (of: (attempt: One) => number): number => [...preparation, ...some].reduce((all, attempt) => all + of(attempt), 0);
    const shares = some.flatMap(({ passed, failed }) => (passed === undefined || failed === undefined ? [] : [passed / (passed + failed)]));
    const ofOperator = tries.filter((earlier) => earlier.operator === operator).length;
    tries.push({
      operator,
      before: { ...(preparation[0] ?? first).before, attempts: tries.length, tries: ofOperator },
      attempts: some,
      visible: endsRun(last),
      share: shares.length === 0 ? undefined : Math.max(...shares),
      tokens: sum(({ inputTokens, outputTokens }) => inputTokens + outputTokens),
      calls: sum(({ calls }) => calls),
      seconds: sum(({ modelSeconds, testSeconds }) => modelSeconds + testSeconds),
    });
    preparation = [];
  };
  const endRound = (): void => {
    add('changes', round);
    round = [];
  };
  for (const attempt of attempts.toSorted((a, b) => a.order - b.order)) {
    if (preparing(attempt)) {
      preparation.push(attempt);
      continue;
    }
    const operator = nameOf(attempt.operator);
    if (operator !== 'changes') {
      endRound();
      add(operator, [attempt]);
      continue;
    }
    round.push(attempt);
    if (endsRun(attempt) || round.length === changesInRound) endRound();
  }
  endRound();
  return tries;
}

export const lessonOf = ({ operator, before, visible, tokens, seconds, calls }: Try): Lesson => ({
  operator,
  situation: before,
  succeeded: visible,
  // Work without a model is not free.
  cost: tokens > 0 ? tokens : seconds,
  calls,
});
