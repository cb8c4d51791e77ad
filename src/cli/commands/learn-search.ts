import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  appendMeasured,
  bestMeasured,
  computeCurve,
  curveLines,
  drawnTasks,
  edgesOn,
  type Measured,
  readJournal,
  search,
  undoLast,
} from '../../bench/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { attemptsIn } from '../banks.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../output/text.ts';
import { parseWhole } from '../values.ts';
import { type LiveSearchOptions, searchLive } from './learn-search-live.ts';

export interface LearnSearchOptions extends LiveSearchOptions {
  readonly rounds: string;
  readonly curve?: boolean;
}

export const learnSearchCommand: CommandAction<LearnSearchOptions> = async (cli, files, options) => {
  const { out, err } = cli.terminal;
  if (options.live !== undefined) {
    if (files.length > 0) throw badArgument('--live searches by runs, and a bank by replays: one or the other.', 'Leave one of them out.');
    return searchLive(cli, options.live, options);
  }
  if (files.length === 0) throw badArgument('There is nothing to search on.', 'Name outcome banks, or tasks with --live FILE.');
  const terms = {
    rounds: parseWhole('--rounds', options.rounds, 1, 10_000),
    tries: parseWhole('--tries', options.tries, 1, 10_000),
    seed: parseWhole('--seed', options.seed, 0, 2 ** 31 - 1),
  };
  const attempts = await attemptsIn(cli, files);
  const tasks = drawnTasks(attempts);
  if (options.curve) {
    const curve = computeCurve(tasks);
    if (options.json) printDocument(cli, 'learn-search-curve', { files, curve });
    else for (const line of curveLines(curve)) out.line(line);
    return exitCodes.done;
  }
  const bank = createHash('sha256').update(JSON.stringify(attempts)).digest('hex').slice(0, 16);
  const journal = path.resolve(cli.cwd, options.journal);
  if (options.undo) {
    const undone = await undoLast(journal, bank);
    if (options.json) printDocument(cli, 'learn-search-undo', { journal, undone });
    else out.line(undone === undefined ? 'Nothing was accepted yet.' : `Taken back: ${undone.change}. Nothing is built on it any more.`);
    return exitCodes.done;
  }
  const known = await readJournal(journal, bank);
  for (const problem of known.problems) err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`);
  const measured = search(tasks, terms, known.measured);
  const fresh = measured.slice(known.measured.length);
  await appendMeasured(journal, bank, fresh);
  const best = bestMeasured(measured);
  const edges = edgesOn(tasks, terms.seed);
  if (options.json) {
    printDocument(cli, 'learn-search', { files, journal, measured: fresh.length, known: known.measured.length, best, edges });
    return exitCodes.done;
  }
  out.line(
    `${counted(fresh.length, 'list')} measured on ${counted(tasks.length, 'task')}, ${fresh.filter(({ accepted }) => accepted).length} accepted; ${journal}`,
  );
  if (best !== undefined) {
    for (const line of lineageOf(best, measured)) out.line(line);
  }
  const kept = edges
    .filter((edge) => edge.kept)
    .map(({ from, to, probability }) => `${from} → ${to} (${englishNumbers.percent(probability)})`);
  out.line(`Edges that help: ${kept.join(', ')}; ${edges.length - kept.length} dropped.`);
  return exitCodes.done;
};

/** How the best came about, and what it is. */
function lineageOf(best: Measured, measured: readonly Measured[]): readonly string[] {
  const steps: string[] = [];
  for (let one: Measured | undefined = best; one !== undefined; ) {
    const { change, searched, heldBack, parent }: Measured = one;
    steps.unshift(`  ${change}: ${englishNumbers.score(searched)}, held back ${englishNumbers.score(heldBack)}`);
    one = measured.find(({ id }) => id === parent);
  }
  return ['How the best came about (mean reward):', ...steps, `Best: ${best.list.join(', ') || 'nothing'}`];
}
