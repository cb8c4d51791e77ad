import type { Plan } from '../plan/index.ts';
import { provedOtherwise } from './kind.ts';
import type { Design, DesignInput } from './types.ts';

/** Characters of a remark that a reason quotes. */
const quotedCharacters = 200;

/** A plan that no model was asked for, with its own reason, and what it answers: the last failure, the user's last remark. */
export function madeByHand(plan: Plan, origin: Design['origin'], input: DesignInput): Design {
  const { failures, sentBack = [] } = input;
  const proved = provedOtherwise(input);
  const failure = failures.at(-1);
  const remark = sentBack.at(-1);
  const reason = [
    plan.reason,
    ...(proved ? [proved] : []),
    ...(failure ? [`The ${failure.plan.name} plan left ${failure.signature}.`] : []),
    ...(remark ? [`In place of ${remark.plan.name}, after the remark "${remark.comment.slice(0, quotedCharacters)}".`] : []),
  ];
  return { plan, origin, reason: reason.join(' '), difficulty: plan.difficulty, rounds: [] };
}
