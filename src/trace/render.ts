/** A run as text, for `runs show`: what was asked, the plan, what happened step by step, who spent what, and how it ended. */

import type { RecordedFailure } from '../errors.ts';
import { flakyText, reasonText, tamperingText, unlikelyText } from '../feedback/index.ts';
import { looksMadeForTests } from '../feedback/types.ts';
import { looseRightText } from '../plan/index.ts';
import { english, englishNumbers, named, rangeText } from '../text/index.ts';
import { stateBadge } from './badge.ts';
import { type RunStatus, status } from './reduce.ts';
import { afterwards, continuations, steered } from './render-later.ts';
import type { PlanState, RunState, StepState } from './state.ts';
import { changedAsStored, storedOtherwiseText } from './stored-otherwise.ts';
import { counts, table } from './words.ts';

const statusWords: Readonly<Record<RunStatus, string>> = {
  running: 'running',
  'waiting-for-review': 'waiting for the review of its plan',
  done: 'done',
  failed: 'ended early',
  interrupted: 'interrupted: its process ended without closing the run',
};

const outcomeWords: Readonly<Record<NonNullable<RunState['result']>['outcome'], string>> = {
  solved: 'solved: the tests pass',
  unproven: 'unproven: the tests do not show that the request is done',
  'tests-fail': 'tests still fail',
  'no-tests': 'a change was made, but no test could judge it',
  answered: 'answered',
  budget: 'the budget ran out',
  stopped: 'stopped by the user',
  failed: 'failed',
  declined: 'the plan was declined',
};

/** Of a run that ended so with a candidate. */
const keptWords = 'no further plan was wanted, and the best try is kept';

export interface RenderOptions {
  /** Whether the process that writes the run lives. */
  readonly ownerAlive: boolean;
  /** Sentences about a damaged trace, shown first (`describeDamage`). */
  readonly damage?: readonly string[];
  /** What a failure is called and what to do about it, in the program's own words; else as it was recorded. */
  readonly tell?: (failure: RecordedFailure) => Pick<RecordedFailure, 'message' | 'next'>;
}

type Tell = NonNullable<RenderOptions['tell']>;

/** Pure; ends with a line break. */
export function renderRun(state: RunState, options: RenderOptions): string {
  const tell = options.tell ?? ((failure) => failure);
  const sections = [
    damaged(options.damage ?? []),
    head(state, options.ownerAlive),
    facts(state),
    ...state.plans.map((plan, index) => planned(state, plan, index)),
    designed(state),
    steps(state, tell),
    titled('Questions', questions(state)),
    titled('Steered', steered(state)),
    agents(state),
    candidates(state),
    incidents(state, tell),
    ending(state, tell),
  ];
  return `${named(
    sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  )}\n`;
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const titled = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [title, ...indent(lines)]);
const about = (estimated: boolean, text: string): string => (estimated ? `~${text}` : text);

function damaged(sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : ['This trace is not whole:', ...indent(sentences)];
}

function head(state: RunState, ownerAlive: boolean): string[] {
  const { start } = state;
  const now = status(state, ownerAlive);
  if (start === undefined) return [`Run without a beginning (${statusWords[now]})`];
  const models = Object.entries(start.models).map(([tier, choice]) => `${tier}: ${choice.model} at ${choice.endpoint}`);
  return [
    `Run ${start.runId}   ${state.result ? stateBadge(state, now).word(english) : statusWords[now]}`,
    ...(state.startedAt === undefined ? [] : [`Started    ${new Date(state.startedAt).toISOString().replace('T', ' ').slice(0, 19)} UTC`]),
    `Workspace  ${start.workspace}`,
    ...continuations(state).map((line, index) => `${index === 0 ? 'Goes on   ' : '          '} ${line}`),
    ...(models.length === 0 ? [] : [`Models     ${models.join('; ')}`]),
    'Request',
    ...indent(start.request.text.split(/\r?\n/)),
  ];
}

