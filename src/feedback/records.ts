import * as z from 'zod';
import { jsonIn } from '../text/index.ts';
import { breachKinds, doubtKinds, testOutcomes } from './types.ts';

/**
 * What a guard writes, one JSON object each, as things happen. So a run that is cut short still tells what passed, what failed and what was
 * running. How the lines are signed is `channel.ts`'s.
 */
const recordSchema = z.discriminatedUnion('t', [
  /** The guard is in place, before any code of the workspace. `sees`: what passes is only what has a `saw` as well as a `case`. */
  z.object({ t: z.literal('open'), sees: z.boolean().optional() }),
  z.object({ t: z.literal('start'), file: z.string(), name: z.string() }),
  /** Something started is over and is no test (a file was loaded). */
  z.object({ t: z.literal('over'), file: z.string(), name: z.string() }),
  /** What the runner says of a test. `id` tells tests of one name apart. */
  z.object({
    t: z.literal('case'),
    file: z.string(),
    name: z.string(),
    id: z.string().optional(),
    outcome: z.enum(testOutcomes),
    message: z.string().nullish(),
    ms: z.number().nullish(),
    whole: z.boolean().nullish(),
  }),
  /** What the guard saw of a test itself, in the process it ran in: whether its function came to its end or threw. */
  z.object({
    t: z.literal('saw'),
    file: z.string(),
    /** Where the runner may say that the test stands, when that is another file. */
    at: z.string().optional(),
    name: z.string(),
    id: z.string().optional(),
    outcome: z.enum(['passed', 'failed']),
    message: z.string().optional(),
  }),
  /** The runner forks a process for one test now; what that process says, it says as `child`. */
  z.object({ t: z.literal('fork'), child: z.string(), file: z.string(), name: z.string() }),
  z.object({ t: z.literal('breach'), kind: z.enum(breachKinds), detail: z.string() }),
  z.object({ t: z.literal('doubt'), kind: z.enum(doubtKinds), detail: z.string(), file: z.string().optional() }),
  /** The runner got to its end. Counts from the main process only. */
  z.object({ t: z.literal('end') }),
]);
export type Record = z.infer<typeof recordSchema>;
/** A record and who wrote it: `m`, the runner's main process, or one of its workers. */
export type GuardRecord = Record & { readonly worker: string };

/** A record from its JSON; undefined when it is none. */
export function parseRecord(json: string): Record | undefined {
  return recordSchema.safeParse(jsonIn(json)).data;
}
