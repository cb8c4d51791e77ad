import { doublyRobust, enoughEffective, type LoggedChoice, type OffPolicyEstimate, type OtherPolicy } from '../../learning/index.ts';
import { loggedChoices } from '../../lessons/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';

interface Row extends OffPolicyEstimate {
  readonly policy: string;
}

/** What is likeliest comes first: how learned plans begin where nothing is explored. */
const usual: OtherPolicy = ({ options }, name) => (options.toSorted((a, b) => b.probability - a.probability)[0]?.name === name ? 1 : 0);

/** Always the same first, where it might have come first; else as usual. */
const always =
  (first: string): OtherPolicy =>
  (logged, name) =>
    logged.options.some((option) => option.name === first) ? Number(name === first) : usual(logged, name);

function estimatesOf(logged: readonly LoggedChoice[]): readonly Row[] {
  const names = [...new Set(logged.flatMap(({ options }) => options.map(({ name }) => name)))].sort();
  return [
    { policy: 'as learned, nothing new', ...doublyRobust(logged, usual) },
    ...names.map((name) => ({ policy: `${name} first`, ...doublyRobust(logged, always(name)) })),
  ];
}

/** Of estimates that are trusted, figures; of others only how little they stand on. */
export const learnEstimateCommand: CommandAction<{ json?: boolean }> = async (cli, _, options) => {
  const { out } = cli.terminal;
  const logged = await loggedChoices(dataDirOf(cli), cli.signal);
  const estimates = estimatesOf(logged);
  if (options.json) {
    printDocument(cli, 'learn-estimate', {
      runs: logged.length,
      enoughEffective,
      estimates: estimates.map((row) =>
        row.trusted ? row : { policy: row.policy, runs: row.runs, effective: row.effective, trusted: false },
      ),
    });
    return exitCodes.done;
  }
  if (logged.length === 0) {
    out.line(
      'No run of yours could have begun otherwise. With learning.explore in the settings, one in ten plans of --designer learned may.',
    );
    return exitCodes.done;
  }
  const reward = (value: number): string => englishNumbers.score(value);
  const columns = [
    { title: 'way to begin', text: ({ policy }: Row) => policy },
    { title: 'reward', align: 'right' as const, text: (row: Row) => (row.trusted ? reward(row.reward) : '–') },
    {
      title: '95 %',
      align: 'right' as const,
      text: ({ trusted, interval }: Row) => (trusted ? `${reward(interval.low)} to ${reward(interval.high)}` : 'too few runs'),
    },
    { title: 'as good as', align: 'right' as const, text: ({ effective }: Row) => counted(Math.round(effective), 'run') },
  ];
  out.line(`By ${counted(logged.length, 'run')} of yours in which something else might have come first:`);
  for (const line of table<Row>(estimates, columns, out.columns)) out.line(line);
  out.line(`Doubly robust. No figure stands on fewer than ${enoughEffective} effective runs.`);
  return exitCodes.done;
};
