/** Everything the plan review shows, from the session and the request. Pure. */

import * as z from 'zod';
import { hasTests } from '../../briefing/index.ts';
import type { Briefing } from '../../briefing/types.ts';
import { soloSamples, soloTeam } from '../../design/index.ts';
import type { Tier } from '../../models/types.ts';
import type { Estimate, Expectation } from '../../plan/estimate.ts';
import {
  agentNamesOf,
  type Budget,
  formatPlace,
  type Here,
  isError,
  type LocatedStep,
  locateSteps,
  looseRights,
  looseRightText,
  type Place,
  type Plan,
  type Problem,
  planHash,
  type StepAnalysis,
  stepKinds,
  stepTitle,
  type WhyAsked,
  whyAskedText,
} from '../../plan/index.ts';
import { type Looker, notShown, notShownText } from '../../request/index.ts';
import type { Request } from '../../request/types.ts';
import type { Alternative } from '../../run/types.ts';
import { rangeText } from '../../text/index.ts';
import type { EventOf, PlanOrigin } from '../../trace/events.ts';
import type { EstimateModel, NoticeModel, PlanModel } from '../../webviews/plan-types.ts';
import { briefingView } from './briefing-view.ts';
import { graphView } from './graph-view.ts';
import { originText } from './origins.ts';
import { changeWords } from './plan-changes.ts';
import { canMove, stepsOfAgent } from './plan-edits.ts';
import { explanationView } from './plan-explanation.ts';
import { agentSection, planSections, stepSections } from './plan-forms.ts';
import { formWords } from './problem-words.ts';
import type { ReadTeam } from './saved-teams-view.ts';
import { teamReason } from './team-reasons.ts';
import { count, limitWords, money, type Speech, span } from './words.ts';

export interface PlanViewInput {
  readonly runId: string;
  readonly request: Request;
  /** What the run is called that this one goes on from. */
  readonly parent?: string;
  readonly phase: PlanModel['phase'];
  readonly notice?: NoticeModel;
  readonly models: Readonly<Record<Tier, string>>;
  /** What is on the form. */
  readonly draft: Plan;
  /** The last draft whose shape was right: what the graph's prices and the hash are about. */
  readonly valid: Plan;
  readonly hash: string;
  readonly proposed: {
    readonly plan: Plan;
    readonly origin: PlanOrigin;
    readonly reason: string;
    readonly expectation?: Expectation;
    readonly whyAsked?: WhyAsked;
  };
  /** What the plans before this one left behind. */
  readonly before?: PlanModel['before'];
  /** Another plan may follow this one. */
  readonly mayFollow: boolean;
  readonly approvable: boolean;
  readonly problems: readonly Problem[];
  readonly estimate: Estimate;
  readonly steps: readonly StepAnalysis[];
  readonly alternatives: readonly Alternative[];
  readonly saved?: readonly ReadTeam[];
  /** What a saved team would cost in this run. */
  readonly price?: (plan: Plan) => { readonly estimate: Estimate };
  /** The plan that this one came in the place of. */
  readonly former?: Plan;
  readonly briefing?: Briefing;
  /** Where the tests run, and in which fence. */
  readonly start?: Pick<EventOf<'run.started'>, 'workspace' | 'fence' | 'settings' | 'models'>;
}

