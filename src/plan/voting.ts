/**
 * The figures of a vote, first to be ahead by k (MAKER, arXiv 2511.09030). Pure. A reply is right with the chance p, and replies do not depend on each
 * other; that all wrong ones agree is the worst case, in which the lead of the right answer is a gambler's walk: up with p, down with 1 − p, over at k
 * or at −k.
 */

export interface VoteGoal {
  /** p: how often one reply is right, 0 to 1. */
  readonly accuracy: number;
  /** t: the chance that the whole chain comes out right, 0 to 1. */
  readonly target: number;
  /** s: votes of which each one builds on the one before. */
  readonly chain: number;
}

/** Where one reply is not right more often than wrong, more votes make it worse. */
export const canVote = (accuracy: number): boolean => accuracy > 0.5;

/** k_min = ⌈ln(t^(−m/s) − 1) / ln((1 − p)/p)⌉ with m = 1 step a call, at least 1 (equation 14 of the paper). For p of more than one half. */
export function leadNeeded({ accuracy, target, chain }: VoteGoal): number {
  if (!canVote(accuracy)) throw new RangeError(`No lead makes a vote right where one reply is right with ${accuracy}.`);
  if (accuracy >= 1) return 1;
  // t^(−1/s) − 1, also where s is so large that the power rounds to one.
  const risk = Math.expm1(-Math.log(target) / chain);
  const lead = Math.log(risk) / Math.log((1 - accuracy) / accuracy);
  // What is a whole number but for rounding is that number.
  return Math.max(1, Math.ceil(lead - 1e-9));
}

/** The chance that a vote comes out right: 1 / (1 + ((1 − p)/p)^k). */
export const successOf = (accuracy: number, lead: number): number => 1 / (1 + ((1 - accuracy) / accuracy) ** lead);

/**
 * Votes until one answer is ahead, on average: k · (2 · success − 1) / (2p − 1), the duration of the gambler's walk (W. Feller, An Introduction to
 * Probability Theory and Its Applications I, 3rd ed., XIV.3). Replies that are discarded come on top.
 */
export function votesExpected(accuracy: number, lead: number): number {
  // A fair walk between −k and k takes k².
  if (Math.abs(accuracy - 0.5) < 1e-9) return lead ** 2;
  return (lead * (2 * successOf(accuracy, lead) - 1)) / (2 * accuracy - 1);
}

/**
 * What the first replies say of p: the share of the answer that most of them give, by the rule of succession (a few that agree are no proof). It is
 * how much they agree, not how often they are right: who errs the same way each time looks certain.
 */
export const accuracyOf = (agreeing: number, replies: number): number => (agreeing + 1) / (replies + 2);