function facts(state: RunState): string[] {
  const { briefing, snapshot } = state;
  const lines: string[] = [];
  if (briefing !== undefined) {
    lines.push(
      `Briefing   ${briefing.languages.join(', ') || 'no known language'}; ${briefing.files.length} relevant files; ${englishNumbers.span(briefing.ms)}`,
    );
    lines.push(`Tests      ${briefing.test ? `${briefing.test.display} (from ${briefing.test.source})` : 'none found'}`);
    if (briefing.baseline) lines.push(`Before     ${counts(briefing.baseline)}`);
  }
  const leftOut = snapshot?.leftOut ?? [];
  if (state.start?.fence?.by === 'none') lines.push(`Fence      none: ${state.start.fence.reason ?? 'no reason was told'}`);
  if (leftOut.length > 0) lines.push(`Left out   ${leftOut.map((one) => `${one.path} (${one.reason})`).join(', ')}`);
  for (const one of storedOtherwiseText(snapshot?.storedOtherwise ?? [])) lines.push(`As stored  ${inOneLine(one)}`);
  return lines;
}

function planned(state: RunState, plan: PlanState, index: number): string[] {
  const { estimate } = plan;
  const approval = {
    open: 'not yet approved',
    approved: `approved by ${plan.approvedBy ?? 'user'}${plan.approvedBelow === undefined ? '' : `, unasked: at most ${englishNumbers.money(plan.approvedBelow)}`}`,
    declined: plan.redesign ? 'sent back' : 'declined',
  }[plan.approval];
  const again = index === 0 ? undefined : state.replans.findLast((replan) => replan.round <= plan.round);
  const price = estimate.usd.known ? rangeText(estimate.usd.least, estimate.usd.most, englishNumbers.money) : 'price unknown';
  return [
    `Plan ${plan.name}   ${plan.origin}, ${plan.difficulty}, ${approval}   ${plan.hash.slice(0, 12)}`,
    ...indent([
      ...(again ? [`after: ${again.failure.split('\n', 1)[0]}`] : []),
      ...(plan.reason === '' ? [] : plan.reason.split('\n')),
      `estimate: ${rangeText(estimate.calls.least, estimate.calls.most, englishNumbers.whole)} calls, ${rangeText(estimate.tokens.least, estimate.tokens.most, englishNumbers.whole)} tokens, ${price}, ${rangeText(estimate.seconds.least * 1000, estimate.seconds.most * 1000, englishNumbers.span)}`,
      ...(plan.alternatives ?? []).map(
        (other) =>
          `other team: ${other.name}, ${rangeText(other.estimate.calls.least, other.estimate.calls.most, englishNumbers.whole)} calls`,
      ),
      ...(plan.comment ? [`comment: ${plan.comment}`] : []),
    ]),
  ];
}

function designed(state: RunState): string[] {
  const bad = state.rounds.filter((round) => !round.valid);
  if (bad.length === 0) return [];
  return [
    'Designs that were not valid',
    ...indent(
      bad.map((round) => `round ${round.round} by ${round.designer}: ${round.problems.slice(0, 3).join('; ') || 'no reason given'}`),
    ),
  ];
}

const marks: Readonly<Record<StepState['state'], string>> = {
  pending: '·',
  running: '▸',
  done: '✓',
  skipped: '–',
  'no-tests': '!',
  failed: '✗',
};

function steps(state: RunState, tell: Tell): string[] {
  if (state.steps.length === 0) return [];
  const rows = state.steps.map((step) => [
    step.vouched === false ? marks.failed : marks[step.state],
    step.path,
    step.kind === step.path ? '' : step.kind,
    step.agent ?? '',
    step.ms === undefined ? (step.state === 'running' ? 'running' : '') : englishNumbers.span(step.ms),
    step.failure ? tell(step.failure).message : (step.reason ?? ''),
  ]);
  return ['Steps', ...indent(table(rows, [4]))];
}