export function planView(input: PlanViewInput, speech: Speech): PlanModel {
  const { l10n } = speech;
  const { draft, valid, proposed, problems } = input;
  const located = [...locateSteps(draft)];
  const changes = changeWords(proposed.plan, valid, l10n);
  const nodeOfProblem = nodeFinder(draft, located);
  const inForm = formWords(l10n);
  const severityOf = (node: string): 'none' | 'warning' | 'error' => {
    const own = problems.filter((problem) => nodeOfProblem(problem.place) === node);
    return own.some(isError) ? 'error' : own.length > 0 ? 'warning' : 'none';
  };
  const agentCount = Object.keys(draft.agents).length;
  const unjudged = unjudgedView(input, l10n);
  const formsByNode = formsOf(input, located, l10n);
  const costs = new Map(input.steps.map((step) => [step.path, step]));
  return {
    page: 'plan',
    runId: input.runId,
    phase: input.phase,
    request: { text: input.request.text, about: aboutOf(input, speech) },
    ...(input.notice && { notice: input.notice }),
    ...(unjudged && { unjudged }),
    explanation: explanationView(
      {
        plan: valid,
        request: input.request,
        ...(input.briefing && { briefing: input.briefing }),
        estimate: input.estimate,
        // It is about the plan as it was proposed.
        ...(changes.length === 0 && proposed.expectation && { expectation: proposed.expectation }),
        models: input.models,
        judged: input.briefing === undefined || hasTests(input.briefing),
        mayFollow: input.mayFollow,
      },
      speech,
    ),
    // It is about the plan as it was proposed.
    ...(changes.length === 0 &&
      proposed.whyAsked && {
        whyAsked: l10n.t('You let cheap plans run unasked. This one asks first: {0}.', whyAskedText(proposed.whyAsked, l10n.t)),
      }),
    notShown: notShownOf(input).map((each) => notShownText(each, l10n.t)),
    looseRights: looseRights(draft, hereOf(input.start)).map((loose) => looseRightText(loose, l10n.t)),
    ...(input.before && { before: input.before }),
    title: draft.name,
    isSolo: input.hash === planHash(soloInstead(proposed.plan)),
    facts: [
      difficultyText(draft, speech),
      changes.length === 0 ? originText(proposed.origin, l10n) : l10n.t('{0}, edited by you', originText(proposed.origin, l10n)),
      agentCount === 1 ? l10n.t('1 agent') : l10n.t('{0} agents', agentCount),
      located.length === 1 ? l10n.t('1 step') : l10n.t('{0} steps', located.length),
    ],
    hash: input.hash,
    shortHash: input.hash.slice(0, 8),
    canApprove: input.phase === 'waiting' && input.approvable,
    edited: changes.length > 0,
    estimate: estimateView(input.estimate, valid.budget, speech),
    graph: graphView(draft, l10n.t, (id) => ({
      problem: severityOf(id),
      meter: meterOf(costs.get(id), speech),
      said: severityOf(id) === 'error' ? l10n.t('has an error') : severityOf(id) === 'warning' ? l10n.t('has a warning') : '',
    })),
    forms: formsByNode,
    outline: located.map(({ step, place, parents }) => ({
      node: formatPlace(place),
      place: [...place],
      label: `${step.id} · ${stepTitle(step, l10n.t)}`,
      depth: parents.length,
      up: canMove(draft, place, -1),
      down: canMove(draft, place, 1),
      problem: severityOf(formatPlace(place)),
    })),
    agents: Object.entries(draft.agents).map(([name, agent]) => {
      const model = input.models[agent.tier];
      const caller = located.find(({ step }) => agentNamesOf(step).includes(name));
      return {
        name,
        detail: [agent.role, model === '' ? agent.tier : model].join(' · '),
        node: formatPlace(caller?.place ?? ['agents', name]),
      };
    }),
    stepKinds: stepKinds.map((kind) => ({ value: kind.do, label: `${kind.label(l10n.t)} – ${kind.does(l10n.t)}` })),
    problems: problems.map((problem) => ({
      severity: problem.severity,
      message: [placeInWords(problem, nodeOfProblem(problem.place), formsByNode), problem.say(inForm)]
        .filter((part) => part !== '')
        .join(': '),
      node: nodeOfProblem(problem.place),
      ...fieldOfProblem(problem, formsByNode[nodeOfProblem(problem.place)]),
    })),
    reason: reasonOf(input, l10n),
    alternatives: input.alternatives.map((one) => ({
      hash: one.hash,
      name: one.plan.name,
      origin: originText(one.origin, l10n),
      reason: teamReason(one.reason, l10n),
      estimate: estimateLine(one.estimate, speech),
      taken: one.hash === input.hash,
    })),
    changes: [...changes],
    ...(input.former && { since: { name: input.former.name, changes: changeWords(input.former, proposed.plan, l10n) } }),
    saved: (input.saved ?? []).map(({ name, plan, hash, problem = '' }) => ({
      name,
      estimate: plan && input.price ? estimateLine(input.price(plan).estimate, speech) : '',
      problem,
      taken: hash === input.hash,
    })),
    briefing: input.briefing ? briefingView(input.briefing, input.start, speech) : [],
  };
}

const settingsSchema = z.looseObject({ grants: z.looseObject({ network: z.boolean() }) });

/** How far rights can be kept, from how the run began. */
function hereOf(start: PlanViewInput['start']): Here {
  const settings = settingsSchema.safeParse(start?.settings);
  return { fenced: start?.fence?.by !== 'none', network: settings.success && settings.data.grants.network };
}

