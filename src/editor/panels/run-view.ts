/** Everything the run page shows, from the state of the run. Pure. */

import { looksMadeForTests, type TestReport } from '../../feedback/types.ts';
import { agentNameOf, formatPlace, type LocatedStep, locateSteps, type Plan } from '../../plan/index.ts';
import type { Question } from '../../run/types.ts';
import { named } from '../../text/index.ts';
import type { TraceEvent } from '../../trace/events.ts';
import {
  type AgentState,
  agreementOn,
  candidateBadge,
  changedAsStored,
  type RunState,
  type StepState,
  seenOf,
  stateBadge,
  stateFacts,
  status,
  type TestedFacts,
  type TestedTree,
  type Tone,
  testedIn,
} from '../../trace/index.ts';
import type { GraphNodeModel } from '../../webviews/graph-types.ts';
import type { NoticeModel } from '../../webviews/plan-types.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import { tell, tellAll } from '../failure-table.ts';
import { goesOn, testsWords } from '../words.ts';
import { answerView } from './answer-view.ts';
import { candidatesView } from './candidates-view.ts';
import { failingView } from './failing-tests.ts';
import { graphView } from './graph-view.ts';
import { originText } from './origins.ts';
import { placesView } from './places-view.ts';
import { reasonWords, tamperingWords } from './reason-words.ts';
import { logLines } from './run-log.ts';
import { mostTries, nowView, type Spoken, type Try, triesOf, tryName, uncounted } from './run-now.ts';
import { skipWords } from './skip-words.ts';
import { badgeView, calls, count, limitWords, money, type Speech, span, timeWords, wantedWords } from './words.ts';

export interface RunViewInput {
  readonly runId: string;
  /** What the run is called that this one goes on from. */
  readonly parent?: string;
  readonly state: RunState;
  /** Runs in this window now. */
  readonly live: boolean;
  /** A living process, here or elsewhere, writes it. */
  readonly ownerAlive: boolean;
  readonly notice?: NoticeModel;
  /** Texts of the plans, by hash, as far as they are read. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** The round the graph shows; the newest without one. */
  readonly round?: number;
  /** Texts of notes, by blob. */
  readonly notes: ReadonlyMap<string, string>;
  /** Of a run that answered a question; `files`: what it names and is there, from the name to its path. */
  readonly answer?: { readonly text: string; readonly files: ReadonlyMap<string, string> };
  readonly events: readonly TraceEvent[];
  /** What calls have said, as far as this window heard it. */
  readonly spoken: ReadonlyMap<string, Spoken>;
  /** Of the candidate the run ended with, or its best one. */
  readonly report?: TestReport;
  /** That waits for the user, in this window. */
  readonly question?: Question;
  readonly now: number;
}

/** Lines of the log that are sent; the trace has the rest. */
const longestLog = 400;

