/** What is kept on this machine, how long, and getting rid of all of it. */

import path from 'node:path';
import {
  deleteEverything,
  type EraseReport,
  mayBeOutThere,
  type RetentionRule,
  readRetention,
  type StoredPlace,
  storedPlaces,
  sweepByWorkspace,
  weigh,
  writeRetention,
} from '../../lessons/index.ts';
import { defaultCacheDir, list as localModels } from '../../local-model/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../output/question.ts';
import { type Column, oneLine, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { settingsFileFrom } from '../places.ts';
import { loadSettings } from '../settings.ts';
import { sharingOf, workspaceFolder } from '../sharing.ts';

interface PrivacyOptions {
  readonly workspace?: string;
  readonly days?: string;
  readonly megabytes?: string;
  readonly yes?: boolean;
  readonly weights?: boolean;
  readonly leaveShared?: boolean;
  readonly json?: boolean;
}

const columns: readonly Column<StoredPlace>[] = [
  { title: 'WHAT', text: ({ title }) => title, gives: true },
  { title: 'THINGS', text: ({ items }) => String(items), align: 'right' },
  { title: 'SIZE', text: (place) => englishNumbers.bytes(place.bytes), align: 'right' },
  { title: 'WHERE', text: (place) => place.path },
];

const cacheOf = (cli: Cli): string => defaultCacheDir({ ...cli.env }, cli.platform);

export const privacyShowCommand: CommandAction<PrivacyOptions> = async (cli, _args, options) => {
  const dataDir = dataDirOf(cli);
  const { settings, settingsFile } = await loadSettings(cli);
  const places = await storedPlaces(dataDir);
  const rules = await readRetention(dataDir);
  const cache = { path: cacheOf(cli), ...(await weigh(cacheOf(cli))) };
  if (options.json) {
    printDocument(cli, 'privacy', { dataDir, places, cache, settingsFile, keep: settings.keep, rules });
    return exitCodes.done;
  }
  const { out } = cli.terminal;
  if (places.length === 0) out.line(oneLine(`Nothing is kept in ${dataDir}.`));
  else for (const line of table(places, columns, out.columns)) out.line(line);
  out.line();
  out.line(oneLine(`The embedded model's engine and weights: ${englishNumbers.bytes(cache.bytes)} in ${cache.path}`));
  out.line(oneLine(`Your settings: ${settingsFile}`));
  out.line(
    `Runs are kept for ${settings.keep.days} days and up to ${englishNumbers.bytes(settings.keep.megabytes * 1e6)} ("keep" in the settings).`,
  );
  for (const [workspace, rule] of Object.entries(rules)) out.line(oneLine(`${workspace}: ${ruleText(rule)}`));
  return exitCodes.done;
};

function ruleText({ never, days, megabytes }: RetentionRule): string {
  if (never) return 'never recorded';
  const limits = [
    days === undefined ? [] : counted(days, 'day'),
    megabytes === undefined ? [] : englishNumbers.bytes(megabytes * 1e6),
  ].flat();
  return limits.length === 0 ? 'kept like all others' : `kept for ${limits.join(' and up to ')}`;
}

/** Sets the rule of a workspace and lets it take effect at once. */
async function setRule(
  cli: Cli,
  options: PrivacyOptions,
  change: (before: RetentionRule) => RetentionRule,
): Promise<(typeof exitCodes)['done']> {
  const dataDir = dataDirOf(cli);
  const workspace = await workspaceFolder(cli, options.workspace);
  const rule = change((await readRetention(dataDir))[workspace] ?? {});
  await writeRetention(dataDir, workspace, rule);
  const { deleted } = await sweepByWorkspace(dataDir, cli.clock);
  if (options.json) printDocument(cli, 'privacy-rule', { workspace, rule, deleted });
  else {
    cli.terminal.err.line(oneLine(`${workspace}: ${ruleText(rule)}.`));
    if (rule.never)
      cli.terminal.err.line('A run here is deleted with its snapshots as soon as it is over: it cannot be applied or undone later.');
    if (deleted.length > 0) cli.terminal.err.line(`Deleted ${counted(deleted.length, 'run')}.`);
  }
  return exitCodes.done;
}

export const privacyExcludeCommand: CommandAction<PrivacyOptions> = (cli, _args, options) =>
  setRule(cli, options, (before) => ({ ...before, never: true }));

export const privacyIncludeCommand: CommandAction<PrivacyOptions> = (cli, _args, options) =>
  setRule(cli, options, ({ never: _never, ...limits }) => limits);

export const privacyKeepCommand: CommandAction<PrivacyOptions> = (cli, _args, options) => {
  const limit = (name: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) return value;
    throw badArgument(`${name} is "${text}", which is no number above 0.`, `Write it like ${name} 30.`);
  };
  const days = limit('--days', options.days);
  const megabytes = limit('--megabytes', options.megabytes);
  return setRule(cli, options, ({ never }) => ({ never, days, megabytes }));
};

