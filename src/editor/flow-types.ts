/** What the editor's screens share: one run, live or past, and the place where all runs are known. Screens read state and call these; no more. */
import type { Disposable } from 'vscode';
import type { ChatDelta } from '../models/types.ts';
import type { Plan } from '../plan/schema.ts';
import type { Request } from '../request/types.ts';
import type { Proposal, RunControls, RunResult } from '../run/types.ts';
import type { TraceEvent } from '../trace/events.ts';
import type { RunListing, RunState } from '../trace/index.ts';

/** One run as screens see it. `state` is the fold over its events and the only thing they draw from. */
export interface RunHandle {
  readonly runId: string;
  /** Runs in this window now. */
  readonly live: boolean;
  state(): RunState;
  /** Fires after each event (undefined when the trace was read anew); at most once per turn of the event loop matters to a screen. */
  onDidChange(listener: (event: TraceEvent | undefined) => void): Disposable;
  /** Streaming text; not part of the state. */
  onDidStream(listener: (call: string, agent: string, delta: ChatDelta) => void): Disposable;
  /** The plan that waits for the user's answer, in this window. */
  proposal(): Proposal | undefined;
  /** Answers the waiting proposal. `hash` is that of the plan on screen; with another one (a changed plan) the answer is refused (`approval-stale`). */
  approve(hash: string, edited?: Plan): void;
  decline(comment?: string): void;
  redesign(comment: string): void;
  /** Present while the run is live. */
  readonly controls?: RunControls;
  stop(): void;
  /** Resolves when the run ended; undefined for a past run. */
  readonly result?: Promise<RunResult>;
  readBlob(sha256: string): Promise<string>;
}

export interface StartOptions {
  readonly request: Request;
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** A designer's name or an absolute path of a `.team.yaml`; the setting's when absent. */
  readonly designer?: string;
  readonly continues?: { readonly runId: string; readonly how: 'resume' | 'follow-up' };
}

/** Every run of this machine that belongs to an open folder, and the way to start one. */
export interface RunBook {
  readonly dataDir: string;
  start(options: StartOptions): Promise<RunHandle>;
  /** Rejects with `run-unknown`. */
  open(runId: string): Promise<RunHandle>;
  live(): readonly RunHandle[];
  list(): Promise<readonly RunListing[]>;
  onDidChange(listener: (runId: string | undefined) => void): Disposable;
}
