/** Every model that could be used from here, with what is known of it. Each source answers by itself, so that a slow one holds up no other. */

import type { TeamwrightError } from '../../errors.ts';
import { type LocalModelEntry, list } from '../../local-model/index.ts';
import {
  embeddedCapabilities,
  endpointOf,
  idOf,
  type Known,
  knownOf,
  type ModelContext,
  type ModelReference,
  type ServedReference,
  serverName,
} from '../../model-choice/index.ts';
import { findLocalServers, priceOf } from '../../models/index.ts';
import { type EditorFailure, isKnownFailure } from '../own-failures.ts';
import { factsOf, type LanguageModelApi, nameOf } from './language-model/api.ts';
import { languageModelFailure } from './language-model/failures.ts';
import { languageModelCapabilities, listLanguageModels } from './language-model/find.ts';

export type Group = 'embedded' | 'local' | 'endpoint' | 'vscode';

export interface Offer extends Known {
  /** As settings name it. */
  readonly id: string;
  readonly group: Group;
  readonly reference: ModelReference;
  /** The name in price and strength settings. */
  readonly model: string;
  /** For people, where it says more than the id. */
  readonly title?: string;
  /** Of an embedded model. */
  readonly embedded?: LocalModelEntry;
  /** A provider's own words about the price. */
  readonly pricing?: string;
}

/** A source that could not be asked. */
export interface Trouble {
  readonly group: Group;
  /** The endpoint it is about. */
  readonly endpoint?: string;
  readonly error: TeamwrightError | EditorFailure;
}

export interface Found {
  readonly offers: readonly Offer[];
  readonly troubles: readonly Trouble[];
}

export async function embeddedOffers(context: ModelContext, signal: AbortSignal): Promise<Found> {
  const entries = await list({ cacheDir: context.embedded.serve?.cacheDir }, signal);
  const offers = entries.map((entry): Offer => {
    const { id, title } = entry.model;
    const reference: ModelReference = entry.isDefault ? { kind: 'embedded' } : { kind: 'embedded', size: id.split('-').at(-1) };
    return {
      id: idOf(reference),
      group: 'embedded',
      reference,
      model: id,
      title,
      embedded: entry,
      capabilities: embeddedCapabilities,
      strength: embeddedCapabilities.strength,
      price: { input: 0, cachedInput: 0, output: 0, known: true },
    };
  });
  return { offers, troubles: [] };
}

/** Servers on their usual ports of this machine. */
export async function localOffers(context: ModelContext, signal: AbortSignal): Promise<Found> {
  const servers = await findLocalServers(signal);
  const references = servers.flatMap((server) =>
    server.models.map((model) => ({ kind: 'local', server: serverName(server), model }) as const),
  );
  return { offers: await Promise.all(references.map((reference) => servedOffer(reference, 'local', context))), troubles: [] };
}

/** The models that an endpoint of the settings lists. One that cannot be asked is a trouble, told in its place. */
export async function endpointOffers(endpoint: string, context: ModelContext, signal: AbortSignal): Promise<Found> {
  try {
    const { client } = await endpointOf({ kind: 'endpoint', endpoint, model: '' }, context, signal);
    const models = await client.listModels(signal);
    const offers = await Promise.all(models.map((model) => servedOffer({ kind: 'endpoint', endpoint, model }, 'endpoint', context)));
    return { offers, troubles: [] };
  } catch (error) {
    if (!isKnownFailure(error) || signal.aborted) throw error;
    return { offers: [], troubles: [{ group: 'endpoint', endpoint, error }] };
  }
}

async function servedOffer(reference: ServedReference, group: Group, context: ModelContext): Promise<Offer> {
  return { id: idOf(reference), group, reference, model: reference.model, ...(await knownOf(reference, context)) };
}

/** Language models of VS Code. Call it only from an action of the user. */
export async function vscodeOffers(api: LanguageModelApi, context: ModelContext, signal: AbortSignal): Promise<Found> {
  try {
    const { prices, strength } = context.settings;
    const offers = (await listLanguageModels(api, {}, signal)).map((chat): Offer => {
      const reference: ModelReference = { kind: 'vscode', model: nameOf(chat) };
      const capabilities = languageModelCapabilities(chat, strength);
      return {
        id: idOf(reference),
        group: 'vscode',
        reference,
        model: chat.id,
        title: chat.name,
        capabilities,
        strength: capabilities.strength,
        price: priceOf(`vscode:${chat.vendor}`, chat.id, prices),
        pricing: factsOf(chat).pricing,
      };
    });
    return { offers, troubles: [] };
  } catch (error) {
    if (signal.aborted) throw error;
    return { offers: [], troubles: [{ group: 'vscode', error: languageModelFailure(error, '*') }] };
  }
}
