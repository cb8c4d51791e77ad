/** How a command that failed says so, to people on stderr and to machines on stdout. */

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import {
  badArgument,
  dataFolderUnusable,
  diskFull,
  type ExitCode,
  errorText,
  exitCodes,
  isTeamwrightError,
  stopped,
  type TeamwrightError,
} from '../errors.ts';
import { printable } from '../text/index.ts';
import { documentVersion } from './context.ts';
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
  const known = knownFailure(error, ports.signal) ?? (await dataFolderFailure(error, ports));
  if (known === undefined) return await showUnknown(error, ports);
  if (ports.json)
    printError(ports.terminal, { code: known.code, message: known.message, next: known.next, facts: known.facts }, known.exit);
  const { err } = ports.terminal;
  err.line(`${err.paint(['red', 'bold'], 'error:')} ${printable(known.message)}`);
  if (known.next !== '') err.line(err.paint('dim', printable(known.next)));
  if (ports.env.TEAMWRIGHT_DEBUG === '1') err.line(inspect(error));
  return known.exit;
}

function knownFailure(error: unknown, signal: AbortSignal): TeamwrightError | undefined {
  if (isTeamwrightError(error)) return error;
  if (error instanceof CommanderError) return usageError(error);
  // Whatever broke while everything was being stopped is not news.
  if (signal.aborted) return isTeamwrightError(signal.reason) ? signal.reason : stopped('request');
  return undefined;
}

/** What the system said of a file in the data folder (a file in its place, a read-only or full disk) is told as what it is. */
async function dataFolderFailure(error: unknown, ports: FailurePorts): Promise<TeamwrightError | undefined> {
  const { code, path: file } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  const folder = path.dirname(await ports.crashDir());
  // A write to an open file names no path; what we write at such length lies in the data folder.
  if (file === undefined) return isFull(code) ? diskFull(folder, error) : undefined;
  if (file !== folder && !file.startsWith(folder + path.sep)) return undefined;
  return isFull(code) ? diskFull(folder, error) : dataFolderUnusable(folder, errorText(error), error);
}

const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT';

/** Commander's own refusals, in our form. */
function usageError(error: CommanderError): TeamwrightError {
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

async function showUnknown(error: unknown, ports: FailurePorts): Promise<ExitCode> {
  const { err } = ports.terminal;
  const message = `Something went wrong inside Teamwright: ${printable(errorText(error))}`;
  if (ports.env.TEAMWRIGHT_DEBUG === '1') {
    if (ports.json) printError(ports.terminal, { code: 'internal', message, next: '', facts: {} }, exitCodes.environment);
    err.line(inspect(error));
    return exitCodes.environment;
  }
  const kept = await keepDetails(error, ports);
  const next =
    typeof kept === 'string'
      ? `The details are in ${kept}.`
      : `The details could not be kept (${errorText(kept.problem)}); TEAMWRIGHT_DEBUG=1 shows them.`;
  if (ports.json) printError(ports.terminal, { code: 'internal', message, next, facts: {} }, exitCodes.environment);
  err.line(`${err.paint(['red', 'bold'], 'error:')} ${message}`);
  err.line(err.paint('dim', next));
  return exitCodes.environment;
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

function printError(terminal: Terminal, error: { code: string; message: string; next: string; facts: unknown }, exit: ExitCode): void {
  // One line: in `--json-events` it is the last of the lines.
  terminal.out.line(JSON.stringify({ kind: 'error', version: documentVersion, exit, error }));
}
