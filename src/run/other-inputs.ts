/**
 * A change that its tests are content with is tried on inputs that they do not hold: once, in a copy of its own, where a test run is quick; the code
 * without the change, too, where it may tell something. Nothing of that is part of the candidate, and nothing of it changes the verdict.
 */
import { randomBytes } from 'node:crypto';
import { throwIfStopped } from '../errors.ts';
import { type Answers, answersIn, answersKey, type ChangedFile, madeForInputs, type Trial, trialOf } from '../feedback/index.ts';
import type { Tampering, TestReport } from '../feedback/types.ts';
import type { Snapshot } from '../workspace/types.ts';
import type { JudgeContext } from './context.ts';
import type { Candidate } from './pool.ts';

/** A run of the tests that takes longer is not made once more, ms. */
const quick = 10_000;

export interface InputsQuestion {
  readonly candidate: Candidate;
  /** What its tests showed. */
  readonly report: TestReport;
  readonly changedFiles: readonly ChangedFile[];
  /** The visible tests that the request is about, by path. */
  readonly tests: ReadonlyMap<string, string>;
}

/** What looks made for the tests, and a key that candidates share whose answers are the same ones. */
export async function tryOtherInputs(
  { candidate, report, changedFiles, tests }: InputsQuestion,
  context: JudgeContext,
  signal: AbortSignal,
): Promise<{ readonly flags: readonly Tampering[]; readonly behaviour: string }> {
  const trial = report.ms > quick ? undefined : trialOf(tests, changedFiles, `other${randomBytes(8).toString('hex')}`);
  if (trial === undefined) return { flags: [], behaviour: '' };
  const answersOf = (of: string, from: Snapshot): Promise<readonly Answers[]> =>
    answersTo(trial, `${candidate.id}-${of}`, from, report, context, signal);
  const answers = await answersOf('tried', candidate.snapshot);
  if (answers.length === 0) return { flags: [], behaviour: '' };
  const flags = madeForInputs(answers, [], changedFiles, tests.values());
  return {
    flags: flags.length > 0 ? flags : madeForInputs(answers, await answersOf('untouched', context.start), changedFiles, tests.values()),
    behaviour: answersKey(answers),
  };
}

async function answersTo(
  trial: Trial,
  id: string,
  from: Snapshot,
  { ms }: TestReport,
  { facts, ports, settings }: JudgeContext,
  signal: AbortSignal,
): Promise<readonly Answers[]> {
  if (!facts.test) return [];
  const copy = await ports.copies.create(id, from, signal);
  try {
    const files = [...trial.files].map(([path, text]) => ({ kind: 'whole-file', path, text, exact: true }) as const);
    await copy.edit(files, { allow: ['**'] });
    // Other inputs may never come to an end.
    const wallMs = Math.min(settings.testLimits.wallMs, 2 * ms + quick / 2);
    const report = await ports.runTests(facts.test, copy.root, { ...settings.testLimits, wallMs }, signal);
    throwIfStopped(signal);
    return answersIn(report, trial);
  } finally {
    await copy.remove();
  }
}
