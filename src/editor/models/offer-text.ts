/** What a list says of a model: price, context, strength, and what it can do. */
import type * as vscode from 'vscode';
import { idOf, type ModelNotice, type Standing } from '../../model-choice/index.ts';
import type { Capabilities, Price } from '../../models/types.ts';
import { numbersIn } from '../../text/index.ts';
import type { Offer } from './offers.ts';

type L10n = Pick<typeof vscode.l10n, 't'>;
type Api = Pick<typeof vscode, 'l10n' | 'env'>;

/** USD per million tokens. */
export function priceText({ t }: L10n, price: Price, pricing?: string): string {
  if (price.known)
    return price.input === 0 && price.output === 0 ? t('free') : t('{0} USD in, {1} USD out per million', price.input, price.output);
  return pricing === undefined ? t('price unknown') : t('price by its provider: {0}', pricing);
}

export const strengthText = ({ t }: L10n, strength: Capabilities['strength']): string => (strength === 'strong' ? t('strong') : t('weak'));

/** Beside the name. */
export function besideName({ l10n, env }: Api, offer: Offer): string {
  const { contextTokens } = offer.capabilities ?? {};
  const price =
    offer.group === 'vscode' && !offer.price.known && offer.pricing === undefined
      ? l10n.t('from your quota')
      : priceText(l10n, offer.price, offer.pricing);
  return [
    price,
    contextTokens === undefined ? undefined : l10n.t('{0} tokens', numbersIn(env.language).count(contextTokens)),
    strengthText(l10n, offer.strength),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** The line below it. */
export function belowName(api: Api, offer: Offer): string {
  const { l10n } = api;
  const { t } = l10n;
  const title = offer.title === undefined || offer.id.endsWith(offer.title) ? undefined : offer.title;
  const can =
    offer.capabilities === undefined
      ? t('not tried yet: the first use makes a few short calls')
      : canText(l10n, offer.capabilities, offer.group === 'vscode');
  return [offer.embedded && stateText(api, offer.embedded), can, title].filter((part) => part !== undefined).join(' · ');
}

/** What a model can do, as a probe found it (VS Code's models are not probed: each call may cost a part of a quota). */
export function canText({ t }: L10n, capabilities: Capabilities, ofVscode: boolean): string {
  const { format, tools, usage, seed, images } = capabilities;
  const formats = { 'json-schema': t('JSON by schema'), 'json-object': t('JSON'), none: t('text only') };
  return [
    formats[format],
    tools ? t('tools') : t('no tools'),
    ...(images ? [t('looks at pictures')] : []),
    usage ? t('counts tokens') : t('tokens estimated'),
    ...(seed ? [t('seeds')] : []),
    ...(ofVscode ? [t('VS Code gives no figures of its quota')] : []),
  ].join(', ');
}

function stateText({ l10n: { t }, env }: Api, entry: NonNullable<Offer['embedded']>): string {
  const size = numbersIn(env.language).bytes(entry.model.bytes);
  if (entry.server !== undefined) return t('running, {0}', size);
  if (entry.ready) return t('set up, {0}', size);
  return entry.partial ? t('partly downloaded, {0}', size) : t('not set up, {0} to download', size);
}

/** Which model a tier means. */
export function standingText({ l10n }: Pick<typeof vscode, 'l10n'>, now: Standing): string {
  switch (now.kind) {
    case 'only':
      return l10n.t('the model of {0}, which the environment names', now.server);
    case 'found':
      return l10n.t('a server found on this machine when a run starts, else the embedded model');
    case 'named':
      return now.by === 'environment' ? l10n.t('{0}, named in the environment', idOf(now.reference)) : idOf(now.reference);
  }
}

/** For the log, or beside a progress. */
export function noticeText({ t }: L10n, notice: ModelNotice): string {
  switch (notice.kind) {
    case 'probing':
      return t('Finding out what {0} at {1} can do: a few short calls, once', notice.model, notice.endpoint);
    case 'unasked':
      return notice.reference.kind === 'embedded'
        ? t('Using the embedded model; “Teamwright: Choose Models…” chooses another.')
        : t('Using {0}, found on this machine; “Teamwright: Choose Models…” chooses another.', idOf(notice.reference));
    case 'key':
      return notice.warning;
  }
}
