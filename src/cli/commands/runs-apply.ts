import path from 'node:path';
import { applyRun, candidateDiff, undoRun } from '../../run/index.ts';
import { english, printable } from '../../text/index.ts';
import { fold, openRun, stateBadge } from '../../trace/index.ts';
import type { ApplyReport } from '../../workspace/types.ts';
import { badArgument } from '../bad-argument.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { dataDirOf, findRunId } from '../past.ts';
import { parseNumbers } from '../values.ts';

interface ApplyFlags {
  readonly workspace?: string;
  readonly candidate?: string;
  readonly hunks?: string;
  readonly reject?: string;
  readonly reason?: string;
  readonly markers?: boolean;
  readonly json?: boolean;
}

export const runsApplyCommand: CommandAction<ApplyFlags> = async (cli, [id = ''], options) => {
  const runId = await findRunId(cli, id);
  const workspace = options.workspace === undefined ? undefined : path.resolve(cli.cwd, options.workspace);
  const { candidate, reason } = options;
  const reference = { dataDir: dataDirOf(cli), runId, workspace, candidate };
  const hunks = await chosenHunks(reference, options, cli.signal);
  const report = await applyRun({ ...reference, hunks, reason, onConflict: options.markers ? 'markers' : 'refuse' }, cli.signal);
  if (options.json) printDocument(cli, 'applied', { runId, ...report });
  const code = showApplied(cli, runId, report);
  if (report.applied.length > 0) await showDoubt(cli, runId);
  return code;
};

/** What stands in the workspace now and was not seen to pass its tests is called so. */
async function showDoubt(cli: Cli, runId: string): Promise<void> {
  const { events } = await (await openRun(dataDirOf(cli), runId)).read();
  const { tone, word } = stateBadge(fold(events), 'done');
  const { err } = cli.terminal;
  if (tone !== 'good') err.line(`${err.paint('yellow', '!')} ${word(english)}`);
}

/** Ids of the hunks that are named by number, as `runs diff --hunks` counts them; undefined: the whole change. */
async function chosenHunks(
  reference: Parameters<typeof candidateDiff>[0],
  { hunks, reject, reason }: ApplyFlags,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const list = hunks ?? reject;
  if (list === undefined) {
    if (reason === undefined) return undefined;
    throw badArgument('--reason says why hunks are left out, and all are taken.', 'Name hunks as well, like --reject 2 --reason "…".');
  }
  const all = (await candidateDiff(reference, signal)).files.flatMap((file) => file.hunks);
  const named = parseNumbers(hunks === undefined ? '--reject' : '--hunks', list, all.length);
  return all.filter((_, n) => named.includes(n + 1) === (hunks !== undefined)).map((hunk) => hunk.id);
}

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
  const conflicts = showConflicts(cli, report);
  if (conflicts && report.applied.length === 0) {
    err.line(`Nothing was written. The change is safe in the run: teamwright runs diff ${runId} | git apply --3way`);
    return exitCodes.environment;
  }
  if (report.applied.length === 0) {
    err.line('The workspace has this change already; nothing was written.');
    return exitCodes.done;
  }
  err.line(`${err.paint('green', '✓')} applied: ${report.applied.map(printable).join(', ')}`);
  if (conflicts) err.line('Files that could be merged only in part hold both versions between <<<<<<< and >>>>>>>.');
  err.line(err.paint('dim', `take it back with: teamwright runs undo ${runId}`));
  return conflicts ? exitCodes.environment : exitCodes.done;
}

function showConflicts(cli: Cli, report: Pick<ApplyReport, 'conflicts'>): boolean {
  const { err } = cli.terminal;
  for (const { path: file, detail } of report.conflicts) err.line(`${err.paint('red', '✗')} ${printable(file)}: ${printable(detail)}`);
  return report.conflicts.length > 0;
}
