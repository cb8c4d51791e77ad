import { replayRun } from '../../run/index.ts';
import { initialState, reduce } from '../../trace/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { linesFor } from '../output/progress.ts';
import { oneLine } from '../output/text.ts';
import { dataDirOf, findRunId } from '../past.ts';
import { askUnfenced } from '../unfenced.ts';

export const runsReplayCommand: CommandAction<{ json?: boolean }> = async (cli, [id = ''], options) => {
  const runId = await findRunId(cli, id);
  const { err } = cli.terminal;
  let state = initialState;
  const replay = await replayRun(
    {
      dataDir: dataDirOf(cli),
      runId,
      mayRunUnfenced: askUnfenced(cli),
      onEvent: (event) => {
        state = reduce(state, event);
        for (const line of linesFor(event, state, err)) err.line(line);
      },
    },
    cli.signal,
  );
  if (options.json) printDocument(cli, 'replay', { runId, same: replay.same, differences: replay.differences, result: replay.result });
  if (replay.same) {
    err.line(`${err.paint('green', '✓')} the replay of ${runId} ended in the same result (${replay.result.outcome}), without a model`);
    return exitCodes.done;
  }
  err.line(`${err.paint('red', '✗')} the replay of ${runId} ended differently:`);
  for (const difference of replay.differences) err.line(`  ${oneLine(difference)}`);
  return exitCodes.testsStillFail;
};
