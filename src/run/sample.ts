/** Drawing the samples of a step. */
import type { StepContext } from './context.ts';
import { isFatal } from './failures.ts';
import { releaseCopy, testCandidate } from './judge.ts';
import type { Candidate } from './pool.ts';

/**
 * With `first-pass` one sample after the other, each tested at once, until one solves the request (without tests: until there is one): a
 * further sample costs only when the earlier ones failed. With `never` all samples, side by side up to the run's limit.
 *
 * A sample that fails for its own reasons leaves the others alone; when every sample failed, the first failure is thrown.
 */
export async function sample(
  step: { readonly samples: number; readonly stop: 'first-pass' | 'never' },
  context: StepContext,
  signal: AbortSignal,
  draw: (index: number) => Promise<Candidate | undefined>,
): Promise<void> {
  const failures: unknown[] = [];
  const one = async (index: number): Promise<Candidate | undefined> => {
    signal.throwIfAborted();
    try {
      return await draw(index);
    } catch (error) {
      if (isFatal(error)) throw error;
      failures.push(error);
      return undefined;
    }
  };
  if (step.stop === 'first-pass') {
    for (let index = 1; index <= step.samples; index += 1) {
      const candidate = await context.sideBySide(() => one(index));
      if (!candidate) continue;
      await testCandidate(candidate, context, signal);
      await releaseCopy(candidate);
      if (candidate.verdict?.solved || !context.facts.test) return;
    }
  } else {
    const indexes = Array.from({ length: step.samples }, (_, index) => index + 1);
    const results = await Promise.allSettled(indexes.map((index) => context.sideBySide(() => one(index))));
    const fatal = results.find((result) => result.status === 'rejected');
    if (fatal) throw fatal.reason;
  }
  if (failures.length === step.samples) throw failures[0];
}
