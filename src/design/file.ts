import type { Plan } from '../plan/index.ts';
import type { Designer } from './types.ts';

/** A plan the user wrote or saved, as it is. */
export const fileDesigner = (plan: Plan): Designer => ({
  name: 'library',
  team: plan,
  design: async () => ({ plan, origin: 'file', reason: plan.reason, difficulty: plan.difficulty, rounds: [] }),
});
