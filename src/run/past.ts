/**
 * What a run takes from the trace of an earlier one, where it would look at the world or ask somebody otherwise. Replay, resume and follow-up
 * each make a `Past` (`recorded.ts` holds what they share); the runtime asks it at the few places where it begins, looks, reviews and calls.
 */
import type { Briefing } from '../briefing/types.ts';
import type { CheckName, CheckReport, TestCommand, TestReport } from '../feedback/types.ts';
import type { ModelClient } from '../models/types.ts';
import type { Budget } from '../plan/schema.ts';
import type { ImageTexts } from '../request/index.ts';
import type { Request } from '../request/types.ts';
import type { EventOf, Recalled } from '../trace/events.ts';
import type { JudgedOnce } from './judged.ts';
import type { Beginning, ReviewAnswer, WorkspaceRun } from './types.ts';

/** Whatever is absent is as in a run of its own. */
export interface Past {
  /** The run this one goes on from, as `run.started` tells it. */
  readonly continues?: EventOf<'run.started'>['continues'];
  /** The data folder with the objects of the recorded snapshots, when it is not the run's own. */
  readonly dataDir?: string;
  /** What the pictures of its request hold. */
  readonly imageTexts?: ImageTexts;
  /** Seconds that count as used already. */
  readonly seconds?: number;
  readonly steering?: RecordedSteering;
  /** What the run found before its first plan. */
  readonly found?: {
    readonly test: TestCommand | undefined;
    readonly otherSuites: readonly TestCommand[];
    readonly briefing: Briefing;
    readonly recalled?: readonly Recalled[];
    /** The baseline, then the further looks at what was red; absent: the tests run. */
    readonly seen?: readonly TestReport[];
  };
  /** What the briefing is about, when that is more than the request of the run. */
  readonly about?: Request;
  /** Where the run begins. The workspace is taken as it is now all the same: its dependency folders serve the copies. */
  beginning?(now: Beginning, workspace: string): Beginning;
  /** The user's word on the plan with this hash, each word once; undefined: the review asks for it. */
  answer?(hash: string): ReviewAnswer | undefined;
  /** What the tests of the run showed of this tree, each time once; undefined: they run. */
  tested?(tree: string): JudgedOnce | undefined;
  /** The same of a check. */
  checked?(tree: string, name: CheckName): CheckReport | undefined;
  /** Who answers this attempt of the call at this place; undefined: its model. */
  clientFor?(place: string, attempt: number, promptHash: string): ModelClient | undefined;
  /**
   * What this use of a tool at this place gave that does not follow from the copy (the user's words, an editor's, a server's); each answer once,
   * undefined: it is asked for.
   */
  outside?(place: string, tool: string, argumentText: string): RecordedUse | undefined;
  /** What the server with this name offered, as JSON; undefined: it is asked. */
  offered?(server: string): string | undefined;
}

export interface RecordedUse {
  readonly ok: boolean;
  readonly text: string;
}

/** A run and what it takes from an earlier one. */
export interface RunWithPast extends WorkspaceRun {
  /** False: nothing of the workspace is started, so there are no tests; for a plan that is only looked at. */
  readonly trusted?: boolean;
  readonly past?: Past;
}

/** A line of a file, from 1. */
export interface Point {
  readonly file: string;
  readonly line: number;
}

/** How the user steered a recorded run, as the runtime asks for it. */
export interface RecordedSteering {
  /** In the order they were given. */
  readonly hints: readonly { readonly agent?: string; readonly text: string }[];
  /** Limits as they were raised in the end. */
  readonly raised: Partial<Budget>;
  /** The hints in the prompt of the call at this place; undefined for a call that was not made. */
  hintsAt(place: string): readonly string[] | undefined;
  /** Where the user had pointed at for the try of this call; undefined: nowhere. */
  pointAt(place: string): Point | undefined;
  /** The step at this path was skipped before anything in it was done. */
  skips(path: string): boolean;
  /** The step among those under way (outermost first) that was cut short before it came to this place; undefined when none was. */
  cutBefore(place: string, underWay: Iterable<string>): string | undefined;
}
