import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  aggregate,
  armNamed,
  isArmFile,
  arms as knownArms,
  type Measurer,
  measureByWorkers,
  measureHere,
  parseShard,
  renderText,
  runBench,
} from '../../bench/index.ts';
import { hasStrongModel } from '../../design/index.ts';
import { englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { benchFence, queueAddress, runLine } from '../bench.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels, type ModelOptions } from '../models.ts';
import { oneLine } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { loadSettings } from '../settings.ts';
import { parseChoices, parseWhole } from '../values.ts';

export interface BenchCommandOptions extends ModelOptions {
  readonly arms: string;
  readonly limit?: string;
  readonly offset: string;
  readonly seeds: string;
  readonly shard?: string;
  readonly resume?: boolean;
  readonly out?: string;
  readonly replies?: string;
  readonly bank?: string;
  readonly queue?: string | true;
  readonly budgetTokens: string;
  readonly json?: boolean;
}

/** Seeds the bootstrap between arms, so that the same results give the same table. */
const bootstrapSeed = 1;
const many = 1_000_000;

export const benchCommand: CommandAction<BenchCommandOptions> = async (cli, [given = ''], options) => {
  const { out, err } = cli.terminal;
  const file = path.resolve(cli.cwd, given);
  const files = options.arms.split(',').flatMap((name) => (isArmFile(name.trim()) ? [name.trim()] : []));
  const names = parseChoices('--arms', options.arms, [...knownArms.map(({ name }) => name), ...files]);
  const arms = await Promise.all(names.map((name) => armNamed(name, (arm) => readFile(path.resolve(cli.cwd, arm), 'utf8'))));
  const limit = options.limit === undefined ? undefined : parseWhole('--limit', options.limit, 1, many);
  const offset = parseWhole('--offset', options.offset, 0, many);
  const seeds = parseWhole('--seeds', options.seeds, 1, 1000);
  const budgetTokens = parseWhole('--budget-tokens', options.budgetTokens, 100, 100 * many);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  // Its runs stand beside the user's own, not among them.
  const folder = path.join(dataDirOf(cli), 'bench');
  const place = { folder, file, resume: options.resume ?? false, budgetTokens };
  const by = options.queue === undefined ? await byThisMachine(cli, options, place) : byQueue(cli, options, place);
  const bank = options.bank === undefined ? undefined : path.resolve(cli.cwd, options.bank);
  for (const each of [by.results, bank ?? by.results]) await mkdir(path.dirname(each), { recursive: true });
  err.line(`${by.asked}, ${englishNumbers.count(budgetTokens)} tokens an arm and task, results in ${by.results}`);
  try {
    const all = await runBench(
      {
        ...{ file, arms, limit, offset, seeds, shard, bank },
        resume: place.resume,
        out: by.results,
        measurer: by.measurer,
        onResult: (result, done, total) => err.line(`${String(done).padStart(String(total).length)}/${total} ${runLine(result, err)}`),
        onProblem: (problem) => err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`),
      },
      cli.signal,
    );
    const report = aggregate(all, bootstrapSeed);
    const { results, replies, model, strong } = by;
    if (options.json) printDocument(cli, 'bench', { file, results, replies, bank, seeds, budgetTokens, model, strong, ...report });
    else out.write(renderText(report));
    return exitCodes.done;
  } catch (error) {
    if (cli.signal.aborted) err.line('What is done is kept; the same command with --resume goes on.');
    throw error;
  } finally {
    await by.close();
  }
};

/** Who makes the runs, and what is said and kept of it. */
interface By {
  readonly measurer: Measurer;
  /** The models, for people. */
  readonly asked: string;
  readonly model: string;
  readonly strong: string;
  readonly results: string;
  readonly replies?: string;
  close(): Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly resume: boolean;
  readonly budgetTokens: number;
}

async function byThisMachine(cli: Cli, options: BenchCommandOptions, { folder, file, budgetTokens }: Place): Promise<By> {
  const models = await chooseModels({ cli, ...(await loadSettings(cli)) }, options, cli.signal);
  const { worker, strong } = models.set;
  const asked = hasStrongModel(models.set) ? [worker, strong] : [worker];
  const results = resultsFile(
    cli,
    options,
    folder,
    file,
    asked.map(({ model }) => model),
  );
  const replies =
    options.replies === undefined ? `${results.replace(/(\.results)?\.jsonl$/, '')}.replies.jsonl` : path.resolve(cli.cwd, options.replies);
  const fence = await benchFence(cli, path.dirname(file));
  return {
    measurer: measureHere({
      models: models.set,
      dataDir: folder,
      budgetTokens,
      program: cli.program,
      secrets: models.secrets,
      fence,
      replies,
    }),
    asked: asked.map(({ model, client }) => `${oneLine(model)} at ${oneLine(client.endpoint)}`).join(', strong model '),
    ...{ model: worker.model, strong: strong.model, results, replies },
    close: () => models.close(),
  };
}

function byQueue(cli: Cli, options: BenchCommandOptions, { folder, file, resume, budgetTokens }: Place): By {
  const address = queueAddress(cli, options.queue);
  const { model, strong } = options;
  if (model === undefined)
    throw badArgument(
      '--queue needs --model: every worker has to ask the same one.',
      'Name it as on the machines of the workers: --model embedded, or --model MODEL@ADDRESS.',
    );
  if (options.replies !== undefined)
    throw badArgument('--replies has no meaning with --queue: each worker keeps the replies of a task while it is at it.', 'Leave it out.');
  const results = resultsFile(cli, options, folder, file, strong === undefined ? [model] : [model, strong]);
  const tell = (text: string): void => cli.terminal.err.line(cli.terminal.err.paint('dim', oneLine(text)));
  const fileName = path.basename(file);
  const names = { model, strong, file, fileName, out: results };
  const startWorker = `teamwright worker ${fileName} --queue ${address.shown}`;
  return {
    measurer: measureByWorkers({ address, ...names, resume, budgetTokens, program: cli.program, startWorker, tell }),
    asked: `${oneLine([model, ...(strong === undefined ? [] : [strong])].join(', strong model '))} by workers at ${address.shown}`,
    ...{ model, strong: strong ?? model, results },
    close: async () => undefined,
  };
}

function resultsFile(cli: Cli, { out }: BenchCommandOptions, folder: string, file: string, models: readonly string[]): string {
  const name = [path.basename(file, '.jsonl'), ...models.map((model) => model.replace(/[^\w.-]+/g, '-'))].join('.');
  return out === undefined ? path.join(folder, `${name}.results.jsonl`) : path.resolve(cli.cwd, out);
}
