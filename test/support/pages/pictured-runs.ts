/** Runs and plans as the pictures of the documentation show them: request, files, tests and numbers of one story. */
import { soloTeam } from '../../../src/design/index.ts';
import { teamFor } from '../../../src/design/teams.ts';
import type { Speech } from '../../../src/editor/panels/words.ts';
import { type Plan, planHash, planSchema } from '../../../src/plan/index.ts';
import type { NewEvent } from '../../../src/trace/events.ts';
import type { PlanModel } from '../../../src/webviews/plan-types.ts';
import type { RunModel, StreamPart } from '../../../src/webviews/run-types.ts';
import { attempt, enveloped, hashOf, opening } from '../trace-events.ts';
import { planModel, proposalOf, redEvents, request, runModelOf, runningEvents } from './models.ts';
import { english } from './speech.ts';

/** The example run is about a sum; its request in the pictures is about an invoice. */
export const inInvoice = (events: readonly NewEvent[]): NewEvent[] =>
  JSON.parse(
    JSON.stringify(events)
      .replaceAll('sum.js', 'src/invoice.js')
      .replaceAll('"adds"', '"a discount lowers the total"')
      .replaceAll('"step":"make"', '"step":"draft"')
      .replaceAll('/home/ann/my project', '/home/ann/shop'),
    (_name, value: unknown) => {
      const counts = value as { passed?: number; failed?: number } | null;
      if (typeof counts?.passed !== 'number' || typeof counts.failed !== 'number' || counts.passed + counts.failed !== 2) return value;
      return { ...counts, passed: 15 - counts.failed };
    },
  ) as NewEvent[];

const began = (step: string, kind: string): NewEvent => ({ type: 'step.started', step, path: `r0/${step}`, kind });
const over = (step: string, ms: number, skipped?: string): NewEvent => ({
  type: 'step.done',
  step,
  path: `r0/${step}`,
  ms,
  ...(skipped !== undefined && { skipped }),
});

/** The second try passes, so nothing is left to mend. */
export const solvedEvents: readonly NewEvent[] = [
  ...runningEvents,
  ...attempt(2, true)
    .slice(1)
    .map((event) => (event.type === 'call.done' || event.type === 'candidate.made' ? { ...event, call: 'r0/draft/2' } : event)),
  over('draft', 9300),
  began('try', 'test'),
  over('try', 2400),
  began('mend', 'repeat'),
  over('mend', 2, 'tests-pass holds already'),
  began('pick', 'select'),
  { type: 'candidates.selected', step: 'pick', kept: ['c2'], classes: [['c2'], ['c1']], by: 'tests' },
  over('pick', 1),
  {
    type: 'run.finished',
    outcome: 'solved',
    candidate: 'c2',
    patch: hashOf('patch'),
    before: { passed: 14, failed: 1, skipped: 0, green: false },
    after: { passed: 15, failed: 0, skipped: 0, green: true },
    tampering: [],
    spend: { calls: 3, inputTokens: 2700, outputTokens: 300, usd: 0.003, seconds: 16 },
    reward: { performance: 1, complexity: 0.1 },
  },
];

const answer = `Each line takes off its own discount in \`priceOf\` (src/money.js:12-19), **before** the tax is added.

1. \`totalOf\` adds up what [the lines cost](src/invoice.js#L31-L38).
2. Then it multiplies by the tax and rounds to cents, in \`src/invoice.js:40\`.

| Where | What |
|---|---|
| src/money.js:14 | discount in percent |
| src/money.js:17 | discount in cents |

Not handled: a discount above 100 %, which would make the price negative. No test tells what should happen then.
`;

/** What the tries of these runs wrote. */
export const spoken: readonly StreamPart[] = [
  [
    'r0/draft/1',
    'src/invoice.js\n```js\nconst sum = lines.reduce((all, line) => all + line.price * line.count, 0);\nreturn round(sum * (1 + tax));\n```\n',
  ],
  [
    'r0/draft/2',
    'The discount belongs to each line, before the tax.\n\nsrc/invoice.js\n```js\nconst sum = lines.reduce((all, line) => all + priceOf(line), 0);\n',
  ],
  ['r0/answer/1', answer],
].map(([call = '', text = '']) => ({ call, text, thinking: false, restart: true }));

