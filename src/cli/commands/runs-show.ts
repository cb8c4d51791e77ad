import { describeDamage, type RunState, renderRun, status } from '../../trace/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { tell } from '../failure-table.ts';
import { readPastRun } from '../past.ts';

export const runsShowCommand: CommandAction<{ json?: boolean }> = async (cli, [id = ''], options) => {
  const { run, reading, state } = await readPastRun(cli, id);
  const ownerAlive = run.ownerAlive();
  const damage = describeDamage(reading.damage);
  if (options.json) {
    const document = { runId: run.runId, trace: run.dir, status: status(state, ownerAlive), damage, state: withNextSteps(state) };
    printDocument(cli, 'run-state', document);
    return exitCodes.done;
  }
  cli.terminal.out.write(renderRun(state, { ownerAlive, damage, tell }));
  cli.terminal.err.line(cli.terminal.err.paint('dim', `trace: ${run.dir}`));
  return exitCodes.done;
};

const withNextSteps = (state: RunState): RunState => ({
  ...state,
  steps: state.steps.map((step) => (step.failure ? { ...step, failure: tell(step.failure) } : step)),
  ...(state.result?.failure && { result: { ...state.result, failure: tell(state.result.failure) } }),
});
