/** Finds an agent that goes in circles: the same call again and again, or two calls in turn. */
const warnAt = 3;
const stopAt = 5;
/** A-B-A-B: so many turns of the same two calls stop the agent. */
const cycleTurns = 6;

export type LoopFinding = { readonly action: 'warned' | 'stopped'; readonly detail: string } | undefined;

export class LoopGuard {
  readonly #history: string[] = [];

  /** Notes a call and what came back; an answer that differs is progress, the same answer is not. */
  note(tool: string, argumentText: string, answer: string): LoopFinding {
    this.#history.push(`${tool}\0${argumentText}\0${answer}`);
    const last = this.#history.at(-1);
    let same = 0;
    while (this.#history.at(-1 - same) === last && same < this.#history.length) same += 1;
    if (same >= stopAt) return { action: 'stopped', detail: `${tool} was called ${same} times with the same result.` };
    if (this.#cycles()) return { action: 'stopped', detail: `${tool} and another call took turns ${cycleTurns} times without progress.` };
    if (same === warnAt) return { action: 'warned', detail: `${tool} was called ${same} times with the same result.` };
    return undefined;
  }

  #cycles(): boolean {
    if (this.#history.length < cycleTurns) return false;
    const tail = this.#history.slice(-cycleTurns);
    return tail[0] !== tail[1] && tail.every((entry, index) => entry === tail[index % 2]);
  }
}
