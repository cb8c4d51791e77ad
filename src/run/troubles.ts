/** What agents did wrong without a failure, and who is out of the team. */
import type { Trouble } from '../trace/events.ts';

/** What a step's agent did wrong that nothing throws: noted where it is seen, by the step. */
export class Troubles {
  readonly #found = new Map<string, Trouble>();
  readonly #onTrouble: (trouble: Trouble) => void;
  /** Agents that are out of the team. */
  readonly dropped = new Set<string>();

  constructor(onTrouble: (trouble: Trouble) => void = () => {}) {
    this.#onTrouble = onTrouble;
  }

  note(step: string, trouble: Trouble): void {
    this.#onTrouble(trouble);
    this.#found.set(step, trouble);
  }

  /** What was noted since it was last asked. */
  take(step: string): Trouble | undefined {
    const found = this.#found.get(step);
    this.#found.delete(step);
    return found;
  }
}
