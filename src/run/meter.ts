/**
 * The meter of a run: what was spent, what is reserved by calls under way, and the limits. It never resets: re-plans draw on the same
 * budget. Limits are checked before a call, with the most it could cost.
 */
import { TeamwrightError } from '../errors.ts';
import { costOf } from '../models/index.ts';
import type { Price, Usage } from '../models/types.ts';
import type { Budget } from '../plan/schema.ts';
import type { Spend } from '../trace/events.ts';

/** Shorter replies than this are not worth a call. */
const leastReplyTokens = 200;

export interface Reservation {
  /** Tokens the reply may have: what was asked for, or less when the budget leaves less. */
  readonly replyTokens: number;
  /** Ends the reservation and books what was really used (nothing when the call never reached the server). */
  settle(usage: Usage | undefined): void;
}

export class Meter {
  readonly #clock: () => number;
  readonly #startedAt: number;
  readonly #secondsBefore: number;
  #limits: Budget | undefined;
  #raised: Partial<Budget> = {};
  /** USD of the whole run, until somebody is asked. */
  #below: number | undefined;
  #calls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #usd = 0;
  #reservedTokens = 0;
  #reservedUsd = 0;
  #stopTimer: NodeJS.Timeout | undefined;
  #onTimeUp: ((error: Error) => void) | undefined;
  #closed = false;
  /** How many wait: the time stands still until the last of them goes on. */
  #holds = 0;
  #pausedMs = 0;
  #pausedAt = 0;

  /** `secondsBefore`: what an interrupted run had used when it was resumed. */
  constructor(clock: () => number, secondsBefore = 0) {
    this.#clock = clock;
    this.#startedAt = clock();
    this.#secondsBefore = secondsBefore;
  }

  /** Sets the limits once they are approved; `onTimeUp` fires when the seconds run out. Until then nothing is limited. */
  limit(budget: Budget, onTimeUp: (error: Error) => void): void {
    this.#limits = grown(budget, this.#raised);
    this.#onTimeUp = onTimeUp;
    this.#arm();
  }

  /** Whatever the limits are, the run costs at most this, USD; undefined takes it away. It says nothing of what a next plan may cost. */
  holdBelow(usd: number | undefined): void {
    this.#below = usd;
  }

  /** Raises limits for the rest of the run, also those set later. Gives those that grew. */
  raise(wanted: Partial<Budget>): Partial<Budget> {
    const before = this.#limits ?? this.#raised;
    const growing = Object.entries(wanted).filter(([name, value]) => value > (before[name as keyof Budget] ?? 0));
    const grew: Partial<Budget> = Object.fromEntries(growing);
    this.#raised = { ...this.#raised, ...grew };
    if (this.#limits) this.#limits = grown(this.#limits, grew);
    // The user's own word on money counts more than what holds until they are asked.
    if (wanted.usd !== undefined && this.#below !== undefined) this.#below = Math.max(this.#below, wanted.usd);
    this.#arm();
    return grew;
  }

  /** The limits in force; undefined until there are any. */
  get limits(): Budget | undefined {
    return this.#limits;
  }

  /** A plan's budget with what the user has raised since. */
  grown(budget: Budget): Budget {
    return grown(budget, this.#raised);
  }

  /** Stops the time, until the function it gives back is called. */
  hold(): () => void {
    if (this.#holds === 0) this.#pausedAt = this.#clock();
    this.#holds += 1;
    clearTimeout(this.#stopTimer);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      if (this.#holds > 0) return;
      this.#pausedMs += this.#clock() - this.#pausedAt;
      this.#arm();
    };
  }

  /** Time in which the run waits for a person does not count. */
  async whileWaiting<T>(waiting: () => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await waiting();
    } finally {
      release();
    }
  }

  /** Throws `budget-exceeded` when the call could break a limit. Every attempt counts as a call. */
  reserve(inputTokens: number, wantedReplyTokens: number, price: Price): Reservation {
    let replyTokens = wantedReplyTokens;
    const limits = this.#limits;
    if (limits) {
      this.#require('calls', limits.calls, this.#calls + 1);
      this.#require('seconds', limits.seconds, this.spend().seconds);
      const used = this.#inputTokens + this.#outputTokens + this.#reservedTokens + inputTokens;
      replyTokens = Math.min(replyTokens, limits.tokens - used);
      const usedUsd = this.#usd + this.#reservedUsd + usdOf(inputTokens, 0, price);
      const mostUsd = Math.min(limits.usd, this.#below ?? Number.POSITIVE_INFINITY);
      if (price.output > 0) replyTokens = Math.min(replyTokens, Math.floor(((mostUsd - usedUsd) * 1e6) / price.output));
      const least = Math.min(leastReplyTokens, wantedReplyTokens);
      this.#require('tokens', limits.tokens, used + least);
      this.#require('usd', mostUsd, usedUsd + usdOf(0, least, price));
    }
    const tokens = inputTokens + replyTokens;
    const usd = usdOf(inputTokens, replyTokens, price);
    this.#calls += 1;
    this.#reservedTokens += tokens;
    this.#reservedUsd += usd;
    return {
      replyTokens,
      settle: (usage) => {
        this.#reservedTokens -= tokens;
        this.#reservedUsd -= usd;
        if (!usage) return;
        this.#inputTokens += usage.inputTokens;
        this.#outputTokens += usage.outputTokens;
        this.#usd += costOf(usage, price);
      },
    };
  }

  spend(): Spend {
    return {
      calls: this.#calls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      usd: this.#usd,
      seconds: this.#secondsBefore + ((this.#holds > 0 ? this.#pausedAt : this.#clock()) - this.#startedAt - this.#pausedMs) / 1000,
    };
  }

  /** What the limits leave for calls that are not made yet; undefined until there are limits. */
  left(): Pick<Budget, 'calls' | 'tokens' | 'usd'> | undefined {
    const limits = this.#limits;
    return (
      limits && {
        calls: limits.calls - this.#calls,
        tokens: limits.tokens - this.#inputTokens - this.#outputTokens - this.#reservedTokens,
        usd: limits.usd - this.#usd - this.#reservedUsd,
      }
    );
  }

  /** Clears the timer. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#stopTimer);
  }

  #arm(): void {
    clearTimeout(this.#stopTimer);
    const limit = this.#limits?.seconds;
    if (limit === undefined || this.#closed || this.#holds > 0) return;
    const leftMs = (limit - this.spend().seconds) * 1000;
    const timeUp = (): void => this.#onTimeUp?.(exceeded('seconds', limit, Math.ceil(this.spend().seconds)));
    this.#stopTimer = setTimeout(timeUp, Math.min(Math.max(0, leftMs), 2 ** 31 - 1));
    this.#stopTimer.unref();
  }

  #require(name: keyof Budget, limit: number, needed: number): void {
    if (needed > limit) throw exceeded(name, limit, needed);
  }
}

const exceeded = (name: keyof Budget, limit: number, needed: number) => new TeamwrightError('budget-exceeded', { name, limit, needed });

function grown(budget: Budget, raised: Partial<Budget>): Budget {
  const higher = Object.entries(raised).filter(([name, value]) => value > budget[name as keyof Budget]);
  return { ...budget, ...Object.fromEntries(higher) };
}

function usdOf(inputTokens: number, outputTokens: number, price: Price): number {
  return costOf({ inputTokens, outputTokens, cachedInputTokens: 0, estimated: true }, price);
}
