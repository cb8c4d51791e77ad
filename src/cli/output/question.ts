/** Asks a person one thing. */
import { createInterface } from 'node:readline';
import { throwIfStopped } from '../../errors.ts';
import type { Question } from '../../run/types.ts';
import { named, printable } from '../../text/index.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text.ts';

/**
 * One line typed by the user, trimmed; undefined at the end of input (Ctrl-D). The terminal stays in its normal mode, so that Ctrl-C is
 * the usual signal and stops the command the usual way. Throws `stopped`.
 */
export async function askLine(terminal: Terminal, question: string, signal: AbortSignal): Promise<string | undefined> {
  throwIfStopped(signal);
  terminal.err.write(question);
  const lines = createInterface({ input: terminal.input, terminal: false });
  const answer = await new Promise<string | undefined>((resolve) => {
    const stop = (): void => lines.close();
    signal.addEventListener('abort', stop, { once: true });
    lines.once('line', (line) => resolve(line.trim()));
    lines.once('close', () => {
      signal.removeEventListener('abort', stop);
      resolve(undefined);
    });
  });
  lines.close();
  throwIfStopped(signal);
  return answer;
}

/** How long the keyboard must be still before a question is put, ms. */
const stillMs = 40;

/**
 * Reads away what was typed so far, for a question whose matter has just come on the screen: nobody can have answered what they had not seen.
 * In raw mode for that moment, so that a line without its end is read as well; Ctrl-C means what it always means.
 */
export async function forgetTyped({ input }: Terminal): Promise<void> {
  if (!input.isTTY) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  let still = setTimeout(resolve, stillMs);
  const discard = (typed: Buffer | string): void => {
    if (typed.includes('\u0003')) process.kill(process.pid, 'SIGINT');
    clearTimeout(still);
    still = setTimeout(resolve, stillMs);
  };
  input.setRawMode(true);
  input.on('data', discard);
  input.resume();
  await promise;
  input.off('data', discard);
  input.pause();
  input.setRawMode(false);
}

/** Yes or no; anything else is asked again, the end of input means no. */
export async function confirm(terminal: Terminal, question: string, byDefault: boolean, signal: AbortSignal): Promise<boolean> {
  await forgetTyped(terminal);
  for (;;) {
    const answer = (await askLine(terminal, `${question} ${byDefault ? '[Y/n]' : '[y/N]'} `, signal))?.toLowerCase();
    if (answer === undefined) {
      terminal.err.line();
      return false;
    }
    if (answer === '') return byDefault;
    if (answer === 'y' || answer === 'yes') return true;
    if (answer === 'n' || answer === 'no') return false;
  }
}

/** What an agent wants to know; undefined: the user leaves it to the agent. Throws `stopped`. */
export async function askQuestion(
  terminal: Terminal,
  { agent, text, options }: Question,
  signal: AbortSignal,
): Promise<string | undefined> {
  await forgetTyped(terminal);
  const { err } = terminal;
  err.line(`${err.paint('bold', `${named(agent)} asks:`)} ${printable(text)}`);
  for (const [index, option] of options.entries()) err.line(`  ${index + 1}  ${oneLine(option)}`);
  const ways =
    options.length === 0 ? 'Your answer (Enter: it decides by itself) ' : 'A number or your words (Enter: it decides by itself) ';
  const answer = await askLine(terminal, ways, signal);
  if (answer === undefined || answer === '') return undefined;
  return options[Number(answer) - 1] ?? answer;
}
