/** Models on the command line: flags and the settings file, warnings on the terminal, a question before the embedded model is set up. */
import {
  type ChosenModels,
  type ModelContext as Context,
  chooseModels as choose,
  idOf,
  type ModelNotice,
  type WantedModels,
} from '../model-choice/index.ts';
import type { Cli } from './context.ts';
import { requireModel } from './embedded.ts';
import { oneLine } from './output/text.ts';
import { dataDirOf } from './past.ts';
import { keyOf, type Settings } from './settings.ts';

export interface ModelOptions extends WantedModels {
  /** Set up what is missing without asking. */
  readonly yes?: boolean;
}

export interface ModelContext extends Pick<Context, 'workspace' | 'probeAgain' | 'images'> {
  readonly cli: Cli;
  readonly settings: Settings;
  readonly settingsFile: string;
}

/** Rejects as choosing does (`model-choice`), or with `bad-settings`. */
export function chooseModels(context: ModelContext, options: ModelOptions, signal: AbortSignal): Promise<ChosenModels> {
  const { cli, settings, settingsFile, workspace, probeAgain, images } = context;
  const { err } = cli.terminal;
  return choose(
    {
      env: cli.env,
      dataDir: dataDirOf(cli),
      clock: cli.clock,
      tell: (notice) =>
        err.line(
          notice.kind === 'key'
            ? `${err.paint('yellow', 'warning:')} ${oneLine(notice.warning)}`
            : err.paint('dim', oneLine(noticeText(notice))),
        ),
      settings,
      settingsFile,
      keyOf: async (name, endpoint) => keyOf(name, endpoint, cli.env, settingsFile),
      embedded: { require: (id, stop) => requireModel(cli, id, options.yes ?? false, stop) },
      workspace,
      probeAgain,
      images,
    },
    options,
    signal,
  );
}

function noticeText(notice: Exclude<ModelNotice, { kind: 'key' }>): string {
  if (notice.kind === 'probing') return `Finding out what ${notice.model} at ${notice.endpoint} can do (a few short calls, once) …`;
  const { reference } = notice;
  const model = reference.kind === 'embedded' ? 'the embedded model' : `${idOf(reference)}, found on this machine`;
  return `Using ${model}; --model chooses another.`;
}
