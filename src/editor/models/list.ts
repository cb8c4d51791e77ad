/** "Choose Models…": which model each tier means now, every other one there is, and the endpoints. All by keyboard. */
import type * as vscode from 'vscode';
import { isTeamwrightError } from '../../errors.ts';
import { idOf, type ModelContext, modelForms, parseModelId, standing } from '../../model-choice/index.ts';
import type { Tier } from '../../models/types.ts';
import { tellAll, tellError } from '../failure-table.ts';
import { type Choice, pick } from '../pick.ts';
import { actOn } from './actions.ts';
import { modelContext } from './context.ts';
import { addEndpoint, removeEndpoint, setKey } from './endpoints.ts';
import { belowName, besideName, noticeText, standingText } from './offer-text.ts';
import { embeddedOffers, endpointOffers, type Found, type Group, localOffers, type Offer, type Trouble, vscodeOffers } from './offers.ts';
import type { ModelsHost } from './ports.ts';
import { writeSetting } from './settings-writer.ts';

type Entry =
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'tier'; readonly tier: Tier }
  | { readonly kind: 'more'; readonly endpoint: string }
  | { readonly kind: 'add' | 'key' | 'remove' };

/** An endpoint with more models than this gets a list of its own. */
const mostInList = 12;

/** Goes on until something is settled or the list is closed. Rejects with what an action rejects with. */
export async function chooseByHand(models: ModelsHost): Promise<void> {
  for (;;) {
    const { host } = models;
    const context = modelContext(models, { tell: (notice) => host.log.info(noticeText(host.vscode.l10n, notice)) });
    const found: Found[] = [];
    const picked = await pick<Entry>(host.vscode, {
      title: host.vscode.l10n.t('Teamwright: Models'),
      placeholder: host.vscode.l10n.t('Choose a model, to use it, to try it or to price it'),
      items: entries(models, context, found, true),
      fill: (show, signal) => search(models, context, found, (waiting) => show(entries(models, context, found, waiting)), signal),
    });
    if (picked.kind !== 'chosen' || (await follow(models, context, picked.value, found)) === 'done') return;
  }
}

