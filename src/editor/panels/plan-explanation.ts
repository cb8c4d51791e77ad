/** The plan told to someone who has never seen one: who does what until when, what it costs at most, and what happens when it fails. Pure. */
import type { Briefing } from '../../briefing/types.ts';
import type { TestCase } from '../../feedback/types.ts';
import type { Estimate, Expectation } from '../../plan/estimate.ts';
import { agentNameOf, agentNamesOf, locateSteps, type Plan, type Step, stepKindOf } from '../../plan/index.ts';
import { pointsAtSomething } from '../../request/index.ts';
import type { Request } from '../../request/types.ts';
import { rangeText } from '../../text/index.ts';
import type { PlanModel } from '../../webviews/plan-types.ts';
import { calls, count, type Localise, money, percent, type Speech, span } from './words.ts';

export interface ExplanationInput {
  readonly plan: Plan;
  readonly request: Request;
  readonly briefing?: Briefing;
  readonly estimate: Estimate;
  /** What earlier attempts say will come of it, where the designer knows. */
  readonly expectation?: Expectation;
  /** The model each tier stands for; '' when unknown. */
  readonly models: Readonly<Record<'worker' | 'strong', string>>;
  /** Tests can judge the change. */
  readonly judged: boolean;
  /** Another plan may follow this one. */
  readonly mayFollow: boolean;
}

type Explanation = NonNullable<PlanModel['explanation']>;

/** Tests, files and globs that a sentence names; the others are counted. */
const mostTests = 3;
const mostFiles = 2;
const mostGlobs = 3;
/** Of what agents do; a larger team is told by its graph. */
const mostDoings = 5;
const longestName = 80;

export function explanationView(input: ExplanationInput, speech: Speech): Explanation {
  const { plan } = input;
  const failing = input.briefing?.baseline?.cases.filter(({ outcome }) => outcome === 'failed') ?? [];
  return {
    sentence: sentenceOf(input, failing, speech),
    tests: failing.map(({ name }) => name),
    cost: costOf(input, speech),
    ...(input.expectation && { expected: expectedView(input.expectation, speech) }),
    ifRed: ifRed(input, speech.l10n),
    changesFiles: plan.finish.when !== 'answer',
    chips: [testsNow(input, failing, speech), likelyFiles(input, speech.l10n), modelsOf(input, speech.l10n)],
  };
}

/** By the attempts that taught the designer: as a whole, and behind it all that decided. Facts, orders and names are in the designer's words. */
function expectedView(
  { chance, tokens, steps, taughtBy, facts, others, choices = [] }: Expectation,
  speech: Speech,
): NonNullable<Explanation['expected']> {
  const { l10n } = speech;
  const { attempts, ownRuns } = taughtBy;
  const by =
    ownRuns === 0
      ? l10n.t('By {0} recorded attempts', count(attempts, speech))
      : ownRuns === 1
        ? l10n.t('By {0} recorded attempts and a run of yours here', count(attempts, speech))
        : l10n.t('By {0} recorded attempts and {1} runs of yours here', count(attempts, speech), count(ownRuns, speech));
  return {
    sentence: l10n.t(
      '{0} such plans mend {1} of such bugs, for {2} tokens on average.',
      by,
      percent(chance, speech),
      count(tokens, speech),
    ),
    lines: [
      ...steps.map((step) =>
        l10n.t('{0}, when it is reached: {1}, {2} tokens on average', step.step, percent(step.chance, speech), count(step.tokens, speech)),
      ),
      ...(facts.length > 0 ? [l10n.t('What decided: {0}', facts.join('; '))] : []),
      ...others.map((other) =>
        l10n.t('Instead {0}: {1}, {2} tokens on average', other.order, percent(other.chance, speech), count(other.tokens, speech)),
      ),
      ...choices.map(({ of, chosen, options }) => l10n.t('Chosen, {0}: {1}, of {2}', of, chosen, optionsText(options, speech))),
    ],
  };
}

/** The likeliest first. */
const optionsText = (options: NonNullable<Expectation['choices']>[number]['options'], speech: Speech): string =>
  options
    .toSorted((a, b) => b.probability - a.probability)
    .map(({ name, probability }) => `${name} ${percent(probability, speech)}`)
    .join(', ');

const calledSteps = (plan: Plan): Step[] =>
  [...locateSteps(plan)].map(({ step }) => step).filter((step) => agentNameOf(step) !== undefined);

function sentenceOf(input: ExplanationInput, failing: readonly TestCase[], speech: Speech): string {
  const { l10n, locale } = speech;
  const { plan } = input;
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const told = doingsOf(plan, list, l10n);
  const shown = told.length > mostDoings ? [...told.slice(0, mostDoings - 1), l10n.t('others help')] : told;
  const who = list.format(shown.length === 0 ? [l10n.t('Nobody does anything')] : shown);
  if (plan.finish.when === 'answer') return capital(l10n.t('{0}, and answers you. No file is changed.', who), locale);
  const files = scopeOf(plan, l10n);
  if (!input.judged) return capital(l10n.t('{0}, in a copy of your folder, with no test to judge it. {1}', who, files), locale);
  return capital(l10n.t('{0}, in a copy of your folder, until {1}. {2}', who, goalOf(input, failing, speech), files), locale);
}

