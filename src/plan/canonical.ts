/**
 * The canonical form of a plan and its hash. Approval binds to the hash, so everything that is shown takes part: names, reasons, numbers.
 * Only what has no meaning is levelled: the order of keys, the order and repetition inside sets (tools, write, and what a field of a step kind
 * says of itself). Defaults are filled in, but for fields that came to a step kind later (`late`): a plan from before keeps its hash. The order of steps stays, also inside groups: calls are named by it.
 */
import { createHash } from 'node:crypto';
import { isUsualAbort } from './abort.ts';
import { type Agent, toolNames, troubles } from './agent.ts';
import { childLists } from './places.ts';
import { type Plan, planSchema } from './schema.ts';
import { inOrder } from './step-fields.ts';
import { type Step, stepKindOf } from './step-kinds.ts';

/** The plan with defaults filled in (but those of late fields) and every set in one order. Takes what `planSchema` takes; throws its error otherwise. */
export function normalise(plan: Plan): Plan {
  const { abort, ...parsed } = planSchema.parse(plan);
  const agents = Object.fromEntries(Object.entries(parsed.agents).map(([name, agent]) => [name, normaliseAgent(agent)]));
  // It came after plans were named by their hash: what would hold without it takes no part.
  const ownAbort = abort !== undefined && !isUsualAbort(abort) && { abort };
  return { ...parsed, ...ownAbort, agents, steps: parsed.steps.map(normaliseStep) };
}

/** JSON with sorted keys and no spaces; equal for two plans exactly when they mean the same and say the same. */
export function canonical(plan: Plan): string {
  return JSON.stringify(sortKeys(normalise(plan)));
}

/** sha256 of the canonical form, hexadecimal. */
export function planHash(plan: Plan): string {
  return createHash('sha256').update(canonical(plan), 'utf8').digest('hex');
}

const toolsInOrder = inOrder(toolNames);
const troublesInOrder = inOrder(troubles);

const set = (words: readonly string[]): string[] => [...new Set(words)].sort();

function normaliseAgent(agent: Agent): Agent {
  const { rescue, commands = [], servers = [], network = false, ...rest } = agent;
  const levelled = {
    ...rest,
    tools: toolsInOrder(agent.tools),
    write: set(agent.write),
    ...(commands.length > 0 && { commands: set(commands) }),
    ...(servers.length > 0 && { servers: set(servers) }),
    ...(network && { network }),
  };
  return rescue === undefined ? levelled : { ...levelled, rescue: { ...rescue, on: troublesInOrder(rescue.on) } };
}

function normaliseStep(step: Step): Step {
  const { fields } = stepKindOf(step);
  const own = Object.entries(step)
    .filter(([name, value]) => !(fields[name]?.late && value === fields[name].schema.parse(undefined)))
    .map(([name, value]) => [name, fields[name]?.level?.(value) ?? value]);
  const lists = childLists(step).map(({ list, steps }) => [list, steps.map(normaliseStep)]);
  return { ...Object.fromEntries(own), ...Object.fromEntries(lists) } as Step;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(sorted.map(([key, inner]) => [key, sortKeys(inner)]));
}
