/** What recorded attempts and the user's own say of the work for a request, where they say something. */
import { redFiles } from '../feedback/index.ts';
import {
  described,
  type KnownOperator,
  type Learned,
  type ModelDescription,
  operatorsOf,
  partsOf,
  ratesOf,
  type Situation,
  shippedPrior,
} from '../learning/index.ts';
import type { ModelChoice } from '../models/types.ts';
import { budgetSchema } from '../plan/index.ts';
import { kindOf } from './kind.ts';
import { mendsOnePlace } from './one-place.ts';
import { knownAtStart } from './situation.ts';
import { hasStrongModel } from './two-tiers.ts';
import type { DesignInput } from './types.ts';

/** Where nobody set a limit: as much as a run usually may spend. */
export const usualTokens = budgetSchema.parse({}).tokens;

export interface Knowledge {
  readonly operators: readonly KnownOperator[];
  readonly start: Situation;
  /** That taught it. */
  readonly ownRuns: number;
  /** What a token of the strong model counts as, in tokens of the worker, where its work is among them. */
  readonly strongRate?: number;
}

/** Undefined where the recorded attempts say nothing: they were about bugs of one file of tests, and a model that can fill a hole. */
export async function knowledgeOf(input: DesignInput): Promise<Knowledge | undefined> {
  const { request, briefing, failures, sentBack = [], models, believed } = input;
  const isFirst = failures.length === 0 && sentBack.length === 0;
  const isOneMistake = briefing.baseline !== undefined && redFiles(briefing.baseline).size === 1;
  if (!isFirst || !isOneMistake || !mendsOnePlace(kindOf(request, briefing), input, 'worker')) return undefined;
  const { learned, runs } = (await believed?.(models.worker.model)) ?? { learned: shippedPrior.learned, runs: 0 };
  const strong = await strongWork(input, learned);
  return {
    operators: [...operatorsOf(learned), ...(strong?.operators ?? [])],
    start: { ...knownAtStart(request, briefing), attempts: 0, tries: 0 },
    ownRuns: runs,
    strongRate: strong?.rate,
  };
}

/** As its settings and its server describe it. */
export const describe = ({ model, price, capabilities }: ModelChoice): ModelDescription => ({
  name: model,
  text: [model.replaceAll(/[-_/:]/g, ' '), capabilities.strength, capabilities.infill === undefined ? 'chat' : 'code infill'].join(' '),
  ...(price?.known && { price: price.input + price.output }),
});

/** The strong model's, where it is another one: by its own runs where there are any, else by its description. */
async function strongWork({ models, believed }: DesignInput, ofWorker: Learned) {
  if (!hasStrongModel(models) || models.worker.model === models.strong.model) return undefined;
  const [worker, strong] = [describe(models.worker), describe(models.strong)];
  const [of = 1, to = 1] = ratesOf([worker, strong]);
  const rate = to / of;
  const own = await believed?.(models.strong.model);
  const isKnown = own !== undefined && own.runs > 0;
  const known = described(isKnown ? own.learned : ofWorker, isKnown ? strong : worker, strong, rate);
  // A place is a hole to fill; what cannot fill one leaves it to the worker.
  const fills = models.strong.capabilities.infill !== undefined;
  return { rate, operators: operatorsOf(known).filter(({ name }) => fills || partsOf(name).operator !== 'place') };
}
