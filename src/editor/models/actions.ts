/** What can be done with one model: use it, try it, price it, say how strong it is; set up or delete the embedded one. */
import type * as vscode from 'vscode';
import { isTeamwrightError, stopped } from '../../errors.ts';
import { remove } from '../../local-model/index.ts';
import { choiceFor, embeddedId, type ModelNotice } from '../../model-choice/index.ts';
import type { ModelChoice, Tier } from '../../models/types.ts';
import { type Choice, pick } from '../pick.ts';
import { modelContext } from './context.ts';
import { setUpEmbedded, whatIsFetched } from './embedded.ts';
import { askForAccess } from './language-model/access.ts';
import { findLanguageModel } from './language-model/find.ts';
import { belowName, besideName, canText, noticeText, priceText, strengthText } from './offer-text.ts';
import type { Offer } from './offers.ts';
import type { ModelsHost } from './ports.ts';
import { writeEntry, writeSetting } from './settings-writer.ts';

type Action = { readonly kind: 'use'; readonly tier: Tier } | { readonly kind: 'try' | 'price' | 'strength' | 'set-up' | 'delete' };

/** `done`: something was settled and the list may close; `back`: to the list of models. */
export type Ending = 'done' | 'back' | 'closed';

/** Shows the list of actions until one settles something. Rejects with what an action rejects with. */
export async function actOn(models: ModelsHost, offer: Offer): Promise<Ending> {
  const api = models.host.vscode;
  const picked = await pick<Action>(api, {
    title: offer.id,
    placeholder: [besideName(api, offer), belowName(api, offer)].join(' · '),
    items: actionsFor(api, offer),
    back: true,
  });
  if (picked.kind !== 'chosen') return picked.kind;
  const { value } = picked;
  switch (value.kind) {
    case 'use':
      await use(models, offer, value.tier);
      return 'done';
    case 'try':
      await tryOut(models, offer);
      return 'back';
    case 'price':
      await setPrice(models, offer);
      return 'back';
    case 'strength':
      await setStrength(models, offer);
      return 'back';
    case 'set-up':
      return (await setUpEmbedded(models, offer.model, models.closing)) ? 'done' : 'back';
    case 'delete':
      await deleteWeights(models, offer);
      return 'back';
  }
}

function actionsFor(api: Pick<typeof vscode, 'l10n' | 'env'>, offer: Offer): Choice<Action>[] {
  const { l10n } = api;
  const { embedded } = offer;
  const own = priceText(l10n, offer.price, offer.pricing);
  const all: (Choice<Action> | undefined)[] = [
    embedded && !embedded.ready
      ? { label: l10n.t('$(cloud-download) Set up'), detail: whatIsFetched(api, offer.model), value: { kind: 'set-up' } }
      : undefined,
    {
      label: l10n.t('$(tools) Use as worker'),
      description: l10n.t('does the work; also the strong model, unless one is named'),
      value: { kind: 'use', tier: 'worker' },
    },
    {
      label: l10n.t('$(lightbulb) Use as strong'),
      description: l10n.t('designs teams and reviews'),
      value: { kind: 'use', tier: 'strong' },
    },
    offer.group === 'embedded'
      ? undefined
      : offer.group === 'vscode'
        ? {
            label: l10n.t('$(beaker) Try it'),
            description: l10n.t('one very short message; VS Code asks for your permission'),
            value: { kind: 'try' },
          }
        : { label: l10n.t('$(beaker) Find out what it can do'), description: l10n.t('a few short calls'), value: { kind: 'try' } },
    offer.group === 'embedded' ? undefined : { label: l10n.t('$(credit-card) Set price…'), description: own, value: { kind: 'price' } },
    offer.group === 'embedded'
      ? undefined
      : { label: l10n.t('$(dashboard) Set strength…'), description: strengthText(l10n, offer.strength), value: { kind: 'strength' } },
    embedded && (embedded.installed || embedded.partial)
      ? { label: l10n.t('$(trash) Delete from this machine…'), value: { kind: 'delete' } }
      : undefined,
  ];
  return all.filter((action) => action !== undefined);
}

async function use(models: ModelsHost, offer: Offer, tier: Tier): Promise<void> {
  const api = models.host.vscode;
  // Whoever chooses it at the list should meet questions there, and not in the middle of a run.
  if (offer.reference.kind === 'vscode') await tryOut(models, offer);
  await writeSetting(api, `models.${tier}`, offer.id);
  const message = tier === 'worker' ? api.l10n.t('Worker: {0}', offer.id) : api.l10n.t('Strong: {0}', offer.id);
  api.window.setStatusBarMessage(`$(check) ${message}`, 5_000);
  if (offer.embedded && !offer.embedded.ready) await setUpEmbedded(models, offer.model, models.closing);
}

