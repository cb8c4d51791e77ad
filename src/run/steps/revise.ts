import { tamperingText } from '../../feedback/index.ts';
import { looksMadeForTests } from '../../feedback/types.ts';
import { agentNamed, notesFor, type StepContext, type StepRunner } from '../context.ts';
import { testCandidate } from '../judge.ts';
import type { Candidate } from '../pool.ts';
import { isDone } from '../pool.ts';
import { renderFailures, revisionMessages } from '../prompts.ts';
import { sample } from '../sample.ts';
import { work } from '../work.ts';

const checkCharacters = 1200;

/** Repairs the best candidate from what the tests, the checks and the notes say. A candidate nothing speaks against is left alone. */
export const revise: StepRunner<'revise'> = async (step, place, context, signal) => {
  const best = context.pool.best();
  if (!best) return 'there is no candidate to revise';
  await testCandidate(best, context, signal);
  const findings = findingsOf(best);
  if (findings === '' && best.review !== 'reject') return 'nothing speaks against the best candidate';
  const agent = agentNamed(context, step.agent);
  const notes = notesFor(context, step.uses);
  const { conversation } = best;
  const from = { name: best.id, snapshot: best.snapshot };
  const extra = await stateOf(best, findings, context);
  await sample(step, context, signal, (index) =>
    work(
      {
        origin: { step: step.id, agentName: step.agent, agent, call: `${place}/${index}`, from },
        notes,
        extra,
        goOn: conversation && ((answer) => revisionMessages(conversation, findings, notes, agent, answer)),
      },
      context,
      signal,
    ),
  );
  return undefined;
};

function findingsOf(candidate: Candidate): string {
  const { verdict } = candidate;
  const parts: string[] = [];
  if (verdict && !isDone(candidate)) {
    if (!verdict.report.green) parts.push(`Failing tests:\n${renderFailures(verdict.report)}`);
    for (const found of verdict.tampering) {
      parts.push(
        found.kind === 'shrinks'
          ? `Keep the rest of the file as it is (${found.path}: ${found.detail}).`
          : looksMadeForTests(found)
            ? `Do what was asked, not only what the tests show (${tamperingText(found)}).`
            : `The tests must stay as they are (${found.path}: ${found.detail}).`,
      );
    }
  }
  for (const check of candidate.checks) {
    if (check.available && !check.ok)
      parts.push(`${check.name === 'types' ? 'Type check' : 'Lint'}:\n${check.output.slice(0, checkCharacters)}`);
  }
  return parts.join('\n');
}

async function stateOf(candidate: Candidate, findings: string, context: StepContext): Promise<string> {
  const diff = await context.ports.copies.diff(context.facts.base, candidate.snapshot);
  return `# The change so far\n${diff.patch}\n\n# What is wrong with it\n${findings}`;
}
