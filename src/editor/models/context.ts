/** The editor's side of choosing models: settings of VS Code, keys of its secret storage, and its own language models. */
import type * as vscode from 'vscode';
import { badSettings } from '../../errors.ts';
import type { Chosen, ModelContext } from '../../model-choice/index.ts';
import { EditorFailure } from '../own-failures.ts';
import { readSettings } from '../settings/settings.ts';
import { requireEmbedded } from './embedded.ts';
import { endpointKeys } from './keys.ts';
import { forgetAccess, justification, requireAccess } from './language-model/access.ts';
import { findLanguageModel, languageModelChoice } from './language-model/find.ts';
import type { ModelsHost } from './ports.ts';

export interface ContextOptions {
  /** Absolute. */
  readonly workspace?: string;
  readonly tell: ModelContext['tell'];
  readonly probeAgain?: boolean;
  readonly images?: boolean;
}

/** The settings as they are now. Throws `bad-settings`. */
export function modelContext(models: ModelsHost, options: ContextOptions): ModelContext {
  const { host, env, dataDir, clock, serve } = models;
  const api = host.vscode;
  const { workspace } = options;
  const settings = readSettings(api, workspace === undefined ? undefined : api.Uri.file(workspace));
  const keys = endpointKeys(host.context.secrets);
  return {
    env,
    dataDir,
    clock,
    tell: options.tell,
    settings,
    keyOf: async (name, { baseUrl, keyVariable }) => {
      const { key, otherHost } = await keys.get(name, baseUrl);
      if (otherHost !== undefined) throw keyOfAnotherHost(api, name, otherHost, new URL(baseUrl).host);
      if (key !== undefined || keyVariable === undefined) return key;
      const value = env[keyVariable]?.trim();
      if (value) return value;
      const field = `teamwright.endpoints.${name}.keyVariable`;
      throw badSettings([{ field, message: api.l10n.t('names {0}, which is not set in the environment of VS Code', keyVariable) }]);
    },
    embedded: { require: (id, signal) => requireEmbedded(models, id, signal), serve },
    vscodeModel: (model, signal) => vscodeModel(models, model, settings, signal),
    workspace,
    probeAgain: options.probeAgain,
    images: options.images,
  };
}

const keyOfAnotherHost = ({ l10n }: Pick<typeof vscode, 'l10n'>, endpoint: string, keyHost: string, host: string): EditorFailure =>
  new EditorFailure({
    message: l10n.t(
      'The key of the endpoint {0} was given for {1}, and the endpoint is at {2} now; it was not sent there.',
      endpoint,
      keyHost,
      host,
    ),
    next: l10n.t('If the new address is right, set the key again.'),
    buttons: [{ title: l10n.t('Set Key…'), command: 'teamwright.models.setKey', argument: endpoint }],
  });

async function vscodeModel(
  models: ModelsHost,
  model: string,
  settings: Parameters<typeof languageModelChoice>[2],
  signal: AbortSignal,
): Promise<Chosen> {
  const api = models.host.vscode;
  const chat = await findLanguageModel(api, model, signal);
  await requireAccess(models.host, chat, signal);
  return languageModelChoice(api, chat, settings, {
    justification: justification(api),
    onNotAllowed: () => void forgetAccess(models.host, chat.vendor).catch((error: unknown) => models.host.showFailure(error)),
  });
}
