/** A run on a real workspace: opens trace and copies, wires the rooms, and leaves nothing behind but the trace and its snapshots. */
import { brief } from '../briefing/index.ts';
import { notProposed, type TeamwrightError } from '../errors.ts';
import { detectTestCommand, isTestPath, runChecks, runTests } from '../feedback/index.ts';
import type { TestCommand } from '../feedback/types.ts';
import type { Request } from '../request/types.ts';
import type { TraceEvent } from '../trace/events.ts';
import { createTrace, newRunId } from '../trace/index.ts';
import { openWorkspaceCopies } from '../workspace/index.ts';
import type { WorkspaceCopies } from '../workspace/types.ts';
import { runSession } from './session.ts';
import type { Proposal, RunPorts, RunResult, RunSettings } from './types.ts';

export interface WorkspaceRun extends Pick<RunPorts, 'models' | 'designer' | 'review' | 'onDelta' | 'clientFor'> {
  readonly runId?: string;
  /** Absolute path of the user's folder. */
  readonly workspace: string;
  readonly request: Request;
  /** The user's data folder: traces and copies live below it. */
  readonly dataDir: string;
  readonly settings: RunSettings;
  /** Hears every event as it was stored. */
  readonly onEvent?: (event: TraceEvent) => void;
  /** Name and version of the program, for the trace. */
  readonly program: string;
  /** Exact values (API keys) that must never reach the trace. */
  readonly secrets: readonly string[];
  readonly clock?: () => number;
  /**
   * A replay starts from the recorded snapshot, test command and briefing instead of the workspace as it is now; the snapshot's objects are in
   * the data folder of the recorded run.
   */
  readonly recorded?: Pick<WorkspaceCopies, 'snapshot'> & Pick<RunPorts, 'detectTests' | 'brief'> & { readonly dataDir: string };
}

/**
 * Runs a request on a workspace. The outcome says how it ended; rejects only for what came before there was a trace to tell it
 * (`workspace-unusable`, `run-busy`, a full disk).
 */
export async function runOnWorkspace(options: WorkspaceRun, signal: AbortSignal): Promise<RunResult> {
  const clock = options.clock ?? Date.now;
  const runId = options.runId ?? newRunId(clock, Math.random);
  const broken = new AbortController();
  const copies = await openWorkspaceCopies({ workspace: options.workspace, runId, dataDir: options.recorded?.dataDir ?? options.dataDir });
  try {
    const trace = await createTrace({
      dataDir: options.dataDir,
      runId,
      clock,
      secrets: options.secrets,
      onEvent: options.onEvent,
      onFailure: (error: TeamwrightError) => broken.abort(error),
    });
    try {
      return await runSession(
        { request: options.request, settings: options.settings, program: options.program },
        {
          copies: options.recorded ? { ...copies, snapshot: options.recorded.snapshot } : copies,
          models: options.models,
          designer: options.designer,
          trace,
          review: options.review,
          detectTests: options.recorded?.detectTests ?? ((root, found) => detectTests(root, options.settings, found)),
          runTests: (command, root, limits, stop) => runTests(command, root, limits, {}, stop),
          runChecks: (names, root, limits, stop) => runChecks(names, root, limits, stop),
          brief: options.recorded?.brief ?? ((input, stop) => brief({ ...input, root: options.workspace, isTestPath }, stop)),
          clock,
          onDelta: options.onDelta,
          clientFor: options.clientFor,
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
