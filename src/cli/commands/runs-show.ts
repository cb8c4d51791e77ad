import { exitCodes } from '../../errors.ts';
import { describeDamage, renderRun, status } from '../../trace/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { readPastRun } from '../past.ts';

export const runsShowCommand: CommandAction<{ json?: boolean }> = async (cli, [id = ''], options) => {
  const { run, reading, state } = await readPastRun(cli, id);
  const ownerAlive = run.ownerAlive();
  const damage = describeDamage(reading.damage);
  if (options.json) {
    printDocument(cli, 'run-state', { runId: run.runId, trace: run.dir, status: status(state, ownerAlive), damage, state });
    return exitCodes.done;
  }
  cli.terminal.out.write(renderRun(state, { ownerAlive, damage }));
  cli.terminal.err.line(cli.terminal.err.paint('dim', `trace: ${run.dir}`));
  return exitCodes.done;
};