export function runView(input: RunViewInput, speech: Speech): RunModel {
  const { state, plans } = input;
  const { l10n } = speech;
  const executed = state.plans.filter(({ approval }) => approval === 'approved');
  const shown = executed.find(({ round }) => round === input.round) ?? executed.at(-1) ?? state.plans.at(-1);
  const plan = shown && plans.get(shown.hash);
  const runStatus = status(state, input.ownerAlive);
  const live = input.live && state.result === undefined;
  const log = logLines(input.events, longestLog, speech);
  const facts = stateFacts(state, runStatus);
  const tries = triesOf(input.events, state, input.spoken);
  const current = stateBadge(state, runStatus);
  const again = endedShort(current, state);
  const failing = again ? failingView(input.report, speech) : undefined;
  return {
    page: 'run',
    runId: input.runId,
    badge: badgeView(current, l10n),
    paused: runStatus === 'running' && state.paused,
    request: state.start?.request.text ?? input.runId,
    along: [
      ...(input.parent === undefined ? [] : [l10n.t('goes on from “{0}”', input.parent)]),
      ...(state.start?.request.images ?? []).map(({ name, width, height }) => l10n.t('picture {0} ({1} × {2})', name, width, height)),
    ],
    ...(input.notice && { notice: input.notice }),
    ...(input.question && { question: questionView(input.question) }),
    ...(input.answer && { answer: answerView(input.answer.text, (name) => input.answer?.files.get(name), l10n) }),
    outcome: outcomeView(state, speech),
    verdict: verdictView(state, facts, input, speech),
    now: live ? nowView({ state, status: runStatus, tries, now: input.now }, speech) : [],
    ...(failing && { failing }),
    facts: factsView(state, speech),
    rounds: executed.map(({ round, name, origin }) => ({
      round,
      label: l10n.t('{0}. {1} – {2}', round + 1, name, originText(origin, l10n)),
    })),
    round: shown?.round ?? 0,
    graph: plan ? runGraph(plan, shown.round, input, speech) : { nodes: [], edges: [] },
    skippable: plan && live ? skippableSteps(plan, shown.round, state) : {},
    budget: budgetView(
      input.state,
      speech,
      live && runStatus === 'running' && !state.paused ? uncounted(tries, input.events, input.now) : undefined,
    ),
    tries: tries.slice(-mostTries).map((one) => {
      const made = state.candidates.find(({ call }) => call === one.call);
      return {
        call: one.call,
        name: tryName(one, speech),
        active: one.since !== undefined,
        ...(made && { badge: badgeView(candidateBadge(state, made), l10n) }),
      };
    }),
    agents: Object.values(state.agents).map((agent) => ({
      name: agent.name,
      active: agent.active > 0,
      model: agent.servedModels.length > 0 ? agent.servedModels.join(', ') : (modelInFlight(state, agent.name) ?? '–'),
      calls: agent.failedCalls > 0 ? l10n.t('{0} ({1} failed)', count(agent.calls, speech), agent.failedCalls) : count(agent.calls, speech),
      tokens: tokensOf(agent, tries, speech),
      money: money(agent.usd, speech),
      time: span(agent.ms + underWay(agent.name, tries, input.now), speech),
    })),
    places: placesView(state, speech),
    candidates: candidatesView(state, speech),
    notes: state.notes.flatMap(({ step, agent, text, verdict }, index) => {
      const said = input.notes.get(text);
      const word = verdict === 'approve' ? l10n.t('approves') : verdict === 'reject' ? l10n.t('rejects') : '';
      return said === undefined
        ? []
        : [{ title: [`${index + 1}. ${step}`, agent, word].filter(Boolean).join(' · '), text: said.slice(0, 8000) }];
    }),
    ...log,
    can: {
      steer: live && runStatus === 'running',
      stop: live,
      diff: state.result?.candidate !== undefined && state.result.patch !== undefined,
      resume: !live && goesOn(facts),
      review: live && runStatus === 'waiting-for-review',
      again,
      testAccepted: canTestPart(state),
    },
  };
}

const questionView = ({ agent, text, options }: Question): NonNullable<RunModel['question']> => ({
  agent: named(agent),
  text,
  options: [...options],
});

/** How a run ended; where something failed, why, and what can be done next. Nothing while it goes on. */
export function endWords({ result, standing }: Pick<RunState, 'result' | 'standing'>, { l10n }: Pick<Speech, 'l10n'>): string[] {
  if (!result) return [];
  const words = {
    // Of a part that stands, or of what was taken back, it says nothing.
    solved:
      standing.kind === 'partly-applied' || standing.kind === 'undone'
        ? l10n.t('With the whole change the tests that should pass do pass.')
        : l10n.t('Solved: the tests that should pass do pass.'),
    unproven: l10n.t('Unproven: the tests do not show that the request is done.'),
    'no-tests': l10n.t('There is a change, and no tests that could judge it.'),
    answered: l10n.t('No step wrote an answer.'),
    budget: l10n.t('The budget was used up.'),
    stopped: l10n.t('Stopped.'),
    failed: l10n.t('The run failed.'),
    declined:
      result.candidate === undefined
        ? l10n.t('The plan was declined.')
        : l10n.t('You wanted no further plan, and kept the best try so far.'),
  };
  return [
    // That tests fail is the word of the badge, and they are named below; an answer speaks for itself.
    ...(result.outcome === 'tests-fail' || result.answer !== undefined ? [] : [words[result.outcome]]),
    ...(result.failure ? [tellAll({ l10n }, result.failure)] : []),
  ];
}

