/**
 * One plan under review: the plan as it is being edited, whatever view edits it. The form and the YAML text both change it here and both
 * listen here. Form edits may leave the plan wrong for a moment; `valid` is the last plan whose shape was right.
 */

import type { Analysis } from '../../plan/index.ts';
import { checkPlan, isError, type Plan, type Problem, parsePlanValue, planHash } from '../../plan/index.ts';
import type { Alternative, Proposal } from '../../run/types.ts';

/** `form`: an edit of the team that stands there; `team`: another team, as a whole. */
export type EditOrigin = 'form' | 'text' | 'team';

export interface PlanSession {
  readonly runId: string;
  readonly proposal: Proposal;
  readonly draft: Plan;
  /** The team that the edits in the form began with: its name and reason are about no other. */
  readonly edited: Plan;
  /** The last draft whose shape was right. */
  readonly valid: Plan;
  /** Of `valid`, as it would be approved. */
  readonly hash: string;
  readonly problems: readonly Problem[];
  readonly analysis: Analysis;
  /** Text that cannot be read as a plan: the draft stays what it was, and cannot be approved until the text is right again. */
  readonly brokenText: readonly Problem[] | undefined;
  change(plan: Plan, origin: EditOrigin): void;
  setBrokenText(problems: readonly Problem[] | undefined): void;
  alternative(hash: string): Alternative | undefined;
  /** True when the plan on screen may be approved: shape and sense right, text readable. */
  approvable(): boolean;
  onDidChange(listener: (origin: EditOrigin) => void): { dispose(): void };
}

export function createPlanSession(runId: string, proposal: Proposal, requestText: string): PlanSession {
  const listeners = new Set<(origin: EditOrigin) => void>();
  const judge = (plan: Plan, analysis: Analysis): Problem[] =>
    checkPlan(plan, { request: requestText, estimate: analysis.estimate, looks: proposal.looks });
  let draft = proposal.plan;
  let edited = proposal.plan;
  let valid = proposal.plan;
  let hash = proposal.hash;
  let analysis = proposal.analysis;
  let problems: readonly Problem[] = judge(valid, analysis);
  let shapeIsRight = true;
  let brokenText: readonly Problem[] | undefined;

  const notify = (origin: EditOrigin): void => {
    for (const listener of [...listeners]) listener(origin);
  };

  return {
    runId,
    proposal,
    get draft() {
      return draft;
    },
    get edited() {
      return edited;
    },
    get valid() {
      return valid;
    },
    get hash() {
      return hash;
    },
    get problems() {
      return problems;
    },
    get analysis() {
      return analysis;
    },
    get brokenText() {
      return brokenText;
    },
    change(plan, origin) {
      draft = plan;
      if (origin !== 'form') edited = plan;
      const parsed = parsePlanValue(plan);
      shapeIsRight = parsed.plan !== undefined;
      if (parsed.plan) {
        valid = parsed.plan;
        hash = planHash(valid);
        analysis = proposal.price(valid);
        problems = judge(valid, analysis);
        // Whoever edits in the form writes a new text; the broken one is overwritten.
        brokenText = undefined;
      } else problems = parsed.problems;
      notify(origin);
    },
    setBrokenText(found) {
      brokenText = found;
      notify('text');
    },
    alternative: (wanted) => proposal.alternatives.find((one) => one.hash === wanted),
    approvable: () => shapeIsRight && brokenText === undefined && !problems.some(isError),
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
