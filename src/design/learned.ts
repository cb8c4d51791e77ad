/**
 * The designer that knows what came of earlier attempts: the order in which places, small changes and drafts are tried, and where to stop, follow the
 * schedule of `learning/`. Only for bugs that tests show; everything else, and every plan after the first, is as in `auto`.
 */
import { redFiles } from '../feedback/index.ts';
import {
  changesInRound,
  expectedOf,
  factsFor,
  type KnownOperator,
  type Operator,
  operatorsOf,
  rewardWeights,
  type Schedule,
  type ScheduledStep,
  type Situation,
  scheduleFor,
  shippedPrior,
  together,
} from '../learning/index.ts';
import type { Expectation } from '../plan/estimate.ts';
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
  /** The tries of the schedule that it stands for. */
  readonly tries: readonly ScheduledStep[];
}

/** Equal neighbours as one. Slow tests leave time for few small changes, or for none. */
function blocksOf({ steps }: Schedule, testMs: number | undefined): Block[] {
  const blocks: Block[] = [];
  for (const step of steps) {
    const { operator } = step;
    const last = blocks.at(-1);
    const size = operator === 'changes' ? changesInRound : 1;
    const more = last?.operator === operator ? blocks.pop() : undefined;
    blocks.push({ operator, count: (more?.count ?? 0) + size, tries: [...(more?.tries ?? []), step] });
  }
  return blocks
    .map((block) => (block.operator === 'changes' ? { ...block, count: changesInTime(block.count, testMs) } : block))
    .filter(({ count }) => count > 0)
    .flatMap((block, at, all) => (block.operator === 'changes' && all[at - 1]?.operator !== 'place' ? [onePlace, block] : [block]));
}

/**
 * Small changes may pass few tests by chance, and the run then looks for a draft before it hands such a change over. A schedule without one has it last,
 * where the rest has failed.
 */
function withDraft(schedule: Schedule, { operators, start }: Knowledge): Schedule {
  const order = schedule.steps.map(({ operator }) => operator);
  const lacksDraft = order.includes('changes') && !order.includes('draft');
  return lacksDraft ? expectedOf(operators, start, [...order, 'draft']) : schedule;
}

/** A repair tries at least one place before its small changes. */
const onePlace: Block = { operator: 'place', count: 1, tries: [] };

interface PlanStep {
  readonly written: Record<string, unknown>;
  /** The step that the tries belong to. */
  readonly id: string;
  readonly tries: ScheduledStep[];
}

/** Small changes belong to the repair that tries the places before them. */
function asSteps(blocks: readonly Block[]): readonly PlanStep[] {
  const steps: PlanStep[] = [];
  for (const [at, { operator, count, tries }] of blocks.entries()) {
    const last = steps.at(-1);
    if (operator === 'draft') {
      const id = `draft-${at + 1}`;
      const draft = [
        { id, do: 'generate', agent: 'coder', samples: count },
        { id: `test-${at + 1}`, do: 'test' },
      ];
      const written = at === 0 ? draft : [{ id: `if-red-${at + 1}`, do: 'when', if: 'tests-fail', steps: draft }];
      steps.push(...written.map((step) => ({ written: step, id, tries: step === written[0] ? [...tries] : [] })));
    } else if (operator === 'changes' && last?.written.do === 'repair') {
      last.written.mutations = count;
      last.tries.push(...tries);
    } else {
      const id = `mend-${at + 1}`;
      steps.push({ written: { id, do: 'repair', agent: 'mender', samples: count, mutations: 0 }, id, tries: [...tries] });
    }
  }
  return steps;
}

const inWords: Readonly<Record<string, (count: number) => string>> = {
  place: (count) => `${count} suspicious place${count > 1 ? 's' : ''} written anew`,
  changes: (count) => `up to ${count} small changes without a model`,
  draft: (count) => (count > 1 ? `${count} drafts of whole files` : 'a draft of whole files'),
};

const orderOf = (blocks: readonly Block[]): string =>
  blocks.map(({ operator, count }) => inWords[operator]?.(count) ?? operator).join(', then ');

