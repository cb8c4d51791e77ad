/** A small project with a known right change: what the judge is asked about. */
import type { RunnerName } from '../../src/feedback/types.ts';

export type Files = Readonly<Record<string, string>>;

export interface Reference {
  /** Suite and name, the same for every runner that its tests are put into. */
  readonly id: string;
  readonly runner: RunnerName;
  readonly request: string;
  /** The project before the change, path → text. */
  readonly files: Files;
  /** Files of the right change; each of them is there before it. */
  readonly reference: Files;
  readonly command: string;
}
