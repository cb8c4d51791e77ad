/**
 * The designer that follows a small trained policy (MasRouter, arXiv 2502.11133): how agents work together, how many, with which roles, on which models. Like `learned` only for
 * bugs that tests show, because its roles are those of the recorded attempts that taught it; everything else, and every plan after the first, is as in `auto`.
 */
import { expectedOf, type Operator, queryOf, type Routed, roles, route, type Schedule, shippedRouter } from '../learning/index.ts';
import type { Tier } from '../models/types.ts';
import type { Choice } from '../plan/estimate.ts';
import { englishNumbers } from '../text/index.ts';
import { autoDesigner } from './auto.ts';
import { madeByHand } from './by-hand.ts';
import { difficultyOf } from './kind.ts';
import { describe, type Knowledge, knowledgeOf } from './knowledge.ts';
import { tryMs } from './one-place.ts';
import { asSteps, type Block, blocksOf, expectationOf, fitsPlan, scheduledTeam, withDraft } from './scheduled-team.ts';
import { hasStrongModel } from './two-tiers.ts';
import type { Designer, DesignInput } from './types.ts';

/** Absent tier: the worker. */
function tierOf(operator: string, model: string, { models }: DesignInput): Tier | undefined {
  if (operator === 'changes' || model !== models.strong.model || !hasStrongModel(models)) return undefined;
  // A place is a hole to fill; what cannot fill one leaves it to the worker.
  return operator === 'draft' || models.strong.capabilities.infill !== undefined ? 'strong' : undefined;
}

const { percent } = englishNumbers;

function reasonOf({ topology, topologies, agents, roles: chosen, models, division }: Routed): string {
  const chance = topologies.find(({ name }) => name === topology)?.probability ?? 0;
  const named = chosen.map(({ role, options }) => `${roles[role]?.name} (${percent(options[role]?.probability ?? 0)})`).join(', ');
  const divided = models
    .filter((model) => model.agents > 0)
    .map((model) => `${model.agents} on ${model.name}`)
    .join(', ');
  return `Routed: ${topology} (${percent(chance)}), ${agents} agent${agents === 1 ? '' : 's'}: ${named}; ${divided} (${percent(division)}).`;
}

const choicesOf = ({ topology, topologies, agents, roles: chosen, models }: Routed): Choice[] => [
  { of: 'how agents work together', chosen: topology, options: topologies.map((each) => ({ ...each })) },
  { of: 'number of agents', chosen: String(agents), options: [{ name: String(agents), probability: 1 }] },
  ...chosen.map(({ role, options }, at) => ({
    of: `role ${at + 1}`,
    chosen: roles[role]?.name ?? '',
    options: options.map((each) => ({ ...each })),
  })),
  {
    of: 'models',
    chosen: models
      .filter((model) => model.agents > 0)
      .map((model) => `${model.agents} × ${model.name}`)
      .join(', '),
    options: models.map(({ name, probability }) => ({ name, probability })),
  },
];

interface Turn {
  readonly operator: Operator;
  readonly tier: Tier | undefined;
}

/** As many turns, from the first on, as a plan has room for: rounds of many agents are more. */
export function plannedFrom(turns: readonly Turn[], known: Knowledge, input: DesignInput): Planned {
  const order = turns.map(({ operator }) => operator);
  const schedule = withDraft(expectedOf(known.operators, known.start, order), known);
  // A draft that was put behind everything is the work of who comes last.
  const tiered = schedule.steps.map((step, at) => ({ ...step, tier: (turns[at] ?? turns.at(-1))?.tier }));
  const blocks = blocksOf(tiered, tryMs(input));
  const steps = asSteps(blocks);
  return fitsPlan(steps) ? { schedule, blocks, steps } : plannedFrom(turns.slice(0, -1), known, input);
}

interface Planned {
  readonly schedule: Schedule;
  readonly blocks: readonly Block[];
  readonly steps: ReturnType<typeof asSteps>;
}

export const routerDesigner: Designer = {
  name: 'router',
  design: async (input, signal) => {
    const known = await knowledgeOf(input);
    if (known === undefined) return autoDesigner.design(input, signal);
    const { request, models, thrift } = input;
    const described = (hasStrongModel(models) ? [models.worker, models.strong] : [models.worker]).map(describe);
    const routed = route(shippedRouter.weights, queryOf(known.start, request.text), described, thrift);
    const turns = routed.turns.flatMap(({ role, model }) => {
      const { operator, tries } = roles[role] as (typeof roles)[number];
      return Array.from({ length: tries }, () => ({ operator, tier: tierOf(operator, model, input) }));
    });
    const { schedule, blocks, steps } = plannedFrom(turns, known, input);
    const expectation = { ...expectationOf(schedule, steps, known), choices: choicesOf(routed) };
    const difficulty = difficultyOf(input);
    const plan = scheduledTeam(blocks, steps, expectation, { name: 'routed', difficulty, why: reasonOf(routed) });
    return { ...madeByHand(plan, 'library', input), expectation };
  },
};
