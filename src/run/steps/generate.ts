import { agentNamed, notesFor, type StepRunner } from '../context.ts';
import { sample } from '../sample.ts';
import { work } from '../work.ts';

/** Makes fresh candidates from the start of the run, or from the best candidate so far. */
export const generate: StepRunner<'generate'> = async (step, place, context, signal) => {
  const best = step.from === 'best' ? context.pool.best() : undefined;
  const from = best ? { name: best.id, snapshot: best.snapshot } : { name: 'start', snapshot: context.start };
  const agent = agentNamed(context, step.agent);
  const notes = notesFor(context, step.uses);
  await sample(step, context, signal, (index) =>
    work(
      {
        origin: { step: step.id, agentName: step.agent, agent, call: `${place}/${index}`, from },
        notes,
        part: step.reply === 'part' ? { report: best?.verdict?.report ?? context.facts.baseline } : undefined,
      },
      context,
      signal,
    ),
  );
  return undefined;
};
