/**
 * What the parts of the editor share: one run, live or past, the place where all runs are known, and the shape of each part. Screens read
 * state and call these; no more. A part gets everything it needs at its making, `vscode` included, so that it runs against a fake host.
 */
import type * as vscode from 'vscode';
import type { Disposable } from 'vscode';
import type { ChosenModels, ModelContext, WantedModels } from '../model-choice/types.ts';
import type { ChatDelta, Preparing } from '../models/types.ts';
import type { Plan } from '../plan/schema.ts';
import type { ImageTexts } from '../request/index.ts';
import type { Request } from '../request/types.ts';
import type { Proposal, Question, RunControls, RunResult } from '../run/types.ts';
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
  /** What a call under way waits for, where its server tells; undefined: it writes, or nothing is known. */
  preparing(): Preparing['doing'] | undefined;
  /** The plan that waits for the user's answer, in this window. */
  proposal(): Proposal | undefined;
  /** Answers the waiting proposal. `hash` is that of the plan on screen; with another one (a changed plan) the answer is refused (`approval-stale`). */
  approve(hash: string, edited?: Plan): void;
  decline(comment?: string): void;
  redesign(comment: string): void;
  /** The question of an agent that waits for the user, in this window. */
  question(): Question | undefined;
  /** Answers the waiting question, when it is still this one; '': the agent is to decide. */
  answer(question: string, text: string): void;
  /** Present while the run is live. */
  readonly controls?: RunControls;
  stop(): void;
  /** Resolves when the run ended; undefined for a past run. */
  readonly result?: Promise<RunResult>;
  readBlob(sha256: string): Promise<string>;
}

export interface StartOptions {
  readonly request: Request;
  /** What its pictures hold; a resumed run has them from its trace. */
  readonly imageTexts?: ImageTexts;
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** A designer's name or an absolute path of a `.team.yaml`; the setting's when absent. */
  readonly designer?: string;
  /** The only model that is asked, as settings name it; those of the settings when absent. */
  readonly model?: string;
  /** Gives up before there is a run. */
  readonly signal?: AbortSignal;
  /** `candidate`: another one than the run handed over, for a follow-up. */
  readonly continues?: { readonly runId: string; readonly how: 'resume' | 'follow-up'; readonly candidate?: string };
}

/** A run that was asked for and has no trace yet. */
export interface StartingRun {
  readonly runId: string;
  readonly request: Request;
  stop(): void;
}

/** Every run of this machine that belongs to an open folder, and the way to start one. */
export interface RunBook {
  readonly dataDir: string;
  start(options: StartOptions): Promise<RunHandle>;
  /** Rejects with `run-unknown`. */
  open(runId: string): Promise<RunHandle>;
  live(): readonly RunHandle[];
  starting(): readonly StartingRun[];
  /** `all`: also those of folders that are not open. */
  list(of?: 'all'): Promise<readonly RunListing[]>;
  /** This window has written to the trace of an ended run (a verdict, a hunk, an apply): who shows it reads it again. */
  touched(runId: string): void;
  onDidChange(listener: (runId: string | undefined) => void): Disposable;
}

/** What the extension is opened with: the world outside of VS Code. */
export interface EditorPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** What every part of the editor gets. */
export interface EditorHost {
  readonly vscode: typeof vscode;
  readonly context: vscode.ExtensionContext;
  /** Output → Teamwright. Never a secret. */
  readonly log: vscode.LogOutputChannel;
  /** Tells the user of a failure: what happened, the next step, the button that does it. Never rejects; a stop by the user is no failure. */
  showFailure(error: unknown): Promise<void>;
}

/**
 * A part of the editor, made on first use. The shell registers every command of the manifest at activation and routes it here by its prefix
 * (`partPrefixes`), so a part never calls `registerCommand` for a command of the manifest.
 */
export interface EditorPart extends Disposable {
  /** By full command id. */
  readonly commands: Readonly<Record<string, (...args: never[]) => unknown>>;
}

/** First words of command ids → the part that answers them. */
export const partPrefixes = {
  'teamwright.diff.': 'diffReview',
  'teamwright.panel.': 'panels',
  'teamwright.models.': 'models',
  'teamwright.sharing.': 'sharing',
  'teamwright.privacy.': 'sharing',
} as const;

/** The way to the models that the settings name. */
export interface Models extends EditorPart {
  /** For a run that a user action started. Rejects with a `TeamwrightError`; `vscode.lm` is asked only in here and in the quick pick. */
  choose(workspace: string, wanted: WantedModels & Pick<ModelContext, 'images'>, signal: AbortSignal): Promise<ChosenModels>;
  /** Asks the user for the model of one request; undefined when the list is closed. */
  pick(): Promise<{ readonly model: string } | 'settings' | undefined>;
  /** Lines for "Copy diagnostics": which model each tier means, where, and what it can do. Asks no server, holds no key. */
  describe(workspace: string | undefined): Promise<readonly string[]>;
}

/** View types of the tabs; the shell registers their serializers at activation and hands a restored tab to `restore`. */
export const panelTypes = { review: 'teamwright.review', run: 'teamwright.run', dashboard: 'teamwright.dashboard' } as const;

export interface PanelsPorts {
  readonly runs: RunBook;
  /** Opens the diff review of a finished run. */
  readonly reviewDiff: (handle: RunHandle) => Promise<void>;
}

/** The tabs: plan review, run, dashboard. */
export interface Panels extends EditorPart {
  /** Opens (or brings to front) the tab that fits the run's state: plan review while a plan waits, the run view otherwise. */
  open(handle: RunHandle): Promise<void>;
  openDashboard(): Promise<void>;
  /** A tab of this run is visible now: no notification is needed. */
  isVisible(runId: string): boolean;
  /** The run whose tab is in front. */
  activeRun(): string | undefined;
  /** Hash of the plan as it stands in the review of this run, with what was edited in it; undefined while there is no review of it. */
  hashInReview(runId: string): string | undefined;
  /** After a reload of the window. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
}

export interface DiffReviewPorts {
  readonly runs: RunBook;
  /** Shows a run that was just started ("send back with my remarks"). */
  readonly show: (handle: RunHandle) => Promise<void>;
}

/** Documents of candidates: both sides of a review. Their content never changes. */
export const candidateScheme = 'teamwright-candidate';

/** Key in the workspace's memory: applied runs whose survival is still to be measured. */
export const pendingSurvivalKey = 'teamwright.pendingSurvival';

/** The review of a finished run's change, hunk by hunk. */
export interface DiffReview extends EditorPart {
  open(handle: RunHandle): Promise<void>;
  /** The text of a document at `candidateScheme`; the shell hands VS Code's question on, also after a reload. */
  textOf(uri: vscode.Uri): Promise<string>;
  /** The diff of this run is on screen now. */
  isVisible(runId: string): boolean;
}

/** Key in the workspace's memory: ids of the runs that were live when this window was last seen. */
export const liveRunsKey = 'teamwright.liveRuns';
