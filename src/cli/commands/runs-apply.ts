import path from 'node:path';
import { type ExitCode, exitCodes } from '../../errors.ts';
import { applyRun, undoRun } from '../../run/index.ts';
import type { ApplyReport } from '../../workspace/types.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { printable } from '../output/text.ts';
import { dataDirOf, findRunId } from '../past.ts';

export const runsApplyCommand: CommandAction<{ workspace?: string; json?: boolean }> = async (cli, [id = ''], options) => {
  const runId = await findRunId(cli, id);
  const workspace = options.workspace === undefined ? undefined : path.resolve(cli.cwd, options.workspace);
  const report = await applyRun({ dataDir: dataDirOf(cli), runId, workspace }, cli.signal);
  if (options.json) printDocument(cli, 'applied', { runId, ...report });
  return showApplied(cli, runId, report);
};

export const runsUndoCommand: CommandAction<{ json?: boolean }> = async (cli, [id = ''], options) => {
  const runId = await findRunId(cli, id);
  const report = await undoRun({ dataDir: dataDirOf(cli), runId }, cli.signal);
  if (options.json) printDocument(cli, 'undone', { runId, ...report });
  const { err } = cli.terminal;
  if (showConflicts(cli, report)) return exitCodes.environment;
  err.line(`${err.paint('green', '✓')} taken back: ${report.restored.map(printable).join(', ') || 'nothing was left to take back'}`);
  return exitCodes.done;
};

/** All files were written, or none: then the conflicts are shown and the exit code says that this machine's files stood in the way. */
export function showApplied(cli: Cli, runId: string, report: ApplyReport): ExitCode {
  const { err } = cli.terminal;
  if (showConflicts(cli, report)) {
    err.line(`Nothing was written. The change is safe in the run: teamwright runs diff ${runId} | git apply --3way`);
    return exitCodes.environment;
  }
  if (report.applied.length === 0) {
    err.line('The workspace has this change already; nothing was written.');
    return exitCodes.done;
  }
  err.line(`${err.paint('green', '✓')} applied: ${report.applied.map(printable).join(', ')}`);
  err.line(err.paint('dim', `take it back with: teamwright runs undo ${runId}`));
  return exitCodes.done;
}

function showConflicts(cli: Cli, report: Pick<ApplyReport, 'conflicts'>): boolean {
  const { err } = cli.terminal;
  for (const { path: file, detail } of report.conflicts) err.line(`${err.paint('red', '✗')} ${printable(file)}: ${printable(detail)}`);
  return report.conflicts.length > 0;
}
