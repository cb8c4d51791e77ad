/**
 * Several coders of different bents, who see, rate and improve on each other's changes (DyLAN, arXiv 2310.02170). Roles that contributed next to nothing
 * to what was kept of earlier debates in this workspace are left out (its team selection). Everything but a change is as in `auto`.
 */
import { isIdle, type Roles } from '../learning/index.ts';
import { type Agent, type Difficulty, type Plan, planSchema } from '../plan/index.ts';
import { autoDesigner } from './auto.ts';
import { madeByHand } from './by-hand.ts';
import { difficultyOf, kindOf } from './kind.ts';
import { coder } from './teams.ts';
import type { Designer, DesignInput } from './types.ts';

const bent = (role: string, instructions: string): Agent => ({ ...coder(instructions), role });

/** The first is never left out. */
const debaters: Readonly<Record<string, Agent>> = {
  plain: bent('coder', 'Do what is asked. Keep everything else as it is.'),
  edges: bent('edge-case-coder', 'Do what is asked, and be right for every edge case: empty, zero, negative, very large, repeated.'),
  small: bent('minimalist', 'Do what is asked with the smallest change that can be right.'),
  contrary: bent('sceptic', 'Do what is asked. Doubt the obvious cause: look for the mistake elsewhere first.'),
};

/** A debate of fewer is none. */
const fewest = 2;
const sizes: Readonly<Record<Difficulty, { readonly agents: number; readonly rounds: number }>> = {
  easy: { agents: 2, rounds: 2 },
  medium: { agents: 3, rounds: 2 },
  hard: { agents: 4, rounds: 3 },
};

/** Who debates, and who of those who would is left out; where too few would be left, nobody is. */
function selected(difficulty: Difficulty, roles: Roles): { readonly names: readonly string[]; readonly idle: readonly string[] } {
  const all = Object.keys(debaters);
  const count = sizes[difficulty].agents;
  const idle = all.slice(1).filter((name) => isIdle(roles, (debaters[name] as Agent).role));
  const left = all.filter((name) => !idle.includes(name));
  if (left.length < fewest) return { names: all.slice(0, count), idle: [] };
  return { names: left.slice(0, count), idle: all.slice(0, count).filter((name) => idle.includes(name)) };
}

export function debatingTeam(difficulty: Difficulty, roles: Roles = {}): Plan {
  const { names, idle } = selected(difficulty, roles);
  const [first, ...others] = names;
  const without =
    idle.length === 0
      ? ''
      : ` Without ${idle.map((name) => `the ${(debaters[name] as Agent).role}`).join(' and ')}, who contributed next to nothing to what was kept of earlier debates here.`;
  return planSchema.parse({
    teamwright: 1,
    name: 'debate',
    reason: `${names.length} coders of different bents, who see, rate and improve on each other's changes.${without}`,
    difficulty,
    agents: Object.fromEntries(names.map((name) => [name, debaters[name]])),
    steps: [
      { id: 'talk', do: 'debate', agent: first, others, rounds: sizes[difficulty].rounds, keep: fewest },
      { id: 'test', do: 'test' },
      { id: 'choose', do: 'select' },
    ],
  });
}

const isChange = (kind: string): boolean => kind !== 'question' && kind !== 'tests-only';

export const debateDesigner: Designer = {
  name: 'debate',
  design: async (input: DesignInput, signal) => {
    const isFirst = input.failures.length === 0 && (input.sentBack ?? []).length === 0;
    if (!isFirst || !isChange(kindOf(input.request, input.briefing))) return autoDesigner.design(input, signal);
    const { roles } = (await input.believed?.(input.models.worker.model)) ?? { roles: {} };
    return madeByHand(debatingTeam(difficultyOf(input), roles), 'library', input);
  },
};
