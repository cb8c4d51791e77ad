/** A run on a real workspace: opens trace and copies, wires the rooms, and leaves nothing behind but the trace and its snapshots. */
import { brief, gitState } from '../briefing/index.ts';
import { recordedError, TeamwrightError } from '../errors.ts';
import { findSuites } from '../feedback/index.ts';
import { offlineStart } from '../process/index.ts';
import { knownSecrets } from '../redaction/index.ts';
import { requireImages } from '../request/index.ts';
import { createTrace, newRunId } from '../trace/index.ts';
import { openWorkspaceCopies } from '../workspace/index.ts';
import { beginTrace, goingOn } from './continue.ts';
import type { RunWithPast } from './past.ts';
import { fenceOfRun, toolsBehind } from './run-fence.ts';
import { createServers } from './servers/servers.ts';
import { secretsOf } from './servers/settings.ts';
import { runSession } from './session.ts';
import type { Proposal, RunResult, WorkspaceRun } from './types.ts';

/**
 * Runs a request on a workspace. The outcome says how it ended; rejects only for what came before there was a trace to tell it
 * (`workspace-unusable`, `image-unusable`, `run-busy`, a full disk), and when `continues` names a run that cannot be gone on from.
 */
export async function runOnWorkspace(run: WorkspaceRun, signal: AbortSignal): Promise<RunResult> {
  return runWithPast(await goingOn(run), signal);
}

/** The same for a run whose past is known. */
export async function runWithPast(run: RunWithPast, signal: AbortSignal): Promise<RunResult> {
  const { workspace, dataDir, settings, past, clock = Date.now } = run;
  const imageTexts = past?.imageTexts ?? run.imageTexts;
  requireImages(run.request.images, imageTexts);
  const runId = run.runId ?? newRunId(clock, Math.random);
  const broken = new AbortController();
  const opened = await openWorkspaceCopies({
    workspace,
    runId,
    dataDir: past?.dataDir ?? dataDir,
    settings: { secrets: settings.grants.secrets, beside: settings.grants.read },
  });
  try {
    const fence = await fenceOfRun(run, opened, dataDir, signal);
    const { copies } = fence;
    const trace = await beginTrace(run, runId, clock, () =>
      createTrace({
        dataDir,
        runId,
        clock,
        secrets: [...run.secrets, ...secretsOf(run.servers)],
        onEvent: run.onEvent,
        onFailure: (error: TeamwrightError) => broken.abort(error),
      }),
    );
    const servers = createServers(run.servers ?? {}, trace, clock, offlineStart(fence.kind));
    try {
      return await runSession(
        { request: run.request, imageTexts, settings, program: run.program, past },
        {
          copies,
          fence: fence.kind,
          models: run.models,
          designer: run.designer,
          believed: run.believed,
          harder: run.harder,
          proven: run.proven,
          reliability: run.reliability,
          recall: run.recall,
          trace,
          review: run.review,
          approveBelow: run.approveBelow,
          findSuites: async (root, stop) =>
            run.trusted === false ? [] : findSuites(root, { testCommand: settings.testCommand, fence: fence.around(root) }, stop),
          ...toolsBehind(fence),
          brief: async ({ copy, ...about }, stop) => {
            const briefing = await brief({ ...about, ...(copy ?? { root: workspace }) }, stop);
            // Tests ran in the copy: git is asked about the workspace.
            return copy === undefined ? briefing : { ...briefing, git: await gitState(workspace, stop) };
          },
          askUser: run.askUser,
          diagnose: run.diagnose,
          servers,
          controls: run.controls,
          clock,
          onDelta: run.onDelta,
          secrets: [...run.secrets, ...secretsOf(run.servers), ...knownSecrets(process.env)],
        },
        AbortSignal.any([signal, broken.signal]),
      );
    } finally {
      await servers.end();
      await trace.close();
    }
  } finally {
    await opened.dispose();
  }
}

/** Briefing and design only: the proposal as the review would show it. Its trace says that nothing was run. */
export async function proposeOnWorkspace(
  options: Omit<WorkspaceRun, 'review'> & Pick<RunWithPast, 'trusted'>,
  signal: AbortSignal,
): Promise<Proposal> {
  let seen: Proposal | undefined;
  const result = await runWithPast(
    {
      ...options,
      // Where nothing of the workspace is started, nothing needs a fence.
      ...(options.trusted === false && { mayRunUnfenced: async () => true }),
      review: async (proposal) => {
        seen = proposal;
        return { kind: 'decline', comment: 'only the plan was asked for' };
      },
    },
    signal,
  );
  if (seen) return seen;
  throw result.failure ? recordedError(result.failure) : new TeamwrightError('no-plan', { outcome: result.outcome });
}
