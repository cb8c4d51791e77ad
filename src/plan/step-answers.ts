/** Answers that several step kinds share. */
import { poolConditions } from './conditions.ts';
import { type Asked, agentCalls, type Cost, nothing } from './cost.ts';
import { type FlowState, make } from './flow-state.ts';
import { errorAt, type Problem } from './problem.ts';
import type { FlowPoint, InnerStep, PricePoint, Surroundings } from './step-kind.ts';

interface Asking extends InnerStep {
  readonly agent: string;
  readonly uses: readonly string[];
  readonly samples?: number;
  readonly stop?: 'first-pass' | 'never';
}

const common = { fresh: {}, needsCandidates: false, idleWhenGreen: false, problems: (): readonly [] => [], inside: undefined } as const;

/** Steps that call an agent. */
export const asks = {
  ...common,
  samples: (step: Asking): number => step.samples ?? 1,
  details: (step: Asking): readonly string[] => [...stops(step), ...reads(step)],
} as const;

/** Steps whose agent makes candidates. */
export const makesChange = {
  ...asks,
  leaves: ['candidates'],
  changes: poolConditions,
  flow: ({ id, samples = 1, stop }: Asking, { place, state }: FlowPoint<never>): FlowState =>
    make(state, { id, place, count: samples, tested: stop === 'first-pass' }),
} as const;

/** Steps that run programs on candidates, or choose among them. */
export const judges = {
  ...common,
  outputs: [],
  samples: () => 0,
  details: () => [],
  leaves: [],
  needsCandidates: true,
  takesCandidates: () => true,
} as const;

/** Steps that hold others and do no work of their own. */
export const holdsSteps = {
  ...common,
  outputs: [],
  samples: () => 0,
  details: () => [],
  leaves: [],
  changes: [],
  sketch: undefined,
} as const;

/** `write ×3 · coder` */
export const withAgent = (label: string, { agent, samples = 1 }: Pick<Asking, 'agent' | 'samples'>): string =>
  `${label}${samples > 1 ? ` ×${samples}` : ''} · ${agent}`;

export const stops = ({ samples = 1, stop }: Asking): readonly string[] =>
  samples > 1 ? [stop === 'first-pass' ? 'stops at the first that passes' : 'makes all of them'] : [];

export const reads = ({ uses }: Asking): readonly string[] => (uses.length > 0 ? [`reads ${uses.join(', ')}`] : []);

export const asksForPart = ({ reply }: { readonly reply?: 'files' | 'part' }): readonly string[] =>
  reply === 'part' ? ['asks for one function or class where it is clear which one'] : [];

/** A step that starts from the best candidate, where none is made before it. */
export const fromNothing = (
  step: InnerStep & { readonly from: 'start' | 'best' },
  { place, here }: Pick<Surroundings, 'place' | 'here'>,
): readonly Problem[] =>
  step.from === 'best' && here.every.candidates === 0
    ? [
        errorAt('nothing-made', [...place, 'from'], ({ t }) =>
          t('There is no best candidate to start from: no step before "{0}" makes one.', step.id),
        ),
      ]
    : [];

/** The price of its agent's calls; an agent that does not exist costs nothing. */
export function priceOfCalls(
  { samples = 1, stop, uses }: Asking,
  { agent, facts }: PricePoint<never>,
  how: Pick<Asked, 'readsChange' | 'reply'>,
): Cost {
  if (!agent) return nothing;
  return agentCalls(agent, { samples, stopsAtPass: stop === 'first-pass', notes: uses.length, ...how }, facts);
}
