import { candidateDiff } from '../../run/index.ts';
import type { FileHunks } from '../../workspace/hunk-types.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { diffLines, hunkLines } from '../output/diff.ts';
import { dataDirOf, type PastRun, readPastRun } from '../past.ts';

export const runsDiffCommand: CommandAction<{ candidate?: string; hunks?: boolean; json?: boolean }> = async (cli, [id = ''], options) => {
  const past = await readPastRun(cli, id);
  const { run, state } = past;
  const { out, err } = cli.terminal;
  const candidate = options.candidate ?? state.result?.candidate;
  const { patch, files } = await readChange(cli, past, options);
  if (options.json) {
    printDocument(cli, 'diff', { runId: run.runId, outcome: state.result?.outcome, candidate, patch, hunks: numbered(files) });
    return exitCodes.done;
  }
  if (patch === '' && files === undefined)
    err.line(
      state.result === undefined
        ? `The run ${run.runId} has not ended; there is no change to show.`
        : `The run ${run.runId} ended without a change.`,
    );
  else if (files !== undefined) for (const line of hunkLines(files, out)) out.line(line);
  // For a person coloured and harmless; for `git apply` byte for byte.
  else if (out.isTerminal) for (const line of diffLines(patch, out)) out.line(line);
  else out.write(patch.endsWith('\n') ? patch : `${patch}\n`);
  return exitCodes.done;
};

/** The recorded patch; hunks and other candidates are read from the snapshots, which needs the workspace's folder. */
async function readChange(
  cli: Cli,
  { run, state }: PastRun,
  options: { candidate?: string; hunks?: boolean },
): Promise<{ patch: string; files?: readonly FileHunks[] }> {
  if (options.candidate === undefined && !options.hunks) {
    const hash = state.result?.patch;
    return { patch: hash === undefined ? '' : await run.readBlob(hash) };
  }
  const diff = await candidateDiff({ dataDir: dataDirOf(cli), runId: run.runId, candidate: options.candidate }, cli.signal);
  return { patch: await diff.open.patch(cli.signal), ...(options.hunks ? { files: diff.files } : {}) };
}

/** As `runs apply --hunks` names them. */
const numbered = (files: readonly FileHunks[] | undefined) =>
  files?.flatMap((file) => file.hunks).map((hunk, n) => ({ number: n + 1, ...hunk }));
