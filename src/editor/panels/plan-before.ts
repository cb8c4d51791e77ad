/** What the plans before this one left behind: tests that are red still, and how; what was spent; whether there is a change to keep. Pure. */
import type { TestCase, TestReport } from '../../feedback/types.ts';
import type { CandidateState, RunState } from '../../trace/index.ts';
import type { PlanModel } from '../../webviews/plan-types.ts';
import { farFromGreen } from '../candidate-order.ts';
import { failedOf, mostTests, shownTests } from './failing-tests.ts';
import { budgetView } from './run-view.ts';
import type { Speech } from './words.ts';

/** Of the tested candidates the nearest to green, the newest of them. */
export function bestSoFar(state: RunState): CandidateState | undefined {
  const tested = state.candidates.filter(({ test }) => test !== undefined);
  return tested.reduce<CandidateState | undefined>((best, one) => (best && farFromGreen(best) < farFromGreen(one) ? best : one), undefined);
}

/** `report` is that of the best candidate. `keeps`: the plan that ran hands over the best one even when tests stay red. */
export function beforeView(
  { state, report, keeps, failure }: { state: RunState; report: TestReport | undefined; keeps: boolean; failure: string },
  speech: Speech,
): NonNullable<PlanModel['before']> {
  const { l10n } = speech;
  const failing = failedOf(report);
  const spent = budgetView(state, speech).map(({ label, used, limit }) => `${label}: ${used} ${limit}`);
  return {
    sentence: sentenceOf(report, failing, failure, l10n),
    tests: shownTests(failing),
    spent: l10n.t('Spent so far – {0}', spent.join(' · ')),
    canKeep: keeps && state.candidates.some(({ test }) => test !== undefined),
  };
}

function sentenceOf(report: TestReport | undefined, failing: readonly TestCase[], failure: string, l10n: Speech['l10n']): string {
  if (report === undefined) return l10n.t('The last plan did not do it: {0}', failure);
  if (failing.length === 0) return l10n.t('The best try of the last plan is not shown to be right by any test.');
  return failing.length === 1
    ? l10n.t('The best try of the last plan still fails 1 test.')
    : failing.length > mostTests
      ? l10n.t('The best try of the last plan still fails {0} tests. The first {1}:', failing.length, mostTests)
      : l10n.t('The best try of the last plan still fails {0} tests.', failing.length);
}
