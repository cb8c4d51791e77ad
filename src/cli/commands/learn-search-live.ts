/** Design search by runs: tasks, models and a budget of tokens in, a better team and its journal out. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  bestOfTries,
  type LiveEnd,
  liveSearch,
  measuredOn,
  openLiveLog,
  readLiveJournal,
  readTasks,
  splitOfTasks,
  type Task,
} from '../../bench/index.ts';
import { soloTeam } from '../../design/index.ts';
import { type Plan, printPlan, validPlan } from '../../plan/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { benchFence } from '../bench.ts';
import { type Cli, printDocument } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { chooseModels, type ModelOptions } from '../models.ts';
import { oneLine, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { loadSettings } from '../settings.ts';
import { parseWhole } from '../values.ts';

export interface LiveSearchOptions extends ModelOptions {
  readonly live?: string;
  readonly team?: string;
  readonly budgetTokens?: string;
  readonly runTokens: string;
  readonly tries: string;
  readonly seed: string;
  readonly journal: string;
  readonly undo?: boolean;
  readonly json?: boolean;
}

const many = 1_000_000_000;
const { count, score } = englishNumbers;

const ended = (end: LiveEnd): string =>
  ({
    budget: 'The tokens are spent',
    tries: 'As many as were asked for are tried',
    'nothing-new': 'Everything that is one modification away was tried',
    'run-failed': `A run could not be made: ${end.why === 'run-failed' ? end.detail : ''}`,
  })[end.why];

/** The journal tells what is known of the best team at any time. */
export async function searchLive(cli: Cli, live: string, options: LiveSearchOptions): Promise<ExitCode> {
  const { out, err } = cli.terminal;
  const file = path.resolve(cli.cwd, live);
  const tasks: Task[] = [];
  for await (const task of readTasks(file)) tasks.push(task);
  const { searched, heldBack } = splitOfTasks(tasks);
  if (searched.length === 0)
    throw badArgument(`${file} holds one problem; a search needs others to hold back.`, 'Name tasks of two problems or more.');
  if (options.budgetTokens === undefined && !options.undo)
    throw badArgument('--live needs --budget-tokens: a search goes on for as long as it may.', 'Say how many tokens it may spend in all.');
  const terms = {
    tokens: parseWhole('--budget-tokens', options.budgetTokens ?? '0', 0, many),
    tries: parseWhole('--tries', options.tries, 1, 10_000),
    seed: parseWhole('--seed', options.seed, 0, 2 ** 31 - 1),
  };
  const start = await startOf(cli, options.team);
  const journal = path.resolve(cli.cwd, options.journal);
  const models = await chooseModels({ cli, ...(await loadSettings(cli)) }, options, cli.signal);
  try {
    const conditions = {
      models: models.set,
      dataDir: path.join(dataDirOf(cli), 'bench'),
      budgetTokens: parseWhole('--run-tokens', options.runTokens, 100, many),
      program: cli.program,
      secrets: models.secrets,
      replies: `${journal.replace(/\.jsonl$/, '')}.replies.jsonl`,
    };
    const on = measuredOn(tasks, conditions, start);
    for (const problem of (await readLiveJournal(journal, on)).problems) err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`);
    if (options.undo) return await undo(cli, journal, on, options);
    const fence = await benchFence(cli, path.dirname(file));
    err.line(
      `${counted(searched.length, 'task')} to search on, ${count(heldBack.length)} held back; at most ${count(terms.tokens)} tokens; ${journal}`,
    );
    const { end, journal: known } = await liveSearch(
      {
        ...{ tasks, start, terms, journal, conditions: { ...conditions, fence } },
        onTry: ({ id, change, problem, searched: where, heldBack: held, accepted }, tokens) => {
          const figures = [where, held].flatMap((figure) => (figure === undefined ? [] : [score(figure)])).join(', held back ');
          const mark = accepted ? err.paint('green', '✓') : err.paint('red', '✗');
          err.line(
            `${mark} ${id} ${oneLine(change)}: ${oneLine(problem ?? figures)}  ${err.paint('dim', `${count(tokens)} tokens so far`)}`,
          );
        },
      },
      cli.signal,
    );
    const best = bestOfTries(known.tries);
    if (options.json) {
      printDocument(cli, 'learn-search-live', { file, journal, end, tries: known.tries, tokens: known.tokens, curve: known.curve, best });
      return end.why === 'run-failed' ? exitCodes.environment : exitCodes.done;
    }
    out.line(`${ended(end)}: ${count(known.tries.length)} tried, ${count(known.tokens)} tokens.`);
    for (const line of table(
      known.curve,
      [
        { title: 'tokens spent', align: 'right', text: ({ tokens }) => count(tokens) },
        { title: 'tries', align: 'right', text: ({ tries }) => String(tries) },
        { title: 'reward where searched', align: 'right', text: (point) => score(point.searched) },
        { title: 'held back', align: 'right', text: (point) => score(point.heldBack) },
      ],
      out.columns,
    ))
      out.line(line);
    if (best !== undefined) out.write(printPlan(best.plan));
    return end.why === 'run-failed' ? exitCodes.environment : exitCodes.done;
  } catch (error) {
    if (cli.signal.aborted) err.line('What is done is in the journal; the same command goes on from it.');
    throw error;
  } finally {
    await models.close();
  }
}

const startOf = async (cli: Cli, team: string | undefined): Promise<Plan> =>
  team === undefined ? soloTeam(1, 'medium') : validPlan(await readFile(path.resolve(cli.cwd, team), 'utf8'));

async function undo(cli: Cli, journal: string, on: string, { json }: LiveSearchOptions): Promise<ExitCode> {
  const last = (await readLiveJournal(journal, on)).tries.findLast(({ accepted, id }) => accepted && id > 0);
  if (last !== undefined) {
    const log = openLiveLog(journal, on);
    await log.undo(last.id).finally(() => log.close());
  }
  if (json) printDocument(cli, 'learn-search-undo', { journal, undone: last });
  else
    cli.terminal.out.line(
      last === undefined ? 'Nothing was accepted yet.' : `Taken back: ${oneLine(last.change)}. Nothing is built on it any more.`,
    );
  return exitCodes.done;
}