const capabilitiesSchema = z.looseObject({ images: z.boolean().optional() });

/** By what was known of the models when the run began. */
const notShownOf = ({ request, start }: PlanViewInput): readonly Looker[] =>
  notShown(
    request.images,
    Object.values(start?.models ?? {}).map(({ model, capabilities }) => ({
      model,
      images: capabilitiesSchema.safeParse(capabilities).data?.images,
    })),
  );

/** By node; what no step calls has a form of its own. */
function formsOf({ draft, problems, models }: PlanViewInput, located: readonly LocatedStep[], l10n: Speech['l10n']): PlanModel['forms'] {
  const forms = { plan: draft, problems, models, l10n };
  return {
    '': planSections(forms),
    ...Object.fromEntries(located.map(({ step, place }) => [formatPlace(place), stepSections(step, place, forms)])),
    ...Object.fromEntries(
      Object.entries(draft.agents)
        .filter(([name]) => stepsOfAgent(draft, name).length === 0)
        .map(([name, agent]) => [formatPlace(['agents', name]), [agentSection(name, agent, forms)]]),
    ),
  };
}

/** The field of a form that a problem is about: the path of `agents.coder.write[0]` is that of the field `agents.coder.write`. */
const isAbout =
  ({ path }: Problem) =>
  ({ id }: { readonly id: string }): boolean =>
    path === id || path.startsWith(`${id}[`) || path.startsWith(`${id}.`);

/** The most specific one: an agent's name has the path of the whole agent. */
function fieldOfProblem(problem: Problem, sections: PlanModel['forms'][string] = []): { readonly field?: string } {
  const own = sections.flatMap(({ fields }) => fields.filter(isAbout(problem))).sort((a, b) => b.id.length - a.id.length)[0];
  return own === undefined ? {} : { field: own.id };
}

/** Where a problem is, as the form says it: `Agent coder · May write`. */
function placeInWords(problem: Problem, node: string, forms: PlanModel['forms']): string {
  const { path } = problem;
  const sections = forms[node] ?? [];
  const { field: id } = fieldOfProblem(problem, sections);
  for (const { title, fields } of sections) {
    const field = fields.find((one) => one.id === id);
    if (field) return path === node ? title : `${title} · ${field.label}`;
  }
  return sections[0]?.title ?? '';
}

/** Why this team, of the team that is on screen: what was said of the proposal holds for no other. */
function reasonOf({ valid, hash, proposed, alternatives }: PlanViewInput, l10n: Speech['l10n']): string {
  if (hash === planHash(proposed.plan)) return teamReason(proposed.reason, l10n);
  const taken = alternatives.find((one) => one.hash === hash);
  if (taken) return teamReason(taken.reason, l10n);
  if (valid.reason !== proposed.plan.reason) return teamReason(valid.reason, l10n);
  return proposed.reason === ''
    ? ''
    : l10n.t('You changed this team. Of the team that was proposed it was said: {0}', teamReason(proposed.reason, l10n));
}

/** The plan that *Make it solo* puts in the place of a proposal. */
export const soloInstead = (proposed: Plan): Plan => ({ ...soloTeam(soloSamples, proposed.difficulty), budget: proposed.budget });

/** Undefined where tests can judge, and where there will be no change. */
function unjudgedView({ draft, briefing, phase }: PlanViewInput, l10n: Speech['l10n']): PlanModel['unjudged'] {
  if (briefing === undefined || draft.finish.when === 'answer' || hasTests(briefing)) return undefined;
  const writesTests = [...locateSteps(draft)].some(({ step }) => step.do === 'write-tests');
  const found =
    briefing.test === undefined ? l10n.t('No tests were found in this workspace.') : l10n.t('{0} runs no test.', briefing.test.display);
  const then = writesTests
    ? l10n.t('This plan writes tests: look at them, apply them, and send the request again. Then they judge it.')
    : l10n.t('The change can be looked at and applied, but nobody can show that it is right.');
  return { why: `${found} ${then}`, canWriteTests: phase === 'waiting' && !writesTests };
}

