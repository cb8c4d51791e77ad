/** Candidates with their test deltas. Pure. */
import { endingText } from '../../feedback/types.ts';
import { candidateBadge, type RunState } from '../../trace/index.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import { tamperingWords } from './reason-words.ts';
import { badgeView, type Speech } from './words.ts';

type Candidate = RunModel['candidates'][number];

/** Names shown of one kind of difference. */
const mostNames = 8;

export function candidatesView(state: RunState, { l10n }: Speech): Candidate[] {
  return state.candidates.map((candidate): Candidate => {
    const { id, from, step, agent, changed, problems, test, checks } = candidate;
    const tests =
      test === undefined
        ? ''
        : test.counts.skipped > 0
          ? l10n.t('{0} passed, {1} failed, {2} skipped', test.counts.passed, test.counts.failed, test.counts.skipped)
          : l10n.t('{0} passed, {1} failed', test.counts.passed, test.counts.failed);
    const differences: readonly (readonly [string, readonly string[]])[] = test
      ? [
          [l10n.t('fixed'), test.delta.fixed],
          [l10n.t('broken'), test.delta.broken],
          [l10n.t('still failing'), test.delta.stillFailing],
          [l10n.t('new'), test.delta.added],
          [l10n.t('gone'), test.delta.missing],
          [l10n.t('skipped now'), test.delta.newlySkipped],
        ]
      : [];
    const failedChecks = checks.filter((check) => check.available && !check.ok).map((check) => l10n.t('{0} found something', check.name));
    return {
      id,
      chosen: state.result?.candidate === id,
      madeBy: l10n.t('{0} in {1}, from {2}', agent, step, from),
      files: changed.join(', '),
      tests,
      badge: badgeView(candidateBadge(state, candidate), l10n),
      delta: differences.flatMap(([word, names]) => {
        if (names.length === 0) return [];
        const more = names.length > mostNames ? l10n.t(' and {0} more', names.length - mostNames) : '';
        return [`${word}: ${names.slice(0, mostNames).join(', ')}${more}`];
      }),
      remarks: [
        ...(test && test.ending !== 'finished' ? [l10n.t('The tests {0}.', endingText[test.ending] ?? test.ending)] : []),
        ...(test?.tampering ?? []).map((found) => tamperingWords(found, l10n)),
        ...(candidate.unlikely
          ? [l10n.t('Made without a model, and no model vouches for it. Few tests may tell too little: look at it closely.')]
          : []),
        ...failedChecks,
        ...problems.map(({ path, message }) => `${path}: ${message}`),
      ],
    };
  });
}
