import { exitCodes } from '../../errors.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { diffLines } from '../output/diff.ts';
import { readPastRun } from '../past.ts';

export const runsDiffCommand: CommandAction<{ json?: boolean }> = async (cli, [id = ''], options) => {
  const { run, state } = await readPastRun(cli, id);
  const { out, err } = cli.terminal;
  const hash = state.result?.patch;
  const patch = hash === undefined ? '' : await run.readBlob(hash);
  if (options.json) {
    printDocument(cli, 'diff', { runId: run.runId, outcome: state.result?.outcome, candidate: state.result?.candidate, patch });
    return exitCodes.done;
  }
  if (patch === '')
    err.line(
      state.result === undefined
        ? `The run ${run.runId} has not ended; there is no change to show.`
        : `The run ${run.runId} ended without a change.`,
    );
  // For a person coloured and harmless; for `git apply` byte for byte.
  else if (out.isTerminal) for (const line of diffLines(patch, out)) out.line(line);
  else out.write(patch.endsWith('\n') ? patch : `${patch}\n`);
  return exitCodes.done;
};
