/** What recorded attempts and the user's own say of the work for a request, where they say something. */
import { redFiles } from '../feedback/index.ts';
import { type KnownOperator, operatorsOf, type Situation, shippedPrior } from '../learning/index.ts';
import { budgetSchema } from '../plan/index.ts';
import { mendsOnePlace } from './auto.ts';
import { kindOf } from './kind.ts';
import { knownAtStart } from './situation.ts';
import type { DesignInput } from './types.ts';

/** Where nobody set a limit: as much as a run usually may spend. */
export const usualTokens = budgetSchema.parse({}).tokens;

export interface Knowledge {
  readonly operators: readonly KnownOperator[];
  readonly start: Situation;
  /** That taught it. */
  readonly ownRuns: number;
}

/** Undefined where the recorded attempts say nothing: they were about bugs of one file of tests, and a model that can fill a hole. */
export async function knowledgeOf(input: DesignInput): Promise<Knowledge | undefined> {
  const { request, briefing, failures, sentBack = [], models, believed } = input;
  const isFirst = failures.length === 0 && sentBack.length === 0;
  const isOneMistake = briefing.baseline !== undefined && redFiles(briefing.baseline).size === 1;
  if (!isFirst || !isOneMistake || !mendsOnePlace(kindOf(request, briefing), input, 'worker')) return undefined;
  const { learned, runs } = (await believed?.(models.worker.model)) ?? { learned: shippedPrior.learned, runs: 0 };
  return { operators: operatorsOf(learned), start: { ...knownAtStart(request, briefing), attempts: 0, tries: 0 }, ownRuns: runs };
}
