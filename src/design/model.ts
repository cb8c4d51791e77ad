/**
 * The meta-agent (`systems.md` 1 and 2): a model names the difficulty and writes a team for exactly this request; after a failure it sees the
 * earlier plans and what they left red. Whatever it answers, the plan that comes out is valid: constrained by schema, repaired, asked once
 * more, and then the library's team for this kind of request.
 */
import { type ErrorCode, errorText, isTeamwrightError } from '../errors.ts';
import { askStructured, jsonSchemaOf, withSchema } from '../models/index.ts';
import type { ChatMessage } from '../models/types.ts';
import { agentNameOf, allSteps, checkPlan, nMax, type Plan, problemText } from '../plan/index.ts';
import { nextTeam, sameTeam } from './fallback.ts';
import { compile, sketchExample, sketchGuide, sketchSchema } from './sketch.ts';
import type { Design, Designer, DesignInput, DesignRound } from './types.ts';

/** Longest answer of a designer. */
export const designTokens = 900;
/** Characters of the request and of each failure that the designer reads. */
const requestCharacters = 2000;
const failureCharacters = 800;

/** A call that failed like this says nothing about the next one: the run goes on without a designed team. */
const oneCallOnly: readonly ErrorCode[] = [
  'model-rate-limited',
  'model-timeout',
  'model-half-stream',
  'model-bad-reply',
  'model-context-full',
  'model-server-error',
  'model-refused',
];

const role = [
  'You design a team of agents for one coding request. You do not solve the request: others do.',
  'A team earns its tokens only when it beats one coder: name the difficulty first, and keep easy teams small.',
  `At most ${nMax.easy} agent calls for easy, ${nMax.medium} for medium, ${nMax.hard} for hard.`,
  sketchGuide,
  `A team for another request: ${JSON.stringify(sketchExample)}`,
].join('\n');

/** For a model that was trained on this question: the guide would cost more than the answer. */
const taughtRole = 'You design a team of agents for one coding request.';

export const modelDesigner: Designer = {
  name: 'model',
  design: async (input) => {
    const again = input.failures.length + (input.sentBack ?? []).length;
    const name = again === 0 ? 'designed' : `redesigned-${again}`;
    // What was learned is to design, not to design again.
    const { capabilities } = input.models.strong;
    const taught = capabilities.designs === true && capabilities.format === 'json-schema' && again === 0 && input.earlier === undefined;
    const answered: string[] = [];
    let asked = 0;
    const answer = await askStructured(
      async (messages, format) => {
        asked += 1;
        const place = String(asked);
        const reply = await input.ask({ place, messages, format, maxTokens: designTokens });
        answered.push(place);
        return reply;
      },
      sketchSchema.superRefine((sketch, context) => {
        for (const message of problemsOf(compile(sketch, name).plan, input)) context.addIssue({ code: 'custom', message });
      }),
      capabilities,
      question(input, taught ? taughtRole : role),
      { ...designForm, shown: !taught },
    ).catch((error: unknown) => {
      if (!isTeamwrightError(error) || !oneCallOnly.includes(error.code)) throw error;
      return errorText(error);
    });
    if (typeof answer === 'string') return fallback(input, [{ reasoning: '', valid: false, problems: [answer] }]);
    const rounds = answer.rounds.map(
      (round, index): DesignRound => ({
        call: answered[index],
        prompt: JSON.stringify(round.messages),
        reply: round.reply.text,
        reasoning: round.reply.reasoning,
        valid: round.problems.length === 0,
        problems: round.problems,
      }),
    );
    if (!answer.ok) return fallback(input, rounds);
    const { plan, mended } = compile(answer.value, name);
    const origin = answer.way === 'reasked' ? 'model-reasked' : answer.way === 'repaired' || mended.length > 0 ? 'model-repaired' : 'model';
    return { plan, origin, reason: [plan.reason, ...mended].join(' '), difficulty: plan.difficulty, rounds };
  },
};

/** What a designer answers, for servers that constrain a reply. */
export const designForm = { name: 'team', jsonSchema: jsonSchemaOf(sketchSchema) };

type Asked = Pick<DesignInput, 'request' | 'briefing' | 'failures' | 'sentBack' | 'earlier'>;

const question = (input: Asked, as: string): readonly ChatMessage[] => [
  { role: 'system', content: as },
  { role: 'user', content: situation(input) },
];

/** What the designer's first call asks a model, to the letter: the prompt of training data, where the answer is a sketch as JSON. */
export const designPrompt = (input: Asked): readonly ChatMessage[] =>
  withSchema(question(input, role), JSON.stringify(designForm.jsonSchema));

/** What the first call asks a model that was trained to design. */
export const taughtPrompt = (input: Asked): readonly ChatMessage[] => question(input, taughtRole);

function problemsOf(plan: Plan, input: DesignInput): readonly string[] {
  const problems = checkPlan(plan, { request: input.request.text })
    .filter((problem) => problem.severity === 'error')
    .map(problemText);
  if (input.failures.some((failure) => sameTeam(failure.plan, plan))) problems.push('This team has failed already; change it.');
  if (input.sentBack?.some((sent) => sameTeam(sent.plan, plan))) problems.push('The user did not want this team; change it.');
  return problems;
}

/** What the designer knows: facts, not file contents. */
function situation({ request, briefing, failures, sentBack = [], earlier }: Asked): string {
  const { baseline } = briefing;
  const lines = [
    ...(earlier ? [`Earlier request: ${earlier.request.slice(0, requestCharacters)}`, earlier.done] : []),
    `Request: ${request.text.slice(0, requestCharacters)}`,
    `Languages: ${briefing.languages.map((language) => language.name).join(', ') || 'unknown'}`,
    `Files that matter: ${briefing.files.map((file) => `${file.path} (${file.bytes} bytes${file.isTest ? ', test' : ''})`).join(', ') || 'none found'}`,
    baseline ? `Tests now: ${baseline.passed} passed, ${baseline.failed} failed` : 'Tests now: none',
  ];
  for (const failure of failures) {
    lines.push(
      `The plan "${failure.plan.name}" was tried and scored ${failure.score.toFixed(2)}. It left: ${failure.detail.slice(0, failureCharacters)}`,
    );
  }
  if (failures.length > 0) lines.push('Design another team that answers this failure; say in the reason what it does differently.');
  for (const { plan, comment } of sentBack) {
    lines.push(`The user saw the plan "${plan.name}" (${outline(plan)}) and sent it back: ${comment.slice(0, failureCharacters)}`);
  }
  if (sentBack.length > 0) lines.push('Design another team that does what the user says; say in the reason how.');
  return lines.join('\n');
}

/** A plan in one line, for the designer: who does what. */
function outline(plan: Plan): string {
  return [...allSteps(plan.steps)].map((step) => [step.do, agentNameOf(step)].filter(Boolean).join(' by ')).join(', ');
}

/** The library stands in, with a team that was not tried in this run. */
function fallback(input: DesignInput, rounds: readonly DesignRound[]): Design {
  const plan = nextTeam(input);
  return {
    plan,
    origin: 'fallback-library',
    reason: `${plan.reason} The designer gave no valid plan.`,
    difficulty: plan.difficulty,
    rounds,
  };
}
