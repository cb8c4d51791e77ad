import path from 'node:path';
import {
  type ExportFormat,
  type ExportReport,
  exportFormats,
  exportRuns,
  leftOutText,
  type RunFilter,
  sendRuns,
  sentFormat,
} from '../../lessons/index.ts';
import { realOrGiven } from '../../process/index.ts';
import { counted, english } from '../../text/index.ts';
import { type Outcome, outcomes } from '../../trace/events.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Column, table } from '../output/text.ts';
import { dataDirOf } from '../past.ts';
import { privacyOf } from '../privacy.ts';
import { loadSettings } from '../settings.ts';
import { parseChoices, parseShare, parseTime, parseWhole } from '../values.ts';
import { programVersion } from '../version.ts';

export interface ExportCommandOptions {
  readonly format?: string;
  readonly out?: string;
  readonly endpoint?: string;
  readonly since?: string;
  readonly until?: string;
  readonly workspace?: readonly string[];
  readonly model?: readonly string[];
  readonly generation?: readonly string[];
  readonly outcome?: string;
  readonly acceptedOnly?: boolean;
  readonly data?: string;
  readonly split: string;
  readonly seed: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly redact: boolean;
  readonly json?: boolean;
}

export const exportCommand: CommandAction<ExportCommandOptions> = async (cli, _args, options) => {
  if (options.format === undefined) return listFormats(cli, options);
  const { filter, words } = await filterOf(cli, options);
  const { settings } = await loadSettings(cli);
  const dataDir = options.data === undefined ? dataDirOf(cli) : path.resolve(cli.cwd, options.data);
  const choice = { dataDir, filter, filterWords: words };
  const privacy = options.redact ? await privacyOf(cli, settings) : undefined;
  const progress = progressLine(cli);
  const { onProgress } = progress;
  const { out } = cli.terminal;
  if (options.format === sentFormat.name) {
    if (options.endpoint === undefined) throw badArgument('otlp needs an endpoint.', 'Add --endpoint http://127.0.0.1:4318/v1/traces.');
    const sentFile = options.out === undefined ? path.join(dataDir, 'exports', 'otlp.jsonl') : path.resolve(cli.cwd, options.out);
    const { endpoint, force } = options;
    const report = await sendRuns(
      { ...choice, endpoint, progress: sentFile, force, privacy, version: programVersion(), onProgress },
      cli.signal,
    ).finally(progress.end);
    if (options.json) printDocument(cli, 'export', { format: sentFormat.name, ...report });
    else {
      const earlier = report.earlier > 0 ? `; ${counted(report.earlier, 'run')} it had already (--force sends them again)` : '';
      out.line(`${counted(report.runs, 'run')} sent as ${counted(report.spans, 'span')} to ${report.endpoint}${earlier}`);
      if (report.changed > 0) out.line(leftOutText(report.changed));
    }
    return exitCodes.done;
  }
  const format = formatNamed(options.format);
  if (options.endpoint !== undefined) throw badArgument(`${format.name} is written to files; --endpoint is for otlp.`, 'Use --out.');
  if (options.out === undefined) {
    throw badArgument('It is not said where to write.', `Add --out FOLDER, or --out ${format.name}.jsonl.`);
  }
  const report = await exportRuns(
    {
      ...choice,
      format,
      out: path.resolve(cli.cwd, options.out),
      split: parseShare('--split', options.split),
      seed: parseWhole('--seed', options.seed, 0, 1_000_000_000),
      resume: options.resume,
      force: options.force,
      privacy,
      program: cli.program,
      onProgress,
    },
    cli.signal,
  ).finally(progress.end);
  if (options.json) printDocument(cli, 'export', { ...report });
  else for (const line of reportLines(report, format)) out.line(line);
  return exitCodes.done;
};

/** One line that counts up on a terminal, and nothing elsewhere. */
function progressLine({ terminal: { err } }: Cli): { onProgress(done: number, total: number, rows: number): void; end(): void } {
  let shown = false;
  return {
    onProgress: (done, total, rows) => {
      if (!err.isTerminal) return;
      shown = true;
      err.write(`\r${done}/${total}, ${counted(rows, 'row')} `);
    },
    end: () => {
      if (shown) err.line();
    },
  };
}

function listFormats(cli: Cli, options: ExportCommandOptions): (typeof exitCodes)['done'] {
  const formats = [...exportFormats, sentFormat].map(({ name, title }) => ({ name, title: title(english) }));
  if (options.json) printDocument(cli, 'export-formats', { formats });
  else {
    const columns: Column<(typeof formats)[number]>[] = [
      { title: 'FORMAT', text: ({ name }) => name },
      { title: 'WHAT', text: ({ title }) => title, gives: true },
    ];
    for (const line of table(formats, columns, cli.terminal.out.columns)) cli.terminal.out.line(line);
  }
  return exitCodes.done;
}

function formatNamed(name: string): ExportFormat {
  const format = exportFormats.find((one) => one.name === name);
  if (format) return format;
  throw badArgument(`There is no format "${name}".`, `Choose one of ${[...exportFormats, sentFormat].map((one) => one.name).join(', ')}.`);
}

/** The filter, and the same in words for the data card and for messages. */
async function filterOf(cli: Cli, options: ExportCommandOptions): Promise<{ filter: RunFilter; words: string[] }> {
  const words: string[] = [];
  const said = <T>(value: T | undefined, say: (value: T) => string): T | undefined => {
    if (value !== undefined) words.push(say(value));
    return value;
  };
  const workspaces =
    options.workspace && (await Promise.all(options.workspace.map((folder) => realOrGiven(path.resolve(cli.cwd, folder)))));
  const filter: RunFilter = {
    since: said(
      given(options.since, (text) => parseTime('--since', text, cli.clock())),
      (at) => `begun on or after ${day(at)}`,
    ),
    until: said(
      given(options.until, (text) => parseTime('--until', text, cli.clock())),
      (at) => `begun before ${day(at)}`,
    ),
    // Where a workspace or a model lies on this machine is nobody's business.
    workspace: said(workspaces, (folders) => `of ${counted(folders.length, 'workspace')}`),
    model: said(options.model, (models) => `with a reply of ${models.map((name) => path.basename(name)).join(' or ')}`),
    generation: said(options.generation, (names) => `of ${counted(names.length, 'generation')}`),
    outcome: said(
      given(options.outcome, (text) => parseChoices<Outcome>('--outcome', text, outcomes)),
      (list) => `that ended as ${list.join(' or ')}`,
    ),
    acceptedOnly: said(options.acceptedOnly, () => 'whose change was kept, at least in part'),
  };
  return { filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)), words };
}

const given = <T>(text: string | undefined, read: (text: string) => T): T | undefined => (text === undefined ? undefined : read(text));

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

function reportLines(report: ExportReport, format: ExportFormat): string[] {
  const lines = report.files.map(({ path: file, rows }) => `${counted(rows, 'row').padEnd(10)} ${file}`);
  lines.push(
    `from ${counted(report.runs, 'run')} about ${counted(report.requests, 'request')}; ${counted(report.duplicates, 'duplicate')} left out`,
  );
  if (report.changed > 0) lines.push(leftOutText(report.changed));
  const replaced = Object.values(report.replaced).reduce((sum, times) => sum + times, 0);
  if (replaced > 0) lines.push(`${counted(replaced, 'value')} redacted; ${report.card} tells which kinds`);
  if (report.rows === 0) lines.push(`No row came of them: ${format.name} needs ${format.needs}.`);
  return lines;
}
