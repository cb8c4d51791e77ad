/** Models on the command line: flags and the settings file, warnings on the terminal, a question before the embedded model is set up. */
import { badSettings } from '../errors.ts';
import { type ChosenModels, type ModelContext as Context, chooseModels as choose, type WantedModels } from '../model-choice/index.ts';
import type { Cli } from './context.ts';
import { requireModel } from './embedded.ts';
import { oneLine } from './output/text.ts';
import { dataDirOf } from './past.ts';
import { keyOf, type Settings } from './settings.ts';

export interface ModelOptions extends WantedModels {
  /** Set up what is missing without asking. */
  readonly yes?: boolean;
}

export interface ModelContext extends Pick<Context, 'workspace' | 'probeAgain'> {
  readonly cli: Cli;
  readonly settings: Settings;
  readonly settingsFile: string;
}

/** Rejects with `bad-argument`, `bad-settings`, `local-model-missing`, or what a probe meets (`model-…`). */
export function chooseModels(context: ModelContext, options: ModelOptions, signal: AbortSignal): Promise<ChosenModels> {
  const { cli, settings, settingsFile, workspace, probeAgain } = context;
  const { err } = cli.terminal;
  return choose(
    {
      env: cli.env,
      dataDir: dataDirOf(cli),
      clock: cli.clock,
      tell: (sentence, weight) =>
        err.line(weight === 'note' ? err.paint('dim', oneLine(sentence)) : `${err.paint('yellow', 'warning:')} ${oneLine(sentence)}`),
      settings,
      words: {
        endpointsIn: settingsFile,
        choose: '--model',
        field: { worker: 'models.worker', strong: 'models.strong' },
        badField: (field, message, cause) => badSettings(settingsFile, [{ field, message }], cause),
      },
      keyOf: async (name, endpoint) => keyOf(name, endpoint, cli.env, settingsFile),
      embedded: { require: (id, stop) => requireModel(cli, id, options.yes ?? false, stop) },
      workspace,
      probeAgain,
    },
    options,
    signal,
  );
}
