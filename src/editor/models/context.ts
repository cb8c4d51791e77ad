/** The editor's side of choosing models: settings of VS Code, keys of its secret storage, and its own language models. */
import { editorSettingsBad } from '../../errors.ts';
import type { Chosen, ModelContext } from '../../model-choice/index.ts';
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
    words: {
      endpointsIn: 'the setting teamwright.endpoints',
      choose: '"Teamwright: Choose Models…"',
      field: { worker: 'teamwright.models.worker', strong: 'teamwright.models.strong' },
      badField: (field, message) => editorSettingsBad([{ field, message: message.replace(field, '').trim() }]),
    },
    keyOf: async (name, { baseUrl, keyVariable }) => {
      const kept = await keys.get(name, baseUrl);
      if (kept !== undefined || keyVariable === undefined) return kept;
      const value = env[keyVariable]?.trim();
      if (value) return value;
      const field = `teamwright.endpoints.${name}.keyVariable`;
      throw editorSettingsBad([{ field, message: `names ${keyVariable}, which is not set in the environment of VS Code` }]);
    },
    embedded: { require: (id, signal) => requireEmbedded(models, id, signal), serve },
    vscodeModel: (model, signal) => vscodeModel(models, model, settings, signal),
    workspace,
    probeAgain: options.probeAgain,
  };
}

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
