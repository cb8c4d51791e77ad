/**
 * Which plan runs without being asked about: the first one of a run, of one agent, whose price is known and low enough at its most, and of which
 * nothing has to be said first. What stands in the way is a reason to ask, whatever the user's limit is.
 */
import { hasTests } from '../briefing/index.ts';
import { checkPlan, type WhyAsked } from '../plan/index.ts';
import type { Request } from '../request/types.ts';
import type { Spend } from '../trace/events.ts';
import type { ApproveBelow, Proposal } from './types.ts';

export interface Considered {
  readonly proposal: Proposal;
  readonly request: Request;
  /** So far, by its design. */
  readonly spend: Pick<Spend, 'calls' | 'usd'>;
  /** The prices of all models of the run are known. */
  readonly pricesKnown: boolean;
  /** The user has sent a plan of this run back. */
  readonly sentBack: boolean;
}

/** Why it has to be asked about; undefined: it may run. Pure. */
export function whyAsk({ usd }: Pick<ApproveBelow, 'usd'>, considered: Considered): WhyAsked | undefined {
  const { proposal, request, spend, pricesKnown, sentBack } = considered;
  const { plan, estimate } = proposal;
  if (proposal.round > 0) return 'failed-before';
  if (sentBack) return 'sent-back';
  if (Object.keys(plan.agents).length !== 1) return 'team';
  if (!estimate.usd.known || (spend.calls > 0 && !pricesKnown)) return 'price-unknown';
  if (spend.usd + estimate.usd.most > usd) return 'cost';
  return whyLook(proposal, request);
}

/** Why a plan should be looked at before it is approved, whatever it costs; undefined: nothing has to be said first. Pure. */
export function whyLook(
  { plan, estimate, briefing, fence, looks, notShown }: Proposal,
  request: Pick<Request, 'text'>,
): WhyAsked | undefined {
  const { baseline } = briefing;
  if (fence.by === 'none') return 'no-fence';
  if (Object.values(plan.agents).some(({ network }) => network)) return 'network';
  if (briefing.unusable !== undefined) return 'unreadable';
  if (notShown.length > 0) return 'not-shown';
  if (plan.finish.when !== 'answer') {
    if (!hasTests(briefing)) return 'no-tests';
    if (baseline !== undefined && baseline.ending !== 'finished') return 'tests-cut-short';
    if ((baseline?.wanted ?? []).length > 0) return 'wanted';
  }
  if (checkPlan(plan, { request: request.text, estimate, looks }).length > 0) return 'warnings';
  return undefined;
}