export const runUnderWay = (speech: Speech = english): RunModel => runModelOf(enveloped(inInvoice(runningEvents)), true, {}, speech);
export const solvedRun = (speech: Speech = english): RunModel => runModelOf(enveloped(inInvoice(solvedEvents)), false, {}, speech);
const inMend = (step: string, kind: string, ms: number): NewEvent[] => [
  { type: 'step.started', step, path: `r0/mend/1/${step}`, kind },
  { type: 'step.done', step, path: `r0/mend/1/${step}`, ms },
];

/** Neither try passes, and what is mended of the better one fails as before. */
const redTries: readonly NewEvent[] = [
  ...runningEvents,
  ...attempt(2, false)
    .slice(1)
    .map((event) => (event.type === 'call.done' || event.type === 'candidate.made' ? { ...event, call: 'r0/draft/2' } : event)),
  over('draft', 9300),
  began('try', 'test'),
  over('try', 2400),
  began('mend', 'repeat'),
  ...inMend('judge', 'review', 3100),
  ...inMend('fix', 'revise', 5200),
  ...inMend('retry', 'test', 2400),
  over('mend', 10_700),
  began('pick', 'select'),
  { type: 'candidates.selected', step: 'pick', kept: ['c1'], classes: [['c1', 'c2']], by: 'tests' },
  over('pick', 1),
  ...redEvents.slice(-1),
];

export const redRun = (speech: Speech = english): RunModel =>
  runModelOf(enveloped(inInvoice(redTries)), false, { report: proposalOf().briefing.baseline }, speech);

// ---- a question -----------------------------------------------------------------------------------------------------------------

const question = { text: 'Where is the discount of a line taken off, and is that before or after the tax?', files: [] };
const answered: readonly NewEvent[] = (() => {
  const plan = teamFor('question', 'easy');
  const [step] = plan.steps;
  const path = `r0/${step?.id}`;
  const called = { call: `${path}/1`, agent: 'reader' };
  const [call, done] = attempt(1, false);
  return [
    ...opening.map((event): NewEvent => {
      if (event.type === 'run.started') return { ...event, request: question };
      if (event.type !== 'plan.proposed') return event;
      const outline = [{ step: step?.id ?? '', path, kind: 'analyse', agent: 'reader' }];
      return { ...event, round: 0, hash: planHash(plan), name: plan.name, origin: 'library', reason: plan.reason, outline };
    }),
    { type: 'plan.approved', hash: planHash(plan), by: 'user' },
    { type: 'step.started', step: step?.id ?? '', path, kind: 'analyse', agent: 'reader' },
    ...(call?.type === 'call.started' ? [{ ...call, ...called, step: step?.id ?? '' }] : []),
    ...(done?.type === 'call.done' ? [{ ...done, ...called }] : []),
    { type: 'note.written', step: step?.id ?? '', agent: 'reader', text: hashOf('answer'), verdict: 'none' },
    { type: 'step.done', step: step?.id ?? '', path, ms: 4100 },
    {
      type: 'run.finished',
      outcome: 'answered',
      answer: hashOf('answer'),
      before: { passed: 14, failed: 1, skipped: 0, green: false },
      tampering: [],
      spend: { calls: 1, inputTokens: 900, outputTokens: 100, usd: 0.001, seconds: 4 },
      reward: {},
    },
  ];
})();

export function answeredRun(speech: Speech = english): RunModel {
  const plan = teamFor('question', 'easy');
  const files = new Map(['src/money.js', 'src/invoice.js'].map((path) => [path, path]));
  return runModelOf(
    enveloped(inInvoice(answered)),
    false,
    { plans: new Map([[planHash(plan), plan]]), notes: new Map([[hashOf('answer'), answer]]), answer: { text: answer, files } },
    speech,
  );
}

// ---- large teams ----------------------------------------------------------------------------------------------------------------

const parts = ['parser', 'prices', 'taxes', 'rounding', 'report', 'export'];

