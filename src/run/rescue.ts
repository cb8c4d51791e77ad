/**
 * Repairs the running team (the rectifier of MAS², arXiv 2509.24323): a step whose agent came to grief is tried again, done by another model or another
 * agent, or its agent is dropped, as the plan says. What happened to it is one of four troubles; each replacement is on record.
 */
import { isTeamwrightError, throwIfStopped } from '../errors.ts';
import { agentOfStep, rightsBeyond, rungsOf, type Step } from '../plan/index.ts';
import { english } from '../text/index.ts';
import type { Trouble } from '../trace/events.ts';
import { needsNaming, type StepContext } from './context.ts';

/** The trouble of an agent that a failure shows; undefined for what no other agent would mend: a stop, the budget, the disk, our own mistakes. */
export function troubleOf(error: unknown): Trouble | undefined {
  return isTeamwrightError(error) ? troubleOfCode(error.code) : undefined;
}

/** The same by the code of a failure, as a trace keeps it. */
export function troubleOfCode(code: string): Trouble | undefined {
  if (code === 'model-timeout') return 'silent';
  if (code === 'model-bad-reply') return 'format';
  return /^(model|local-model)-/.test(code) ? 'fails' : undefined;
}

interface Attempt {
  readonly skipped?: string;
  readonly trouble?: Trouble;
  readonly error?: unknown;
}

/** Carries out a step; `place` and `context` are those of the attempt. Gives why there was nothing to do. */
type Run = (step: Step, place: string, context: StepContext) => Promise<string | undefined>;

export interface Rescued {
  readonly skipped?: string;
  /** Its agent was dropped: what it failed by is told, and the run goes on. */
  readonly failure?: unknown;
}

/** Runs a step, and again as its agent's policy says. Throws what is left when nobody could do it, unless the agent is dropped. */
export async function runRescued(step: Step, place: string, context: StepContext, signal: AbortSignal, run: Run): Promise<Rescued> {
  const agent = agentOfStep(context.plan, step);
  const name = 'agent' in step ? step.agent : '';
  if (agent?.rescue === undefined) return { skipped: await run(step, place, context) };
  const { on, otherwise } = agent.rescue;
  const { trace } = context.ports;
  const isCovered = ({ trouble }: Attempt): boolean => trouble !== undefined && on.includes(trouble);
  let last = await attempt(step, place, context, signal, run);
  const tell = (by: 'retry' | 'model' | 'agent' | 'drop', what?: { with: string; model: string }): void =>
    trace.emit({ type: 'agent.replaced', step: step.id, path: place, agent: name, trouble: last.trouble ?? 'fails', by, ...what });
  for (const [index, rung] of rungsOf(context.plan, name, agent).entries()) {
    if (!isCovered(last)) break;
    // The validator has compared the texts; which files must be named, it does not know.
    const beyond = rung.by === 'agent' ? rightsBeyond(rung.agent, agent, english, needsNaming) : [];
    for (const what of beyond) trace.emit({ type: 'right.refused', agent: rung.name, call: place, right: 'delegation', what });
    if (beyond.length > 0) continue;
    tell(rung.by, { with: rung.name, model: context.ports.models[rung.agent.tier].model });
    const plan = { ...context.plan, agents: { ...context.plan.agents, [rung.name]: rung.agent } };
    const own = { ...context, plan };
    last = await attempt({ ...step, agent: rung.name } as Step, `${place}/again-${index + 1}`, own, signal, run);
    // What tests were added to is what the others begin with.
    if (own.start !== context.start) context.start = own.start;
  }
  if (otherwise === 'drop' && isCovered(last)) {
    tell('drop');
    context.troubles.dropped.add(name);
    return last.error === undefined ? { skipped: last.skipped } : { failure: last.error };
  }
  if (last.error !== undefined) throw last.error;
  return { skipped: last.skipped };
}

async function attempt(step: Step, place: string, context: StepContext, signal: AbortSignal, run: Run): Promise<Attempt> {
  const { pool, notes, troubles } = context;
  const before = pool.all().filter((candidate) => candidate.step === step.id).length;
  const hadNote = notes.get(step.id);
  troubles.take(step.id);
  try {
    const skipped = await run(step, place, context);
    const made = pool.all().filter((candidate) => candidate.step === step.id).length > before || notes.get(step.id) !== hadNote;
    const trouble = troubles.take(step.id);
    // Who left something in the end did the work.
    return { skipped, ...(!made && { trouble }) };
  } catch (error) {
    throwIfStopped(signal);
    const noted = troubles.take(step.id);
    const trouble = troubleOf(error);
    return trouble === undefined ? { error } : { error, trouble: trouble === 'fails' ? (noted ?? trouble) : trouble };
  }
}
