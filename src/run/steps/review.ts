import type { StepRunner } from '../context.ts';
import { testCandidate } from '../judge.ts';
import { writeNote } from '../note.ts';
import { renderFailures } from '../prompts.ts';

/** Characters of a diff that a reviewer reads. */
const diffCharacters = 12_000;

/** A review can send a candidate back; it cannot overrule a red test. */
export const review: StepRunner<'review'> = async (step, place, context, signal) => {
  const best = context.pool.best();
  if (!best) return 'there is no candidate to review';
  await testCandidate(best, context, signal);
  const { patch } = await context.ports.copies.diff(context.facts.base, best.snapshot);
  const shown = patch.length > diffCharacters ? `${patch.slice(0, diffCharacters)}\n…` : patch;
  const tests = best.verdict ? (context.pool.isDone(best) ? 'The tests pass.' : renderFailures(best.verdict.report)) : 'No tests were run.';
  const extra = `# The change to review\n${shown}\n\n# Tests\n${tests}`;
  const note = { extra, about: best.id, verdictOf: (said: string) => verdictOf(said) ?? 'none' };
  const text = await writeNote(step, place, note, context, signal);
  best.review = verdictOf(text) ?? best.review;
  return undefined;
};

/** The word that stands last decides; a review without either says nothing. */
export function verdictOf(text: string): 'approve' | 'reject' | undefined {
  const words = [...text.matchAll(/\b(APPROVE|REJECT)\b/g)];
  const last = words.at(-1)?.[1];
  return last === 'APPROVE' ? 'approve' : last === 'REJECT' ? 'reject' : undefined;
}
