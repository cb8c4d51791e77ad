/** What the parts of a session share, and what every step of a run can reach. */
import type { LimitFunction } from 'p-limit';
import type { Briefing } from '../briefing/types.ts';
import type { RecordedFailure, TeamwrightError } from '../errors.ts';
import { refusals, roleIn, roleOf, type TestSources } from '../feedback/index.ts';
import type { TestCommand, TestReport } from '../feedback/types.ts';
import type { Agent, Plan, Step, StepKind, StepOf } from '../plan/schema.ts';
import type { ImageTexts } from '../request/index.ts';
import type { Request } from '../request/types.ts';
import type { PlanOrigin, Recalled } from '../trace/events.ts';
import { globTest } from '../workspace/index.ts';
import type { FileScope, Snapshot } from '../workspace/types.ts';
import type { Ask } from './ask.ts';
import type { Meter } from './meter.ts';
import type { Outside } from './outside.ts';
import type { Past } from './past.ts';
import { inPlanOrder } from './plan-order.ts';
import type { Candidate, Pool } from './pool.ts';
import type { Earlier, Note } from './prompts.ts';
import type { RepairProgress } from './repair/progress.ts';
import type { Steering } from './steering.ts';
import type { Troubles } from './troubles.ts';
import type { RunPorts, RunSettings } from './types.ts';

/** What tests showed each time the same bytes were tested again, without a change: by command and tree. All candidates share it. */
export type Looks = Map<string, TestReport[]>;

export interface RunFacts {
  readonly request: Request;
  readonly briefing: Briefing;
  /** The test commands of the workspace, that of its top first. */
  readonly suites: readonly TestCommand[];
  /** The one that the request is about. */
  readonly test: TestCommand | undefined;
  readonly baseline: TestReport | undefined;
  readonly looks: Looks;
  /** Where the tests of the baseline are. */
  readonly testSources: TestSources;
  /** Lessons of earlier runs that fit this one. Absent: none. */
  readonly recalled?: readonly Recalled[];
  /** What is known of the run that this one follows up. */
  readonly earlier?: Earlier;
  /** The workspace as it was when the run began: what the change is compared with. */
  readonly base: Snapshot;
  /** What candidates are made from and the baseline is about: the base, or the candidate that a follow-up goes on from. */
  readonly start: Snapshot;
}

export interface SessionInput {
  readonly request: Request;
  /** What the pictures of the request hold. */
  readonly imageTexts?: ImageTexts;
  readonly settings: RunSettings;
  readonly program: string;
  /** The run that this one repeats or goes on from. */
  readonly past?: Past;
}

interface Round {
  readonly plan: Plan;
  readonly origin: PlanOrigin;
  readonly notes: ReadonlyMap<string, Note>;
}

/** What the parts of a session share. */
export interface Session {
  readonly input: SessionInput;
  readonly ports: RunPorts;
  readonly meter: Meter;
  readonly steering: Steering;
  readonly pool: Pool;
  readonly rounds: Round[];
  facts?: RunFacts;
  /** Rounds of design so far, all plans together. */
  designRounds: number;
  /** What the plan says its run is not to go on after has come. */
  endedEarly?: RecordedFailure;
  readonly onTimeUp: (error: Error) => void;
}

/** A chain whose pieces are worked on. */
export interface ChainUnderWay {
  readonly step: string;
  /** The piece that is worked on. */
  piece: string;
  /** That piece, and what those before it came to; in a chain within a chain the outer one's first. */
  notes: readonly Note[];
  /** What the last vote on a function accepted. */
  accepted?: Candidate;
  /** Why it goes no further. */
  ended?: string;
}

export interface StepContext {
  readonly plan: Plan;
  readonly planHash: string;
  readonly facts: RunFacts;
  readonly ports: RunPorts;
  readonly settings: RunSettings;
  readonly ask: Ask;
  /** What lies outside of the copies. */
  readonly outside: Outside;
  readonly steering: Steering;
  readonly pool: Pool;
  readonly notes: Map<string, Note>;
  /** What `generate from: start` builds on: the start of the run, or that with the tests that `write-tests` added. */
  start: Snapshot;
  /** Calls, tests and copies under way at once. What runs inside must not ask for another place. */
  readonly sideBySide: LimitFunction;
  /** Tests of other projects in the workspace without the change, as far as somebody asked. */
  readonly otherBaselines: Map<TestCommand, Promise<TestReport>>;
  readonly repairs: RepairProgress;
  readonly troubles: Troubles;
  /** The first call of the plan that the budget did not pay for, where steps that cost less go on without it: it ends the run behind them. */
  readonly refused: { by?: TeamwrightError };
  readonly shared: string;
  /** What an interrupted run was told by tools. */
  readonly past?: Pick<Past, 'tested' | 'checked'>;
  /** The innermost chain that the step is in. */
  readonly chain?: ChainUnderWay;
}

/** What judging a candidate takes of it. */
export interface JudgeContext
  extends Pick<StepContext, 'plan' | 'facts' | 'settings' | 'pool' | 'start' | 'sideBySide' | 'otherBaselines' | 'past'> {
  readonly ports: Pick<RunPorts, 'copies' | 'trace' | 'runTests' | 'runChecks'>;
  readonly steering: Pick<Steering, 'ready'>;
}

/** Runs the steps inside a step; `place` is the place of their list. */
export interface InnerSteps {
  /** `within`: what they can reach, where that is something else than the step itself can. */
  inTurn(steps: readonly Step[], place: string, within?: StepContext): Promise<void>;
  sideBySide(steps: readonly Step[], place: string): Promise<void>;
}

/**
 * Runs one step. `place` names it in the trace: plan round, ids of the steps around it, iteration. Gives the reason when there was nothing to
 * do (the trace shows the step as skipped).
 */
export type StepRunner<Kind extends StepKind = StepKind> = (
  step: StepOf<Kind>,
  place: string,
  context: StepContext,
  signal: AbortSignal,
  inside: InnerSteps,
) => Promise<string | undefined>;

export function agentNamed(context: StepContext, name: string): Agent {
  const agent = context.plan.agents[name];
  if (!agent) throw new Error(`The plan names no agent "${name}"; the validator lets no such plan run.`);
  return agent;
}

/** That on the piece of a chain first, for every agent inside. Then in the order of the plan: neither the order inside `uses` nor who of a group was ready first has a meaning. */
export function notesFor(context: StepContext, uses: readonly string[]): readonly Note[] {
  const used = [...new Set(uses)].flatMap((step) => context.notes.get(step) ?? []);
  return [...(context.chain?.notes ?? []), ...inPlanOrder(context.plan, used)];
}

/** Of what steers tests, or runs by itself later: only a glob that names it grants it. */
export const needsNaming = (glob: string): boolean => ['steering', 'later'].includes(roleOf(glob));

/**
 * What the agent may write. Tests are outside every scope but a test writer's, and a test writer's scope holds nothing else. What steers tests, or
 * runs by itself later, must be named in the plan: a glob that covers it by the way is no grant. Installed packages nobody writes.
 */
export function scopeOf(agent: Agent, sources: TestSources): FileScope {
  const granted = globTest(agent.write.filter((glob) => roleOf(glob) !== 'source'));
  return {
    allow: agent.write,
    refuse: (path) => {
      const role = roleIn(sources, path);
      if (agent.output === 'tests') return role === 'test' ? undefined : 'it is no test file';
      if (role === 'source' || ((role === 'steering' || role === 'later') && granted(path))) return undefined;
      return refusals[role];
    },
  };
}
