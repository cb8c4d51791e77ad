/** From a list of operators to a plan that carries them out, each only while the tests fail, and to what recorded attempts expect of it. Pure. */
import {
  changesInRound,
  expectedOf,
  factsFor,
  lacksDraft,
  type Operator,
  type Schedule,
  type ScheduledStep,
  shippedPrior,
  together,
} from '../learning/index.ts';
import type { Tier } from '../models/types.ts';
import type { Expectation } from '../plan/estimate.ts';
import { type Agent, type Difficulty, type Plan, planSchema } from '../plan/index.ts';
import { englishNumbers } from '../text/index.ts';
import type { Knowledge } from './knowledge.ts';
import { changesInTime, mender } from './one-place.ts';
import { doer } from './teams.ts';

export interface Block {
  readonly operator: Operator;
  /** Places, small changes or drafts. */
  readonly count: number;
  /** The tries of the schedule that it stands for. */
  readonly tries: readonly ScheduledStep[];
  /** Absent: the worker. */
  readonly tier?: Tier;
}

/** The most that one step of a plan may try, by the plan's schema. */
const mostOf = (operator: Operator): number => (operator === 'changes' ? 500 : 64);
/** Steps of a plan, less the two that end every scheduled team. */
const mostSteps = 32 - 2;

/** Whether a plan has room for them. */
export const fitsPlan = (steps: readonly unknown[]): boolean => steps.length <= mostSteps;

/** Equal neighbours as one, as far as one step goes. Slow tests leave time for few small changes, or for none. */
export function blocksOf(steps: readonly (ScheduledStep & Pick<Block, 'tier'>)[], testMs: number | undefined): Block[] {
  const blocks: Block[] = [];
  for (const step of steps) {
    const { operator, tier } = step;
    const last = blocks.at(-1);
    const size = operator === 'changes' ? changesInRound : 1;
    const isMore = last?.operator === operator && last.tier === tier && last.count + size <= mostOf(operator);
    const more = isMore ? blocks.pop() : undefined;
    blocks.push({ operator, count: (more?.count ?? 0) + size, tries: [...(more?.tries ?? []), step], ...(tier && { tier }) });
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
export function withDraft(schedule: Schedule, { operators, start }: Knowledge): Schedule {
  const order = schedule.steps.map(({ operator }) => operator);
  return lacksDraft(order) ? expectedOf(operators, start, [...order, 'draft']) : schedule;
}

/**
 * A list that thrift cut short, as it is run. Its draft may cost more than the tries that thrift cut, because they would often have made it needless: so a longer beginning
 * of the `whole` list is taken where it is expected to cost less. More thrift then never expects to spend more, whatever is believed.
 */
export function cutWithDraft(cut: Schedule, whole: () => Schedule, known: Knowledge): Schedule {
  const ended = withDraft(cut, known);
  if (ended === cut) return cut;
  const order = whole().steps.map(({ operator }) => operator);
  const longer = order.slice(cut.steps.length).map((_, at) => order.slice(0, cut.steps.length + at + 1));
  return longer
    .map((list) => withDraft(expectedOf(known.operators, known.start, list), known))
    .reduce((best, other) => (other.expectedCost < best.expectedCost ? other : best), ended);
}

/** A repair tries at least one place before its small changes. */
const onePlace: Block = { operator: 'place', count: 1, tries: [] };

interface PlanStep {
  readonly written: Record<string, unknown>;
  /** The step that the tries belong to. */
  readonly id: string;
  readonly tries: ScheduledStep[];
}

const agentOf = (name: string, tier: Tier | undefined): string => (tier === 'strong' ? `strong-${name}` : name);

/** Small changes belong to the repair that tries the places before them. */
export function asSteps(blocks: readonly Block[]): readonly PlanStep[] {
  const steps: PlanStep[] = [];
  for (const [at, { operator, count, tries, tier }] of blocks.entries()) {
    const last = steps.at(-1);
    if (operator === 'draft') {
      const id = `draft-${at + 1}`;
      const draft = [
        { id, do: 'generate', agent: agentOf('coder', tier), samples: count },
        { id: `test-${at + 1}`, do: 'test' },
      ];
      const written = at === 0 ? draft : [{ id: `if-red-${at + 1}`, do: 'when', if: 'tests-fail', steps: draft }];
      steps.push(...written.map((step) => ({ written: step, id, tries: step === written[0] ? [...tries] : [] })));
    } else if (operator === 'changes' && last?.written.do === 'repair') {
      last.written.mutations = count;
      last.tries.push(...tries);
    } else {
      const id = `mend-${at + 1}`;
      steps.push({ written: { id, do: 'repair', agent: agentOf('mender', tier), samples: count, mutations: 0 }, id, tries: [...tries] });
    }
  }
  return steps;
}

const inWords: Readonly<Record<string, (count: number) => string>> = {
  place: (count) => `${count} suspicious place${count > 1 ? 's' : ''} written anew`,
  changes: (count) => `up to ${count} small changes without a model`,
  draft: (count) => (count > 1 ? `${count} drafts of whole files` : 'a draft of whole files'),
};

/** Parts of an order that are told one by one: nobody reads thirty. */
const mostTold = 8;

export function orderOf(blocks: readonly Block[]): string {
  const told = blocks
    .slice(0, mostTold)
    .map(({ operator, count, tier }) => `${inWords[operator]?.(count) ?? operator}${tier === 'strong' ? ' by the strong model' : ''}`);
  const others = blocks.length - told.length;
  return [...told, ...(others > 0 ? [`${others} more such part${others > 1 ? 's' : ''}`] : [])].join(', then ');
}

function reasonOf(blocks: readonly Block[], { chance, tokens, taughtBy }: Expectation): string {
  const order = orderOf(blocks);
  const { attempts, ownRuns } = taughtBy;
  const own = ownRuns > 0 ? ` and ${ownRuns} run${ownRuns > 1 ? 's' : ''} here` : '';
  return [
    `${order.charAt(0).toUpperCase()}${order.slice(1)}, until the tests pass.`,
    `By ${attempts} recorded attempts on ${shippedPrior.card.problems} problems${own} this order mends ${percent(chance)} of such bugs, for ${englishNumbers.count(tokens)} tokens on average.`,
  ].join(' ');
}

const { percent } = englishNumbers;

/** `why`: what is to be said of it before everything else. */
export function scheduledTeam(
  blocks: readonly Block[],
  steps: readonly PlanStep[],
  expectation: Expectation,
  { name, difficulty, why }: { readonly name: string; readonly difficulty: Difficulty; readonly why?: string },
): Plan {
  const isStrong = ({ tier }: Block): boolean => tier === 'strong';
  const team = (name: string, agent: Agent, own: readonly Block[]) => ({
    ...(own.some((block) => !isStrong(block)) && { [name]: agent }),
    ...(own.some(isStrong) && { [agentOf(name, 'strong')]: { ...agent, tier: 'strong' } }),
  });
  return planSchema.parse({
    teamwright: 1,
    name,
    reason: [...(why === undefined ? [] : [why]), reasonOf(blocks, expectation)].join(' '),
    difficulty,
    agents: {
      // Small changes ask nobody; a place is always tried before them.
      ...team(
        'mender',
        mender,
        blocks.filter(({ operator }) => operator === 'place'),
      ),
      ...team(
        'coder',
        doer,
        blocks.filter(({ operator }) => operator === 'draft'),
      ),
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

export function expectationOf(schedule: Schedule, steps: readonly PlanStep[], { operators, start, ownRuns }: Knowledge): Expectation {
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
