/** The part of the user's settings that says how runs go. The same fields in the settings file and in VS Code. */
import * as z from 'zod';
import { designerNames } from '../design/designers.ts';
import { type Budget, budgetSchema } from '../plan/index.ts';
import { grantsByFolderSchema, grantsFor } from '../process/index.ts';
import { serversSchema } from './servers/settings.ts';
import { defaultRunSettings, mostParallel, type RunSettings } from './types.ts';

/** The plan's budget without its defaults: only what is written overrides a plan. */
const givenBudget = z.strictObject(
  Object.fromEntries(Object.entries(budgetSchema.shape).map(([name, limit]) => [name, limit.unwrap().optional()])) as {
    [Name in keyof Budget]: z.ZodOptional<z.ZodNumber>;
  },
);

const usualThrift = 1;

export const runSettingsShape = {
  designer: z.enum(designerNames).default('auto'),
  budget: givenBudget.default({}),
  /** The first plan of a run is not asked about when it is of one agent and the run costs at most this, USD. */
  approveBelow: z.number().nonnegative().optional(),
  /** Calls, tests and copies that may be under way at once; of tests and commands `mostPrograms` at most. */
  parallel: z.number().int().min(1).max(mostParallel).optional(),
  /** Most re-plans after a failure. */
  replans: z.number().int().min(0).max(10).optional(),
  /** Longest test run, seconds. Half of it without any output ends one as well. */
  testSeconds: z.number().int().min(1).max(86_400).optional(),
  /** Tests and checks run in a fence: they see what they need and reach nothing else. False: as the user. */
  fence: z.boolean().default(true),
  /** By absolute folder: what the fence leaves open for the workspaces in it. */
  allow: grantsByFolderSchema,
  /** Servers of the Model Context Protocol. One is started only by an agent whose plan grants it by its name here. */
  mcp: z.strictObject({ servers: serversSchema }).prefault({}),
  /** What earlier runs bring to a new one. */
  learning: z
    .strictObject({
      /** The user's own runs teach, beside what ships with the product. */
      ownRuns: z.boolean().default(true),
      /** Agents are shown what mended a similar failure in this workspace. */
      memory: z.boolean().default(true),
      /** The usual designer tries first what attempts speak for; false: in the order written by hand. */
      schedule: z.boolean().default(true),
      /** From thorough (0) over usual (1) to cheap: how much what is spent counts. */
      thrift: z.number().min(0).max(20).default(usualThrift),
      /** One run in ten may begin with what is known less well, so that it becomes known. */
      explore: z.boolean().default(false),
    })
    .prefault({}),
  /** Past runs that stay: younger than this, and the newest of them up to this size. */
  keep: z.strictObject({ days: z.number().positive().default(180), megabytes: z.number().positive().default(5000) }).prefault({}),
};

type Written = z.infer<
  z.ZodObject<Pick<typeof runSettingsShape, 'budget' | 'parallel' | 'replans' | 'testSeconds' | 'fence' | 'allow'>>
> & {
  readonly learning?: { readonly thrift: number; readonly schedule?: boolean; readonly explore?: boolean };
};

/** What was asked for this one run, else what the user's settings say, else the usual. `workspace`: absolute real path. */
export function runSettings(
  written: Written,
  workspace: string,
  asked: Partial<Pick<RunSettings, 'budget' | 'parallel' | 'seed' | 'testCommand' | 'fence'> & { readonly testSeconds: number }>,
): RunSettings {
  const usual = defaultRunSettings;
  const testSeconds = asked.testSeconds ?? written.testSeconds;
  return {
    ...usual,
    budget: { ...written.budget, ...asked.budget },
    parallel: asked.parallel ?? written.parallel ?? usual.parallel,
    replans: written.replans ?? usual.replans,
    testLimits:
      testSeconds === undefined ? usual.testLimits : { ...usual.testLimits, wallMs: testSeconds * 1000, idleMs: testSeconds * 500 },
    seed: asked.seed ?? usual.seed,
    testCommand: asked.testCommand,
    fence: asked.fence ?? written.fence,
    grants: grantsFor(workspace, written.allow),
    schedule: written.learning?.schedule === false ? false : undefined,
    thrift: written.learning?.thrift === usualThrift ? undefined : written.learning?.thrift,
    explore: written.learning?.explore === true ? true : undefined,
  };
}
