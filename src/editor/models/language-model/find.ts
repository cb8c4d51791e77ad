/** The language models that VS Code offers, by our names, and what is known of them without asking them anything. */
import type * as vscode from 'vscode';
import type { Chosen } from '../../../model-choice/types.ts';
import { type PriceOverrides, priceOf, strengthOf } from '../../../models/index.ts';
import type { Capabilities } from '../../../models/types.ts';
import { orStopped } from '../waiting.ts';
import { factsOf, type LanguageModelApi, nameOf } from './api.ts';
import { type LanguageModelPorts, languageModelClient } from './client.ts';
import { vscodeModelFailed } from './failures.ts';

/** Providers may have to be started first, ms. */
const selectMs = 20_000;

/** Call it only from a user action. Rejects with what VS Code says. */
export async function listLanguageModels(
  api: Pick<LanguageModelApi, 'lm'>,
  selector: vscode.LanguageModelChatSelector,
  signal: AbortSignal,
): Promise<readonly vscode.LanguageModelChat[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`VS Code named no models within ${selectMs / 1000} s`)), selectMs);
  try {
    return await orStopped(Promise.race([api.lm.selectChatModels(selector), late.promise]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** `name` is `vendor/id`, or `vendor/family`. Rejects with `model-not-found`. */
export async function findLanguageModel(api: LanguageModelApi, name: string, signal: AbortSignal): Promise<vscode.LanguageModelChat> {
  const slash = name.indexOf('/');
  const [vendor, rest] = [name.slice(0, slash), name.slice(slash + 1)];
  const models = await listLanguageModels(api, { vendor }, signal);
  const found = models.find(({ id }) => id === rest) ?? models.find(({ family }) => family === rest);
  if (found !== undefined) return found;
  const others = models.map(nameOf).slice(0, 8).join(', ');
  throw vscodeModelFailed('gone', name, others === '' ? `VS Code has no models of ${vendor}` : `there are ${others}`);
}

/** Nothing is probed: every call may cost a part of a quota. */
export function languageModelCapabilities(
  chat: vscode.LanguageModelChat,
  strength: Readonly<Record<string, Capabilities['strength']>>,
): Capabilities {
  const { tools = false, images } = factsOf(chat);
  return {
    format: 'none',
    tools,
    ...(images !== undefined && { images }),
    usage: false,
    seed: false,
    contextTokens: chat.maxInputTokens,
    strength: strength[chat.id] ?? (strengthOf(chat.id) === 'strong' ? 'strong' : strengthOf(chat.family)),
  };
}

export interface LanguageModelSettings {
  readonly prices: PriceOverrides;
  readonly strength: Readonly<Record<string, Capabilities['strength']>>;
}

/** A model ready to be asked. Its list is looked at again whenever VS Code says that it changed. */
export function languageModelChoice(
  api: LanguageModelApi,
  chat: vscode.LanguageModelChat,
  settings: LanguageModelSettings,
  access: Pick<LanguageModelPorts, 'justification' | 'onNotAllowed'>,
): Chosen {
  const name = nameOf(chat);
  let known: vscode.LanguageModelChat | undefined = chat;
  const changes = api.lm.onDidChangeChatModels(() => {
    known = undefined;
  });
  const client = languageModelClient(name, {
    api,
    current: async (signal) => {
      known ??= await findLanguageModel(api, name, signal);
      return known;
    },
    list: (signal) => listLanguageModels(api, { vendor: chat.vendor }, signal),
    ...access,
  });
  const choice = {
    client,
    model: chat.id,
    capabilities: languageModelCapabilities(chat, settings.strength),
    price: priceOf(`vscode:${chat.vendor}`, chat.id, settings.prices),
  };
  return {
    choice,
    close: async () => {
      changes.dispose();
    },
  };
}
