import { holds } from '../conditions.ts';
import type { StepRunner } from '../context.ts';

export const repeat: StepRunner<'repeat'> = async ({ until, max, steps }, place, context, signal, inside) => {
  for (let round = 1; round <= max; round += 1) {
    if (await holds(until, context, signal)) return round === 1 ? `${until} holds already` : undefined;
    await inside.inTurn(steps, `${place}/${round}`);
  }
  return undefined;
};
