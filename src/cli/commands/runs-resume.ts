import { designerByName } from '../../design/index.ts';
import { serverName } from '../../model-choice/index.ts';
import { defaultRunSettings, type Resumable, readResumable } from '../../run/index.ts';
import { type CarryOutOptions, carryOut, requireReviewer } from '../carry-out.ts';
import type { CommandAction } from '../context.ts';
import { chooseModels, type ModelOptions } from '../models.ts';
import { dataDirOf, findRunId } from '../past.ts';
import { loadSettings } from '../settings.ts';
import { requireTrust, type TrustOptions } from '../trust.ts';

export const runsResumeCommand: CommandAction<CarryOutOptions & ModelOptions & TrustOptions> = async (cli, [id = ''], options) => {
  requireReviewer(cli, options);
  const run = await readResumable(dataDirOf(cli), await findRunId(cli, id));
  const { settings, settingsFile } = await loadSettings(cli);
  const { workspace, request } = run;
  await requireTrust(cli, { workspace }, options);
  const own = Object.keys(settings.endpoints);
  const models = await chooseModels(
    { cli, settings, settingsFile, workspace },
    { model: modelOf(run, 'worker', own), strong: modelOf(run, 'strong', own), ...options },
    cli.signal,
  );
  return carryOut(
    cli,
    // Settings and designer are those of the interrupted run.
    { workspace, request, designer: designerByName('auto'), settings: defaultRunSettings, continues: { runId: run.runId, how: 'resume' } },
    models,
    settings,
    options,
  );
};

/** The model of the interrupted run, as `--model` writes it. */
function modelOf({ models }: Resumable, tier: string, endpoints: readonly string[]): string | undefined {
  const used = models[tier];
  if (!used) return undefined;
  const { endpoint, model } = used;
  if (endpoint === 'embedded') return `embedded:${model}`;
  if (endpoints.includes(endpoint)) return `${endpoint}:${model}`;
  return /^https?:/.test(endpoint) ? `${model}@${endpoint}` : `${serverName({ name: endpoint })}:${model}`;
}
