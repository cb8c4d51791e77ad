/** Which models a run would use, in lines for "Copy Diagnostics". Asks no server and holds no key. */
import { isTeamwrightError } from '../../errors.ts';
import { isSetUp } from '../../local-model/index.ts';
import { embeddedId, idOf, knownOf, type ModelContext, type Standing, standing } from '../../model-choice/index.ts';
import { modelContext } from './context.ts';
import { endpointKeys } from './keys.ts';
import { canText, standingText } from './offer-text.ts';
import type { ModelsHost } from './ports.ts';

export async function describeModels(models: ModelsHost, workspace: string | undefined): Promise<readonly string[]> {
  try {
    const context = modelContext(models, { workspace, tell: () => {} });
    const { worker, strong } = standing(context);
    const endpoints = Object.entries(context.settings.endpoints);
    return [
      `worker: ${await tierLine(models, context, worker)}`,
      `strong: ${strong === worker ? 'the same' : await tierLine(models, context, strong)}`,
      ...(await Promise.all(
        endpoints.map(async ([name, { baseUrl, keyVariable }]) => {
          const key = (await endpointKeys(models.host.context.secrets).has(name, baseUrl))
            ? 'has a key'
            : keyVariable === undefined
              ? 'has no key here'
              : `key in ${keyVariable}`;
          return `endpoint ${name}: ${baseUrl}, ${key}`;
        }),
      )),
    ];
  } catch (error) {
    if (isTeamwrightError(error)) return [error.message];
    throw error;
  }
}

async function tierLine(models: ModelsHost, context: ModelContext, now: Standing): Promise<string> {
  const { l10n } = models.host.vscode;
  const name = standingText(models.host.vscode, now);
  if (now.kind !== 'named') return name;
  const { reference } = now;
  if (reference.kind === 'embedded') {
    return `${name}, ${(await isSetUp(embeddedId(reference.size), models.serve)) ? 'set up' : 'not set up'}`;
  }
  if (reference.kind === 'vscode') return idOf(reference);
  const { capabilities, strength } = await knownOf(reference, context);
  return `${name}, ${strength}, ${capabilities === undefined ? 'not tried yet' : canText(l10n, capabilities, false)}`;
}