function questions(state: RunState): string[] {
  return state.questions.flatMap(({ agent, question, answer, by, open }) => [
    `${agent}: ${inOneLine(question)}`,
    `  ${open ? 'waits for the answer' : by === 'nobody' ? 'nobody to ask' : answer === undefined ? 'no answer' : inOneLine(answer)}`,
  ]);
}

function agents(state: RunState): string[] {
  const all = Object.values(state.agents);
  if (all.length === 0) return [];
  const rows = all.map((agent) => [
    agent.name,
    agent.servedModels.join(', ') || '–',
    `${agent.calls}${agent.failedCalls > 0 ? ` (${agent.failedCalls} failed)` : ''}${agent.active > 0 ? ` +${agent.active}` : ''}`,
    about(agent.estimated, englishNumbers.whole(agent.inputTokens)),
    englishNumbers.whole(agent.cachedInputTokens),
    about(agent.estimated, englishNumbers.whole(agent.outputTokens)),
    about(agent.estimated, englishNumbers.money(agent.usd)),
    englishNumbers.span(agent.ms),
    Object.entries(agent.tools)
      .map(([tool, times]) => `${tool} ${times}`)
      .join(', '),
  ]);
  const note = all.some((agent) => agent.estimated) ? ['~ our estimate: the server reported no tokens'] : [];
  return [
    'Agents',
    ...indent([
      ...table(
        [['agent', 'model that answered', 'calls', 'tokens in', 'cached', 'out', 'cost', 'time', 'tools'], ...rows],
        [2, 3, 4, 5, 6, 7],
      ),
      ...note,
    ]),
  ];
}

function candidates(state: RunState): string[] {
  if (state.candidates.length === 0) return [];
  const before = state.briefing?.baseline;
  const rows = state.candidates.map((candidate) => {
    const { test } = candidate;
    const shrunk = test?.tampering.filter(({ kind }) => kind === 'shrinks').length ?? 0;
    const gaming = (test?.tampering.filter(looksMadeForTests).length ?? 0) - shrunk;
    const exam = (test?.tampering.length ?? 0) - gaming - shrunk;
    const failed = candidate.checks.filter((check) => check.available && !check.ok).map((check) => `${check.name} fail`);
    return [
      candidate.id === state.result?.candidate ? `${candidate.id} *` : candidate.id,
      candidate.from,
      candidate.agent,
      String(candidate.changed.length),
      test ? `${before ? `${before.passed}/${before.failed}` : '–'} → ${test.counts.passed}/${test.counts.failed}` : 'not tested',
      test ? `+${test.delta.fixed.length} −${test.delta.broken.length}` : '',
      [
        ...(test?.stale ? ['result is stale'] : []),
        ...(test && test.ending !== 'finished' ? [test.ending] : []),
        ...(exam > 0 ? [`touches its own tests: ${exam}`] : []),
        ...(gaming > 0 ? [`looks made for its tests: ${gaming}`] : []),
        ...(shrunk > 0 ? [`most of the text is gone: ${shrunk}`] : []),
        ...failed,
        ...(candidate.problems.length > 0 ? [`${candidate.problems.length} edit(s) failed`] : []),
      ].join(', '),
    ];
  });
  const refused = state.refused.map(
    (one) => `no candidate from ${one.agent} in ${one.step}: ${one.reason}${one.sameAs ? ` as ${one.sameAs}` : ''}${times(one.times)}`,
  );
  return [
    'Candidates',
    ...indent([...table([['candidate', 'from', 'agent', 'files', 'passed/failed', 'fixed/broken', ''], ...rows], [3]), ...refused]),
  ];
}

const times = (count: number): string => (count > 1 ? ` (${count} times)` : '');

