import { tamperingText } from '../../feedback/index.ts';
import { looksMadeForTests } from '../../feedback/types.ts';
import { agentNamed, notesFor, type StepContext, type StepRunner } from '../context.ts';
import { draw } from '../draw.ts';
import { testCandidate } from '../judge.ts';
import { type Candidate, isInDoubt, type Verdict } from '../pool.ts';
import { renderFailures, revisionMessages } from '../prompts.ts';
import { sample } from '../sample.ts';
import { work } from '../work.ts';

const checkCharacters = 1200;

/**
 * Repairs a candidate from what the tests, the checks and the notes say: the best one, or for each sample one that is drawn. Where nothing speaks against
 * the best there is nothing to do.
 */
export const revise: StepRunner<'revise'> = async (step, place, context, signal) => {
  const best = context.pool.best();
  if (!best) return 'there is no candidate to revise';
  await testCandidate(best, context, signal);
  if (findingsOf(best, context) === '' && best.review !== 'reject') return 'nothing speaks against the best candidate';
  const agent = agentNamed(context, step.agent);
  const notes = notesFor(context, step.uses);
  const choose = (index: number): Candidate => (step.from === 'drawn' ? drawn(step.id, `${place}/${index}`, context) : undefined) ?? best;
  // Side by side, who is ready first must not decide: all are drawn before any begins.
  const chosen = step.stop === 'never' ? Array.from({ length: step.samples }, (_, index) => choose(index + 1)) : [];
  await sample(step, context, signal, async (index) => {
    const candidate = chosen[index - 1] ?? choose(index);
    const { conversation } = candidate;
    const findings = findingsOf(candidate, context);
    const from = { name: candidate.id, snapshot: candidate.snapshot };
    const extra = await stateOf(candidate, findings, context);
    const made = await work(
      {
        origin: { step: step.id, agentName: step.agent, agent, call: `${place}/${index}`, from },
        notes,
        extra,
        part: step.reply === 'part' ? { report: candidate.verdict?.report ?? context.facts.baseline } : undefined,
        goOn: conversation && ((answer) => revisionMessages(conversation, `${opinionOf(candidate)}\n${findings}`, notes, agent, answer)),
      },
      context,
      signal,
    );
    candidate.improvements.push(made);
    // Told what may be meant, the agent has nothing to add.
    if (made === undefined && isInDoubt(candidate)) context.pool.noteDoubtStays();
    return made;
  });
  return undefined;
};

/** The candidate that this call improves; undefined where there are no two to draw from. */
function drawn(step: string, call: string, context: StepContext): Candidate | undefined {
  const { pool, settings, ports } = context;
  const arms = pool.live().flatMap((one) => {
    const share = one.verdict?.score;
    if (share === undefined || one.foundation || findingsOf(one, context) === '') return [];
    const fails = one.improvements.filter((made) => (made?.verdict?.score ?? 0) <= share).length;
    return [{ one, candidate: one.id, share, fails }];
  });
  if (arms.length < 2) return undefined;
  // Ids follow the clock; the place in the plan does not.
  const all = draw(arms, `${settings.seed}\0${call}`, ({ one }) => one.order.join('/'));
  const candidate = all[0]?.one;
  if (candidate === undefined) return undefined;
  ports.trace.emit({
    type: 'candidate.drawn',
    step,
    call,
    candidate: candidate.id,
    arms: all.map(({ one, ...arm }) => arm),
  });
  return candidate;
}

const opinionOf = (candidate: Candidate): string =>
  isInDoubt(candidate) ? 'Nothing shows yet that your change does what was asked.' : 'Your change does not do it yet.';

function findingsOf(candidate: Candidate, { pool }: StepContext): string {
  const { verdict } = candidate;
  const parts: string[] = [];
  if (verdict && !pool.isDone(candidate)) {
    if (isInDoubt(candidate)) parts.push(perhapsMeant(verdict));
    else if (!verdict.report.green) parts.push(`Failing tests:\n${renderFailures(verdict.report)}`);
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

function perhapsMeant({ report, judgement }: Verdict): string {
  const meant = new Set(judgement.reasons.flatMap(({ kind, tests = [] }) => (kind === 'perhaps-meant' ? tests : [])));
  return [
    'Perhaps meant: these tests fail as before. Where the request is about them, mend what they test; where it is not, answer with your change once more as it is.',
    renderFailures({ ...report, cases: report.cases.filter(({ id }) => meant.has(id)) }),
  ].join('\n');
}

async function stateOf(candidate: Candidate, findings: string, context: StepContext): Promise<string> {
  const diff = await context.ports.copies.diff(context.facts.base, candidate.snapshot);
  return `# The change so far\n${diff.patch}\n\n${isInDoubt(candidate) ? '# What it leaves open' : '# What is wrong with it'}\n${findings}`;
}
