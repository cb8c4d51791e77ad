/** The other model for a role in which the one that a team has for it fails too often here, by the tally of earlier runs. */
import { failuresOf, isUnreliable, type Reliability } from '../learning/index.ts';
import type { ModelSet, Tier } from '../models/types.ts';
import type { Agent } from '../plan/index.ts';
import type { Design, DesignInput } from './types.ts';

/** The same design where nothing speaks for another. Never for a plan of the user's own. */
export async function inReliableHands(design: Design, input: Pick<DesignInput, 'models' | 'reliability' | 'fits'>): Promise<Design> {
  if (input.reliability === undefined || design.origin === 'file') return design;
  const tally = await input.reliability();
  const changed = Object.entries(design.plan.agents).flatMap(([name, agent]) => {
    const better = betterTier(agent, input.models, tally);
    return better === undefined ? [] : [{ name, agent, ...better }];
  });
  if (changed.length === 0) return design;
  const agents = { ...design.plan.agents, ...Object.fromEntries(changed.map(({ name, agent, tier }) => [name, { ...agent, tier }])) };
  const why = changed.map(({ name, instead }) => whyText(name, instead)).join(' ');
  const plan = { ...design.plan, agents, reason: `${design.plan.reason} ${why}`.trim().slice(0, 2000) };
  if (input.fits?.(plan) === false) return design;
  return { ...design, plan, reason: `${design.reason} ${why}`.trim() };
}

const whyText = (name: string, row: Reliability): string =>
  `${name} works with the other model: ${row.model} as ${row.role} came to nothing in ${failuresOf(row)} of ${row.calls} calls here.`;

function betterTier(
  { role, tier, rescue }: Agent,
  models: ModelSet,
  tally: readonly Reliability[],
): { readonly tier: Tier; readonly instead: Reliability } | undefined {
  const other: Tier = tier === 'worker' ? 'strong' : 'worker';
  const rowOf = (model: string): Reliability | undefined => tally.find((row) => row.role === role && row.model === model);
  const own = rowOf(models[tier].model);
  const its = rowOf(models[other].model);
  // Where its rescue names the other model, that one is asked anyway.
  if (own === undefined || models[tier].model === models[other].model || rescue?.model === other || !isUnreliable(own)) return undefined;
  return its !== undefined && isUnreliable(its) ? undefined : { tier: other, instead: own };
}
