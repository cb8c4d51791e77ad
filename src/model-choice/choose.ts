/**
 * Picks the models of a run: what was asked for, then settings, then environment, then servers found on this machine, then the embedded
 * model. The first of these that names a worker decides both tiers, so that `--model X` never sends code anywhere but to X; a strong model
 * that is named adds to any.
 */
import path from 'node:path';
import { TeamwrightError } from '../errors.ts';
import { capabilitiesOf, capabilityStore, priceOf, strengthOf, withImagesKnown } from '../models/index.ts';
import type { Capabilities, ModelChoice, Price, Tier } from '../models/types.ts';
import { discovered } from './discovered.ts';
import { embeddedChoice, embeddedId } from './embedded.ts';
import { type Endpoint, endpointOf, environmentServer, knownServer, type ServedReference } from './endpoint.ts';
import { idOf, parseModelId } from './model-id.ts';
import { namedTiers } from './named.ts';
import type { Chosen, ChosenModels, ModelContext, ModelReference, WantedModels } from './types.ts';

interface Named {
  readonly worker: ModelReference;
  readonly strong: ModelReference;
  /** Nobody named the model. */
  readonly unasked?: boolean;
}

/** Rejects with `bad-…`, `endpoint-unknown`, `local-model-…` or `model-…`: what names and settings, or a probe, meet. */
export async function chooseModels(context: ModelContext, wanted: WantedModels, signal: AbortSignal): Promise<ChosenModels> {
  const named = await nameModels(context, wanted, signal);
  if (named.unasked) context.tell({ kind: 'unasked', reference: named.worker });
  const same = JSON.stringify(named.worker) === JSON.stringify(named.strong);
  const [worker, strong] = same ? await one(choiceFor(named.worker, context, signal)) : await both(named, context, signal);
  const chosen = same ? [worker] : [worker, strong];
  return {
    set: { worker: worker.choice, strong: strong.choice },
    secrets: chosen.flatMap(({ secret }) => secret ?? []),
    close: async () => {
      for (const each of chosen) await each.close();
    },
  };
}

const one = async (chosen: Promise<Chosen>): Promise<readonly [Chosen, Chosen]> => {
  const only = await chosen;
  return [only, only];
};

/** Side by side; what one has opened is closed when the other cannot be had. */
async function both({ worker, strong }: Named, context: ModelContext, signal: AbortSignal): Promise<readonly [Chosen, Chosen]> {
  const halt = new AbortController();
  const stop = AbortSignal.any([signal, halt.signal]);
  const asked = [choiceFor(worker, context, stop), choiceFor(strong, context, stop)] as const;
  try {
    return await Promise.all(asked);
  } catch (error) {
    halt.abort(error);
    for (const ended of await Promise.allSettled(asked)) if (ended.status === 'fulfilled') await ended.value.close();
    throw error;
  }
}

/** One model by its name. Rejects as `chooseModels`. */
export async function choiceFor(reference: ModelReference, context: ModelContext, signal: AbortSignal): Promise<Chosen> {
  if (reference.kind === 'embedded') {
    const id = embeddedId(reference.size);
    await context.embedded.require(id, signal);
    return embeddedChoice(id, context.embedded.serve ?? {});
  }
  if (reference.kind === 'vscode') {
    if (context.vscodeModel === undefined) throw new TeamwrightError('model-elsewhere', { model: idOf(reference) });
    return await context.vscodeModel(reference.model, signal);
  }
  const endpoint = await endpointOf(reference, context, signal);
  return { choice: await choiceOf(endpoint, context, signal), secret: endpoint.secret, close: async () => {} };
}

async function nameModels(context: ModelContext, wanted: WantedModels, signal: AbortSignal): Promise<Named> {
  const { settings } = context;
  const endpoints = Object.keys(settings.endpoints);
  const named = (tier: Tier, name: string): ModelReference => parseModelId({ by: 'user', tier }, name, endpoints);
  const strong = wanted.strong === undefined ? undefined : named('strong', wanted.strong);
  const level = (worker: ModelReference, own: ModelReference | undefined, unasked = false): Named => ({
    worker,
    strong: strong ?? own ?? worker,
    unasked,
  });

  if (wanted.model !== undefined) return level(named('worker', wanted.model), undefined);
  const known = namedTiers(context);
  const own = known.strong?.reference;
  if (known.worker !== undefined) return level(known.worker.reference, own);
  if (environmentServer(context) !== undefined) return level(await onlyModel(context, signal), own);

  const found = settings.discover ? await discovered(signal) : undefined;
  return level(found ?? { kind: 'embedded' }, own, true);
}

/** The model of a server that has just one. */
async function onlyModel(context: ModelContext, signal: AbortSignal): Promise<ModelReference> {
  const endpoint = await endpointOf({ kind: 'environment', model: '' }, context, signal);
  const models = await endpoint.client.listModels(signal);
  const [only] = models;
  if (only !== undefined && models.length === 1) return { kind: 'environment', model: only };
  throw new TeamwrightError('model-unchosen', { address: endpoint.address, models: models.map((name) => name.replace(/\s+/g, ' ')) });
}

async function choiceOf(endpoint: Endpoint, context: ModelContext, signal: AbortSignal): Promise<ModelChoice> {
  const { client, model, address } = endpoint;
  const capabilities = await knownOrProbed(endpoint, context, signal);
  return { client, model, capabilities, price: priceOf(address, model, context.settings.prices) };
}

const storeOf = ({ dataDir, clock }: ModelContext) => capabilityStore(path.join(dataDir, 'models'), clock);

async function knownOrProbed({ client, model, address }: Endpoint, context: ModelContext, signal: AbortSignal): Promise<Capabilities> {
  const store = storeOf(context);
  if (context.probeAgain) await store.forget(address, model);
  if ((await store.get(address, model)) === undefined) {
    context.tell({ kind: 'probing', model, endpoint: client.endpoint });
  }
  const known = await capabilitiesOf(store, client, address, model, signal);
  const asked = context.images ? await withImagesKnown(store, known, client, address, model, signal) : known;
  return withOwnStrength(asked, model, context);
}

const withOwnStrength = (capabilities: Capabilities, model: string, { settings }: ModelContext): Capabilities => ({
  ...capabilities,
  strength: settings.strength[model] ?? capabilities.strength,
});

/** What is known of a model without asking anybody. */
export interface Known {
  /** Undefined when it was never probed. */
  readonly capabilities: Capabilities | undefined;
  readonly strength: Capabilities['strength'];
  readonly price: Price;
}

/** Throws as `knownServer`. */
export async function knownOf(reference: ServedReference, context: ModelContext): Promise<Known> {
  const address = knownServer(reference, context)?.baseUrl ?? '';
  const { model } = reference;
  const found = await storeOf(context).get(address, model);
  const capabilities = found && withOwnStrength(found, model, context);
  return {
    capabilities,
    strength: capabilities?.strength ?? context.settings.strength[model] ?? strengthOf(model),
    price: priceOf(address, model, context.settings.prices),
  };
}