function outcomeView(state: RunState, { l10n }: Pick<Speech, 'l10n'>): string[] {
  const { start, result, verdict, standing } = state;
  if (!result) return [];
  const stored = changedAsStored(state).map(({ path }) => path);
  const agreement = agreementOn(state);
  const exam = result.tampering.filter((found) => !looksMadeForTests(found));
  return [
    ...endWords(state, { l10n }),
    ...(agreement
      ? [
          l10n.t(
            '{0} of {1} replies act alike on {2} inputs that no test holds; which answer is right nobody checked.',
            agreement.alike,
            agreement.replies,
            agreement.inputs,
          ),
        ]
      : []),
    ...(result.judgement?.reasons ?? []).map((reason) => reasonWords(reason, l10n)),
    ...timeWords(result.judgement?.reasons.find(({ kind }) => kind === 'ended-early' || kind === 'not-seen')?.detail, { l10n }),
    ...wantedWords((result.after ?? result.before)?.wanted, start?.workspace, { l10n }),
    ...(result.judgement?.unrelated.length
      ? [l10n.t('Red as before, and not asked about: {0}', result.judgement.unrelated.join(', '))]
      : []),
    ...(result.judgement?.outOfReach?.length
      ? [l10n.t('Red as before for want of a network or a host, and not counted: {0}', result.judgement.outOfReach.join(', '))]
      : []),
    ...(result.judgement?.flaky.length
      ? [l10n.t('Changed their mind when nothing changed, and decide nothing: {0}', result.judgement.flaky.join(', '))]
      : []),
    ...(result.judgement?.notRun.length ? [l10n.t('No test command is about: {0}', result.judgement.notRun.join(', '))] : []),
    ...(stored.length > 0
      ? [
          l10n.t(
            'Stored by git in another form than on the disk (Git LFS, a filter, an encoding), and tested as stored: {0}',
            stored.join(', '),
          ),
        ]
      : []),
    ...(result.judgement?.unguarded ? [l10n.t('No guard of ours saw these tests: {0}', result.judgement.unguarded)] : []),
    ...(exam.length > 0 ? [l10n.t('Look closely: the change touches its own tests ({0}).', exam.length)] : []),
    ...result.tampering.filter(looksMadeForTests).map((found) => tamperingWords(found, l10n)),
    ...(standing.kind === 'applied' ? [l10n.t('The change is applied to the workspace.')] : []),
    ...partWords(state, { l10n }),
    ...(standing.apply && standing.apply.conflicts.length > 0
      ? [l10n.t('Waits for your merge: {0}', standing.apply.conflicts.join(', '))]
      : []),
    ...(standing.apply?.candidate !== undefined && standing.apply.candidate !== result.candidate
      ? [
          l10n.t('Applied is the candidate {0}, which is not the one that the run handed over.', standing.apply.candidate),
          ...(standing.kind === 'applied' ? [seenWords(seenOf(standing.apply, testedIn(state)), { l10n })] : []),
        ]
      : []),
    ...(standing.kind === 'undone' ? [l10n.t('The change was taken back.')] : []),
    ...(verdict?.decision === 'rejected' ? [l10n.t('You rejected the change.')] : []),
  ];
}

/** What the tests say of exactly what stands. */
function seenWords(seen: TestedTree | undefined, { l10n }: Pick<Speech, 'l10n'>): string {
  if (seen === undefined) return l10n.t('The tests have not run on it.');
  const { passed, failed } = seen.counts;
  const counts = l10n.t('{0} passed, {1} failed', passed, failed);
  return {
    solved: l10n.t('Its tests pass: {0}.', counts),
    unproven: l10n.t('Its tests do not show that the request is done: {0}.', counts),
    red: l10n.t('Its tests fail: {0}.', counts),
  }[seen.state];
}

/** A part of the change stands, and its tests could tell more of it. */
const canTestPart = ({ standing, briefing, candidates, partTests }: RunState): boolean =>
  standing.kind === 'partly-applied' &&
  standing.apply.conflicts.length === 0 &&
  briefing?.test !== undefined &&
  seenOf(standing.apply, testedIn({ candidates, partTests })) === undefined;