function incidents(state: RunState, tell: Tell): string[] {
  const lines = [
    ...state.loops.map((loop) => `loop ${loop.action}: ${loop.agent}: ${loop.detail}${times(loop.times)}`),
    ...state.blockedWrites.map((write) => `write blocked: ${write.agent}: ${write.path}: ${write.reason}${times(write.times)}`),
    ...state.failedServers.map(({ failure }) => inOneLine(tell(failure).message)),
    ...state.looseRights.map((one) => inOneLine(looseRightText(one, english))),
    ...state.refusedRights.map((one) => `not granted: ${one.agent}: ${one.right} ${inOneLine(one.what)}${times(one.times)}`),
    ...state.candidates.flatMap((candidate) =>
      (candidate.test?.tampering ?? []).map((one) => `${candidate.id}: ${one.kind} in ${one.path}: ${one.detail}`),
    ),
  ];
  return lines.length === 0 ? [] : ['Incidents', ...indent(lines)];
}

/** Names of tests and files may hold line ends, which would look like lines of ours. */
const inOneLine = (text: string): string => named(text.replace(/\s+/g, ' '));

function ending(state: RunState, tell: Tell): string[] {
  const { result, spend } = state;
  const estimated = Object.values(state.agents).some((agent) => agent.estimated);
  const priced = state.plans.at(-1)?.estimate.usd.known ?? true;
  const tokens = about(estimated, `${englishNumbers.whole(spend.inputTokens)} in, ${englishNumbers.whole(spend.outputTokens)} out`);
  const cost = `Spent      ${englishNumbers.whole(spend.calls)} calls, ${tokens} tokens, ${priced ? about(estimated, englishNumbers.money(spend.usd)) : 'price unknown'}, ${englishNumbers.span(spend.seconds * 1000)}`;
  if (result === undefined) return [cost];
  const kept = result.outcome === 'declined' && result.candidate !== undefined;
  const lines = [`Outcome    ${kept ? keptWords : outcomeWords[result.outcome]}`];
  if (result.before && result.after) lines.push(`Tests      ${counts(result.before)} → ${counts(result.after)}`);
  else if (result.after) lines.push(`Tests      ${counts(result.after)}`);
  for (const reason of result.judgement?.reasons ?? []) lines.push(`Why        ${inOneLine(reasonText(reason))}`);
  const { unrelated = [], outOfReach = [], flaky = [], notRun = [], unguarded } = result.judgement ?? {};
  if (unguarded !== undefined) lines.push(`Unguarded  ${inOneLine(unguarded)}`);
  if (notRun.length > 0) lines.push(`Untested   ${inOneLine(notRun.join(', '))}: no test command is about it`);
  if (flaky.length > 0) lines.push(`Flaky      ${inOneLine(flakyText(flaky))}`);
  if (unrelated.length > 0) lines.push(`As before  ${inOneLine(unrelated.join(', '))}: red, and not asked about`);
  if (outOfReach.length > 0)
    lines.push(`Offline    ${inOneLine(outOfReach.join(', '))}: red as before for want of a network or a host, and not counted`);
  for (const one of storedOtherwiseText(changedAsStored(state))) lines.push(`As stored  ${inOneLine(one)}`);
  const exam = result.tampering.filter((one) => !looksMadeForTests(one));
  if (exam.length > 0) lines.push(`Warning    the change touches its own tests (${exam.length})`);
  for (const one of result.tampering) if (looksMadeForTests(one)) lines.push(`Warning    ${inOneLine(tamperingText(one))}`);
  if (state.candidates.some(({ id, unlikely }) => id === result.candidate && unlikely === true)) lines.push(`Warning    ${unlikelyText}`);
  if (result.failure) {
    const { message, next = '' } = tell(result.failure);
    lines.push(`Because    ${message} ${next}`.trimEnd());
  }
  if (result.candidate) lines.push(`Candidate  ${result.candidate}`);
  lines.push(cost);
  const reward = Object.entries(result.reward).map(([term, value]) => `${term} ${Number(value.toFixed(3))}`);
  if (reward.length > 0) lines.push(`Reward     ${reward.join(', ')}`);
  return [...lines, ...afterwards(state)];
}
