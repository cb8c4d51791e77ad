/**
 * What is one modification away from a team: of its steps by rule, or of one agent's instructions by a model that is told what failed (the node prompts
 * of GPTSwarm; the modifications of AFlow, arXiv 2410.10762, with the experience of those that were tried).
 */
import * as z from 'zod';
import { askStructured, jsonSchemaOf } from '../models/index.ts';
import type { Capabilities, ChatMessage, ChatReply, ChatRequest } from '../models/types.ts';
import { checkPlan, isError, locateSteps, type Plan, planSchema, problemText, valueAt } from '../plan/index.ts';

export interface TeamChange {
  /** In words. */
  readonly change: string;
  readonly plan: Plan;
}

type Draft = { agents: Record<string, unknown>; steps: Record<string, unknown>[] };

/** Undefined where it is no valid plan, or holds the text of a task: what was searched on may not be learned by heart. */
function changed(plan: Plan, requests: readonly string[], change: (draft: Draft) => void): Plan | undefined {
  const draft = structuredClone(plan) as unknown as Draft;
  change(draft);
  const parsed = planSchema.safeParse(draft);
  return parsed.success && problemsOf(parsed.data, requests).length === 0 ? parsed.data : undefined;
}

const problemsOf = (plan: Plan, requests: readonly string[]): readonly string[] => [
  ...new Set(requests.flatMap((request) => checkPlan(plan, { request }).filter(isError).map(problemText))),
];

const most = 16;
const temperatures = [0.2, 0.8];
const planner = {
  role: 'planner',
  instructions: 'Name the edge cases and the steps of a correct solution. Do not repeat the request.',
  output: 'note',
  tools: [],
  write: [],
};

/** Everything by rule: more or fewer samples, another temperature, a step left out, what is red mended, a planner first. */
export function stepChanges(plan: Plan, requests: readonly string[]): readonly TeamChange[] {
  const found: TeamChange[] = [];
  const offer = (change: string, edit: (draft: Draft) => void): void => {
    const next = changed(plan, requests, edit);
    if (next !== undefined) found.push({ change, plan: next });
  };
  const ids = new Set([...locateSteps(plan)].map(({ step }) => step.id));
  const free = (id: string): string => (ids.has(id) ? free(`${id}-more`) : id);
  for (const { step, place } of locateSteps(plan)) {
    const at = (draft: Draft) => valueAt(draft, place) as Record<string, unknown>;
    if ('samples' in step && typeof step.samples === 'number') {
      for (const samples of new Set(
        [step.samples * 2, Math.ceil(step.samples / 2)].filter((count) => count <= most && count !== step.samples),
      ))
        offer(`${samples} samples in ${step.id}`, (draft) => void Object.assign(at(draft), { samples }));
    }
    offer(`without ${step.id}`, (draft) => void (valueAt(draft, place.slice(0, -1)) as unknown[]).splice(Number(place.at(-1)), 1));
  }
  for (const [name, agent] of Object.entries(plan.agents)) {
    for (const temperature of temperatures.filter((other) => other !== agent.temperature))
      offer(`temperature ${temperature} for ${name}`, (draft) => void Object.assign(draft.agents[name] as object, { temperature }));
  }
  const [coder] = Object.entries(plan.agents).find(([, { output }]) => output === 'edits') ?? [];
  const lastSelect = plan.steps.findLastIndex((step) => step.do === 'select');
  if (coder !== undefined) {
    offer(`what is red mended by ${coder}`, (draft) => {
      const steps = [
        { id: free('mend'), do: 'revise', agent: coder },
        { id: free('test-mended'), do: 'test' },
      ];
      draft.steps.splice(lastSelect < 0 ? draft.steps.length : lastSelect, 0, { id: free('if-red'), do: 'when', if: 'tests-fail', steps });
      if (lastSelect < 0) draft.steps.push({ id: free('choose'), do: 'select' });
    });
  }
  if (!Object.hasOwn(plan.agents, 'planner')) {
    offer('a planner first', (draft) => {
      draft.agents.planner = planner;
      const outline = free('outline');
      for (const step of draft.steps) if (step.do === 'generate') step.uses = [...((step.uses as string[] | undefined) ?? []), outline];
      draft.steps.unshift({ id: outline, do: 'analyse', agent: 'planner' });
    });
  }
  return found;
}

const rewriteSchema = z.strictObject({
  why: z.string().max(600).describe('What in the failures the new instructions answer'),
  instructions: z.string().trim().min(10).max(2000).describe('The whole new instructions of this agent'),
});

const role = [
  'You improve the instructions of one agent in a team that does coding requests.',
  'They must help with requests that nobody has seen: name no file, function or value of those below, and do not repeat their words.',
].join('\n');

export interface Experience {
  readonly change: string;
  /** What came of it, in words. */
  readonly result: string;
}

export interface Asking {
  readonly capabilities: Pick<Capabilities, 'format'>;
  readonly ask: (messages: readonly ChatMessage[], format: ChatRequest['format']) => Promise<ChatReply>;
}

export interface Rewritten {
  readonly tokens: number;
  /** Absent: what the model gave is none, by `problem`. */
  readonly change?: TeamChange;
  readonly problem?: string;
}

const longest = { failures: 4, failure: 600, experience: 8 };

/** One agent's instructions, written anew by what failed and what was tried. Rejects as `ask` does. */
export async function rewritten(
  plan: Plan,
  name: string,
  about: { readonly failures: readonly string[]; readonly experience: readonly Experience[]; readonly requests: readonly string[] },
  { ask, capabilities }: Asking,
): Promise<Rewritten> {
  const agent = plan.agents[name];
  if (agent === undefined) return { tokens: 0, problem: `there is no agent ${name}` };
  const withInstructions = (instructions: string): Plan => ({ ...plan, agents: { ...plan.agents, [name]: { ...agent, instructions } } });
  const lines = [
    `The agent: ${name}, ${agent.role}, hands over ${agent.output}.`,
    `Its instructions: ${agent.instructions}`,
    'What failed with them:',
    ...about.failures.slice(0, longest.failures).map((failure) => `- ${failure.slice(0, longest.failure)}`),
    ...(about.experience.length > 0 ? ['What was tried already:'] : []),
    ...about.experience.slice(-longest.experience).map(({ change, result }) => `- ${change}: ${result}`),
  ];
  const answer = await askStructured(
    ask,
    rewriteSchema.superRefine(({ instructions }, context) => {
      if (instructions === agent.instructions) context.addIssue({ code: 'custom', message: 'These are the instructions that there are.' });
      for (const message of problemsOf(withInstructions(instructions), about.requests)) context.addIssue({ code: 'custom', message });
    }),
    capabilities,
    [
      { role: 'system', content: role },
      { role: 'user', content: lines.join('\n') },
    ],
    { name: 'instructions', jsonSchema: jsonSchemaOf(rewriteSchema) },
  );
  const tokens = answer.rounds.reduce((sum, { reply: { usage } }) => sum + usage.inputTokens + usage.outputTokens, 0);
  if (!answer.ok) return { tokens, problem: answer.problems.join(' ') };
  return {
    tokens,
    change: { change: `instructions of ${name}: ${answer.value.why || 'written anew'}`, plan: withInstructions(answer.value.instructions) },
  };
}