/** Asks every source at once; `found` grows as they answer. */
async function search(
  models: ModelsHost,
  context: ModelContext,
  found: Found[],
  show: (waiting: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const add = async (source: Promise<Found>): Promise<void> => {
    found.push(await source);
    show(true);
  };
  await Promise.all([
    add(embeddedOffers(context, signal)),
    add(localOffers(context, signal)),
    ...Object.keys(context.settings.endpoints).map((name) => add(endpointOffers(name, context, signal))),
    add(vscodeOffers(models.host.vscode, context, signal)),
  ]);
  show(false);
}

/** The model of one request, whatever the settings say; undefined when the list is closed. */
export async function pickModel(models: ModelsHost): Promise<{ readonly model: string } | 'settings' | undefined> {
  const api = models.host.vscode;
  const { l10n } = api;
  const context = modelContext(models, { tell: (notice) => models.host.log.info(noticeText(l10n, notice)) });
  const found: Found[] = [];
  type Answer = { readonly model: string } | 'settings' | 'write';
  const items = (): Choice<Answer>[] => [
    { label: l10n.t('As the settings say'), description: tierItem(api, context, 'worker').description, value: 'settings' },
    ...found
      .flatMap(({ offers }) => offers)
      .map((offer) => ({
        label: offer.id,
        description: besideName(api, offer),
        detail: belowName(api, offer),
        value: { model: offer.id },
      })),
    ...found.flatMap(({ troubles }) => troubles).map((trouble) => ({ ...troubleItem(api, trouble), value: undefined })),
    { label: l10n.t('$(edit) Write the name of a model…'), description: l10n.t('also one that is in no list'), value: 'write' },
  ];
  const picked = await pick<Answer>(api, {
    title: l10n.t('The model of this request'),
    placeholder: l10n.t('It is the only one that is asked'),
    items: items(),
    fill: (show, signal) => search(models, context, found, () => show(items()), signal),
    back: true,
  });
  if (picked.kind !== 'chosen') return undefined;
  if (picked.value !== 'write') return picked.value;
  const written = await writeName(models, context, l10n.t('The model of this request'), '');
  return written === undefined ? undefined : { model: written };
}

/** Undefined when the user gives up. */
async function writeName(models: ModelsHost, context: ModelContext, title: string, value: string): Promise<string | undefined> {
  const api = models.host.vscode;
  const endpoints = Object.keys(context.settings.endpoints);
  const written = await api.window.showInputBox({
    title,
    prompt: `${modelForms}, vscode:VENDOR/NAME`,
    value,
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(api, text, endpoints),
  });
  return written?.trim();
}

async function follow(models: ModelsHost, context: ModelContext, entry: Entry, found: readonly Found[]): Promise<'done' | 'again'> {
  switch (entry.kind) {
    case 'offer':
      return again(await actOn(models, entry.offer));
    case 'tier':
      return await changeTier(models, context, entry.tier);
    case 'more':
      return await moreOf(models, entry.endpoint, found);
    case 'trouble':
      return await mend(models, entry.trouble);
    case 'add':
      await addEndpoint(models);
      return 'again';
    case 'key':
      await setKey(models);
      return 'again';
    case 'remove':
      await removeEndpoint(models);
      return 'again';
  }
}

const again = (ending: 'done' | 'back' | 'closed'): 'done' | 'again' => (ending === 'back' ? 'again' : 'done');

/** `waiting`: more may come. */
function entries(models: ModelsHost, context: ModelContext, found: readonly Found[], waiting: boolean): Choice<Entry>[] {
  const api = models.host.vscode;
  const { l10n } = api;
  const line = (label: string): Choice<Entry> => ({ label, kind: api.QuickPickItemKind.Separator });
  const group = (title: string, ...names: Group[]): Choice<Entry>[] => {
    const offers = found.flatMap((each) => each.offers).filter((offer) => names.includes(offer.group));
    const troubles = found.flatMap((each) => each.troubles).filter((trouble) => names.includes(trouble.group));
    const shown = [...shortened(api, offers, standingIds(context)), ...troubles.map((trouble) => troubleItem(api, trouble))];
    return shown.length === 0 ? [] : [line(title), ...shown];
  };
  return [
    line(l10n.t('in use')),
    ...(['worker', 'strong'] as const).map((tier) => tierItem(api, context, tier)),
    ...group(l10n.t('embedded'), 'embedded'),
    ...group(l10n.t('found on this machine'), 'local'),
    ...group(l10n.t('endpoints'), 'endpoint'),
    ...group(l10n.t('language models of VS Code'), 'vscode'),
    ...(waiting ? [line(l10n.t('looking for more…'))] : []),
    line(l10n.t('more')),
    { label: l10n.t('$(add) Add Endpoint…'), description: l10n.t('any OpenAI-compatible server'), value: { kind: 'add' } },
    ...(Object.keys(context.settings.endpoints).length === 0
      ? []
      : ([
          { label: l10n.t('$(key) Set Key…'), description: l10n.t('of an endpoint'), value: { kind: 'key' } },
          { label: l10n.t('$(trash) Remove Endpoint…'), value: { kind: 'remove' } },
        ] as const)),
  ];
}

/** Models in use come first; an endpoint with many models stands as one entry. */
function shortened(api: Pick<typeof vscode, 'l10n' | 'env'>, offers: readonly Offer[], used: readonly string[]): Choice<Entry>[] {
  const endpointOf = ({ reference }: Offer): string => (reference.kind === 'endpoint' ? reference.endpoint : '');
  const sizes = Map.groupBy(offers, endpointOf);
  const items = offers
    .filter((offer) => used.includes(offer.id) || endpointOf(offer) === '' || (sizes.get(endpointOf(offer))?.length ?? 0) <= mostInList)
    .map((offer) => offerItem(api, offer, used));
  const large = [...sizes].filter(([endpoint, all]) => endpoint !== '' && all.length > mostInList);
  return [
    ...items,
    ...large.map(
      ([endpoint, all]): Choice<Entry> => ({
        label: api.l10n.t('$(list-unordered) All {0} models of {1}…', all.length, endpoint),
        value: { kind: 'more', endpoint },
      }),
    ),
  ];
}

function offerItem(api: Pick<typeof vscode, 'l10n' | 'env'>, offer: Offer, used: readonly string[]): Choice<Entry> {
  const mark = used.includes(offer.id) ? '$(check) ' : '';
  return {
    label: `${mark}${offer.id}`,
    description: besideName(api, offer),
    detail: belowName(api, offer),
    value: { kind: 'offer', offer },
  };
}

function troubleItem({ l10n }: Pick<typeof vscode, 'l10n'>, trouble: Trouble): Choice<Entry> {
  const { endpoint } = trouble;
  const { message, next } = tellError({ l10n }, trouble.error);
  return {
    label: `$(warning) ${endpoint ?? l10n.t('language models of VS Code')}`,
    description: message,
    detail: next,
    value: { kind: 'trouble', trouble },
  };
}

const tierName = ({ l10n }: Pick<typeof vscode, 'l10n'>, tier: Tier): string => (tier === 'worker' ? l10n.t('Worker') : l10n.t('Strong'));

function tierItem(api: Pick<typeof vscode, 'l10n'>, context: ModelContext, tier: Tier): Choice<Entry> {
  const icon = tier === 'worker' ? '$(tools)' : '$(lightbulb)';
  const value: Entry = { kind: 'tier', tier };
  const label = `${icon} ${tierName(api, tier)}`;
  try {
    const { worker, strong } = standing(context);
    const same = tier === 'strong' && strong === worker;
    return {
      label,
      description: same ? api.l10n.t('the same as the worker') : standingText(api, tier === 'worker' ? worker : strong),
      value,
    };
  } catch (error) {
    // A name that cannot be read is told where it stands, and can be changed right here.
    if (!isTeamwrightError(error)) throw error;
    return { label, description: `$(warning) ${tellError(api, error).message}`, value };
  }
}

function standingIds(context: ModelContext): string[] {
  try {
    return Object.values(standing(context)).flatMap((now) => (now.kind === 'named' ? [idOf(now.reference)] : []));
  } catch (error) {
    if (isTeamwrightError(error)) return [];
    throw error;
  }
}

async function changeTier(models: ModelsHost, context: ModelContext, tier: Tier): Promise<'done' | 'again'> {
  const api = models.host.vscode;
  const { l10n } = api;
  const now = context.settings.models[tier];
  const picked = await pick<'write' | 'clear'>(api, {
    title: tierName(api, tier),
    placeholder: tierItem(api, context, tier).description ?? '',
    items: [
      { label: l10n.t('$(edit) Write the name of a model…'), description: l10n.t('also one that is in no list'), value: 'write' },
      ...(now === undefined
        ? []
        : [
            {
              label: l10n.t('$(discard) Name none'),
              description:
                tier === 'worker' ? l10n.t('a server found on this machine, else the embedded model') : l10n.t('the same as the worker'),
              value: 'clear' as const,
            },
          ]),
    ],
    back: true,
  });
  if (picked.kind !== 'chosen') return again(picked.kind);
  if (picked.value === 'clear') {
    await writeSetting(api, `models.${tier}`, undefined);
    return 'again';
  }
  const written = await writeName(models, context, tierName(api, tier), now ?? '');
  if (written !== undefined) await writeSetting(api, `models.${tier}`, written);
  return 'again';
}

function nameProblem(api: Pick<typeof vscode, 'l10n'>, text: string, endpoints: readonly string[]): string | undefined {
  try {
    parseModelId({ by: 'user' }, text, endpoints);
    return undefined;
  } catch (error) {
    if (isTeamwrightError(error)) return tellAll(api, error);
    throw error;
  }
}

async function moreOf(models: ModelsHost, endpoint: string, found: readonly Found[]): Promise<'done' | 'again'> {
  const api = models.host.vscode;
  const offers = found
    .flatMap((each) => each.offers)
    .filter(({ reference }) => reference.kind === 'endpoint' && reference.endpoint === endpoint);
  const picked = await pick<Offer>(api, {
    title: endpoint,
    placeholder: api.l10n.t('Choose a model, to use it, to try it or to price it'),
    items: offers.map((offer) => ({
      label: offer.id,
      description: besideName(api, offer),
      detail: belowName(api, offer),
      value: offer,
    })),
    back: true,
  });
  return again(picked.kind === 'chosen' ? await actOn(models, picked.value) : picked.kind);
}

/** An endpoint that does not answer: its key, its address, or a model that is named without the list. */
async function mend(models: ModelsHost, { endpoint, error }: Trouble): Promise<'done' | 'again'> {
  const api = models.host.vscode;
  if (endpoint === undefined) {
    await models.host.showFailure(error);
    return 'again';
  }
  const picked = await pick<'key' | 'remove'>(api, {
    title: endpoint,
    placeholder: tellAll(api, error),
    items: [
      { label: api.l10n.t('$(key) Set Key…'), value: 'key' },
      { label: api.l10n.t('$(trash) Remove Endpoint…'), value: 'remove' },
    ],
    back: true,
  });
  if (picked.kind !== 'chosen') return again(picked.kind);
  await (picked.value === 'key' ? setKey(models, endpoint) : removeEndpoint(models, endpoint));
  return 'again';
}
