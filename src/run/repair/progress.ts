/** What the repair steps of a run know together, so that a later one, also of a later plan, goes on where an earlier one ended and pays for nothing twice. */
import type { TestReport } from '../../feedback/types.ts';
import type { Tier, TokenWeight } from '../../models/types.ts';
import type { Snapshot } from '../../workspace/types.ts';
import type { Gap } from './holes.ts';
import type { SuspectFile, SuspectPlace } from './localise.ts';

/** What texts are made from, and what its tests said. */
export interface Base {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly report: TestReport;
}

/** A state of the files, as a model and the tests see it. */
export interface Looked {
  readonly files: readonly SuspectFile[];
  /** The most suspicious first. */
  readonly places: readonly SuspectPlace[];
  /** Texts that tests ran on, each with its path. */
  readonly tried: Set<string>;
  /** What a model that only chats answered, in words for its next prompt. */
  readonly said: Set<string>;
  /** Blocks of which a model wrote the first line alone. */
  readonly begun: Gap[];
}

export class RepairProgress {
  readonly #looked = new Map<string, Looked>();
  /** Gaps that a model has filled, by tier and what it was asked: what did not help a file helps it no more when another file is mended. */
  readonly filled = new Set<string>();
  /** What a model said of a text, by tier and text: most files are the same in the next state. */
  readonly weights = new Map<string, readonly TokenWeight[] | undefined>();
  /** The best that an earlier step made, where it solved the request in part. */
  base: Base | undefined;

  of({ snapshot }: Base, tier: Tier): Looked | undefined {
    return this.#looked.get(keyOf(snapshot, tier));
  }

  keep({ snapshot }: Base, tier: Tier, looked: Looked): Looked {
    this.#looked.set(keyOf(snapshot, tier), looked);
    return looked;
  }
}

const keyOf = ({ tree }: Snapshot, tier: Tier): string => `${tier} ${tree}`;
