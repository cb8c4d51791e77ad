import type { CandidateState } from '../trace/index.ts';

/** The less the better: tests that fail; those with a hand on the tests come after all others, those that were not tested last. */
export const farFromGreen = ({ test }: CandidateState): number =>
  test === undefined ? Number.MAX_SAFE_INTEGER : test.counts.failed + 1000 * test.tampering.length;
