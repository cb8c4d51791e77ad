/** What goes into a run and what comes out. The composition root fills `RunPorts`; everything else follows from data. */
import type { Tests } from '../briefing/index.ts';
import type { Briefing } from '../briefing/types.ts';
import type { Designer, DesignInput } from '../design/types.ts';
import type { RecordedFailure } from '../errors.ts';
import type { CheckName, CheckReport, Coverage, Judgement, RunLimits, Tampering, TestCommand, TestReport } from '../feedback/types.ts';
import type { ChatDelta, ModelSet } from '../models/types.ts';
import type { Estimate, Expectation } from '../plan/estimate.ts';
import type { Analysis, Here, WhyAsked } from '../plan/index.ts';
import type { Budget, Difficulty, Plan } from '../plan/schema.ts';
import { type CommandResult, type Fence, type Grants, type NoFence, noGrants } from '../process/index.ts';
import type { ImageTexts, Looker } from '../request/index.ts';
import type { Request } from '../request/types.ts';
import type { EventOf, Outcome, PlanOrigin, Recalled, Spend, TestCounts, TraceEvent, TraceWriter } from '../trace/events.ts';
import type { Snapshot, StoredOtherwise, WorkspaceCopies, WorkspaceDiff } from '../workspace/types.ts';
import type { Servers } from './servers/servers.ts';
import type { ServerSettings } from './servers/settings.ts';
import type { Diagnose } from './tools/tool.ts';

export interface RunSettings {
  /** Overrides the plan's budget where set; the meter covers the whole run, all plans together. */
  readonly budget: Partial<Budget>;
  /** Calls, tests and copies that may be under way at once. */
  readonly parallel: number;
  /** Limits of one test run. */
  readonly testLimits: RunLimits;
  /** Most re-plans after a failure. */
  readonly replans: number;
  /** Seeds everything that is drawn by chance. */
  readonly seed: number;
  /** Longest reply asked for, tokens. */
  readonly replyTokens: number;
  /** Attempts of one call, the first included; every attempt counts against the budget. */
  readonly attempts: number;
  /** The user's own test command line; undefined: detect. */
  readonly testCommand?: string;
  /** Foreign code runs in a fence; false: as the user, because the user said so. */
  readonly fence: boolean;
  /** What the fence leaves open in this workspace. */
  readonly grants: Grants;
  /** False: plans follow the order written by hand, whatever was learned. */
  readonly schedule?: boolean;
  /** How much what is spent counts where a learned plan ends: from thorough (0) over usual (1, when absent) to cheap. */
  readonly thrift?: number;
  /** A learned plan may now and then begin with what is known less well. Absent: never. */
  readonly explore?: boolean;
}

/** Agents that one run can have at work at once (`npm run bench -- agents`). */
export const mostParallel = 1000;

export const defaultRunSettings: RunSettings = {
  budget: {},
  parallel: 2,
  testLimits: { wallMs: 120_000, idleMs: 60_000, outputBytes: 256_000 },
  replans: 2,
  seed: 1,
  replyTokens: 2048,
  attempts: 3,
  fence: true,
  grants: noGrants,
};

/** A plan as the user sees it before it costs anything. */
export interface Proposal {
  readonly round: number;
  readonly plan: Plan;
  readonly hash: string;
  readonly origin: PlanOrigin;
  readonly reason: string;
  readonly analysis: Analysis;
  readonly estimate: Estimate;
  /** What earlier attempts say will come of it, where the designer knows. */
  readonly expectation?: Expectation;
  /** Prices another plan for the same request: one the user edits. */
  readonly price: (plan: Plan) => Analysis;
  readonly briefing: Briefing;
  /** Lessons of earlier runs that the agents are shown. Absent: none. */
  readonly recalled?: readonly Recalled[];
  /** Absolute real path. */
  readonly workspace: string;
  /** In which fence the tests run, or why in none. */
  readonly fence: Fence | NoFence;
  /** How far a plan's rights can be kept here. */
  readonly here: Here;
  /** Models that are not shown the pictures of the request. */
  readonly notShown: readonly Looker[];
  /** How hard the request looks, whatever the plan calls itself. */
  readonly looks: Difficulty;
  /** What failed before, when this plan answers a failure. */
  readonly failure?: string;
  /** Other teams that were considered, valid and priced; the best known first. */
  readonly alternatives: readonly Alternative[];
  /** Present where the user lets cheap plans run unasked. */
  readonly whyAsked?: WhyAsked;
}

