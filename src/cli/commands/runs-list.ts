import path from 'node:path';
import { realOrGiven } from '../../process/index.ts';
import { english, englishNumbers } from '../../text/index.ts';
import { listingBadge, listRuns, type RunListing, type Tone } from '../../trace/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Look } from '../output/terminal.ts';
import { type Column, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { parseWhole } from '../values.ts';

export interface RunsListOptions {
  readonly workspace?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export const runsListCommand: CommandAction<RunsListOptions> = async (cli, _args, options) => {
  const limit = parseWhole('--limit', options.limit, 1, 1_000_000);
  const workspace = options.workspace === undefined ? undefined : await realOrGiven(path.resolve(cli.cwd, options.workspace));
  const all = await listRuns(dataDirOf(cli));
  const matching = all.filter((run) => workspace === undefined || run.summary.workspace === workspace);
  const shown = matching.slice(0, limit);
  if (options.json) {
    printDocument(cli, 'runs', { runs: shown, total: matching.length });
    return exitCodes.done;
  }
  const { out, err } = cli.terminal;
  if (shown.length === 0) {
    err.line(
      `There are no runs${workspace === undefined ? '' : ` of ${workspace}`} yet. Start one: teamwright run "make the failing test pass"`,
    );
    return exitCodes.done;
  }
  const columns: Column<RunListing>[] = [
    { title: 'ID', text: (run) => run.runId },
    { title: 'WHEN', text: (run) => ago(cli.clock() - (run.summary.startedAt ?? run.lastWriteAt)) },
    {
      title: 'STATE',
      text: (run) => listingBadge(run).word(english),
      paint: (cell, run) => out.paint(looks[listingBadge(run).tone], cell),
    },
    { title: 'TOKENS', align: 'right', text: ({ summary: { spend } }) => englishNumbers.count(spend.inputTokens + spend.outputTokens) },
    { title: 'COST', align: 'right', text: ({ summary: { spend } }) => englishNumbers.money(spend.usd) },
    { title: 'TIME', align: 'right', text: ({ summary: { spend } }) => englishNumbers.span(spend.seconds * 1000) },
    { title: 'REQUEST', gives: true, text: (run) => run.summary.title },
  ];
  const [title = '', ...rows] = table(shown, columns, out.columns);
  out.line(out.paint('dim', title));
  for (const row of rows) out.line(row);
  if (matching.length > shown.length) err.line(err.paint('dim', `… and ${matching.length - shown.length} more (--limit)`));
  return exitCodes.done;
};

const looks: Readonly<Record<Tone, Look>> = { good: 'green', bad: 'red', caution: 'yellow', busy: 'cyan', quiet: 'dim' };

function ago(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`;
  return `${Math.round(minutes / 60 / 24)} days ago`;
}
