/**
 * The canonical form of version 1 of the plan language, written down on its own: every hash that was approved, kept or shared is made of it.
 * Takes a plan with its defaults filled in.
 */
import { createHash } from 'node:crypto';
import type { Plan } from '../../src/plan/index.ts';

type Value = Readonly<Record<string, unknown>>;

const inOrder = (set: readonly string[], order: readonly string[]): string[] => order.filter((name) => set.includes(name));
const sorted = (set: readonly string[]): string[] => [...new Set(set)].sort();

function step(value: Value): Value {
  const copy: Record<string, unknown> = { ...value };
  if (Array.isArray(copy.uses)) copy.uses = sorted(copy.uses);
  if (Array.isArray(copy.checks)) copy.checks = inOrder(copy.checks, ['types', 'lint']);
  if (Array.isArray(copy.by)) copy.by = [...new Set(copy.by)];
  for (const list of ['steps', 'else']) if (Array.isArray(copy[list])) copy[list] = copy[list].map(step);
  return copy;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys((value as Value)[key])]),
  );
}

export function firstCanonical(plan: Plan): string {
  const agents = Object.entries(plan.agents).map(([name, agent]) => [
    name,
    { ...agent, tools: inOrder(agent.tools, ['read', 'list', 'search', 'edit', 'test']), write: sorted(agent.write) },
  ]);
  return JSON.stringify(
    sortKeys({ ...plan, agents: Object.fromEntries(agents), steps: plan.steps.map((one) => step(one as unknown as Value)) }),
  );
}

export const firstHash = (plan: Plan): string => createHash('sha256').update(firstCanonical(plan), 'utf8').digest('hex');
