import type { StepRunner } from '../context.ts';

export const group: StepRunner<'group'> = async ({ steps }, place, _context, _signal, inside) => {
  await inside.sideBySide(steps, place);
  return undefined;
};
