/** Why a change does not count as solved, and what in it asks for a second look, in the user's language. */
import type { GamingKind, JudgementReason, Tampering } from '../../feedback/types.ts';
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
      return l10n.t('No test that is about the request failed before the change, so none shows that it is done.');
    case 'perhaps-meant':
      return l10n.t('Nothing that failed passes now, and what may be meant is red as before: {0}', named);
    case 'only-flaky':
      return l10n.t('Failed before, but pass at times without the change, so none shows that the request is done: {0}', named);
    case 'unsteady':
      return l10n.t('With the change they pass at times and fail at times, which they did not before: {0}', named);
    case 'not-all-run':
      return l10n.t('Only the failing tests were run, not the whole of this long suite ({0}).', detail);
    case 'not-seen':
      return l10n.t('The tests met their limit of time, as they did before the change, so nothing is known of what comes behind it.');
    case 'breach':
      return l10n.t('The code under test took a hand in its own judging ({0}).', detail);
    case 'touches-tests':
      return l10n.t('The change touches its own tests ({0}).', detail);
  }
}

/** What in a change touches its own tests, or looks made for them, and where. */
export function tamperingWords({ kind, path, line, detail }: Tampering, l10n: Localise): string {
  if (kind === 'shrinks') return l10n.t('Most of {0} is gone, which nobody asked for: {1}', path, detail);
  const words: { readonly [K in Exclude<GamingKind, 'shrinks'>]: string } = {
    'equal-to-anything': l10n.t('A comparison answers without looking'),
    'asks-if-tested': l10n.t('The code asks whether, or by what, it is tested'),
    'hard-coded': l10n.t('What the tests put in is answered by literals'),
    'counts-calls': l10n.t('The answer depends on how often it was asked for'),
    'ends-process': l10n.t('The code ends the process'),
    'before-main': l10n.t('The code runs before anything else does'),
    'raw-output': l10n.t('The code writes past the output of the program, or what results look like'),
    'patches-builtins': l10n.t('The code replaces what the language or the test library brings'),
    'swallows-failure': l10n.t('Every failure is answered with what the tests expect'),
    'only-visible-inputs': l10n.t('The code knows an answer only to what the tests put in'),
  };
  return kind in words
    ? l10n.t('Looks made for its tests: {0} ({1}, line {2}): {3}', words[kind as keyof typeof words], path, line ?? 1, detail)
    : l10n.t('Made easier to pass: {0} – {1}', path, detail);
}