/** The node whose form shows a problem; '' when it is the plan's. */
function nodeFinder(plan: Plan, steps: readonly LocatedStep[]): (place: Place) => string {
  const nodes = new Set(steps.map(({ place }) => formatPlace(place)));
  return (place) => {
    if (place[0] === 'agents' && place.length > 1) {
      const name = String(place[1]);
      const caller = steps.find(({ step }) => agentNamesOf(step).includes(name));
      return caller ? formatPlace(caller.place) : Object.hasOwn(plan.agents, name) ? formatPlace(['agents', name]) : '';
    }
    for (let length = place.length; length > 1; length--) {
      const node = formatPlace(place.slice(0, length));
      if (nodes.has(node)) return node;
    }
    return '';
  };
}

function aboutOf({ request, parent }: Pick<PlanViewInput, 'request' | 'parent'>, { l10n }: Speech): string[] {
  const { files, selection, failingTest, diagnostic, images = [] } = request;
  const lines = (place: { path: string; startLine?: number; endLine?: number }): string =>
    place.startLine === undefined
      ? place.path
      : `${place.path}:${place.startLine}${place.endLine === undefined ? '' : `–${place.endLine}`}`;
  return [
    ...(parent === undefined ? [] : [l10n.t('goes on from “{0}”', parent)]),
    ...(selection ? [l10n.t('selection {0}', lines(selection))] : []),
    ...(failingTest ? [l10n.t('failing test {0}', failingTest.name)] : []),
    ...(diagnostic ? [l10n.t('problem in {0}', lines(diagnostic))] : []),
    ...files.map((file) => l10n.t('file {0}', file)),
    ...images.map(({ name }) => l10n.t('picture {0}', name)),
  ];
}

function difficultyText({ difficulty }: Plan, { l10n }: Speech): string {
  const words = { easy: l10n.t('easy'), medium: l10n.t('medium difficulty'), hard: l10n.t('hard') };
  return words[difficulty] ?? difficulty;
}

export function estimateView(estimate: Estimate, budget: Budget, speech: Speech): EstimateModel[] {
  const { l10n } = speech;
  return limitWords(speech).map(({ name, label, say }) => {
    const { least, most } = estimate[name];
    const unknown = name === 'usd' && !estimate.usd.known;
    return {
      name: label,
      value: unknown ? l10n.t('unknown price') : rangeText(least, most, say),
      limit: l10n.t('at most {0}', say(budget[name])),
      share: unknown || budget[name] === 0 ? (most > 0 && !unknown ? 2 : 0) : most / budget[name],
    };
  });
}

export function estimateLine(estimate: Estimate, speech: Speech): string {
  const { l10n } = speech;
  return [
    l10n.t(
      '{0} calls',
      rangeText(estimate.calls.least, estimate.calls.most, (value) => count(value, speech)),
    ),
    l10n.t(
      '{0} tokens',
      rangeText(estimate.tokens.least, estimate.tokens.most, (value) => count(value, speech)),
    ),
    estimate.usd.known ? rangeText(estimate.usd.least, estimate.usd.most, (value) => money(value, speech)) : l10n.t('unknown price'),
    rangeText(estimate.seconds.least, estimate.seconds.most, (value) => span(value * 1000, speech)),
  ].join(' · ');
}

/** On a node there is room for the most it costs. */
function meterOf(cost: StepAnalysis | undefined, speech: Speech): string {
  if (!cost || cost.calls.most === 0) return '';
  const { l10n } = speech;
  const tokens = count(cost.tokens.most, speech);
  return [
    cost.tokens.least < cost.tokens.most ? l10n.t('up to {0} tokens', tokens) : l10n.t('{0} tokens', tokens),
    ...(cost.usd.most > 0 ? [money(cost.usd.most, speech)] : []),
  ].join(' · ');
}

/** Before there is a plan, or when it cannot be read. */
export function emptyPlanView(
  { runId, request, parent, phase, notice }: Pick<PlanViewInput, 'runId' | 'request' | 'parent' | 'phase' | 'notice'>,
  speech: Speech,
): PlanModel {
  return {
    page: 'plan',
    runId,
    phase,
    request: { text: request.text, about: aboutOf({ request, parent }, speech) },
    ...(notice && { notice }),
    notShown: [],
    looseRights: [],
    title: '',
    isSolo: false,
    facts: [],
    hash: '',
    shortHash: '',
    canApprove: false,
    edited: false,
    estimate: [],
    graph: { nodes: [], edges: [] },
    forms: {},
    outline: [],
    agents: [],
    stepKinds: [],
    problems: [],
    reason: '',
    alternatives: [],
    changes: [],
    saved: [],
    briefing: [],
  };
}
