/** Executes the steps of a plan. One table says which function runs which kind; nesting is handled here. */
import { failureOf, isTeamwrightError, type RecordedFailure, throwIfStopped } from '../errors.ts';
import type { Condition, GroupStep, RepeatStep, Step, StepKind, WhenStep } from '../plan/schema.ts';
import type { TraceWriter } from '../trace/events.ts';
import type { StepContext, StepRunner } from './context.ts';
import { isFatal } from './failures.ts';
import { testCandidate } from './judge.ts';
import { behaviourOf } from './pool.ts';
import { allEnded } from './sample.ts';
import { isSkipped, skippedByUser } from './steering.ts';
import { generate } from './steps/generate.ts';
import { check, select, test } from './steps/judging.ts';
import { analyse, review } from './steps/notes.ts';
import { revise } from './steps/revise.ts';
import { writeTests } from './steps/write-tests.ts';

/** Runs steps in order. A step that fails for its own reasons is recorded and the next one goes on; a failure that would repeat is thrown. */
export async function runSteps(steps: readonly Step[], place: string, context: StepContext, signal: AbortSignal): Promise<void> {
  for (const step of steps) await runStep(step, `${place}/${step.id}`, context, signal);
}

async function runStep(step: Step, place: string, context: StepContext, signal: AbortSignal): Promise<void> {
  throwIfStopped(signal);
  const { steering } = context;
  const { trace, clock } = context.ports;
  const own = steering.enter(place, signal);
  let startedAt: number | undefined;
  const ended = (how: { skipped?: string; failure?: RecordedFailure }): void => {
    trace.emit({ type: 'step.done', step: step.id, path: place, ms: startedAt === undefined ? 0 : clock() - startedAt, ...how });
  };
  try {
    if (steering.held) await steering.ready(own);
    throwIfStopped(own);
    startedAt = clock();
    trace.emit({
      type: 'step.started',
      planHash: context.planHash,
      step: step.id,
      path: place,
      kind: step.do,
      agent: 'agent' in step ? step.agent : undefined,
    });
    const run = runners[step.do] as StepRunner;
    ended({ skipped: await run(step, place, context, own) });
  } catch (error) {
    if (isSkipped(own)) {
      ended({ skipped: skippedByUser });
      // Not this step but one around it was skipped, or the run has ended meanwhile.
      throwIfStopped(signal);
      return;
    }
    if (startedAt === undefined) throw error;
    ended({ failure: failureOf(error) });
    if (isFatal(error)) throw error;
  } finally {
    steering.leave(place);
    makeDurable(trace);
  }
}

/** Steps do not wait for the disk. A write that fails is kept and tried again: the flush at the end of the run tells it. */
function makeDurable(trace: TraceWriter): void {
  trace.flush().catch((error: unknown) => {
    if (!isTeamwrightError(error)) throw error;
  });
}

const repeat: StepRunner<RepeatStep> = async (step, place, context, signal) => {
  for (let round = 1; round <= step.max; round += 1) {
    if (await holds(step.until, context, signal)) return round === 1 ? `${step.until} holds already` : undefined;
    await runSteps(step.steps, `${place}/${round}`, context, signal);
  }
  return undefined;
};

const when: StepRunner<WhenStep> = async (step, place, context, signal) => {
  const chosen = (await holds(step.if, context, signal)) ? step.steps : step.else;
  if (chosen.length === 0) return `${step.if} does not hold`;
  await runSteps(chosen, place, context, signal);
  return undefined;
};

const group: StepRunner<GroupStep> = async (step, place, context, signal) => {
  await allEnded(step.steps.map((child) => runStep(child, `${place}/${child.id}`, context, signal)));
  return undefined;
};

const runners: { [K in StepKind]: StepRunner<Extract<Step, { do: K }>> } = {
  generate,
  analyse,
  'write-tests': writeTests,
  test,
  check,
  review,
  revise,
  select,
  repeat,
  when,
  group,
};

/** Whether a condition holds for the best candidate now. It is tested first when the condition is about tests. */
async function holds(condition: Condition, context: StepContext, signal: AbortSignal): Promise<boolean> {
  const best = context.pool.best();
  if (condition === 'no-tests') return context.facts.test === undefined;
  if (condition === 'candidates-agree') return new Set(context.pool.live().map(behaviourOf)).size === 1;
  if (!best) return condition === 'tests-fail';
  switch (condition) {
    case 'tests-pass':
    case 'tests-fail':
      await testCandidate(best, context, signal);
      return (best.verdict?.solved ?? false) === (condition === 'tests-pass');
    case 'checks-fail':
      return best.checks.some((check) => check.available && !check.ok);
    case 'review-rejects':
      return best.review === 'reject';
    case 'review-approves':
      return best.review === 'approve';
  }
}
