/** Executes the steps of a plan. One table says which function runs which kind. */
import { failureOf, isTeamwrightError, type RecordedFailure, throwIfStopped } from '../errors.ts';
import { agentNameOf } from '../plan/index.ts';
import type { Step, StepKind } from '../plan/schema.ts';
import type { TraceWriter } from '../trace/events.ts';
import { allEnded } from './all-ended.ts';
import { endChain } from './chain.ts';
import type { StepContext, StepRunner } from './context.ts';
import { isFatal } from './failures.ts';
import { runRescued } from './rescue.ts';
import { isSkipped, skippedByUser } from './steering.ts';
import { analyse } from './steps/analyse.ts';
import { chain } from './steps/chain.ts';
import { check } from './steps/check.ts';
import { debate } from './steps/debate.ts';
import { generate } from './steps/generate.ts';
import { group } from './steps/group.ts';
import { merge } from './steps/merge.ts';
import { repair } from './steps/repair.ts';
import { repeat } from './steps/repeat.ts';
import { review } from './steps/review.ts';
import { revise } from './steps/revise.ts';
import { select } from './steps/select.ts';
import { tellApart } from './steps/tell-apart.ts';
import { test } from './steps/test.ts';
import { vote } from './steps/vote.ts';
import { votePart } from './steps/vote-part.ts';
import { when } from './steps/when.ts';
import { writeTests } from './steps/write-tests.ts';

/**
 * Runs steps in order. A step that fails for its own reasons is recorded and the next one goes on, but where a chain has ended; a failure that would
 * repeat is thrown.
 */
export async function runSteps(steps: readonly Step[], place: string, context: StepContext, signal: AbortSignal): Promise<void> {
  for (const step of steps) {
    if (context.chain?.ended !== undefined) return;
    await runStep(step, `${place}/${step.id}`, context, signal);
  }
}

async function runStep(step: Step, place: string, context: StepContext, signal: AbortSignal): Promise<void> {
  throwIfStopped(signal);
  const { steering } = context;
  const { trace, clock } = context.ports;
  const own = steering.enter(place, signal);
  let startedAt: number | undefined;
  const ended = (how: { skipped?: string; failure?: RecordedFailure }): void => {
    trace.emit({ type: 'step.done', step: step.id, path: place, ms: startedAt === undefined ? 0 : clock() - startedAt, ...how });
    const why = how.skipped ?? how.failure?.message;
    if (why !== undefined) endChain(step, why, context);
  };
  try {
    if (steering.held) await steering.ready(own);
    throwIfStopped(own);
    // What was too dear once ends the run at the next whole reply; tests, a choice and single places are still worth their while.
    if (context.refused.by !== undefined && agentNameOf(step) !== undefined && step.do !== 'repair') throw context.refused.by;
    startedAt = clock();
    const { planHash } = context;
    trace.emit({ type: 'step.started', planHash, step: step.id, path: place, kind: step.do, agent: agentNameOf(step) });
    const run = runners[step.do] as StepRunner;
    const agent = agentNameOf(step);
    if (agent !== undefined && context.troubles.dropped.has(agent)) {
      ended({ skipped: `${agent} was dropped` });
      return;
    }
    const { skipped, failure } = await runRescued(step, place, context, own, (one, at, around) =>
      run(one, at, around, own, {
        inTurn: (steps, list, within = around) => runSteps(steps, list, within, own),
        sideBySide: async (steps, list) => {
          await allEnded(steps.map((child) => runStep(child, `${list}/${child.id}`, around, own)));
        },
      }),
    );
    ended(failure === undefined ? { skipped } : { failure: failureOf(failure) });
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

const runners: { readonly [Kind in StepKind]: StepRunner<Kind> } = {
  generate,
  analyse,
  'write-tests': writeTests,
  test,
  check,
  review,
  merge,
  revise,
  repair,
  vote,
  'vote-part': votePart,
  debate,
  'tell-apart': tellApart,
  select,
  repeat,
  chain,
  when,
  group,
};
