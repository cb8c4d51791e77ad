/** Watches a run for what its plan says it is not to go on after (`plan/abort.ts`), by the events it makes: a replay ends where the run did. */
import { type Facts, TeamwrightError } from '../errors.ts';
import type { Abort } from '../plan/index.ts';
import type { NewEvent, Trouble } from '../trace/events.ts';
import { troubleOfCode } from './rescue.ts';

type Why = Facts['run-ended-early'];

export class Triggers {
  #policy: Abort | undefined;
  #fire: (why: TeamwrightError) => void = () => {};
  #breaches = 0;
  #inARow = 0;
  #trouble: Trouble | undefined;
  /** More tests that pass than at the start, of the best candidate so far. */
  #gained = 0;
  #spent = 0;
  #spentAtGain = 0;

  /** From now on, until `end`: a plan's own policy. What the run came to before counts on, but for the tokens. */
  begin(policy: Abort, fire: (why: TeamwrightError) => void): void {
    this.#policy = policy;
    this.#fire = fire;
    this.#spentAtGain = this.#spent;
  }

  end(): void {
    this.#policy = undefined;
  }

  /** A failure of an agent; undefined: it was none. */
  noteTrouble(trouble: Trouble | undefined): void {
    if (trouble === undefined) return;
    this.#inARow = this.#trouble === trouble ? this.#inARow + 1 : 1;
    this.#trouble = trouble;
    const limit = this.#policy?.failures;
    if (limit !== undefined && this.#inARow >= limit) this.#end({ trigger: 'failures', limit, trouble });
  }

  note(event: NewEvent): void {
    switch (event.type) {
      case 'write.blocked':
      case 'right.refused':
        this.#breaches += 1;
        if (this.#policy !== undefined && this.#breaches >= this.#policy.breaches)
          this.#end({ trigger: 'breaches', limit: this.#policy.breaches });
        break;
      case 'call.failed':
        if (!event.willRetry) this.noteTrouble(troubleOfCode(event.failure.code));
        break;
      case 'candidate.made':
      case 'note.written':
        this.#inARow = 0;
        break;
      case 'call.done':
        this.#spent = event.spend.inputTokens + event.spend.outputTokens;
        this.#lookAtTokens();
        break;
      case 'candidate.tested':
        this.#noteGain(event.delta.fixed.length - event.delta.broken.length);
        break;
    }
  }

  #noteGain(gained: number): void {
    if (gained <= this.#gained) return;
    this.#gained = gained;
    this.#spentAtGain = this.#spent;
  }

  #lookAtTokens(): void {
    const limit = this.#policy?.tokens ?? 0;
    if (limit > 0 && this.#spent - this.#spentAtGain >= limit) this.#end({ trigger: 'tokens', limit });
  }

  #end(why: Why): void {
    this.#policy = undefined;
    this.#fire(new TeamwrightError('run-ended-early', why));
  }
}
