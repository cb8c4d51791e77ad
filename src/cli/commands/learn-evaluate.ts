import path from 'node:path';
import { evaluateBank, readBank, renderLearnReports } from '../../bench/index.ts';
import { benchUnusable } from '../../errors.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../output/text.ts';
import { loadSettings } from '../settings.ts';
import { parseWhole } from '../values.ts';

export interface LearnEvaluateOptions {
  readonly folds: string;
  readonly json?: boolean;
}

/** Seeds the bootstrap, so that the same bank gives the same table. */
const bootstrapSeed = 1;

export const learnEvaluateCommand: CommandAction<LearnEvaluateOptions> = async (cli, files, options) => {
  const { out, err } = cli.terminal;
  const folds = parseWhole('--folds', options.folds, 2, 1000);
  const readings = await Promise.all(files.map((file) => readBank(path.resolve(cli.cwd, file))));
  for (const problem of readings.flatMap(({ problems }) => problems)) err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`);
  const attempts = readings.flatMap((reading) => reading.attempts);
  if (attempts.length === 0) throw benchUnusable({ why: 'bank-empty', files });
  const { prices } = (await loadSettings(cli)).settings;
  const perMillion = Object.fromEntries(Object.entries(prices).map(([model, { input, output }]) => [model, input + output]));
  const reports = evaluateBank(attempts, folds, bootstrapSeed, perMillion);
  if (options.json) printDocument(cli, 'learn-evaluate', { files, folds, reports });
  else out.write(renderLearnReports(reports));
  return exitCodes.done;
};
