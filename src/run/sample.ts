/** Drawing the samples of a step. */
import { throwIfStopped } from '../errors.ts';
import { allEnded } from './all-ended.ts';
import type { StepContext } from './context.ts';
import { isFatal, isRefusal } from './failures.ts';
import { releaseCopy, testCandidate } from './judge.ts';
import type { Candidate } from './pool.ts';

/** So many answers in a row that give no new candidate end a step: what the model has to say has been said, and each further one costs. */
const fruitlessInARow = 4;

/**
 * With `first-pass` one sample after the other, each tested at once, until one solves the request (without tests: until there is one): a
 * further sample costs only when the earlier ones failed, and none is drawn when nothing new comes any more. With `never` all samples, side by side up to the run's limit.
 *
 * Where they are drawn one after the other and tests are red, one that the budget does not pay for ends the drawing: a later step may cost less, and the
 * refusal ends the run behind those. A sample that fails for its own reasons leaves the others alone; when every sample failed, the first failure is thrown.
 * After a failure that would repeat no further sample is begun; those under way end first.
 */
export async function sample(
  step: { readonly id: string; readonly agent: string; readonly samples: number; readonly stop: 'first-pass' | 'never' },
  context: StepContext,
  signal: AbortSignal,
  draw: (index: number) => Promise<Candidate | undefined>,
): Promise<void> {
  const failures: unknown[] = [];
  let fatal: unknown;
  const one = async (index: number): Promise<Candidate | undefined> => {
    throwIfStopped(signal);
    if (fatal !== undefined) throw fatal;
    try {
      return await draw(index);
    } catch (error) {
      if (isFatal(error)) {
        fatal ??= error;
        throw error;
      }
      failures.push(error);
      return undefined;
    }
  };
  if (step.stop === 'first-pass') {
    let fruitless = 0;
    const isDone = (candidate = context.pool.best()): boolean => candidate !== undefined && context.pool.isDone(candidate);
    const wasDone = isDone();
    for (let index = 1; index <= step.samples; index += 1) {
      const failed = failures.length;
      const made = context.pool.all().length;
      let candidate: Candidate | undefined;
      try {
        candidate = await context.sideBySide(() => one(index));
      } catch (error) {
        // Something cheaper can make up for it only while tests are red, and where the agent did not change half of something with tools before.
        const canBeMadeUpFor = context.facts.test !== undefined && !isDone() && context.pool.all().length === made;
        if (!isRefusal(error) || !canBeMadeUpFor) throw error;
        context.refused.by ??= error;
        return;
      }
      if (!candidate) {
        // The same change once more may have been all that was still to be heard.
        if (!wasDone && isDone()) return;
        if (failures.length === failed) fruitless += 1;
        if (fruitless < fruitlessInARow || index === step.samples) continue;
        const detail = `${fruitless} answers in a row gave no new candidate.`;
        context.ports.trace.emit({ type: 'loop.found', agent: step.agent, detail, action: 'stopped' });
        context.troubles.note(step.id, 'loops');
        return;
      }
      fruitless = 0;
      await testCandidate(candidate, context, signal);
      if (isDone(candidate) || !context.facts.test) return;
    }
  } else {
    const indexes = Array.from({ length: step.samples }, (_, index) => index + 1);
    const draws = indexes.map((index) =>
      context.sideBySide(async () => {
        const candidate = await one(index);
        // Nobody will ask for its files when there is nothing to judge it by.
        if (candidate && !context.facts.test) await releaseCopy(candidate);
      }),
    );
    await allEnded(draws);
  }
  if (failures.length === step.samples) throw failures[0];
}
