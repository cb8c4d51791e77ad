/** The plans of a run with their texts, and what a plan says of its agents and steps. */
import { diffPlans, type Plan, parsePlan } from '../plan/index.ts';
import type { PlanState, RunState } from '../trace/index.ts';
import type { PlanRecord } from './record-schema.ts';
import type { ReadText } from './record-texts.ts';

export interface ReadPlan {
  readonly state: PlanState;
  readonly text: string;
  /** Undefined when its text was lost. */
  readonly plan?: Plan;
  readonly edits?: PlanRecord['edits'];
}

/** In the order they were proposed. */
export async function readPlans(state: RunState, text: ReadText): Promise<readonly ReadPlan[]> {
  const read: ReadPlan[] = [];
  for (const plan of state.plans) {
    const planText = (await text(plan.plan)) ?? '';
    const { plan: value } = parsePlan(planText);
    const proposal = plan.origin === 'user-edit' ? read.findLast((other) => other.state.round === plan.round) : undefined;
    const edits = value && proposal?.plan && diffPlans(proposal.plan, value);
    read.push({
      state: plan,
      text: planText,
      plan: value,
      edits: edits && {
        from: proposal.state.hash,
        sentences: [...edits.sentences],
        changes: edits.changes.map((change) => ({ ...change })),
      },
    });
  }
  return read;
}

/** A plan that was executed, as its calls see it. */
export interface RecordedPlan {
  /** Among all that were proposed. */
  readonly index?: number;
  /** The agent's name where the plan is not known. */
  roleOf(agent: string): string;
  /** The step's name where the plan is not known. */
  kindOf(step: string): string;
}

/** The executed plan with this hash; one that says nothing when there is none. */
export function recordedPlan(hash: string | undefined, plans: readonly ReadPlan[], { steps }: RunState): RecordedPlan {
  const index = plans.findLastIndex(({ state }) => state.hash === hash && state.approval === 'approved');
  return {
    index: index === -1 ? undefined : index,
    roleOf: (agent) => plans[index]?.plan?.agents[agent]?.role ?? agent,
    kindOf: (name) => steps.find(({ planHash, step }) => planHash === hash && step === name)?.kind ?? name,
  };
}
