/** How the pages say numbers, in the user's language. */
import type * as vscode from 'vscode';

/** The part of `vscode` that translates. Keys are the English sentences, written where they are used, so that the bundle can be held against them. */
export type Localise = Pick<typeof vscode.l10n, 't'>;

/** What a view needs to speak: the translator and the language for numbers and times. */
export interface Speech {
  readonly l10n: Localise;
  /** BCP 47 */
  readonly locale: string;
}

/** `1 call`, `12 calls`. */
export const calls = (value: number, speech: Speech): string =>
  value === 1 ? speech.l10n.t('1 call') : speech.l10n.t('{0} calls', count(value, speech));

/** `940`, `12.3K`. */
export function count(value: number, { locale }: Speech): string {
  if (!Number.isFinite(value)) return '∞';
  return new Intl.NumberFormat(
    locale,
    value < 1000 ? { maximumFractionDigits: 0 } : { notation: 'compact', maximumFractionDigits: 1 },
  ).format(value);
}

/** US dollars; small sums keep two digits that say something. */
export function money(usd: number, { locale }: Speech): string {
  const style = { style: 'currency', currency: 'USD' } as const;
  if (usd === 0) return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: 0 }).format(0);
  if (usd < 0.0001) return `<${new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: 4 }).format(0.0001)}`;
  return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: usd < 1 ? 4 : 2 }).format(usd);
}

/** From milliseconds: `0.8 s`, `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(ms: number, { locale }: Speech): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour', digits = 0): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
  const seconds = ms / 1000;
  if (seconds < 10) return unit(seconds, 'second', 1);
  if (seconds < 60) return unit(Math.round(seconds), 'second');
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 60) return rest === 0 ? unit(minutes, 'minute') : `${unit(minutes, 'minute')} ${unit(rest, 'second')}`;
  return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

export const percent = (share: number, { locale }: Speech): string =>
  new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share);

export const range = (least: number, most: number, say: (value: number) => string): string =>
  say(least) === say(most) ? say(most) : `${say(least)}–${say(most)}`;

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
