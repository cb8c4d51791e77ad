/** How the pages say amounts, in the user's language. */
import type * as vscode from 'vscode';
import { undecided } from '../../feedback/index.ts';
import type { TestReport, Wanted } from '../../feedback/types.ts';
import { allowText } from '../../process/index.ts';
import { numbersIn } from '../../text/index.ts';
import type { Badge } from '../../trace/index.ts';
import type { BadgeModel } from '../../webviews/badge-types.ts';

/** The part of `vscode` that translates. Keys are the English sentences, written where they are used, so that the bundle can be held against them. */
export type Localise = Pick<typeof vscode.l10n, 't'>;

/** What a view needs to speak: the translator and the language for numbers and times. */
export interface Speech {
  readonly l10n: Localise;
  /** BCP 47 */
  readonly locale: string;
}

/** A badge as a page takes it. */
export const badgeView = ({ icon, tone, word }: Badge, { t }: Localise): BadgeModel => ({ word: word(t), icon, tone });

/** `1 call`, `12 calls`. */
export const calls = (value: number, speech: Speech): string =>
  value === 1 ? speech.l10n.t('1 call') : speech.l10n.t('{0} calls', count(value, speech));

export const count = (value: number, { locale }: Speech): string => numbersIn(locale).count(value);
export const money = (usd: number, { locale }: Speech): string => numbersIn(locale).money(usd);
/** From milliseconds. */
export const span = (ms: number, { locale }: Speech): string => numbersIn(locale).span(ms);
export const percent = (share: number, { locale }: Speech): string => numbersIn(locale).percent(share);

/** The limits of a budget that pages show, each with its name and the way its amounts are said. */
export function limitWords(speech: Speech) {
  const { l10n } = speech;
  const counted = (value: number): string => count(value, speech);
  return [
    { name: 'calls', label: l10n.t('Calls'), say: counted },
    { name: 'tokens', label: l10n.t('Tokens'), say: counted },
    { name: 'usd', label: l10n.t('Money'), say: (value: number): string => money(value, speech) },
    { name: 'seconds', label: l10n.t('Time'), say: (value: number): string => span(value * 1000, speech) },
  ] as const;
}

/** What to do about tests that met a limit of time; empty when they met none. */
export function timeWords(ending: string | undefined, { l10n }: Pick<Speech, 'l10n'>, baseline?: TestReport): string[] {
  if (ending !== 'time-limit' && ending !== 'silence-limit') return [];
  return [
    ...(baseline !== undefined && undecided(baseline)
      ? [
          l10n.t(
            'Nothing had failed when they met it, so they can hardly show that a change is right: it is handed over unproven, after one try.',
          ),
        ]
      : []),
    l10n.t('Should the tests take that long? The setting teamwright.testSeconds gives them more time.'),
  ];
}

/** What the tests wanted beyond their fence, and the setting that would allow it; empty when there is nothing. */
export function wantedWords(
  wanted: readonly Wanted[] | undefined,
  workspace: string | undefined,
  { l10n }: Pick<Speech, 'l10n'>,
): string[] {
  if (wanted === undefined || workspace === undefined) return [];
  const what = wanted.map((one) => (one.kind === 'write' ? l10n.t('{0} (to write)', one.what) : one.what)).join(', ');
  return [
    l10n.t('The tests wanted to reach {0}, which is kept from them.', what),
    l10n.t('Should they? Add to the setting teamwright.allow: {0}', allowText(workspace, wanted).slice(1, -1)),
  ];
}
