/**
 * The canonical form of a plan and its hash. Approval binds to the hash, so everything that is shown takes part: names, reasons, numbers.
 * Only what has no meaning is levelled: the order of keys, the order and repetition inside sets (tools, write, uses, checks), repeated
 * selection rules after their first. Defaults are filled in. The order of steps stays, also inside groups: calls are named by it.
 */
import { createHash } from 'node:crypto';
import { type Agent, checkKinds, type Plan, planSchema, type Step, toolNames } from './schema.ts';

/** The plan with every default filled in and every set in one order. Takes what `planSchema` takes; throws its error otherwise. */
export function normalise(plan: Plan): Plan {
  const parsed = planSchema.parse(plan);
  const agents = Object.fromEntries(Object.entries(parsed.agents).map(([name, agent]) => [name, normaliseAgent(agent)]));
  return { ...parsed, agents, steps: parsed.steps.map(normaliseStep) };
}

/** JSON with sorted keys and no spaces; equal for two plans exactly when they mean the same and say the same. */
export function canonical(plan: Plan): string {
  return JSON.stringify(sortKeys(normalise(plan)));
}

/** sha256 of the canonical form, hexadecimal. */
export function planHash(plan: Plan): string {
  return createHash('sha256').update(canonical(plan), 'utf8').digest('hex');
}

function normaliseAgent(agent: Agent): Agent {
  return { ...agent, tools: inOrder(agent.tools, toolNames), write: [...new Set(agent.write)].sort() };
}

function normaliseStep(step: Step): Step {
  if (step.do === 'when') return { ...step, steps: step.steps.map(normaliseStep), else: step.else.map(normaliseStep) };
  if (step.do === 'repeat' || step.do === 'group') return { ...step, steps: step.steps.map(normaliseStep) };
  if (step.do === 'check') return { ...step, checks: inOrder(step.checks, checkKinds) };
  if (step.do === 'select') return { ...step, by: [...new Set(step.by)] };
  if ('uses' in step) return { ...step, uses: [...new Set(step.uses)].sort() };
  return step;
}

/** The set in the order of the table it draws from. */
const inOrder = <Name extends string>(set: readonly Name[], table: readonly Name[]): Name[] => table.filter((name) => set.includes(name));

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(sorted.map(([key, inner]) => [key, sortKeys(inner)]));
}
