/**
 * The meter of a run: what was spent, what is reserved by calls under way, and the limits. It never resets: re-plans draw on the same
 * budget. Limits are checked before a call, with the most it could cost.
 */
import { type BudgetName, budgetExceeded } from '../errors.ts';
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
  #limits: Budget | undefined;
  #calls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #usd = 0;
  #reservedTokens = 0;
  #reservedUsd = 0;
  #stopTimer: NodeJS.Timeout | undefined;
  #onTimeUp: ((error: Error) => void) | undefined;
  #pausedMs = 0;
  #pausedAt: number | undefined;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#startedAt = clock();
  }

  /** Sets the limits once they are approved; `onTimeUp` fires when the seconds run out. Until then nothing is limited. */
  limit(budget: Budget, onTimeUp: (error: Error) => void): void {
    this.#limits = budget;
    this.#onTimeUp = onTimeUp;
    this.#arm();
  }

  /** Time in which the run waits for a person does not count. */
  async whileWaiting<T>(waiting: () => Promise<T>): Promise<T> {
    this.#pausedAt = this.#clock();
    clearTimeout(this.#stopTimer);
    try {
      return await waiting();
    } finally {
      this.#pausedMs += this.#clock() - this.#pausedAt;
      this.#pausedAt = undefined;
      this.#arm();
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
      if (price.output > 0) replyTokens = Math.min(replyTokens, Math.floor(((limits.usd - usedUsd) * 1e6) / price.output));
      const least = Math.min(leastReplyTokens, wantedReplyTokens);
      this.#require('tokens', limits.tokens, used + least);
      this.#require('usd', limits.usd, usedUsd + usdOf(0, least, price));
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
      seconds: ((this.#pausedAt ?? this.#clock()) - this.#startedAt - this.#pausedMs) / 1000,
    };
  }

  /** Clears the timer. */
  close(): void {
    this.#limits = undefined;
    clearTimeout(this.#stopTimer);
  }

  #arm(): void {
    clearTimeout(this.#stopTimer);
    const limit = this.#limits?.seconds;
    if (limit === undefined) return;
    const leftMs = (limit - this.spend().seconds) * 1000;
    const timeUp = (): void => this.#onTimeUp?.(budgetExceeded('seconds', limit, Math.ceil(this.spend().seconds)));
    this.#stopTimer = setTimeout(timeUp, Math.min(Math.max(0, leftMs), 2 ** 31 - 1));
    this.#stopTimer.unref();
  }

  #require(name: BudgetName, limit: number, needed: number): void {
    if (needed > limit) throw budgetExceeded(name, limit, needed);
  }
}

function usdOf(inputTokens: number, outputTokens: number, price: Price): number {
  return costOf({ inputTokens, outputTokens, cachedInputTokens: 0, estimated: true }, price);
}