/** What runs without being asked about (`approve-below.ts`). */
export interface ApproveBelow {
  /** The whole run, at its most. */
  readonly usd: number;
  /** Where the user said so. */
  readonly by: 'setting' | 'flag';
}

/** A team the user may take in place of the proposed one. */
export interface Alternative {
  readonly plan: Plan;
  readonly hash: string;
  readonly origin: PlanOrigin;
  readonly reason: string;
  readonly estimate: Estimate;
}

export interface Question {
  readonly agent: string;
  readonly text: string;
  /** Answers to choose from, beside words of the user's own. */
  readonly options: readonly string[];
}

/** Approval names the hash of exactly what was seen; an edited plan is approved with its own hash. */
export type ReviewAnswer =
  | {
      readonly kind: 'approve';
      readonly hash: string;
      readonly by: EventOf<'plan.approved'>['by'];
      readonly edited?: Plan;
      /** Nobody was asked: until somebody is, the whole run costs at most this, USD. */
      readonly below?: number;
    }
  | { readonly kind: 'decline'; readonly comment?: string }
  /** Design again, with the user's remark in the designer's prompt; the new proposal is reviewed again. */
  | { readonly kind: 'redesign'; readonly comment: string };

/**
 * Steers a running team. Made by whoever starts the run (`createRunControls`) and handed in; every use is an event, so a replay does the same.
 * Calls before the run began or after it ended do nothing.
 */
export interface RunControls {
  /** No new call, test or step begins until `continue`; what is under way ends. The clock of the budget stands still. */
  pause(): void;
  continue(): void;
  /** Ends the step at this path (`step.started`), or never begins it; the run goes on with the next one. */
  skip(path: string): void;
  /** Shown to the agent (all agents when undefined) in every prompt from its next call on. */
  hint(agent: string | undefined, text: string): void;
  /** Raises limits of the whole run; a limit can only grow. */
  raiseBudget(limits: Partial<Budget>): void;
  /** The mistake may be in this line, from 1, of this file of the workspace: a repair tries it next. */
  point(file: string, line: number): void;
}

/** Controls a run can be connected to: `createRunControls` makes them, the runtime connects itself. One run at a time. */
export interface ConnectableControls extends RunControls {
  /** From now on every use goes to `run`, until the function it gives back is called. */
  connect(run: RunControls): () => void;
}

/** The run a new one goes on from. See `docs/run.md`, "Going on". */
export interface Continuation {
  readonly runId: string;
  /**
   * `resume`: the same request after an interruption. Request, settings, designer, snapshot, briefing and the user's yes to plans are those of
   * the old run; its calls are answered from its trace as far as it goes. What the caller gives for these is not used.
   * `follow-up`: another request, whose candidates start from the candidate that the other run handed over.
   */
  readonly how: 'resume' | 'follow-up';
  /** For `follow-up`: another candidate of that run than the one it handed over. */
  readonly candidate?: string;
}

export interface Beginning {
  /** What the change is compared with. */
  readonly snapshot: Snapshot;
  /** What candidates are made from; the snapshot when absent. */
  readonly start?: Snapshot;
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  readonly storedOtherwise?: readonly StoredOtherwise[];
}

