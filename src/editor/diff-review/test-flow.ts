/** Testing what was accepted by itself: in a copy, judged as a run judges its candidates, before or after it is applied. */
import { errorText } from '../../errors.ts';
import { type PartTest, runSettings, testPart } from '../../run/index.ts';
import { type CandidateState, type RunState, seenOf, type TestedTree, testedIn } from '../../trace/index.ts';
import type { EditorHost, RunBook } from '../flow-types.ts';
import { askUnfenced } from '../runs/unfenced.ts';
import { readSettings } from '../settings/settings.ts';
import type { InTurn, Review } from './review.ts';

export interface TestFlowPorts {
  readonly host: EditorHost;
  readonly runs: RunBook;
  readonly inTurn: InTurn;
  readonly signal: AbortSignal;
}

export interface TestFlow {
  /** Tests the accepted hunks, and says what came of it. */
  testAccepted(review: Review): Promise<void>;
  /** Tests these hunks with a notification that can stop it; undefined where there are no tests, or it was stopped or failed, which is said. */
  test(review: Review, hunks: readonly string[]): Promise<PartTest | undefined>;
  /** Of a part that stands, what is known of its tests: their result, or whether they are quick enough to be run without being asked for. */
  known(review: Review): Promise<{ readonly seen?: TestedTree; readonly canTest: boolean; readonly isQuick: boolean }>;
}

/** Tests that take less are run by themselves when a part is applied, ms. */
const quickMs = 10_000;

export function createTestFlow({ host, runs, inTurn, signal }: TestFlowPorts): TestFlow {
  const { vscode: api } = host;
  const { window, l10n } = api;
  const { dataDir } = runs;

  const stateOf = async (review: Review): Promise<RunState> => (await runs.open(review.runId)).state();

  const test = async (review: Review, hunks: readonly string[]): Promise<PartTest | undefined> => {
    const { runId, candidate, diff } = review;
    const settings = readSettings(api, api.Uri.file(diff.workspace));
    const options = {
      dataDir,
      runId,
      candidate,
      shown: diff.tree,
      hunks,
      settings: runSettings(settings, diff.workspace, { testCommand: settings.test.command }),
      mayRunUnfenced: (reason: string, workspace: string) => askUnfenced({ vscode: api, dataDir, clock: Date.now }, reason, workspace),
    };
    const progress = { location: api.ProgressLocation.Notification, title: l10n.t('Testing what you accepted'), cancellable: true };
    const stop = new AbortController();
    try {
      return await window.withProgress(progress, async (_, token) => {
        token.onCancellationRequested(() => stop.abort());
        return await inTurn(runId, () => testPart(options, AbortSignal.any([signal, stop.signal])));
      });
    } catch (error) {
      // What was written stays written, whatever came of its test.
      if (stop.signal.aborted || signal.aborted) host.log.info(errorText(error));
      else await host.showFailure(error);
      return undefined;
    } finally {
      runs.touched(runId);
    }
  };

  return {
    test,
    testAccepted: async (review) => {
      const hunks = review.hunks.filter((hunk) => review.wordOn(hunk).decision === 'accepted').map(({ id }) => id);
      if (hunks.length === 0) {
        await window.showInformationMessage(l10n.t('No hunk is accepted yet, so there is nothing to test.'));
        return;
      }
      if (!hasTests(await stateOf(review))) {
        await window.showInformationMessage(l10n.t('This run found no tests, so what you accepted cannot be tested.'));
        return;
      }
      const result = await test(review, hunks);
      if (result === undefined) return;
      const said = partText(result, l10n);
      if (result.judgement.state === 'solved') await window.showInformationMessage(said);
      else await window.showWarningMessage(said);
    },
    known: async (review) => {
      const state = await stateOf(review);
      const { apply } = state.standing;
      const seen = apply && seenOf(apply, testedIn(state));
      return { ...(seen && { seen }), canTest: hasTests(state), isQuick: hasTests(state) && isQuick(state.candidates) };
    },
  };
}

const hasTests = ({ briefing }: RunState): boolean => briefing?.test !== undefined;

/** By what the tests of the run took; nothing is known of tests that never ran. */
function isQuick(candidates: readonly CandidateState[]): boolean {
  const took = candidates.flatMap(({ test }) => (test === undefined ? [] : [test.ms]));
  return took.length > 0 && Math.max(...took) < quickMs;
}

/** In one sentence, with its figures. */
export function partText(
  {
    hunks,
    of,
    counts,
    judgement,
  }: Pick<PartTest, 'of' | 'counts'> & { readonly hunks: readonly string[]; readonly judgement: Pick<TestedTree, 'state'> },
  { t }: EditorHost['vscode']['l10n'],
): string {
  const { passed, failed } = counts;
  const values = [hunks.length, of, passed, failed];
  if (judgement.state === 'solved')
    return t('With what you accepted ({0} of {1} hunks) the tests pass: {2} passed, {3} failed.', ...values);
  return judgement.state === 'red'
    ? t('With what you accepted ({0} of {1} hunks) tests fail: {2} passed, {3} failed.', ...values)
    : t('With what you accepted ({0} of {1} hunks) the tests do not show that the request is done: {2} passed, {3} failed.', ...values);
}
