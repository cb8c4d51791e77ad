/** What settings and environment name, before anybody is asked. */
import type { Tier } from '../models/types.ts';
import { environmentServer } from './endpoint.ts';
import { parseModelId } from './model-id.ts';
import type { ModelContext, ModelReference } from './types.ts';

/**
 * Which model a tier means, as far as names and settings tell. `only`: the one model that the environment's server has; `found`: what a look
 * at this machine finds, else the embedded model.
 */
export type Standing =
  | { readonly kind: 'named'; readonly reference: ModelReference; readonly by: 'settings' | 'environment' | 'default' }
  | { readonly kind: 'only'; readonly server: string }
  | { readonly kind: 'found' };

type NamedTier = Extract<Standing, { kind: 'named' }>;

/** What settings and environment name. A worker of the settings decides both tiers: the environment's strong model is then not asked. */
export function namedTiers(context: ModelContext): { readonly worker?: NamedTier; readonly strong?: NamedTier } {
  const { settings, settingsFile, env } = context;
  const endpoints = Object.keys(settings.endpoints);
  const inSettings = (tier: Tier): NamedTier | undefined => {
    const id = settings.models[tier];
    const from = { by: 'settings', tier, file: settingsFile } as const;
    return id === undefined ? undefined : { kind: 'named', reference: parseModelId(from, id, endpoints), by: 'settings' };
  };
  const inEnvironment = (variable: 'TEAMWRIGHT_MODEL' | 'TEAMWRIGHT_STRONG'): NamedTier | undefined => {
    const id = env[variable];
    return id ? { kind: 'named', reference: parseModelId({ by: 'environment', variable }, id, endpoints), by: 'environment' } : undefined;
  };
  const worker = inSettings('worker');
  const strong = inSettings('strong');
  if (worker !== undefined) return { worker, strong };
  return { worker: inEnvironment('TEAMWRIGHT_MODEL'), strong: strong ?? inEnvironment('TEAMWRIGHT_STRONG') };
}

/** Asks nobody. Throws `model-name-invalid` or `bad-variable`. */
export function standing(context: ModelContext): Readonly<Record<Tier, Standing>> {
  const { worker, strong } = namedTiers(context);
  const server = environmentServer(context);
  const first: Standing =
    worker ??
    (server !== undefined
      ? { kind: 'only', server: server.baseUrl }
      : context.settings.discover
        ? { kind: 'found' }
        : { kind: 'named', reference: { kind: 'embedded' }, by: 'default' });
  return { worker: first, strong: strong ?? first };
}
