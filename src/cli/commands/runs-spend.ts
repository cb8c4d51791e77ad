import path from 'node:path';
import { type MonthSpend, monthName, monthSpan, openRunIndex, type Spend, spendOf } from '../../lessons/index.ts';
import { realOrGiven } from '../../process/index.ts';
import { englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Column, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';

export interface RunsSpendOptions {
  readonly workspace?: string;
  readonly month?: string;
  readonly json?: boolean;
}

/** What runs cost, by the month they began in and by folder; one line more for all of it, where there is more than one. */
export const runsSpendCommand: CommandAction<RunsSpendOptions> = async (cli, _args, options) => {
  const workspace = options.workspace === undefined ? undefined : await realOrGiven(path.resolve(cli.cwd, options.workspace));
  const span = options.month === undefined ? undefined : monthSpan(options.month);
  if (options.month !== undefined && span === undefined)
    throw badArgument(`--month takes a month, not "${options.month}".`, 'Write it like --month 2026-11.');

  const index = await openRunIndex(dataDirOf(cli));
  try {
    const { unreadable } = await index.update(cli.signal);
    const filter = { ...(workspace !== undefined && { workspace: [workspace] }), ...span };
    const lines = await index.spendByMonth(filter);
    const changed = await index.changed(filter);
    const total = spendOf(lines);
    if (options.json) {
      printDocument(cli, 'runs-spend', { months: lines, total, unreadable: unreadable.length, changed });
      return exitCodes.done;
    }
    const { out, err } = cli.terminal;
    if (lines.length === 0) err.line(options.workspace === undefined && span === undefined ? 'There are no runs yet.' : 'No run fits.');
    else {
      const [title = '', ...rows] = table(lines.length > 1 ? [...lines, total] : lines, columns, out.columns);
      out.line(out.paint('dim', title));
      for (const row of rows) out.line(row);
    }
    if (unreadable.length > 0) err.line(err.paint('dim', `Runs that could not be read and are not counted: ${unreadable.length}.`));
    if (changed > 0) err.line(err.paint('dim', `Runs left out, because their record was changed after it was written: ${changed}.`));
    return exitCodes.done;
  } finally {
    await index.close();
  }
};

const columns: Column<MonthSpend | Spend>[] = [
  { title: 'MONTH', text: (line) => ('month' in line ? monthName(line.month, 'en-US') : 'all') },
  { title: 'COST', align: 'right', text: ({ usd }) => englishNumbers.money(usd) },
  { title: 'READ', align: 'right', text: ({ inputTokens }) => englishNumbers.count(inputTokens) },
  { title: 'WRITTEN', align: 'right', text: ({ outputTokens }) => englishNumbers.count(outputTokens) },
  { title: 'CALLS', align: 'right', text: ({ calls }) => englishNumbers.count(calls) },
  { title: 'RUNS', align: 'right', text: ({ runs }) => englishNumbers.count(runs) },
  { title: 'FOLDER', gives: true, text: (line) => ('workspace' in line ? line.workspace : '') },
];
