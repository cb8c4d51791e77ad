/** Running a command that the plan allows: a program and its words, never a shell. */
import * as z from 'zod';
import { plainWords } from '../../feedback/index.ts';
import { type CommandOutcome, type ToolBench, tool } from './tool.ts';

/** Whether these words are allowed: a grant is a program with the words that must follow it; more words may. */
export const isAllowed = (argv: readonly string[], granted: readonly string[]): boolean =>
  granted.some((grant) => grant.split(' ').every((word, at) => argv[at] === word));

export const runTool = tool(
  'Run an allowed command on the files as they are. No shell: one program and its arguments. What it writes is kept only where you may write.',
  z.strictObject({ command: z.string().min(1).max(2000), folder: z.string().nullish() }),
  async ({ command, folder }, { commands, onBreach }: ToolBench, signal) => {
    if (commands === undefined) throw new Error('No command is allowed.');
    const allowed = `Allowed: ${commands.granted.join('; ')}.`;
    const argv = plainWords(command);
    if (argv === undefined || argv.length === 0) throw new Error(`There is no shell here: write one program and its arguments. ${allowed}`);
    if (!isAllowed(argv, commands.granted)) {
      onBreach?.({ right: 'command', what: command });
      throw new Error(`This command is not allowed. ${allowed}`);
    }
    const outcome = await commands.run(argv, folder ?? '', signal);
    // Where only the settings of the user keep it out, the agent does what its plan lets it do.
    if (!commands.network) for (const what of outcome.hostsWanted) onBreach?.({ right: 'network', what });
    return outcomeText(outcome);
  },
);

const endings: Readonly<Record<CommandOutcome['ending'], string>> = {
  exited: 'It ended',
  signal: 'It was killed',
  'wall-limit': 'It was ended: it took too long',
  'idle-limit': 'It was ended: it was silent for too long',
  stopped: 'It was stopped',
  'not-found': 'There is no such program here',
  'not-started': 'It could not be started',
};

function outcomeText({ ending, exitCode, droppedBytes, output, changed, undone, hostsWanted }: CommandOutcome): string {
  return [
    ending === 'exited' ? `${endings.exited} with code ${exitCode}.` : `${endings[ending]}.`,
    ...(changed.length > 0 ? [`It changed ${changed.join(', ')}.`] : []),
    ...(undone.length > 0 ? [`Undone, as you may not write there: ${undone.join(', ')}.`] : []),
    ...(hostsWanted.length > 0 ? [`It has no network and did not come to ${hostsWanted.join(', ')}.`] : []),
    ...(droppedBytes > 0 ? [`Of its output ${droppedBytes} bytes in the middle are lost.`] : []),
    output === '' ? '(no output)' : output,
  ].join('\n');
}
