import path from 'node:path';
import { readSuite, workForQueue } from '../../bench/index.ts';
import type { ChosenModels } from '../../model-choice/index.ts';
import { counted } from '../../text/index.ts';
import { benchFence, queueAddress, runLine } from '../bench.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels } from '../models.ts';
import { oneLine } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { loadSettings } from '../settings.ts';
import { parseWhole } from '../values.ts';

export interface WorkerCommandOptions {
  readonly queue?: string | true;
  readonly perMinute?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Works until Ctrl-C; that is how it is meant to end, so the exit code is `done`. */
export const workerCommand: CommandAction<WorkerCommandOptions> = async (cli, given, options) => {
  const { out, err } = cli.terminal;
  const address = queueAddress(cli, options.queue);
  const perMinute = options.perMinute === undefined ? undefined : parseWhole('--per-minute', options.perMinute, 1, 100_000);
  const files = given.map((file) => path.resolve(cli.cwd, file));
  const suites = new Map(
    (await Promise.all(files.map((file) => readSuite(file, path.basename(file))))).map((suite) => [suite.hash, suite]),
  );
  const settings = await loadSettings(cli);
  const fence = await benchFence(cli, path.dirname(files[0] ?? cli.cwd));
  const models = new Map<string, Promise<ChosenModels>>();
  let [tasks, runs] = [0, 0];
  const dim = (text: string): void => err.line(err.paint('dim', oneLine(text)));
  err.line(
    `Takes ${[...suites.values()].map((suite) => `${suite.name} (${counted(suite.tasks.size, 'task')})`).join(', ')} from ${address.shown}.`,
  );
  dim('Ctrl-C ends it; a task that is begun then goes back.');
  try {
    await workForQueue(
      {
        ...{ address, suites: [...suites.values()], perMinute, fence, program: cli.program },
        dataDir: path.join(dataDirOf(cli), 'bench'),
        secrets: address.secrets,
        modelsOf: (model, strong) => {
          const key = JSON.stringify([model, strong]);
          const chosen = models.get(key) ?? chooseModels({ cli, ...settings }, { model, strong, yes: options.yes }, cli.signal);
          models.set(key, chosen);
          // Which cannot be had now may be there for the next task.
          chosen.catch(() => models.delete(key));
          return chosen;
        },
        onTask: (task, left) => {
          tasks += 1;
          dim(`${task}: ${counted(left, 'run')} to make`);
        },
        onResult: (result) => {
          runs += 1;
          err.line(runLine(result, err));
        },
        tell: dim,
      },
      cli.signal,
    );
    if (options.json) printDocument(cli, 'worker', { tasks, runs });
    else out.line(`${counted(tasks, 'task')} taken, ${counted(runs, 'run')} made.`);
    return exitCodes.done;
  } finally {
    for (const chosen of await Promise.allSettled(models.values())) if (chosen.status === 'fulfilled') await chosen.value.close();
  }
};