/** Of a part that stands, and of one that was accepted and tested: what its own tests say. */
function partWords(state: RunState, { l10n }: Pick<Speech, 'l10n'>): string[] {
  const { standing, partTests } = state;
  const last = partTests.at(-1);
  if (standing.kind === 'partly-applied') {
    const seen = seenOf(standing.apply, testedIn(state));
    const said = seen === undefined ? l10n.t('The tests have not run on this part alone.') : seenWords(seen, { l10n });
    return [`${l10n.t('Part of the change is applied to the workspace.')} ${said}`];
  }
  if (standing.apply !== undefined || last === undefined) return [];
  const seen = testedIn(state).findLast(({ part, tree }) => part && tree === last.tree);
  return [`${l10n.t('Tested alone: what you accepted, {0} of {1} hunks.', last.hunks.length, last.of)} ${seenWords(seen, { l10n })}`];
}

/** It is over, was not stopped on purpose, and no change of it stands: the user is asked how it goes on. */
const endedShort = ({ tone }: { tone: Tone }, { result, standing }: RunState): boolean =>
  result !== undefined && tone === 'bad' && standing.apply === undefined;

/** The numbers beside the badge: only tests that are about what the badge speaks of. */
function verdictView(state: RunState, facts: TestedFacts, { now, live }: RunViewInput, speech: Speech): string[] {
  const { l10n } = speech;
  const tests = testsWords(l10n, facts);
  const changed = state.candidates.find(({ id }) => id === state.result?.candidate)?.changed ?? [];
  const files = changed.length === 0 ? undefined : changed.length === 1 ? changed[0] : l10n.t('{0} files', changed.length);
  const started = state.startedAt;
  const ended = state.finishedAt ?? (live ? now : state.updatedAt);
  return [
    tests,
    files,
    state.spend.calls > 0 ? money(state.spend.usd, speech) : undefined,
    started === undefined || ended === undefined ? undefined : span(ended - started, speech),
  ].filter((part) => part !== undefined);
}

/** Calls under way count too, about. */
function tokensOf({ name, inputTokens, outputTokens, estimated }: AgentState, tries: readonly Try[], speech: Speech): string {
  const more = uncounted(
    tries.filter(({ agent }) => agent === name),
    [],
    0,
  ).tokens;
  return `${estimated || more > 0 ? '≈' : ''}${count(inputTokens + outputTokens + more, speech)}`;
}

const underWay = (name: string, tries: readonly Try[], now: number): number =>
  tries.reduce((sum, { agent, since }) => sum + (agent === name && since !== undefined ? Math.max(0, now - since) : 0), 0);

function factsView(state: RunState, speech: Speech): string[] {
  const { l10n, locale } = speech;
  const started = state.startedAt;
  const below = state.plans.findLast(({ approval }) => approval === 'approved')?.approvedBelow;
  return [
    ...(started === undefined ? [] : [new Date(started).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })]),
    ...(state.spend.calls > 0 ? [calls(state.spend.calls, speech)] : []),
    ...(state.start ? [state.start.workspace.split(/[\\/]/).at(-1) ?? ''] : []),
    ...(below === undefined ? [] : [l10n.t('approved without asking: at most {0}', money(below, speech))]),
  ];
}

/** Limits as they are now: those of the approved plan, raised where the user raised them. `more` is what no event has counted yet. */
export function budgetView(state: RunState, speech: Speech, more = { tokens: 0, seconds: 0 }): RunModel['budget'] {
  const plan = state.plans.findLast(({ approval }) => approval === 'approved');
  if (!plan) return [];
  const { l10n } = speech;
  const raised = Object.assign({}, ...state.controls.map((control) => control.budget)) as Partial<typeof plan.budget>;
  const usd = Math.min(plan.budget.usd, plan.approvedBelow ?? Number.POSITIVE_INFINITY);
  const limits = { ...plan.budget, usd, ...raised };
  const { spend } = state;
  const used = {
    calls: spend.calls,
    tokens: spend.inputTokens + spend.outputTokens + more.tokens,
    usd: spend.usd,
    seconds: spend.seconds + more.seconds,
  };
  return limitWords(speech).map(({ name, label, say }) => ({
    name,
    label,
    used: `${name === 'tokens' && more.tokens > 0 ? '≈' : ''}${say(used[name])}`,
    limit: l10n.t('of {0}', say(limits[name])),
    share: limits[name] === 0 ? (used[name] > 0 ? 2 : 0) : used[name] / limits[name],
    limitValue: limits[name],
  }));
}

