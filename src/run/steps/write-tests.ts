import { allSteps, stepKindOf } from '../../plan/index.ts';
import { agentNamed, notesFor, type StepRunner } from '../context.ts';
import { testCandidate } from '../judge.ts';
import { work } from '../work.ts';

/** Adds tests. What later `generate from: start` steps make builds on them, so that they are judged by these tests too. */
export const writeTests: StepRunner<'write-tests'> = async (step, place, context, signal) => {
  const from = { name: 'start', snapshot: context.start };
  const foundation = [...allSteps(context.plan.steps)].some((other) => {
    const { outputs, needsCandidates } = stepKindOf(other);
    return outputs.includes('edits') && !needsCandidates;
  });
  const origin = { step: step.id, agentName: step.agent, agent: agentNamed(context, step.agent), call: `${place}/1`, from, foundation };
  const notes = notesFor(context, step.uses);
  const candidate = await context.sideBySide(() => work({ origin, notes }, context, signal));
  if (!candidate) return 'the reply held no tests';
  context.start = candidate.snapshot;
  // Red first: what fails now and passes later is what shows that the request was done.
  if (foundation) await testCandidate(candidate, context, signal);
  return undefined;
};
