import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { aggregate, armNamed, arms as knownArms, parseShard, type Result, renderText, runBench } from '../../bench/index.ts';
import { hasStrongModel } from '../../design/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels, type ModelOptions } from '../models.ts';
import type { Screen } from '../output/terminal.ts';
import { oneLine } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { loadSettings } from '../settings.ts';
import { askUnfenced } from '../unfenced.ts';
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
  readonly budgetTokens: string;
  readonly json?: boolean;
}

/** Seeds the bootstrap between arms, so that the same results give the same table. */
const bootstrapSeed = 1;
const many = 1_000_000;

export const benchCommand: CommandAction<BenchCommandOptions> = async (cli, [given = ''], options) => {
  const { out, err } = cli.terminal;
  const file = path.resolve(cli.cwd, given);
  const teams = options.arms.split(',').flatMap((name) => (/\.(ya?ml|json)$/i.test(name.trim()) ? [name.trim()] : []));
  const names = parseChoices('--arms', options.arms, [...knownArms.map(({ name }) => name), ...teams]);
  const arms = await Promise.all(names.map((name) => armNamed(name, cli.cwd)));
  const limit = options.limit === undefined ? undefined : parseWhole('--limit', options.limit, 1, many);
  const offset = parseWhole('--offset', options.offset, 0, many);
  const seeds = parseWhole('--seeds', options.seeds, 1, 1000);
  const budgetTokens = parseWhole('--budget-tokens', options.budgetTokens, 100, 100 * many);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const models = await chooseModels({ cli, ...(await loadSettings(cli)) }, options, cli.signal);
  // Its runs stand beside the user's own, not among them.
  const folder = path.join(dataDirOf(cli), 'bench');
  const { worker, strong } = models.set;
  const asked = hasStrongModel(models.set) ? [worker, strong] : [worker];
  const name = [path.basename(file, '.jsonl'), ...asked.map(({ model }) => model.replace(/[^\w.-]+/g, '-'))].join('.');
  const results = options.out === undefined ? path.join(folder, `${name}.results.jsonl`) : path.resolve(cli.cwd, options.out);
  const replies =
    options.replies === undefined ? `${results.replace(/(\.results)?\.jsonl$/, '')}.replies.jsonl` : path.resolve(cli.cwd, options.replies);
  const bank = options.bank === undefined ? undefined : path.resolve(cli.cwd, options.bank);
  for (const place of [results, bank ?? results]) await mkdir(path.dirname(place), { recursive: true });
  err.line(
    `${asked.map(({ model, client }) => `${oneLine(model)} at ${oneLine(client.endpoint)}`).join(', strong model ')}, ${englishNumbers.count(budgetTokens)} tokens an arm and task, results in ${results}`,
  );
  try {
    const all = await runBench(
      {
        file,
        arms,
        limit,
        offset,
        seeds,
        shard,
        resume: options.resume ?? false,
        out: results,
        replies,
        bank,
        models: models.set,
        dataDir: folder,
        budgetTokens,
        program: cli.program,
        secrets: models.secrets,
        mayRunUnfenced: (reason) => askUnfenced(cli)(reason, path.dirname(file)),
        onResult: (result, done, total) => err.line(resultLine(result, done, total, err)),
        onProblem: (problem) => err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`),
      },
      cli.signal,
    );
    const report = aggregate(all, bootstrapSeed);
    if (options.json)
      printDocument(cli, 'bench', {
        file,
        results,
        replies,
        bank,
        seeds,
        budgetTokens,
        model: worker.model,
        strong: strong.model,
        ...report,
      });
    else out.write(renderText(report));
    return exitCodes.done;
  } catch (error) {
    if (cli.signal.aborted) err.line('What is done is kept; the same command with --resume goes on.');
    throw error;
  } finally {
    await models.close();
  }
};

function resultLine(result: Result, done: number, total: number, screen: Screen): string {
  const mark =
    result.error !== undefined ? screen.paint('yellow', '!') : result.passHidden ? screen.paint('green', '✓') : screen.paint('red', '✗');
  const spent = `${counted(result.calls, 'call')} ${englishNumbers.count(result.inputTokens + result.outputTokens)} tokens ${englishNumbers.span(result.seconds * 1000)}`;
  const note =
    result.error !== undefined
      ? ` ${oneLine(result.error)}`
      : result.passVisible && !result.passHidden
        ? ' (visible tests pass, hidden ones do not)'
        : '';
  return `${String(done).padStart(String(total).length)}/${total} ${mark} ${result.task} ${result.arm} seed ${result.seed}  ${screen.paint('dim', spent)}${note}`;
}
