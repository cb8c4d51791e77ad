/** The review at the terminal: briefing, plan and price are shown, and a person says yes, no, or something else. */

import { renderBriefing } from '../briefing/index.ts';
import { soloSamples, soloTeam } from '../design/index.ts';
import {
  effortProblem,
  isError,
  looseRights,
  looseRightText,
  type Plan,
  planHash,
  printPlan,
  problemText,
  renderPlanText,
  whyAskedText,
} from '../plan/index.ts';
import { notShownText } from '../request/index.ts';
import type { Proposal, ReviewAnswer } from '../run/index.ts';
import { english, englishNumbers, printable, rangeText } from '../text/index.ts';
import type { Cli } from './context.ts';
import { editText } from './editor.ts';
import { askLine, forgetTyped } from './output/question.ts';
import { timeLines, wantedLines, withoutFence } from './output/report.ts';
import { oneLine } from './output/text.ts';
import { checkPlanText, isRunnable } from './plan-file.ts';

/** Approves without asking, because the user said `--yes`; what is approved is shown all the same. */
export async function approveByFlag(cli: Cli, proposal: Proposal): Promise<ReviewAnswer> {
  showProposal(cli, proposal);
  return { kind: 'approve', hash: proposal.hash, by: 'flag' };
}

/** Nobody sits at the terminal, and the plan does not run by itself. */
export async function declineUnseen(cli: Cli, proposal: Proposal): Promise<ReviewAnswer> {
  showProposal(cli, proposal);
  return { kind: 'decline', comment: 'nobody could be asked' };
}

/**
 * Asks until there is an answer. An edited or replaced plan is shown again before it can be approved: approval is for exactly what was
 * seen. Throws `stopped`.
 */
export async function reviewAtTerminal(cli: Cli, proposal: Proposal, signal: AbortSignal): Promise<ReviewAnswer> {
  const { terminal } = cli;
  showProposal(cli, proposal);
  await forgetTyped(terminal);
  let plan = proposal.plan;
  const show = async (next: Plan): Promise<void> => {
    plan = next;
    showPlan(cli, plan, proposal);
    await forgetTyped(terminal);
  };
  for (;;) {
    const answer = await askLine(terminal, `${terminal.err.paint('bold', 'Run this plan?')} ${choices(proposal)} `, signal);
    const other = proposal.alternatives[Number(answer) - 1];
    if (other) {
      await show(other.plan);
      continue;
    }
    switch (answer?.toLowerCase()) {
      case '':
      case 'y':
      case 'yes':
        return approval(proposal, plan);
      case undefined:
        terminal.err.line();
        return { kind: 'decline', comment: 'no answer' };
      case 'n':
      case 'no':
        return { kind: 'decline' };
      case 'e':
      case 'edit':
        await show((await editPlan(cli, plan, signal)) ?? plan);
        break;
      case 'r':
      case 'remark': {
        const comment = await askLine(terminal, 'What should be different? ', signal);
        if (comment) return { kind: 'redesign', comment };
        break;
      }
      case 's':
      case 'solo':
        await show({ ...soloTeam(soloSamples, proposal.plan.difficulty), budget: proposal.plan.budget });
        break;
      default:
        terminal.err.line(`Please answer one of ${choices(proposal)}.`);
    }
  }
}

function choices({ alternatives }: Proposal): string {
  const others = alternatives.map((_, index) => `[${index + 1}]`).join(' ');
  return `[Y]es, [n]o, [e]dit, [r]emark, [s]olo${others === '' ? '' : `, ${others}`}`;
}

function approval(proposal: Proposal, plan: Plan): ReviewAnswer {
  const hash = planHash(plan);
  return hash === proposal.hash ? { kind: 'approve', hash, by: 'user' } : { kind: 'approve', hash, by: 'user', edited: plan };
}

