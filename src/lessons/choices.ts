/** Choices that runs made by chance, with what came of them: what another way to choose is judged by. */
import { firstStepChoice } from '../design/index.ts';
import { isTeamwrightError, throwIfStopped } from '../errors.ts';
import { type LoggedChoice, rewardOf, rewardWeights } from '../learning/index.ts';
import { changedBefore, eventsOnDisk, fold, openKnownRun, type RunState } from '../trace/index.ts';
import { termsOf } from './terms.ts';

/** The first step of each learned plan that might have begun otherwise. Left out: what has not ended, or was changed by the user before it ran or afterwards on disk, or no test could judge. */
export async function loggedChoices(dataDir: string, signal: AbortSignal): Promise<readonly LoggedChoice[]> {
  const found: LoggedChoice[] = [];
  for (const runId of [...(await eventsOnDisk(dataDir)).keys()].sort()) {
    throwIfStopped(signal);
    try {
      const { events, damage } = await openKnownRun(dataDir, runId).read();
      const choice = changedBefore(damage) === undefined ? choiceIn(fold(events)) : undefined;
      if (choice !== undefined) found.push(choice);
    } catch (error) {
      if (!isTeamwrightError(error, 'trace-unreadable')) throw error;
    }
  }
  return found;
}

function choiceIn(state: RunState): LoggedChoice | undefined {
  const [plan] = state.plans;
  const choice = plan?.expectation?.choices?.find(({ of }) => of === firstStepChoice);
  const terms = termsOf(state);
  if (plan === undefined || plan.approval !== 'approved' || choice === undefined) return undefined;
  if (state.result === undefined || terms.performance === undefined) return undefined;
  const { tokens: budget } = plan.budget;
  return {
    chosen: choice.chosen,
    reward: rewardOf(terms),
    options: choice.options.map(({ name, probability, chance = 0, tokens = 0 }) => ({
      ...{ name, probability },
      expected: chance - (rewardWeights.efficiency * tokens) / budget,
    })),
  };
}
