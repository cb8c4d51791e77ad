/** The part of the user's settings that says how runs go. The same fields in the settings file and in VS Code. */
import * as z from 'zod';
import { type Budget, budgetSchema } from '../plan/index.ts';

/** The plan's budget without its defaults: only what is written overrides a plan. */
const givenBudget = z.strictObject(
  Object.fromEntries(Object.entries(budgetSchema.shape).map(([name, limit]) => [name, limit.unwrap().optional()])) as {
    [Name in keyof Budget]: z.ZodOptional<z.ZodNumber>;
  },
);

export const runSettingsShape = {
  designer: z.enum(['auto', 'solo', 'library', 'model']).default('auto'),
  budget: givenBudget.default({}),
  /** Calls, tests and copies that may be under way at once. */
  parallel: z.number().int().min(1).max(64).optional(),
  /** Most re-plans after a failure. */
  replans: z.number().int().min(0).max(10).optional(),
  /** Past runs that stay: younger than this, and the newest of them up to this size. */
  keep: z.strictObject({ days: z.number().positive().default(180), megabytes: z.number().positive().default(5000) }).prefault({}),
};
