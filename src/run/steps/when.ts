import { holds } from '../conditions.ts';
import type { StepRunner } from '../context.ts';

export const when: StepRunner<'when'> = async (step, place, context, signal, inside) => {
  const chosen = (await holds(step.if, context, signal)) ? step.steps : step.else;
  if (chosen.length === 0) return `${step.if} does not hold`;
  await inside.inTurn(chosen, place);
  return undefined;
};
