import type { Briefing } from '../briefing/types.ts';
import type { Believed, Hardship, Hit, Reliability, TeamUse } from '../learning/index.ts';
import type { ChatMessage, ChatReply, ChatRequest, ModelSet } from '../models/types.ts';
import type { Expectation } from '../plan/estimate.ts';
import type { Difficulty, Plan } from '../plan/schema.ts';
import type { Request } from '../request/types.ts';
import type { PlanOrigin } from '../trace/events.ts';

/** What failed, when a plan was executed and the tests still fail. */
export interface Failure {
  readonly plan: Plan;
  /** Which tests fail and how, short; the same failure gives the same text. */
  readonly signature: string;
  /** The failing messages, bounded. */
  readonly detail: string;
  /** Share of the target tests that the best candidate passes, 0 to 1. */
  readonly score: number;
}

/** A plan the user did not want, and why. */
export interface SentBack {
  readonly plan: Plan;
  readonly comment: string;
}

export interface DesignInput {
  readonly request: Request;
  readonly briefing: Briefing;
  /** Earlier plans of this run and how they failed, oldest first. */
  readonly failures: readonly Failure[];
  /** Plans of this round that the user sent back, oldest first. */
  readonly sentBack?: readonly SentBack[];
  /** The run that this one follows up: what was asked before, and what came of it. */
  readonly earlier?: { readonly request: string; readonly done: string };
  readonly models: ModelSet;
  /** Tokens that are left of the limits. Absent: there is no limit. */
  readonly tokensLeft?: number;
  /** Whether what is left of the limits may pay for the plan's shortest way to its end. Absent: there are none. */
  readonly fits?: (plan: Plan) => boolean;
  /** What is believed of operators when this model works here. Absent: what ships with the product. */
  readonly believed?: (model: string) => Promise<Believed>;
  /** How hard requests of this kind proved in this workspace, beyond how they look. Absent: as they look. */
  readonly harder?: Hardship;
  /** Teams of earlier runs, and what came of them. Absent: none. */
  readonly proven?: () => Promise<{
    /** Of this run, as uses name it. */
    readonly workspace: string;
    readonly uses: readonly TeamUse[];
    /** By what a use calls it: its plan, the run that used it first, and the files of that run that its words may name. */
    team(
      id: string,
    ):
      | { readonly plan: Plan; readonly runId: string; readonly files: { readonly sources: string[]; readonly tests: string[] } }
      | undefined;
  }>;
  /** How far models were to be relied on in their roles in this workspace. Absent: nobody knows. */
  readonly reliability?: () => Promise<readonly Reliability[]>;
  /** False: the order written by hand, whatever was learned. */
  readonly schedule?: boolean;
  /** How much what is spent counts: from thorough (0) over usual (1, when absent) to cheap. */
  readonly thrift?: number;
  /** Now and then something that is known less well may come first: random numbers of this run. Absent: never. */
  readonly explore?: () => number;
  /** Asks a model, within the run's budget and into its trace. `place` names the call in the trace. */
  readonly ask: (call: {
    place: string;
    messages: readonly ChatMessage[];
    format: ChatRequest['format'];
    maxTokens: number;
  }) => Promise<ChatReply>;
}

export interface DesignRound {
  /** Place of its call in the trace. */
  readonly call?: string;
  readonly prompt?: string;
  readonly reply?: string;
  readonly reasoning: string;
  readonly valid: boolean;
  readonly problems: readonly string[];
}

export interface Design {
  readonly plan: Plan;
  readonly origin: PlanOrigin;
  readonly reason: string;
  readonly difficulty: Difficulty;
  readonly rounds: readonly DesignRound[];
  readonly expectation?: Expectation;
  /** It is a team of earlier runs. */
  readonly proven?: { readonly team: string; readonly hit: Hit };
}

/** Turns request and briefing into a valid plan. Never gives an invalid one; the way it came is in `origin`. */
export interface Designer {
  /** As the trace names it. */
  readonly name: string;
  /** The one plan that it has to propose: of a file, or of a team that was saved. */
  readonly team?: Plan;
  design(input: DesignInput, signal: AbortSignal): Promise<Design>;
}
