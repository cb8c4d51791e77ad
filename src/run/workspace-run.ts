/** A run on a real workspace: opens trace and copies, wires the rooms, and leaves nothing behind but the trace and its snapshots. */
import { brief } from '../briefing/index.ts';
import { notProposed, type TeamwrightError } from '../errors.ts';
import { detectTestCommand, isTestPath, runChecks, runTests } from '../feedback/index.ts';
import type { TestCommand } from '../feedback/types.ts';
import { createTrace, newRunId } from '../trace/index.ts';
import { openWorkspaceCopies } from '../workspace/index.ts';
import { beginTrace, goingOn } from './continue.ts';
import { runSession } from './session.ts';
import type { Proposal, RunResult, RunSettings, WorkspaceRun } from './types.ts';

/**
 * Runs a request on a workspace. The outcome says how it ended; rejects only for what came before there was a trace to tell it
 * (`workspace-unusable`, `run-busy`, a full disk).
 */
export async function runOnWorkspace(given: WorkspaceRun, signal: AbortSignal): Promise<RunResult> {
  const options = await goingOn(given);
  const { recorded } = options;
  const clock = options.clock ?? Date.now;
  const runId = options.runId ?? newRunId(clock, Math.random);
  const broken = new AbortController();
  const copies = await openWorkspaceCopies({ workspace: options.workspace, runId, dataDir: recorded?.dataDir ?? options.dataDir });
  try {
    const trace = await beginTrace(options, runId, clock, () =>
      createTrace({
        dataDir: options.dataDir,
        runId,
        clock,
        secrets: options.secrets,
        onEvent: options.onEvent,
        onFailure: (error: TeamwrightError) => broken.abort(error),
      }),
    );
    try {
      return await runSession(
        {
          request: options.request,
          settings: options.settings,
          program: options.program,
          continues: recorded?.continues,
          recorded: recorded?.steering,
          secondsBefore: recorded?.secondsBefore,
        },
        {
          copies,
          begin: async (stop) => {
            const now = await copies.snapshot(stop);
            return recorded?.begin ? recorded.begin(now, copies.workspace) : now;
          },
          models: options.models,
          designer: options.designer,
          trace,
          review: options.review,
          detectTests: recorded?.detectTests ?? ((root, found) => detectTests(root, options.settings, found)),
          runTests: (command, root, limits, stop) => runTests(command, root, limits, {}, stop),
          runChecks: (names, root, limits, stop) => runChecks(names, root, limits, stop),
          brief: recorded?.brief ?? ((input, stop) => brief({ ...input, root: options.workspace, isTestPath }, stop)),
          clock,
          onDelta: options.onDelta,
          clientFor: options.clientFor,
          controls: options.controls,
        },
        AbortSignal.any([signal, broken.signal]),
      );
    } finally {
      await trace.close();
    }
  } finally {
    await copies.dispose();
  }
}

function detectTests(root: string, settings: RunSettings, signal: AbortSignal): Promise<TestCommand | undefined> {
  return detectTestCommand(root, { testCommand: settings.testCommand }, signal);
}

/** Briefing and design only: the proposal as the review would show it. Its trace says that nothing was run. */
export async function proposeOnWorkspace(options: Omit<WorkspaceRun, 'review'>, signal: AbortSignal): Promise<Proposal> {
  let seen: Proposal | undefined;
  const result = await runOnWorkspace(
    {
      ...options,
      review: async (proposal) => {
        seen = proposal;
        return { kind: 'decline', comment: 'only the plan was asked for' };
      },
    },
    signal,
  );
  if (!seen) throw notProposed(result.outcome, result.failure);
  return seen;
}
