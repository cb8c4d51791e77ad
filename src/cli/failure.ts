/** How a command that failed says so, to people on stderr and to machines on stdout. */

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { diskFull, errorText, failureOf, isTeamwrightError, stopOf, TeamwrightError } from '../errors.ts';
import { printable } from '../text/index.ts';
import { BadArgument, badArgument } from './bad-argument.ts';
import { documentVersion } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { ToldFailure } from './failure-table.ts';
import type { Terminal } from './output/terminal.ts';
import type { Environment } from './places.ts';

export interface FailurePorts {
  readonly terminal: Terminal;
  readonly env: Environment;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly clock: () => number;
  /** Folder for the details of unknown failures. */
  readonly crashDir: () => Promise<string>;
}

/** Shows the failure and gives its exit code. Never throws. */
export async function showFailure(error: unknown, ports: FailurePorts): Promise<ExitCode> {
  // Help and version are no failures; commander has printed them.
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
  const { exit, told } = await understood(error, ports);
  const { out, err } = ports.terminal;
  // One line: in `--json-events` it is the last of the lines.
  if (ports.json) out.line(JSON.stringify({ kind: 'error', version: documentVersion, exit, error: told }));
  err.line(`${err.paint(['red', 'bold'], 'error:')} ${printable(told.message)}`);
  if (told.next !== '') err.line(err.paint('dim', printable(told.next)));
  if (ports.env.TEAMWRIGHT_DEBUG === '1') err.line(inspect(error));
  return exit;
}

async function understood(error: unknown, ports: FailurePorts): Promise<{ readonly exit: ExitCode; readonly told: ToldFailure }> {
  if (error instanceof BadArgument) return refusal(error);
  if (error instanceof CommanderError) return refusal(usageError(error));
  const { exitOf, tell } = await import('./failure-table.ts');
  const known = await knownError(error, ports);
  const failure = failureOf(known ?? error);
  const told = tell(failure);
  return { exit: exitOf(failure), told: known ? told : { ...told, next: await whereDetailsAre(error, ports) } };
}

const refusal = ({ code, message, next }: BadArgument) => ({ exit: exitCodes.badUse, told: { code, message, next, facts: {} } });

async function knownError(error: unknown, ports: FailurePorts): Promise<TeamwrightError | undefined> {
  if (isTeamwrightError(error)) return error;
  // Whatever broke while everything was being stopped is not news.
  if (ports.signal.aborted) return stopOf(ports.signal);
  return await dataFolderFailure(error, ports);
}

/** What the system said of a file in the data folder (a file in its place, a read-only or full disk) is told as what it is. */
async function dataFolderFailure(error: unknown, ports: FailurePorts): Promise<TeamwrightError | undefined> {
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  const folder = path.dirname(await ports.crashDir());
  // A write to an open file names no path; what we write at such length lies in the data folder.
  if (file === undefined) return isFull(code) ? diskFull(folder, error) : undefined;
  if (file !== folder && !file.startsWith(folder + path.sep)) return undefined;
  if (isFull(code)) return diskFull(folder, error);
  return new TeamwrightError('data-folder-unusable', { dataDir: folder, why: 'other', detail: errorText(error) }, { cause: error });
}

const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** Commander's own refusals, in our form. */
function usageError(error: CommanderError): BadArgument {
  if (error.code === 'commander.help' || error.code === 'commander.helpDisplayed') {
    return badArgument('No command was named.', 'The list above shows the commands.');
  }
  const text = error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/s, '. $1');
  const message = text.slice(0, 1).toUpperCase() + text.slice(1) + (/[.?!]$/.test(text) ? '' : '.');
  const next =
    error.code === 'commander.excessArguments' && /'(run|plan)'/.test(error.message)
      ? 'Put the request into quotes: teamwright run "make the failing test pass".'
      : '`teamwright --help` and `teamwright COMMAND --help` show what there is.';
  return badArgument(message, next);
}

/** Of a mistake of ours: what is too long for the screen. */
async function whereDetailsAre(error: unknown, ports: FailurePorts): Promise<string> {
  if (ports.env.TEAMWRIGHT_DEBUG === '1') return '';
  const kept = await keepDetails(error, ports);
  return typeof kept === 'string'
    ? `The details are in ${kept}.`
    : `The details could not be kept (${errorText(kept.problem)}); TEAMWRIGHT_DEBUG=1 shows them.`;
}

async function keepDetails(error: unknown, ports: FailurePorts): Promise<string | { problem: unknown }> {
  try {
    const folder = await ports.crashDir();
    const file = path.join(folder, `${new Date(ports.clock()).toISOString().replaceAll(':', '-')}.txt`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, `${withoutKeys(inspect(error), ports.env)}\n`, { mode: 0o600 });
    return file;
  } catch (problem) {
    return { problem };
  }
}

/** The values of variables that look like keys are taken out. */
function withoutKeys(text: string, env: Environment): string {
  return Object.entries(env)
    .filter(([name, value]) => /KEY|TOKEN|SECRET|PASSWORD/i.test(name) && value !== undefined && value.length >= 6)
    .reduce((clean, [name, value]) => clean.replaceAll(value as string, `[${name}]`), text);
}