/** Gives undefined when the user keeps the plan as it was. */
async function editPlan(cli: Cli, plan: Plan, signal: AbortSignal): Promise<Plan | undefined> {
  const { err } = cli.terminal;
  const before = printPlan(plan);
  let text = before;
  for (;;) {
    text = await editText(cli, `${plan.name}.team.yaml`, text, signal);
    if (text === before) return undefined;
    const checked = checkPlanText(text);
    for (const problem of checked.problems) err.line(err.paint(isError(problem) ? 'red' : 'yellow', printable(problemText(problem))));
    if (isRunnable(checked)) return checked.plan;
    const answer = await askLine(cli.terminal, 'The plan cannot run like this. [E]dit again, [d]iscard the changes ', signal);
    if (answer === undefined || /^d/i.test(answer)) return undefined;
  }
}

function showProposal(cli: Cli, proposal: Proposal): void {
  const { err } = cli.terminal;
  err.line();
  if (proposal.round === 0) {
    err.line(err.paint('bold', 'Briefing'));
    err.line(printable(renderBriefing(proposal.briefing)));
    if (proposal.fence.by === 'none') err.line(`${err.paint('yellow', '!')} ${oneLine(withoutFence(proposal.fence.reason))}`);
    for (const line of timeLines(proposal.briefing.baseline?.ending, proposal.briefing.baseline))
      err.line(`${err.paint('yellow', '!')} ${line}`);
    for (const line of wantedLines(proposal.briefing.baseline?.wanted, proposal.workspace))
      err.line(`${err.paint('yellow', '!')} ${oneLine(line)}`);
    for (const each of proposal.notShown) err.line(`${err.paint('yellow', '!')} ${oneLine(notShownText(each, english))}`);
    err.line();
  } else if (proposal.failure !== undefined) {
    err.line(`${err.paint('yellow', 'The last plan did not do it:')} ${oneLine(proposal.failure)}`);
  }
  if (proposal.reason !== proposal.plan.reason) err.line(`${err.paint('bold', 'Why')} ${oneLine(proposal.reason)}`);
  showPlan(cli, proposal.plan, proposal);
  if (proposal.whyAsked !== undefined)
    err.line(`${err.paint('yellow', '!')} It does not run unasked: ${whyAskedText(proposal.whyAsked, english)}.`);
  if (proposal.alternatives.length === 0) return;
  err.line(err.paint('bold', 'Other teams'));
  for (const [index, { plan, estimate, reason }] of proposal.alternatives.entries()) {
    const { calls, tokens } = estimate;
    const size = `${rangeText(calls.least, calls.most, count)} calls, ${rangeText(tokens.least, tokens.most, count)} tokens`;
    err.line(`  ${index + 1}  ${printable(plan.name)}: ${size}. ${oneLine(reason)}`.slice(0, Math.min(160, err.columns)));
  }
  err.line();
}

const { count } = englishNumbers;

function showPlan(cli: Cli, plan: Plan, proposal: Proposal): void {
  const { err } = cli.terminal;
  const asProposed = planHash(plan) === proposal.hash;
  err.line(err.paint('bold', asProposed ? `Plan (${origin[proposal.origin]})` : 'Plan (yours)'));
  err.line(
    printable(
      renderPlanText(plan, asProposed ? proposal.analysis : proposal.price(plan), {
        recalled: proposal.recalled,
        width: Math.min(100, err.columns),
        expectation: asProposed ? proposal.expectation : undefined,
      }),
    ).trimEnd(),
  );
  const effort = effortProblem(plan, proposal.looks);
  if (effort) err.line(`${err.paint('yellow', '!')} ${effort.message}`);
  for (const loose of looseRights(plan, proposal.here)) err.line(`${err.paint('yellow', '!')} ${oneLine(looseRightText(loose, english))}`);
  err.line();
}

const origin: Record<Proposal['origin'], string> = {
  solo: 'one coder is enough until shown otherwise',
  library: 'a team from the library',
  model: 'designed by the model for this request',
  'model-repaired': 'designed by the model, repaired',
  'model-reasked': 'designed by the model at the second attempt',
  'fallback-library': "a team from the library, because the model's design was not valid",
  file: 'from your file',
  'user-edit': 'yours',
};