function reasonOf(blocks: readonly Block[], { chance, tokens, taughtBy }: Expectation): string {
  const order = orderOf(blocks);
  const { attempts, ownRuns } = taughtBy;
  const own = ownRuns > 0 ? ` and ${ownRuns} run${ownRuns > 1 ? 's' : ''} here` : '';
  return [
    `${order.charAt(0).toUpperCase()}${order.slice(1)}, until the tests pass.`,
    `By ${attempts} recorded attempts on ${shippedPrior.card.problems} problems${own} this order mends ${percent(chance)} of such bugs, for ${englishNumbers.count(tokens)} tokens on average.`,
  ].join(' ');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

function scheduledTeam(blocks: readonly Block[], steps: readonly PlanStep[], expectation: Expectation, difficulty: Difficulty): Plan {
  const has = (operator: Operator): boolean => blocks.some((block) => block.operator === operator);
  return planSchema.parse({
    teamwright: 1,
    name: 'learned',
    reason: reasonOf(blocks, expectation),
    difficulty,
    agents: {
      ...((has('place') || has('changes')) && { mender }),
      ...(has('draft') && { coder: doer }),
    },
    steps: [...steps.map(({ written }) => written), { id: 'test-again', do: 'test' }, { id: 'choose', do: 'select' }],
  });
}

/** The orders that are shown beside the proposed one. */
const otherOrders: readonly (readonly [Operator, number])[][] = [
  [['draft', 3]],
  [['place', 8]],
  [
    ['draft', 1],
    ['place', 8],
  ],
];

function expectationOf(schedule: Schedule, steps: readonly PlanStep[], { operators, start, ownRuns }: Knowledge): Expectation {
  const first = operators.find(({ name }) => name === schedule.steps[0]?.operator);
  const facts = first === undefined ? [] : factsFor(first, start);
  const others = otherOrders.map((parts) => {
    const { chance, expectedCost } = expectedOf(
      operators,
      start,
      parts.flatMap(([operator, count]) => Array.from({ length: count }, () => operator)),
    );
    return { order: orderOf(parts.map(([operator, count]) => ({ operator, count, tries: [] }))), chance, tokens: expectedCost };
  });
  return {
    chance: schedule.chance,
    tokens: schedule.expectedCost,
    steps: steps
      .filter(({ tries }) => tries.length > 0)
      .map(({ id, tries }) => {
        const { chance, expectedCost } = together(tries);
        return { step: id, chance, tokens: expectedCost };
      }),
    facts: facts.map(({ fact, speaksFor }) => `${fact} (speaks ${speaksFor ? 'for' : 'against'} it)`),
    others,
    taughtBy: { attempts: shippedPrior.card.draws, ownRuns },
  };
}

/** Where nobody set a limit: as much as a run usually may spend. */
const usualTokens = budgetSchema.parse({}).tokens;

interface Knowledge {
  readonly operators: readonly KnownOperator[];
  readonly start: Situation;
  /** That taught it. */
  readonly ownRuns: number;
}

/** Undefined where the recorded attempts say nothing: they were about bugs of one file of tests, and a model that can fill a hole. */
async function knowledgeOf(input: DesignInput): Promise<Knowledge | undefined> {
  const { request, briefing, failures, sentBack = [], models, believed } = input;
  const isFirst = failures.length === 0 && sentBack.length === 0;
  const isOneMistake = briefing.baseline !== undefined && redFiles(briefing.baseline).size === 1;
  if (!isFirst || !isOneMistake || !mendsOnePlace(kindOf(request, briefing), input, 'worker')) return undefined;
  const { learned, runs } = (await believed?.(models.worker.model)) ?? { learned: shippedPrior.learned, runs: 0 };
  return { operators: operatorsOf(learned), start: { ...knownAtStart(request, briefing), attempts: 0, tries: 0 }, ownRuns: runs };
}

export const learnedDesigner: Designer = {
  name: 'learned',
  design: async (input, signal) => {
    const known = await knowledgeOf(input);
    if (known === undefined) return autoDesigner.design(input, signal);
    const difficulty = difficultyOf(input);
    const { tokensLeft: budget = usualTokens, thrift } = input;
    const schedule = scheduleFor(known.operators, known.start, { budget, usualCalls: nMax[difficulty], weights: rewardWeights, thrift });
    const plan = withDraft(schedule, known);
    const blocks = blocksOf(plan, tryMs(input));
    if (blocks.length === 0) return autoDesigner.design(input, signal);
    const steps = asSteps(blocks);
    const expectation = expectationOf(plan, steps, known);
    return { ...madeByHand(scheduledTeam(blocks, steps, expectation, difficulty), 'library', input), expectation };
  },
};