/** Asks the model itself, with progress that can be cancelled; what was found out is kept and told. */
async function tryOut(models: ModelsHost, offer: Offer): Promise<void> {
  const { window, l10n } = models.host.vscode;
  const found = await cancellable(models, l10n.t('Trying {0}', offer.id), async (progress, signal): Promise<ModelChoice | undefined> => {
    if (offer.reference.kind === 'vscode') {
      const chat = await findLanguageModel(models.host.vscode, offer.reference.model, signal);
      await askForAccess(models.host, chat, signal);
      return undefined;
    }
    const tell = (notice: ModelNotice): void => progress.report({ message: noticeText(l10n, notice) });
    const chosen = await choiceFor(offer.reference, modelContext(models, { tell, probeAgain: true, images: true }), signal);
    await chosen.close();
    return chosen.choice;
  });
  const can = found?.capabilities ?? offer.capabilities;
  if (can === undefined) return;
  const told = window.showInformationMessage(
    l10n.t('{0} answers: {1}.', offer.id, [strengthText(l10n, can.strength), canText(l10n, can, offer.group === 'vscode')].join(', ')),
  );
  told.then(undefined, (error: unknown) => models.host.showFailure(error));
}

/** Rejects with `stopped` when the user cancels. */
async function cancellable<T>(
  models: ModelsHost,
  title: string,
  work: (progress: vscode.Progress<{ message?: string }>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { window, ProgressLocation } = models.host.vscode;
  return await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort(stopped('the user')));
    return await work(progress, AbortSignal.any([stop.signal, models.closing]));
  });
}

async function setPrice(models: ModelsHost, offer: Offer): Promise<void> {
  const api = models.host.vscode;
  const { l10n } = api;
  const { price } = offer;
  const text = await api.window.showInputBox({
    title: l10n.t('Price of {0}', offer.model),
    prompt: l10n.t(
      'USD per million tokens: input, output, and input from the cache where it costs less. Empty: the price that is known without you.',
    ),
    placeHolder: '0.25, 2, 0.025',
    value:
      price.known && price.input + price.output > 0
        ? [price.input, price.output, ...(price.cachedInput === price.input ? [] : [price.cachedInput])].join(', ')
        : '',
    ignoreFocusOut: true,
    validateInput: (entered) => (parsePrice(entered) === 'wrong' ? l10n.t('Write two or three amounts, such as 0.25, 2.') : undefined),
  });
  const parsed = text === undefined ? 'wrong' : parsePrice(text);
  if (parsed !== 'wrong') await writeEntry(api, 'prices', offer.model, parsed);
}

/** Undefined for an empty text. */
export function parsePrice(text: string): { input: number; output: number; cachedInput?: number } | undefined | 'wrong' {
  if (text.trim() === '') return undefined;
  const amounts = text.split(/[,;\s]+/).filter(Boolean);
  if (amounts.length < 2 || amounts.length > 3 || !amounts.every((amount) => /^\$?\d+(\.\d+)?$/.test(amount))) return 'wrong';
  const [input = 0, output = 0, cachedInput] = amounts.map((amount) => Number(amount.replace('$', '')));
  return { input, output, ...(cachedInput === undefined ? {} : { cachedInput }) };
}

async function setStrength(models: ModelsHost, offer: Offer): Promise<void> {
  const api = models.host.vscode;
  const { l10n } = api;
  const picked = await pick<'weak' | 'strong' | 'guess'>(api, {
    title: l10n.t('Strength of {0}', offer.model),
    placeholder: l10n.t('It decides how the model is asked.'),
    items: [
      { label: l10n.t('strong'), description: l10n.t('may use tools and change parts of files'), value: 'strong' },
      { label: l10n.t('weak'), description: l10n.t('gets short prompts and writes whole files'), value: 'weak' },
      { label: l10n.t('guess from its name'), value: 'guess' },
    ],
    back: true,
  });
  if (picked.kind === 'chosen') await writeEntry(api, 'strength', offer.model, picked.value === 'guess' ? undefined : picked.value);
}

async function deleteWeights(models: ModelsHost, offer: Offer): Promise<void> {
  const { window, l10n } = models.host.vscode;
  const yes = l10n.t('Delete');
  const answer = await window.showWarningMessage(
    l10n.t('Delete the embedded model {0} from this machine?', offer.model),
    { modal: true },
    yes,
  );
  if (answer !== yes) return;
  try {
    await remove(embeddedId(offer.model), { cacheDir: models.serve.cacheDir }, models.closing);
  } catch (error) {
    if (!isTeamwrightError(error)) throw error;
    await models.host.showFailure(error);
  }
}
