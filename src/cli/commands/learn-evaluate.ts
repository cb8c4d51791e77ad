import { evaluateBank, renderLearnReports } from '../../bench/index.ts';
import { attemptsIn } from '../banks.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadSettings } from '../settings.ts';
import { parseWhole } from '../values.ts';

export interface LearnEvaluateOptions {
  readonly folds: string;
  readonly moreRuns?: string;
  readonly seeds: string;
  readonly json?: boolean;
}

/** Seeds the bootstrap, so that the same bank gives the same table. */
const bootstrapSeed = 1;

export const learnEvaluateCommand: CommandAction<LearnEvaluateOptions> = async (cli, files, options) => {
  const { out } = cli.terminal;
  const folds = parseWhole('--folds', options.folds, 2, 1000);
  const seeds = parseWhole('--seeds', options.seeds, 1, 100);
  const runs = options.moreRuns === undefined ? undefined : parseWhole('--more-runs', options.moreRuns, 1, 10_000);
  const attempts = await attemptsIn(cli, files);
  const { prices } = (await loadSettings(cli)).settings;
  const perMillion = Object.fromEntries(Object.entries(prices).map(([model, { input, output }]) => [model, input + output]));
  const reports = evaluateBank(attempts, folds, bootstrapSeed, {
    prices: perMillion,
    ...(runs !== undefined && { moreRuns: { runs, seeds } }),
  });
  if (options.json) printDocument(cli, 'learn-evaluate', { files, folds, reports });
  else out.write(renderLearnReports(reports));
  return exitCodes.done;
};
