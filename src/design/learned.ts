/**
 * The designer that knows what came of earlier attempts: the order in which places, small changes and drafts are tried, and where to stop, follow the
 * schedule of `learning/`. Only for bugs that tests show; everything else, and every plan after the first, is as in `auto`.
 */
import { redFiles } from '../feedback/index.ts';
import { changesInRound, type Operator, operatorsOf, rewardWeights, type Schedule, scheduleFor, shippedPrior } from '../learning/index.ts';
import { budgetSchema, type Difficulty, nMax, type Plan, planSchema } from '../plan/index.ts';
import { englishNumbers } from '../text/index.ts';
import { autoDesigner, mendsOnePlace } from './auto.ts';
import { madeByHand } from './by-hand.ts';
import { difficultyOf, kindOf } from './kind.ts';
import { changesInTime, mender, tryMs } from './one-place.ts';
import { knownAtStart } from './situation.ts';
import { doer } from './teams.ts';
import type { Designer, DesignInput } from './types.ts';

interface Block {
  readonly operator: Operator;
  /** Places, small changes or drafts. */
  readonly count: number;
}

/** Equal neighbours as one. Slow tests leave time for few small changes, or for none. */
function blocksOf({ steps }: Schedule, testMs: number | undefined): Block[] {
  const blocks: Block[] = [];
  for (const { operator } of steps) {
    const last = blocks.at(-1);
    const size = operator === 'changes' ? changesInRound : 1;
    if (last?.operator === operator) blocks.splice(-1, 1, { operator, count: last.count + size });
    else blocks.push({ operator, count: size });
  }
  return blocks
    .map((block) => (block.operator === 'changes' ? { ...block, count: changesInTime(block.count, testMs) } : block))
    .filter(({ count }) => count > 0)
    .flatMap((block, at, all) => (block.operator === 'changes' && all[at - 1]?.operator !== 'place' ? [onePlace, block] : [block]));
}

/** A repair tries at least one place before its small changes. */
const onePlace: Block = { operator: 'place', count: 1 };

/** Small changes belong to the repair that tries the places before them. */
function asSteps(blocks: readonly Block[]): unknown[] {
  const steps: Record<string, unknown>[] = [];
  for (const [at, { operator, count }] of blocks.entries()) {
    const last = steps.at(-1);
    if (operator === 'draft') {
      const draft = [
        { id: `draft-${at + 1}`, do: 'generate', agent: 'coder', samples: count },
        { id: `test-${at + 1}`, do: 'test' },
      ];
      steps.push(...(at === 0 ? draft : [{ id: `if-red-${at + 1}`, do: 'when', if: 'tests-fail', steps: draft }]));
    } else if (operator === 'changes' && last?.do === 'repair') last.mutations = count;
    else steps.push({ id: `mend-${at + 1}`, do: 'repair', agent: 'mender', samples: count, mutations: 0 });
  }
  return steps;
}

const inWords: Readonly<Record<string, (count: number) => string>> = {
  place: (count) => `${count} suspicious place${count > 1 ? 's' : ''} written anew`,
  changes: (count) => `up to ${count} small changes without a model`,
  draft: (count) => (count > 1 ? `${count} drafts of whole files` : 'a draft of whole files'),
};

function reasonOf({ chance, expectedCost }: Schedule, blocks: readonly Block[]): string {
  const order = blocks.map(({ operator, count }) => inWords[operator]?.(count) ?? operator).join(', then ');
  const { draws, problems } = shippedPrior.card;
  return [
    `${order.charAt(0).toUpperCase()}${order.slice(1)}, until the tests pass.`,
    `By ${draws} recorded attempts on ${problems} problems this order mends ${percent(chance)} of such bugs, for ${englishNumbers.count(expectedCost)} tokens on average.`,
  ].join(' ');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function scheduledTeam(schedule: Schedule, blocks: readonly Block[], difficulty: Difficulty): Plan {
  const has = (operator: Operator): boolean => blocks.some((block) => block.operator === operator);
  return planSchema.parse({
    teamwright: 1,
    name: 'learned',
    reason: reasonOf(schedule, blocks),
    difficulty,
    agents: {
      ...((has('place') || has('changes')) && { mender }),
      ...(has('draft') && { coder: doer }),
    },
    steps: [...asSteps(blocks), { id: 'test-again', do: 'test' }, { id: 'choose', do: 'select' }],
  });
}

/** Where nobody set a limit: as much as a run usually may spend. */
const usualTokens = budgetSchema.parse({}).tokens;

/** Undefined where the recorded attempts say nothing: they were about bugs of one file of tests, and a model that can fill a hole. */
function scheduleOf(input: DesignInput): Schedule | undefined {
  const { request, briefing, failures, sentBack = [], tokensLeft = usualTokens } = input;
  const isFirst = failures.length === 0 && sentBack.length === 0;
  const isOneMistake = briefing.baseline !== undefined && redFiles(briefing.baseline).size === 1;
  if (!isFirst || !isOneMistake || !mendsOnePlace(kindOf(request, briefing), input, 'worker')) return undefined;
  return scheduleFor(
    operatorsOf(shippedPrior.learned),
    { ...knownAtStart(request, briefing), attempts: 0, tries: 0 },
    { budget: tokensLeft, usualCalls: nMax[difficultyOf(request, briefing)], weights: rewardWeights },
  );
}

export const learnedDesigner: Designer = {
  name: 'learned',
  design: async (input, signal) => {
    const schedule = scheduleOf(input);
    const blocks = schedule ? blocksOf(schedule, tryMs(input)) : [];
    if (schedule === undefined || blocks.length === 0) return autoDesigner.design(input, signal);
    return madeByHand(scheduledTeam(schedule, blocks, difficultyOf(input.request, input.briefing)), 'library', input);
  },
};