/** What each agent does, each doing once; what one does right behind another thing that it does stands without its name. */
function doingsOf(plan: Plan, list: Intl.ListFormat, l10n: Localise): string[] {
  const doings: { agent: string; texts: string[] }[] = [];
  const seen = new Set(['']);
  for (const step of calledSteps(plan)) {
    const text = stepKindOf(step).tells?.(step, l10n.t) ?? '';
    const agent = `${agentNameOf(step)} `;
    const last = doings.at(-1);
    if (seen.has(text)) continue;
    seen.add(text);
    if (last?.agent === agent && text.startsWith(agent)) last.texts.push(text.slice(agent.length));
    else doings.push({ agent, texts: [text] });
  }
  return doings.map(({ texts }) => list.format(texts));
}

const capital = (text: string, locale: string): string => {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase(locale) + rest.join('');
};

/** As the rest of `until …`. */
function goalOf({ request, briefing, plan }: ExplanationInput, failing: readonly TestCase[], speech: Speech): string {
  const { l10n } = speech;
  const report = briefing?.baseline;
  const own = goalByTests();
  return calledSteps(plan).some(({ do: kind }) => kind === 'write-tests') ? l10n.t('{0}, and so do the tests written for it', own) : own;

  function goalByTests(): string {
    if (request.failingTest !== undefined) return l10n.t('the test {0} passes', quoted(request.failingTest.name, l10n));
    // What was cut short before a test failed shows nothing of those behind it.
    if (report === undefined || (report.ending !== 'finished' && report.failed === 0))
      return l10n.t('the tests pass ({0})', briefing?.test?.display ?? '');
    if (report.cases.length === 0 && report.passed + report.failed === 0) return l10n.t('{0} succeeds', briefing?.test?.display ?? '');
    if (report.failed === 0) return l10n.t('all {0} tests pass, as they do now', count(report.passed, speech));
    if (failing.length === 0) return l10n.t('the {0} tests that fail now pass', count(report.failed, speech));
    const names = namedTests(failing, l10n);
    if (pointsAtSomething(request)) return l10n.t('those of the failing tests pass that you ask about: {0}', names);
    return failing.length === 1 ? l10n.t('the test {0} passes', names) : l10n.t('these tests pass: {0}', names);
  }
}

function namedTests(tests: readonly TestCase[], l10n: Localise): string {
  const shown = tests
    .slice(0, mostTests)
    .map(({ name }) => quoted(name, l10n))
    .join(', ');
  return tests.length > mostTests ? l10n.t('{0} and {1} more', shown, tests.length - mostTests) : shown;
}

function quoted(name: string, l10n: Localise): string {
  const characters = [...name.trim()];
  return l10n.t('“{0}”', characters.length > longestName ? `${characters.slice(0, longestName - 1).join('')}…` : characters.join(''));
}

/** Which files the agents that are called may change. */
function scopeOf(plan: Plan, l10n: Localise): string {
  const agents = [...new Set(calledSteps(plan).flatMap(agentNamesOf))].flatMap((name) =>
    Object.hasOwn(plan.agents, name) ? [plan.agents[name] as Plan['agents'][string]] : [],
  );
  const code = agents.filter(({ output }) => output === 'edits');
  const tests = agents.filter(({ output }) => output === 'tests');
  const globs = [...new Set([...code, ...tests].flatMap(({ write }) => write))];
  if (globs.length === 0) return l10n.t('No file may change.');
  const shown = globs.slice(0, mostGlobs).join(', ');
  const where = globs.length > mostGlobs ? l10n.t('{0} and {1} more', shown, globs.length - mostGlobs) : shown;
  const anywhere = globs.includes('**');
  if (tests.length === 0) return anywhere ? l10n.t('Any file but tests may change.') : l10n.t('Only {0} may change, and no tests.', where);
  if (code.length === 0) return anywhere ? l10n.t('Only test files may change.') : l10n.t('Only test files in {0} may change.', where);
  return anywhere ? l10n.t('Any file may change, tests too.') : l10n.t('Only {0} may change, and tests there.', where);
}