// ---- the graph ------------------------------------------------------------------------------------------------------------------

/** `r0/mend/2/judge` → `mend/judge`: rounds of a repeat share a node. */
const stepKey = (path: string): string =>
  path
    .split('/')
    .slice(1)
    .filter((part) => !/^\d+$/.test(part))
    .join('/');

const keyOf = ({ step, parents }: LocatedStep): string => [...parents.map((parent) => parent.step.id), step.id].join('/');

function statesByKey(state: RunState, round: number): Map<string, StepState> {
  const own = state.steps.filter(({ path }) => path.startsWith(`r${round}/`));
  const found = new Map<string, StepState>();
  for (const step of own) {
    const key = stepKey(step.path);
    const earlier = found.get(key);
    // A round of a repeat that is still to come does not hide what the last one did.
    if (!earlier || step.state !== 'pending') found.set(key, step);
  }
  return found;
}

function runGraph(plan: Plan, round: number, { state, now }: RunViewInput, speech: Speech): RunModel['graph'] {
  const { l10n } = speech;
  const states = statesByKey(state, round);
  const located = new Map([...locateSteps(plan)].map((found) => [formatPlace(found.place), found]));
  const endsWell = state.result === undefined || stateBadge(state, 'done').tone === 'good';
  return graphView(plan, l10n.t, (id, step) => {
    const found = located.get(id);
    const own = found && states.get(keyOf(found));
    const current = nodeState(own, endsWell);
    const name = agentNameOf(step);
    const agent = name === undefined ? undefined : state.agents[name];
    const model = agent?.servedModels.at(-1);
    const totals = state.stepTotals[`r${round}/${step.id}`];
    const ms = own?.ms ?? (own?.startedAt !== undefined && current === 'running' ? Math.max(0, now - own.startedAt) : undefined);
    return {
      state: current,
      said: [
        stateText(current, l10n),
        own?.failure ? tell({ l10n }, own.failure).message : current === 'skipped' ? skipWords(own?.reason ?? '', l10n) : '',
      ]
        .filter(Boolean)
        .join(': '),
      ...(name !== undefined && { detail: [name, model].filter(Boolean).join(' · ') }),
      ...(current === 'no-tests' && { detail: stateText(current, l10n) }),
      meter: [
        ...(totals ? [l10n.t('{0} tokens', count(totals.inputTokens + totals.outputTokens, speech))] : []),
        ...(totals && totals.usd > 0 ? [money(totals.usd, speech)] : []),
        ...(ms === undefined ? [] : [span(ms, speech)]),
      ].join(' · '),
    };
  });
}

/** A step that did its work is green only where the run is. */
function nodeState(step: StepState | undefined, endsWell: boolean): GraphNodeModel['state'] {
  if (step?.state !== 'done') return step?.state ?? 'pending';
  if (step.vouched === false) return 'red';
  return endsWell ? 'done' : 'over';
}

function stateText(state: GraphNodeModel['state'], l10n: Speech['l10n']): string {
  const words = {
    plain: '',
    pending: l10n.t('to come'),
    running: l10n.t('running'),
    done: l10n.t('done'),
    over: l10n.t('over'),
    skipped: l10n.t('skipped'),
    red: l10n.t('no candidate passes the tests'),
    'no-tests': l10n.t('no tests'),
    failed: l10n.t('failed'),
  };
  return words[state];
}

function skippableSteps(plan: Plan, round: number, state: RunState): Record<string, string> {
  const states = statesByKey(state, round);
  return Object.fromEntries(
    [...locateSteps(plan)].flatMap((found) => {
      const own = states.get(keyOf(found));
      return own && (own.state === 'pending' || own.state === 'running') ? [[formatPlace(found.place), own.path]] : [];
    }),
  );
}

const modelInFlight = (state: RunState, agent: string): string | undefined =>
  state.callsInFlight.findLast((call) => call.agent === agent)?.model;
