/** Tasks of an outcome bank as examples for the router, and the router as a policy over them. Pure. */
import {
  type ModelDescription,
  mostAgents,
  type Operator,
  type Outcomes,
  queryOf,
  type RouterExample,
  type RouterWeights,
  roles,
  route,
  topologyList,
  trained,
  turnsOf,
  workOf,
} from '../learning/index.ts';
import type { DrawnTask } from './draws.ts';
import { inOrder } from './policies.ts';
import { type Policy, replay } from './replay.ts';

/** What a list of roles comes to. Of a task, work that is not recorded is passed over, as everywhere in a replay; what was tried on no task of the suite is not known. */
function outcomeOf(
  task: DrawnTask,
  turns: readonly number[],
  tried: ReadonlySet<Operator>,
): { readonly reward: number; readonly isOver: boolean } {
  const used = new Map<Operator, number>();
  const list: Operator[] = [];
  for (const turn of turns) {
    const { operator, tries } = roles[turn] as (typeof roles)[number];
    const before = used.get(operator) ?? 0;
    const left = Math.min(tries, (task.series.get(operator)?.length ?? 0) - before);
    used.set(operator, before + Math.max(0, left));
    for (let count = 0; count < left; count += 1) list.push(operator);
  }
  let asked = 0;
  const { reward, visible } = replay(task, () => list[asked++]);
  // It was not asked to the end: the tests pass, or the budget is spent.
  const isOver = visible || asked <= list.length;
  const isKnown = isOver || turns.every((turn) => tried.has((roles[turn] as (typeof roles)[number]).operator));
  return { reward: isKnown ? reward : Number.NaN, isOver };
}

/** Every list of roles, until nothing can come of a longer one. */
function outcomesOf(task: DrawnTask, topology: (typeof topologyList)[number]['name'], tried: ReadonlySet<Operator>): Outcomes {
  const [from, role, agents, rewards, isOver]: [number[], number[], number[], number[], boolean[]] = [[], [], [], [], []];
  let level: readonly { readonly at: number; readonly chosen: readonly number[] }[] = [{ at: -1, chosen: [] }];
  while (level.length > 0) {
    level = level.flatMap(({ at, chosen }) => {
      const others = topology === 'single' && chosen[0] !== undefined ? [chosen[0]] : roles.map((_, index) => index);
      return others.flatMap((other) => {
        const own = [...chosen, other];
        const outcome = outcomeOf(task, turnsOf(topology, own), tried);
        const place = from.push(at) - 1;
        role.push(other);
        agents.push(own.length);
        rewards.push(outcome.reward);
        isOver.push(outcome.isOver);
        return outcome.isOver || own.length === mostAgents ? [] : [{ at: place, chosen: own }];
      });
    });
  }
  return { from, role, agents, reward: rewards, isOver };
}

export function examplesOf(tasks: readonly DrawnTask[], requestOf = (_task: string): string => ''): readonly RouterExample[] {
  const suites = Map.groupBy(tasks, ({ suite }) => suite);
  const tried = new Map([...suites].map(([suite, own]) => [suite, new Set(own.flatMap(({ series }) => [...series.keys()]))]));
  return tasks.map((task) => ({
    query: queryOf(task.start, requestOf(task.task)),
    outcomes: topologyList.map(({ name }) => outcomesOf(task, name, tried.get(task.suite) ?? new Set())),
  }));
}

/** So that the same examples give the same weights. */
const trainingSeed = 1;
export const routerFrom = (examples: readonly RouterExample[]): RouterWeights => trained(examples, { seed: trainingSeed });

/** The list that the router's turns come to; what is not there is passed over. */
export function routed(weights: RouterWeights, task: DrawnTask, models: readonly ModelDescription[]): Policy {
  const { turns } = route(weights, queryOf(task.start), models);
  const first = models[0]?.name;
  return inOrder(
    turns.flatMap(({ role, model }) => {
      const { operator, tries } = roles[role] as (typeof roles)[number];
      const work = workOf(operator, model === first || operator === 'changes' ? undefined : model);
      return Array.from({ length: tries }, () => work);
    }),
  );
}