export interface RunPorts {
  readonly copies: WorkspaceCopies;
  /** In which fence what the other ports start is started. */
  readonly fence: Fence | NoFence;
  readonly models: ModelSet;
  readonly designer: Designer;
  /** What is believed of operators when this model works here, by earlier runs. Absent: what ships with the product. */
  readonly believed?: DesignInput['believed'];
  /** How hard requests of a kind proved in this workspace. Absent: as they look. */
  readonly harder?: (kind: string) => Promise<DesignInput['harder']>;
  /** Teams of earlier runs, and what came of them. Absent: none. */
  readonly proven?: DesignInput['proven'];
  /** How far models were to be relied on in their roles. Absent: nobody knows. */
  readonly reliability?: DesignInput['reliability'];
  /** What is remembered of earlier runs and fits this one; `window` of the worker, tokens. Absent: nothing is. */
  readonly recall?: (asked: {
    readonly request: Request;
    readonly briefing: Briefing;
    readonly window: number | undefined;
  }) => Promise<readonly Recalled[]>;
  readonly trace: TraceWriter;
  /** Shows the plan and waits for the answer. */
  readonly review: (proposal: Proposal, signal: AbortSignal) => Promise<ReviewAnswer>;
  /** Absent: every plan is asked about. */
  readonly approveBelow?: ApproveBelow;
  /** Finds the test commands of a folder, that of its top first. */
  readonly findSuites: (root: string, signal: AbortSignal) => Promise<readonly TestCommand[]>;
  readonly runTests: (command: TestCommand, root: string, limits: RunLimits, signal: AbortSignal) => Promise<TestReport>;
  /** Which lines the tests run over; undefined where their runner does not say. */
  readonly coverageOf: (command: TestCommand, root: string, limits: RunLimits, signal: AbortSignal) => Promise<Coverage | undefined>;
  readonly runChecks: (
    names: readonly CheckName[],
    root: string,
    limits: RunLimits,
    signal: AbortSignal,
  ) => Promise<readonly CheckReport[]>;
  /** Runs a command that a plan allows in a folder of a copy; `network`: the plan grants it, and it has it where the user's settings open it too. */
  readonly runAllowed: (
    argv: readonly string[],
    place: { readonly root: string; readonly cwd: string; readonly network: boolean },
    limits: RunLimits,
    signal: AbortSignal,
  ) => Promise<CommandResult & { readonly hostsWanted: readonly string[] }>;
  /** Reads the workspace, or the copy at this folder, with these files, when that is not as the workspace is now. */
  readonly brief: (
    input: {
      request: Request;
      copy: { root: string; files: readonly string[] } | undefined;
      /** May still be running. */
      tests: Promise<Tests>;
    },
    signal: AbortSignal,
  ) => Promise<Briefing>;
  /** Shows the user a question of an agent and waits; undefined: no answer. Absent: nobody can be asked. One question at a time. */
  readonly askUser?: (question: Question, signal: AbortSignal) => Promise<string | undefined>;
  /** What an editor finds wrong in the workspace; absent: there is none. */
  readonly diagnose?: Diagnose;
  /** The servers of the user, started when they are first used. */
  readonly servers: Servers;
  /** The user's hand on the running team. */
  readonly controls?: ConnectableControls;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Streaming text of a call; display only. */
  readonly onDelta?: (call: string, agent: string, delta: ChatDelta) => void;
  /** Exact values that must never reach a prompt; what looks like a secret does not either. */
  readonly secrets: readonly string[];
}

export interface WorkspaceRun
  extends Pick<
    RunPorts,
    | 'models'
    | 'designer'
    | 'believed'
    | 'harder'
    | 'proven'
    | 'reliability'
    | 'recall'
    | 'review'
    | 'approveBelow'
    | 'askUser'
    | 'diagnose'
    | 'onDelta'
    | 'controls'
  > {
  readonly runId?: string;
  /** Absolute path of the user's folder. */
  readonly workspace: string;
  readonly request: Request;
  /** What the pictures that the request names hold. A resumed run has them from its trace. */
  readonly imageTexts?: ImageTexts;
  /** The user's data folder: traces and copies live below it. */
  readonly dataDir: string;
  readonly settings: RunSettings;
  /** Hears every event as it was stored. */
  readonly onEvent?: (event: TraceEvent) => void;
  /** Name and version of the program, for the trace. */
  readonly program: string;
  /** Exact values (API keys) that must never reach a prompt or the trace. */
  readonly secrets: readonly string[];
  readonly clock?: () => number;
  /**
   * No fence works on this machine: may the tests of this workspace run as the user all the same? Said with the reason; absent: no, and the run
   * rejects with `fence-missing`. Not asked when the settings say `fence: false`.
   */
  readonly mayRunUnfenced?: (reason: string, workspace: string) => Promise<boolean>;
  /** Servers of the Model Context Protocol, by the names that plans grant. Absent: none. */
  readonly servers?: ServerSettings;
  /** The run this one goes on from. Rejects with `not-continuable`, `run-unknown` or `run-busy` when it cannot. */
  readonly continues?: Continuation;
}

export interface RunResult {
  readonly runId: string;
  readonly outcome: Outcome;
  readonly candidate?: string;
  /** The workspace as it was when the run began; absent when not even that could be taken. */
  readonly base?: Snapshot;
  readonly chosen?: Snapshot;
  readonly diff?: WorkspaceDiff;
  readonly answer?: string;
  readonly before?: TestCounts;
  readonly after?: TestCounts;
  readonly tampering: readonly Tampering[];
  /** What is handed over is a small change that the model finds less likely than what stood there. */
  readonly unlikely?: boolean;
  /** Whether the candidate that is handed over does what was asked, and why not. */
  readonly judgement?: Judgement;
  /** Why the run ended early, when it did. */
  readonly failure?: RecordedFailure;
  readonly spend: Spend;
  /** How the executed plans came to be, in order. */
  readonly origins: readonly PlanOrigin[];
}
