/** Ways through the extension that several tests take. */
import { type DiffReview, diffReview } from './diff-review.ts';
import { type PlanReview, planReview } from './plan-review.ts';
import { type RunView, runView } from './run-view.ts';
import type { Workbench } from './workbench.ts';

export const defaultRequest = 'make the failing test pass';

/** From the palette to a plan on screen. */
export async function request(workbench: Workbench, text = defaultRequest): Promise<PlanReview> {
  await workbench.command('Teamwright: New Request…');
  await workbench.answer(text);
  return planReview(workbench);
}

/** From the palette to a run that has begun. */
export async function requestAndApprove(workbench: Workbench, text = defaultRequest): Promise<RunView> {
  const review = await request(workbench, text);
  await review.approve();
  return runView(workbench);
}

/** From the palette to the change of a finished run on screen. */
export async function requestAndReview(workbench: Workbench, text = defaultRequest): Promise<DiffReview> {
  const run = await requestAndApprove(workbench, text);
  await run.stands('done');
  await run.button('Review the changes').click();
  return diffReview(workbench);
}
