/** Why a change does not count as solved, in the user's language. */
import type { JudgementReason } from '../../feedback/types.ts';
import type { Localise } from './words.ts';

/** Ids that a sentence names. */
const mostShown = 3;

export function reasonWords(reason: JudgementReason, l10n: Localise): string {
  const { tests = [], count = 0, detail = '' } = reason;
  const shown = tests.slice(0, mostShown).join(', ');
  const named = count > mostShown ? l10n.t('{0} and {1} more', shown, count - mostShown) : shown;
  switch (reason.kind) {
    case 'target-fails':
      return l10n.t('Red, and what the request is about: {0}', named);
    case 'broke':
      return l10n.t('Passed before, and red now: {0}', named);
    case 'ended-early':
      return l10n.t('The tests did not come to their end by themselves ({0}).', detail);
    case 'target-missing':
      return l10n.t('Failed before, and not seen to pass (did not run, or was skipped): {0}', named);
    case 'lost':
      return l10n.t('Passed before, and not seen any more (did not run, or was skipped): {0}', named);
    case 'nothing-was-red':
      return l10n.t('No test failed before the change, so none of them shows that the request is done.');
    case 'breach':
      return l10n.t('The code under test took a hand in its own judging ({0}).', detail);
    case 'touches-tests':
      return l10n.t('The change touches its own tests ({0}).', detail);
  }
}