export const privacyDeleteCommand: CommandAction<PrivacyOptions> = async (cli, _args, options) => {
  const { err } = cli.terminal;
  const dataDir = dataDirOf(cli);
  const weights = await wantsWeights(cli, dataDir, options);
  if (weights === undefined) return exitCodes.stopped;
  const report = await deleteEverything({ dataDir, clock: cli.clock, ...(weights && { cacheDir: cacheOf(cli) }) }, cli.signal);
  const settingsFile = settingsFileFrom(cli.env, cli.platform, cli.home);
  if (options.json) printDocument(cli, 'everything-deleted', { dataDir, settingsFile, ...report });
  else for (const line of reportLines(report, dataDir, settingsFile, weights)) err.line(oneLine(line));
  return report.remains.length === 0 ? exitCodes.done : exitCodes.environment;
};

/** Whether the weights go too; undefined: nothing is deleted. */
async function wantsWeights(cli: Cli, dataDir: string, options: PrivacyOptions): Promise<boolean | undefined> {
  const { err } = cli.terminal;
  const items = await (await sharingOf(cli)).items();
  const outThere = items.filter(mayBeOutThere).length;
  if (outThere > 0 && !options.leaveShared) {
    throw badArgument(
      `${counted(outThere, 'payload')} that you shared would be out there without a list of them.`,
      'Ask for their deletion first (`teamwright share withdraw --delete`), or add --leave-shared.',
    );
  }
  if (options.yes) return options.weights ?? false;
  if (!cli.terminal.interactive) throw badArgument('Nobody can be asked whether to delete: this is not a terminal.', 'Add --yes.');
  const places = await storedPlaces(dataDir);
  for (const line of table(places, columns, err.columns)) err.line(line);
  if (!(await confirm(cli.terminal, 'Delete all of this?', false, cli.signal))) return undefined;
  if (options.weights !== undefined) return options.weights;
  const installed = (await localModels({ cacheDir: cacheOf(cli) }, cli.signal)).some((entry) => entry.installed || entry.partial);
  return installed && (await confirm(cli.terminal, "Delete the embedded model's weights too?", false, cli.signal));
}

function reportLines(report: EraseReport, dataDir: string, settingsFile: string, weights: boolean): string[] {
  const lines = report.before.map((place) => {
    const left = report.after.find(({ name }) => name === place.name);
    return `${left === undefined ? 'gone' : `${left.items} of ${place.items} left`}: ${place.title} (${counted(place.files, 'file')}, ${englishNumbers.bytes(place.bytes)})`;
  });
  if (report.before.length === 0) lines.push(`Nothing was kept in ${dataDir}.`);
  else
    lines.push(
      `Deleted ${counted(report.files, 'file')} (${englishNumbers.bytes(report.bytes)}). ${dataDir} was read again afterwards: ${endText(report)}`,
    );
  if (report.weights.length > 0) lines.push(`Deleted the weights of ${report.weights.join(', ')}.`);
  for (const { path: at, why } of report.remains) lines.push(`still there: ${at}: ${why}`);
  if (!weights) lines.push("The embedded model's weights stay (--weights deletes them).");
  if (report.applied.length > 0) {
    const workspaces = new Set(report.applied.map(({ workspace }) => workspace));
    lines.push(
      `What ${counted(report.applied.length, 'run')} wrote into ${[...workspaces].join(', ')} is yours and stays; it cannot be undone from here any more.`,
    );
  }
  if (report.outThere.length > 0) lines.push(`${counted(report.outThere.length, 'payload')} you shared stay where they are.`);
  if (report.foreign.length > 0)
    lines.push(`Not ours, and left alone: ${report.foreign.map((at) => path.basename(at)).join(', ')} in ${dataDir}`);
  lines.push(`Your settings stay: ${settingsFile}`);
  return lines;
}

const endText = ({ remains }: EraseReport): string =>
  remains.length === 0 ? 'nothing of ours is left.' : `${counted(remains.length, 'thing')} left.`;
