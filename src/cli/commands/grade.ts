import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { gradeAnswer } from '../../lessons/index.ts';
import type { RunSettings } from '../../run/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels, type ModelOptions } from '../models.ts';
import { oneLine } from '../output/text.ts';
import { dataDirOf, findRunId } from '../past.ts';
import { readPlanText } from '../plan-file.ts';
import { loadSettings } from '../settings.ts';
import { askUnfenced } from '../unfenced.ts';
import { parseBudget, parseWhole } from '../values.ts';

export interface GradeCommandOptions extends ModelOptions {
  readonly plan?: string;
  readonly budget?: string;
  readonly seed?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** Prints the reward; a team that fails its tests is graded all the same, so the exit code is 0. */
export const gradeCommand: CommandAction<GradeCommandOptions> = async (cli, [name = ''], options) => {
  if (options.plan === undefined && cli.terminal.input.isTTY) {
    throw badArgument(
      'There is no answer to grade.',
      'Name a file with --plan, or pipe the answer in: teamwright grade last < answer.txt.',
    );
  }
  const dataDir = options.data === undefined ? dataDirOf(cli) : path.resolve(cli.cwd, options.data);
  const runId = options.data === undefined ? await findRunId(cli, name) : name;
  const answer = options.plan === undefined ? await readAll(cli.terminal.input) : await readPlanText(path.resolve(cli.cwd, options.plan));
  const settings: Partial<RunSettings> = {
    ...(options.budget === undefined ? {} : { budget: parseBudget(options.budget) }),
    ...(options.seed === undefined ? {} : { seed: parseWhole('--seed', options.seed, 0, 2 ** 31 - 1) }),
  };
  const models = await chooseModels({ cli, ...(await loadSettings(cli)) }, options, cli.signal);
  try {
    const grade = await gradeAnswer(
      {
        dataDir,
        runId,
        answer,
        models: models.set,
        settings,
        program: cli.program,
        secrets: models.secrets,
        mayRunUnfenced: askUnfenced(cli),
      },
      cli.signal,
    );
    if (options.json) {
      printDocument(cli, 'grade', { runId, ...grade });
      return exitCodes.done;
    }
    const how = grade.valid
      ? `${grade.outcome}, ${counted(grade.calls, 'call')}, ${englishNumbers.count(grade.tokens)} tokens`
      : `no valid plan: ${grade.problems[0]}`;
    cli.terminal.out.line(`${grade.reward.toFixed(4)}  ${oneLine(how)}`);
    return exitCodes.done;
  } finally {
    await models.close();
  }
};