/** Thirty steps: three look at the request side by side, six parts are made one after the other, each reviewed, revised and tested. */
const teamOfThirtySteps: Plan = planSchema.parse({
  teamwright: 1,
  name: 'six-parts',
  reason: 'The request falls into six parts that build on each other, so each is made and tested before the next.',
  difficulty: 'hard',
  agents: {
    planner: {
      role: 'planner',
      instructions: 'Say what has to change in your part of the request, and where.',
      output: 'note',
      tier: 'strong',
      tools: [],
      write: [],
    },
    coder: {
      role: 'coder',
      instructions: 'Write the part that the notes describe, and nothing else.',
      output: 'edits',
      tier: 'worker',
      tools: [],
      write: ['src/**'],
      temperature: 0.7,
    },
    critic: {
      role: 'reviewer',
      instructions: 'Look for cases that the change forgets.',
      output: 'verdict',
      tier: 'strong',
      tools: [],
      write: [],
    },
  },
  steps: [
    {
      id: 'look',
      do: 'group',
      steps: ['callers', 'data', 'tests'].map((what) => ({ id: `look-at-${what}`, do: 'analyse', agent: 'planner' })),
    },
    ...parts.flatMap((part) => [
      { id: part, do: 'generate', agent: 'coder', samples: 2, uses: ['look-at-callers', 'look-at-data'] },
      { id: `review-${part}`, do: 'review', agent: 'critic' },
      { id: `mend-${part}`, do: 'revise', agent: 'coder', uses: [`review-${part}`] },
      { id: `test-${part}`, do: 'test' },
    ]),
    { id: 'check', do: 'check', checks: ['types', 'lint'] },
    { id: 'pick', do: 'select' },
  ],
  budget: { tokens: 400_000, usd: 5, seconds: 7200, calls: 60, agents: 6, depth: 4 },
});

export const planOfThirtySteps = (speech: Speech = english): PlanModel => planModel(undefined, {}, proposalOf(teamOfThirtySteps), speech);
export const soloPlan = (speech: Speech = english): PlanModel =>
  planModel(undefined, {}, proposalOf(soloTeam(3, 'easy'), { origin: 'solo' }), speech);

/** A call of its agent, and a candidate where it makes one. */
function workOf(step: Plan['steps'][number], path: string, nth: number): NewEvent[] {
  if (!('agent' in step)) return [];
  const own = { call: `${path}/1`, step: step.id, agent: step.agent };
  return attempt(nth, false)
    .slice(0, step.do === 'generate' ? 4 : 2)
    .map((event): NewEvent => {
      if (event.type === 'call.started') return { ...event, ...own };
      if (event.type === 'call.done') return { ...event, call: own.call, agent: own.agent };
      return event.type === 'candidate.made' ? { ...event, ...own } : event;
    });
}

/** Under way in its fourth part. */
export function runOfThirtySteps(speech: Speech = english): RunModel {
  const hash = planHash(teamOfThirtySteps);
  const agentOf = (step: Plan['steps'][number]) => ('agent' in step ? { agent: step.agent } : {});
  const flat = teamOfThirtySteps.steps.flatMap((step) => [
    { step, path: `r0/${step.id}` },
    ...('steps' in step ? step.steps.map((inner) => ({ step: inner, path: `r0/${step.id}/${inner.id}` })) : []),
  ]);
  const outline = flat.map(({ step, path }) => ({ step: step.id, path, kind: step.do, ...agentOf(step) }));
  const events: NewEvent[] = [
    ...opening.map((event): NewEvent => {
      if (event.type === 'run.started') return { ...event, request };
      return event.type === 'plan.proposed'
        ? {
            ...event,
            round: 0,
            hash,
            name: teamOfThirtySteps.name,
            origin: 'model',
            difficulty: 'hard',
            budget: teamOfThirtySteps.budget,
            outline,
          }
        : event;
    }),
    { type: 'plan.approved', hash, by: 'user' },
  ];
  const under = flat.findIndex(({ step }) => step.id === 'rounding');
  for (const [index, { step, path }] of flat.slice(0, under + 1).entries()) {
    events.push({ type: 'step.started', step: step.id, path, kind: step.do, ...agentOf(step) });
    if (index < under && !('steps' in step))
      events.push(...workOf(step, path, index), { type: 'step.done', step: step.id, path, ms: 3000 + 400 * index });
    if (index === 3) events.push({ type: 'step.done', step: 'look', path: 'r0/look', ms: 5200 });
  }
  return runModelOf(enveloped(inInvoice(events)), true, { plans: new Map([[hash, teamOfThirtySteps]]), notes: new Map() }, speech);
}
