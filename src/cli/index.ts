/** The command line's front door: arguments in, exit code out. Commands load when they are called, so that `--help` is quick. */
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { showFailure } from './failure.ts';
import { watchInterrupts } from './interrupt.ts';
import { terminalOf } from './output/terminal.ts';
import { buildProgram } from './program.ts';

/** Runs the command that `process.argv` names. Never rejects. `leave` ends the process at once. */
export async function main(process: NodeJS.Process, leave: (code: number) => void): Promise<ExitCode> {
  const terminal = terminalOf(process);
  const interrupts = watchInterrupts(process, { say: (text) => terminal.err.line(`\n${text}`), leave });
  const args = process.argv.slice(2);
  const home = os.homedir();
  const json = args.some((arg) => arg === '--json' || arg === '--json-events');
  const crashDir = async (): Promise<string> => {
    const { userDataDir } = await import('../trace/index.ts');
    return path.join(userDataDir(process.env, process.platform, home), 'crashes');
  };
  const cli: Omit<Cli, 'program'> = {
    terminal,
    env: process.env,
    platform: process.platform,
    home,
    cwd: process.cwd(),
    clock: Date.now,
    random: Math.random,
    signal: interrupts.signal,
  };
  let exit: ExitCode = exitCodes.done;
  try {
    const program = buildProgram(cli, (code) => {
      exit = code;
    });
    const command = program.parseAsync(withTexts(args, program), { from: 'user' });
    await Promise.race([command, strayFailure(process)]);
    return exit;
  } catch (error) {
    return await showFailure(error, { terminal, env: process.env, json, signal: interrupts.signal, clock: Date.now, crashDir });
  } finally {
    interrupts.dispose();
  }
}

/** A request may begin with the dash of a list: no option has a blank there. What an option is given stays as it is. */
function withTexts(args: readonly string[], program: Command): string[] {
  const valued = new Set(flagsWithValue(program));
  return args.map((arg, at) => (/^-+\s/.test(arg) && !valued.has(args[at - 1]) ? ` ${arg}` : arg));
}

const flagsWithValue = ({ options, commands }: Command): (string | undefined)[] => [
  ...options.filter(({ required }) => required).flatMap(({ short, long }) => [short, long]),
  ...commands.flatMap(flagsWithValue),
];

/** Rejects with whatever was thrown where nobody waits for it: it ends the command like any failure, not with a bare stack. */
function strayFailure(process: NodeJS.Process): Promise<never> {
  return new Promise((_, reject) => {
    process.once('uncaughtException', reject);
    process.once('unhandledRejection', reject);
  });
}
