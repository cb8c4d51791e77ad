/** What becomes of a step whose agent comes to grief: the policy a plan states with the agent, and the ways that follow from it. Pure. */
import type { Say } from '../text/index.ts';
import type { Agent, Rescue } from './agent.ts';
import type { Plan } from './schema.ts';

/** One more attempt at a step: by the same agent, by its like with the other model, or by another one. */
export interface Rung {
  readonly by: 'retry' | 'model' | 'agent';
  readonly name: string;
  readonly agent: Agent;
}

/** In the order in which they are tried. An agent that does not exist is none. */
export function rungsOf(plan: Pick<Plan, 'agents'>, name: string, agent: Agent): readonly Rung[] {
  const { rescue } = agent;
  if (rescue === undefined) return [];
  const other = rescue.agent !== undefined && Object.hasOwn(plan.agents, rescue.agent) ? plan.agents[rescue.agent] : undefined;
  return [
    ...Array.from({ length: rescue.retries }, (): Rung => ({ by: 'retry', name, agent })),
    ...(rescue.model === undefined ? [] : [{ by: 'model', name, agent: { ...agent, tier: rescue.model } } as const]),
    ...(other === undefined || rescue.agent === undefined ? [] : [{ by: 'agent', name: rescue.agent, agent: other } as const]),
  ];
}

/** The policy in words: `when it fails, loops, goes silent or breaks its format: tried again 1 time; then the strong model; then it is dropped`. */
export function rescueText({ on, retries, model, agent, otherwise }: Rescue, t: Say): string {
  const words = {
    fails: t('fails'),
    loops: t('goes in circles'),
    silent: t('goes silent'),
    format: t('breaks its format'),
  };
  const ways = [
    ...(retries > 0 ? [t('tried again, up to {0}×', retries)] : []),
    ...(model === undefined ? [] : [model === 'strong' ? t('then the strong model') : t('then the worker model')]),
    ...(agent === undefined ? [] : [t('then {0} in its place', agent)]),
    otherwise === 'drop' ? t('then it is dropped and the others go on') : t('then the step has failed'),
  ];
  return t('When it {0}: {1}', on.map((trouble) => words[trouble]).join(' / '), ways.join(', '));
}
