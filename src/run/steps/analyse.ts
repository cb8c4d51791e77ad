import type { StepRunner } from '../context.ts';
import { writeNote } from '../note.ts';
import { renderFailures } from '../prompts.ts';

/** An agent's thoughts for those that come after. */
export const analyse: StepRunner<'analyse'> = async (step, place, context, signal) => {
  const best = context.pool.best();
  const failing =
    best?.verdict && !context.pool.isDone(best) ? `# What the last change gave\n${renderFailures(best.verdict.report)}` : undefined;
  await writeNote(step, place, { extra: failing }, context, signal);
  return undefined;
};
