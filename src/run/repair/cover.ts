/** Which lines the failing and the passing tests ran over, for a repair: one more run of the tests, in a copy of its own. */
import { narrowed } from '../../feedback/index.ts';
import type { Coverage } from '../../feedback/types.ts';
import type { Snapshot } from '../../workspace/types.ts';
import type { StepContext } from '../context.ts';

/** A recorder makes tests slower, some of them many times; ms. */
const patience = { times: 10, leastMs: 10_000, mostMs: 60_000 };
/** Of more tests than these the failing files alone are recorded. */
const manyTests = 200;

/** Undefined where the runner's tests cannot be told apart, or recording took too long to see a failing test. */
export async function coverageOfTests(
  id: string,
  snapshot: Snapshot,
  context: StepContext,
  signal: AbortSignal,
): Promise<Coverage | undefined> {
  const { ports, settings, facts } = context;
  const { test, baseline } = facts;
  if (test === undefined || baseline === undefined) return undefined;
  const part = narrowed(test, baseline, [], baseline.cases.length > manyTests ? 0 : undefined);
  const wallMs = Math.min(
    settings.testLimits.wallMs,
    patience.mostMs,
    Math.max(patience.leastMs, (part?.ms ?? baseline.ms) * patience.times),
  );
  return context.sideBySide(async () => {
    await context.steering.ready(signal);
    const copy = await ports.copies.create(id, snapshot, signal);
    try {
      return await ports.coverageOf(part?.test ?? test, copy.root, { ...settings.testLimits, wallMs }, signal);
    } finally {
      await copy.remove();
    }
  });
}
