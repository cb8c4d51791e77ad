/** A run at the terminal, from the first event to the exit code: what `run` and `runs resume` share. */

import { setFlagsFromString } from 'node:v8';
import { looksMadeForTests, type Tampering } from '../feedback/types.ts';
import { taughtByRuns } from '../lessons/index.ts';
import type { ChosenModels } from '../model-choice/index.ts';
import { type ApproveBelow, applyRun, type RunResult, runOnWorkspace, type WorkspaceRun } from '../run/index.ts';
import { newRunId, runDir } from '../trace/index.ts';
import type { ApplyReport } from '../workspace/types.ts';
import { badArgument } from './bad-argument.ts';
import { showApplied } from './commands/runs-apply.ts';
import { type Cli, documentVersion, printDocument } from './context.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { exitOf, tell } from './failure-table.ts';
import { eventLines } from './output/event-lines.ts';
import { askQuestion } from './output/question.ts';
import { resultLines, summaryLines } from './output/report.ts';
import { dataDirOf } from './past.ts';
import { approveByFlag, declineUnseen, reviewAtTerminal } from './review.ts';
import type { Settings } from './settings.ts';
import { tidyUp } from './tidy.ts';
import { askUnfenced } from './unfenced.ts';
import { parseUsd } from './values.ts';
import { watchRun } from './watch.ts';

export interface CarryOutOptions {
  readonly yes?: boolean;
  /** USD. */
  readonly approveBelow?: string;
  readonly apply?: boolean;
  readonly json?: boolean;
  readonly jsonEvents?: boolean;
}

/** Before anything costs: a plan that nobody can approve would be designed for nothing. */
export function requireReviewer(cli: Cli, { yes, approveBelow }: CarryOutOptions): void {
  if (approveBelow !== undefined) parseUsd('--approve-below', approveBelow);
  if (yes || approveBelow !== undefined || cli.terminal.interactive) return;
  throw badArgument(
    'Nobody can be asked to approve the plan: this is not a terminal.',
    'Add --yes to approve every plan of this run, --approve-below 0.05 for a cheap one of one agent, or look first: teamwright plan "…".',
  );
}

/** From so many calls at once on memory matters more than time. */
const manyCalls = 100;

/** Young objects are looked through more often, in place of letting their part of the memory grow: 50 MB less of a thousand calls under way. */
const keepSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1');

export async function carryOut(
  cli: Cli,
  run: Pick<WorkspaceRun, 'workspace' | 'request' | 'imageTexts' | 'designer' | 'settings' | 'continues'>,
  models: ChosenModels,
  settings: Pick<Settings, 'keep' | 'learning' | 'approveBelow' | 'mcp'>,
  options: CarryOutOptions,
): Promise<ExitCode> {
  const { keep, learning, mcp } = settings;
  const { out, err } = cli.terminal;
  const approveBelow = approvalOf(settings, options);
  const dataDir = dataDirOf(cli);
  const runId = newRunId(cli.clock, cli.random);
  err.line(err.paint('dim', `run ${runId}`));
  const lines = eventLines(out);
  const watch = watchRun(cli, options.jsonEvents ? lines.add : undefined);
  if (run.settings.parallel > manyCalls) keepSmall();
  let result: RunResult;
  try {
    result = await runOnWorkspace(
      {
        runId,
        ...run,
        dataDir,
        models: models.set,
        ...taughtByRuns({ dataDir, workspace: run.workspace, clock: cli.clock }, learning, cli.signal),
        // Who said yes to all is not asked about any, and sees each.
        ...(approveBelow && !options.yes && { approveBelow }),
        review: (proposal, stop) =>
          watch.still(() => {
            if (options.yes) return approveByFlag(cli, proposal);
            return cli.terminal.interactive ? reviewAtTerminal(cli, proposal, stop) : declineUnseen(cli, proposal);
          }),
        ...(cli.terminal.interactive && { askUser: (question, stop) => watch.still(() => askQuestion(cli.terminal, question, stop)) }),
        mayRunUnfenced: (reason, workspace) => watch.still(() => askUnfenced(cli)(reason, workspace)),
        servers: mcp.servers,
        onDelta: watch.onDelta,
        onEvent: watch.onEvent,
        program: cli.program,
        secrets: models.secrets,
        clock: cli.clock,
      },
      cli.signal,
    );
  } finally {
    watch.stop();
    lines.flush();
    await models.close();
  }

  const trace = runDir(dataDir, runId);
  const machine = options.json || options.jsonEvents;
  if (!machine) for (const line of resultLines(result, out)) out.line(line);
  const failure = result.failure && tell(result.failure);
  for (const line of summaryLines({ ...result, failure }, watch.state(), trace, err, options.apply === true && isVouchedFor(result)))
    err.line(line);
  const applied = options.apply ? await applyIfGood(cli, result, dataDir) : undefined;
  const exit = applied?.exit ?? exitOfRun(result);
  const document = { exit, trace, ...result, failure, applied: applied?.report };
  if (options.json) printDocument(cli, 'run', document);
  if (options.jsonEvents) out.line(JSON.stringify({ kind: 'run', version: documentVersion, ...document }));
  await tidyUp(cli, dataDir, keep);
  return exit;
}

/** What is asked for this run counts more than what the settings say. */
function approvalOf(settings: Pick<Settings, 'approveBelow'>, options: CarryOutOptions): ApproveBelow | undefined {
  if (options.approveBelow !== undefined) return { usd: parseUsd('--approve-below', options.approveBelow), by: 'flag' };
  return settings.approveBelow === undefined ? undefined : { usd: settings.approveBelow, by: 'setting' };
}

const isVouchedFor = ({ outcome, tampering, judgement }: RunResult): boolean =>
  outcome === 'solved' && tampering.length === 0 && !judgement?.notRun.length;

function whyNotUnseen(found: readonly Tampering[]): string {
  if (found.every(({ kind }) => kind === 'shrinks'))
    return `most of the text of ${found[0]?.path ?? 'a file'} is gone, which nobody asked for`;
  return `the change ${found.every(looksMadeForTests) ? 'looks made for' : 'touches'} its own tests`;
}

/** Only what the tests vouch for is written unseen. */
async function applyIfGood(cli: Cli, result: RunResult, dataDir: string): Promise<{ exit: ExitCode; report: ApplyReport } | undefined> {
  if (result.diff === undefined || result.diff.patch === '') return undefined;
  const { err } = cli.terminal;
  if (!isVouchedFor(result)) {
    const why =
      result.outcome !== 'solved'
        ? 'the tests do not vouch for the change'
        : result.tampering.length > 0
          ? whyNotUnseen(result.tampering)
          : 'no test is about a part of it';
    err.line(`${err.paint('yellow', '!')} not applied: ${why}. Look at it, then: teamwright runs apply ${result.runId}`);
    return undefined;
  }
  const report = await applyRun({ dataDir, runId: result.runId, shown: result.chosen?.tree, by: 'program' }, cli.signal);
  return { report, exit: showApplied(cli, result.runId, report) };
}

const exits: Record<RunResult['outcome'], ExitCode> = {
  solved: exitCodes.done,
  answered: exitCodes.done,
  unproven: exitCodes.unproven,
  'no-tests': exitCodes.done,
  'tests-fail': exitCodes.testsStillFail,
  budget: exitCodes.budget,
  stopped: exitCodes.stopped,
  declined: exitCodes.stopped,
  failed: exitCodes.environment,
};

const exitOfRun = ({ outcome, failure }: RunResult): ExitCode => (outcome === 'failed' && failure ? exitOf(failure) : exits[outcome]);