/** The most it can cost and take, and where it is stopped. */
function costOf({ plan, estimate, judged }: ExplanationInput, speech: Speech): string {
  const { l10n } = speech;
  const { budget } = plan;
  const most = count(Math.min(estimate.tokens.most, budget.tokens), speech);
  const time = rangeText(Math.min(estimate.seconds.least, budget.seconds), Math.min(estimate.seconds.most, budget.seconds), (value) =>
    span(value * 1000, speech),
  );
  const limits = [l10n.t('{0} tokens', count(budget.tokens, speech)), span(budget.seconds * 1000, speech), calls(budget.calls, speech)];
  const free = estimate.usd.known && estimate.usd.most === 0;
  const price = !estimate.usd.known
    ? l10n.t('Price unknown, at most {0} tokens', most)
    : free
      ? l10n.t('Free, at most {0} tokens', most)
      : l10n.t('At most {0} and {1} tokens', money(Math.min(estimate.usd.most, budget.usd), speech), most);
  const stops = new Intl.ListFormat(speech.locale, { type: 'disjunction' }).format(
    estimate.usd.known && !free ? [money(budget.usd, speech), ...limits] : limits,
  );
  return judged && plan.finish.when !== 'answer'
    ? l10n.t('{0}, {1}. Stops when the tests pass, or at {2}.', price, time, stops)
    : l10n.t('{0}, {1}. Stops at {2}.', price, time, stops);
}

function ifRed({ plan, judged, mayFollow }: ExplanationInput, l10n: Localise): string {
  if (plan.finish.when === 'answer') return '';
  if (!judged) return l10n.t('You see the change and decide. Nothing is written to your files before you accept it.');
  const keeps = plan.finish.otherwise !== 'nothing';
  if (mayFollow) {
    return keeps
      ? l10n.t(
          'If tests stay red: another plan is put to you where there is one, or you get the best try with its failing tests. Your files stay as they are until you accept.',
        )
      : l10n.t('If tests stay red: another plan is put to you where there is one, or nothing is handed over. Your files stay as they are.');
  }
  return keeps
    ? l10n.t('If tests stay red: you get the best try with its failing tests. Your files stay as they are until you accept.')
    : l10n.t('If tests stay red: nothing is handed over. Your files stay as they are.');
}

// ---- chips ----------------------------------------------------------------------------------------------------------------------

type Chip = Explanation['chips'][number];

function testsNow({ briefing, judged }: ExplanationInput, failing: readonly TestCase[], speech: Speech): Chip {
  const { l10n } = speech;
  const label = l10n.t('Tests now');
  const report = briefing?.baseline;
  const all = report === undefined ? 0 : report.passed + report.failed;
  const title = failing.map(({ name }) => name).join('\n') || (briefing?.test?.display ?? '');
  const chip = (text: string, tone: Chip['tone']): Chip => ({ label, text, title, tone, paths: [] });
  if (briefing === undefined) return chip(l10n.t('not known'), 'plain');
  if (!judged && briefing.test === undefined) return chip(l10n.t('none'), 'caution');
  if (!judged) return chip(l10n.t('none run'), 'caution');
  if (report === undefined) return chip(l10n.t('not run'), 'plain');
  if (report.ending !== 'finished') return chip(l10n.t('{0} fail, {1} pass, cut short', report.failed, report.passed), 'caution');
  if (all === 0) return report.exitCode === 0 ? chip(l10n.t('they pass'), 'good') : chip(l10n.t('they fail'), 'bad');
  if (report.failed === 0) return chip(l10n.t('all {0} pass', count(all, speech)), 'good');
  return chip(
    report.failed === 1
      ? l10n.t('1 of {0} fails', count(all, speech))
      : l10n.t('{0} of {1} fail', count(report.failed, speech), count(all, speech)),
    'bad',
  );
}

function likelyFiles({ briefing, plan }: ExplanationInput, l10n: Localise): Chip {
  const label = plan.finish.when === 'answer' ? l10n.t('Files it reads') : l10n.t('Likely files');
  const paths = briefing?.files.filter(({ isTest }) => !isTest).map(({ path }) => path) ?? [];
  const rest = paths.length - mostFiles;
  return {
    label,
    text: paths.length === 0 ? l10n.t('none stands out') : rest > 0 ? l10n.t(' and {0} more', rest) : '',
    title: paths.join('\n'),
    tone: 'plain',
    paths: paths.slice(0, mostFiles),
  };
}

function modelsOf({ plan, models }: ExplanationInput, l10n: Localise): Chip {
  const called = new Set(calledSteps(plan).flatMap(agentNamesOf));
  const words = { worker: l10n.t('worker model'), strong: l10n.t('strong model') };
  const used = Object.entries(plan.agents)
    .filter(([name]) => called.has(name))
    .map(([name, { tier }]) => ({ name, model: models[tier] === '' ? words[tier] : models[tier] }));
  const names = [...new Set(used.map(({ model }) => model))];
  return {
    label: names.length > 1 ? l10n.t('Models') : l10n.t('Model'),
    text: names.length === 0 ? l10n.t('none') : names.join(', '),
    title: used.map(({ name, model }) => `${name}: ${model}`).join('\n'),
    tone: 'plain',
    paths: [],
  };
}
