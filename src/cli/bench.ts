/** What the commands share that make runs of a benchmark. */
import { isSolved, parseQueueAddress, type QueueAddress, type Result } from '../bench/index.ts';
import type { Fence, NoFence } from '../process/index.ts';
import { chooseFence, defaultRunSettings } from '../run/index.ts';
import { counted, englishNumbers } from '../text/index.ts';
import { badArgument } from './bad-argument.ts';
import type { Cli } from './context.ts';
import type { Screen } from './output/terminal.ts';
import { oneLine } from './output/text.ts';
import { askUnfenced } from './unfenced.ts';

/** The fence for code of a task. Where none works somebody is asked, once for the folder of the tasks. Rejects with `fence-missing`. */
export const benchFence = (cli: Cli, folder: string): Promise<Fence | NoFence> =>
  chooseFence({ settings: defaultRunSettings, mayRunUnfenced: (reason) => askUnfenced(cli)(reason, folder) }, folder);

/** `--queue ADDRESS`; without an address it is in TEAMWRIGHT_QUEUE, where no list of processes shows its password. */
export function queueAddress(cli: Cli, given: string | true | undefined): QueueAddress {
  const text = typeof given === 'string' ? given : cli.env.TEAMWRIGHT_QUEUE;
  if (!text) throw badArgument('--queue names no address, and TEAMWRIGHT_QUEUE is not set.', 'Write it like --queue redis://host:6379.');
  return parseQueueAddress(text);
}

/** One finished run. */
export function runLine(result: Result, screen: Screen): string {
  const mark =
    result.error !== undefined ? screen.paint('yellow', '!') : isSolved(result) ? screen.paint('green', '✓') : screen.paint('red', '✗');
  const spent = `${counted(result.calls, 'call')} ${englishNumbers.count(result.inputTokens + result.outputTokens)} tokens ${englishNumbers.span(result.seconds * 1000)}`;
  const by = result.machine === undefined ? '' : screen.paint('dim', ` by ${oneLine(result.machine)}`);
  const note =
    result.error !== undefined
      ? ` ${oneLine(result.error)}`
      : result.passVisible && !result.passHidden
        ? ' (visible tests pass, hidden ones do not)'
        : result.passHidden && !isSolved(result)
          ? ' (hidden tests pass, visible ones do not)'
          : '';
  return `${mark} ${result.task} ${result.arm} seed ${result.seed}  ${screen.paint('dim', spent)}${by}${note}`;
}
