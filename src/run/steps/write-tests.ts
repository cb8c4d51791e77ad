import { allSteps } from '../../plan/index.ts';
import type { WriteTestsStep } from '../../plan/schema.ts';
import { agentOf, notesFor, type StepRunner } from '../context.ts';
import { work } from '../work.ts';

/** Adds tests. What later `generate from: start` steps make builds on them, so that they are judged by these tests too. */
export const writeTests: StepRunner<WriteTestsStep> = async (step, place, context, signal) => {
  const from = { name: 'start', snapshot: context.start };
  const foundation = [...allSteps(context.plan.steps)].some(({ do: kind }) => kind === 'generate');
  const origin = { step: step.id, agentName: step.agent, agent: agentOf(context, step.agent), call: `${place}/1`, from, foundation };
  const notes = notesFor(context, step.uses);
  const candidate = await context.sideBySide(() => work({ origin, notes }, context, signal));
  if (!candidate) return 'the reply held no tests';
  context.start = candidate.snapshot;
  return undefined;
};
