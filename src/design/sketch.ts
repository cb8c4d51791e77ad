/**
 * The shallow form in which a model writes a team. A small model manages a flat list; rights, ids, nesting and the final test follow from
 * the work, so that it cannot get them wrong. `compile` turns a sketch into a plan and tells what it had to mend.
 */
import * as z from 'zod';
import { type Agent, difficulties, type Plan, planSchema, type StepKind } from '../plan/index.ts';

const stepNames = ['analyse', 'generate', 'write-tests', 'test', 'check', 'review', 'revise', 'select'] as const;

/** Nullable instead of optional: constrained decoders want every field. */
export const sketchSchema = z.strictObject({
  difficulty: z.enum(difficulties),
  reason: z.string().max(600),
  agents: z
    .array(
      z.strictObject({
        name: z.string().max(40),
        instructions: z.string().max(600),
        tier: z.enum(['worker', 'strong']),
      }),
    )
    .min(1)
    .max(6),
  steps: z
    .array(
      z.strictObject({
        do: z.enum(stepNames),
        agent: z.string().max(40).nullable(),
        samples: z.int().min(1).max(8).nullable(),
        uses: z.array(z.string().max(40)).max(6).nullable(),
        rounds: z.int().min(1).max(3).nullable(),
      }),
    )
    .min(1)
    .max(10),
});
export type Sketch = z.infer<typeof sketchSchema>;

export const sketchGuide = [
  'do: analyse (an agent writes a note), generate (an agent writes candidates of the change), write-tests, test (run the tests), check (type check and lint),',
  'review (an agent judges the best candidate), revise (an agent repairs the best candidate; rounds repeats it until the tests pass), select (keep the best).',
  'uses: names of agents whose notes this step reads. samples: how many candidates. null where it does not apply.',
].join('\n');

type Named = (typeof stepNames)[number];
const asksAgent: readonly Named[] = ['analyse', 'generate', 'write-tests', 'review', 'revise'];
const makesChange: readonly Named[] = ['generate', 'revise'];

/** A plan from a sketch, with the list of what was mended. The result still goes through the validator. */
export function compile(sketch: Sketch, name: string): { plan: Plan; mended: readonly string[] } {
  const mended: string[] = [];
  const names = new Map(sketch.agents.map((agent) => [agent.name, slug(agent.name)]));
  const workOf = new Map<string, Set<Named>>();
  const noteSteps = new Map<string, string>();
  const steps: unknown[] = [];
  const taken = new Set<string>();
  for (const [index, step] of sketch.steps.entries()) {
    const id = free(step.do, taken);
    const agent = asksAgent.includes(step.do) ? agentFor(step, sketch, names, index, mended) : undefined;
    if (asksAgent.includes(step.do) && agent === undefined) continue;
    if (agent !== undefined) workOf.set(agent, (workOf.get(agent) ?? new Set()).add(step.do));
    const uses = (step.uses ?? []).flatMap((used) => {
      const noteStep = noteSteps.get(names.get(used) ?? used);
      if (noteStep === undefined) mended.push(`Step ${index + 1} reads notes of "${used}", who has written none by then: left out.`);
      return noteStep ?? [];
    });
    const common = { id, do: step.do };
    switch (step.do) {
      case 'analyse':
      case 'review':
        steps.push({ ...common, agent, uses });
        noteSteps.set(agent as string, id);
        break;
      case 'write-tests':
        steps.push({ ...common, agent, uses });
        break;
      case 'generate':
        steps.push({ ...common, agent, samples: step.samples ?? 1, uses });
        break;
      case 'revise': {
        const revise = { ...common, agent, samples: step.samples ?? 1, uses };
        const rounds = step.rounds ?? 1;
        steps.push(
          rounds === 1
            ? revise
            : {
                id: free('repeat', taken),
                do: 'repeat',
                until: 'tests-pass',
                max: rounds,
                steps: [revise, { id: free('test', taken), do: 'test' }],
              },
        );
        break;
      }
      case 'check':
        steps.push({ ...common, checks: ['types', 'lint'] });
        break;
      case 'test':
      case 'select':
        steps.push(common);
    }
  }
  endWithTest(steps as { do: StepKind }[], taken, mended);
  const agents = Object.fromEntries(
    sketch.agents.flatMap((agent): [string, Agent][] => {
      const id = names.get(agent.name) as string;
      const work = workOf.get(id);
      if (!work) {
        mended.push(`Agent "${agent.name}" has no step: left out.`);
        return [];
      }
      return [[id, agentWith(id, agent, work)]];
    }),
  );
  const answers = !sketch.steps.some((step) => makesChange.includes(step.do) || step.do === 'write-tests');
  const plan = planSchema.parse({
    teamwright: 1,
    name,
    reason: sketch.reason,
    difficulty: sketch.difficulty,
    agents,
    steps,
    ...(answers ? { finish: { when: 'answer' } } : {}),
  });
  return { plan, mended };
}

/** Rights follow from the work: who only reads gets no write scope and no tools that write. */
function agentWith(role: string, agent: Sketch['agents'][number], work: ReadonlySet<Named>): Agent {
  const writes = work.has('generate') || work.has('revise') || work.has('write-tests');
  return {
    role,
    instructions: agent.instructions.trim() || 'Do your part of the work.',
    output:
      work.has('generate') || work.has('revise') ? 'edits' : work.has('write-tests') ? 'tests' : work.has('review') ? 'verdict' : 'note',
    tier: agent.tier,
    tools: writes ? ['read', 'list', 'search', 'edit', 'test'] : [],
    write: writes ? ['**'] : [],
    temperature: writes ? 0.7 : 0.2,
  };
}

function agentFor(
  step: Sketch['steps'][number],
  sketch: Sketch,
  names: ReadonlyMap<string, string>,
  index: number,
  mended: string[],
): string | undefined {
  const named =
    step.agent === null ? undefined : (names.get(step.agent) ?? [...names.values()].find((id) => id === slug(step.agent as string)));
  if (named !== undefined) return named;
  const stand = names.get(sketch.agents[0]?.name ?? '');
  mended.push(`Step ${index + 1} (${step.do}) names no known agent: given to "${sketch.agents[0]?.name}".`);
  return stand;
}

/** Candidates must be tested and one chosen: what the sketch forgot is added. */
function endWithTest(steps: { do: StepKind }[], taken: Set<string>, mended: string[]): void {
  const lastChange = steps.findLastIndex(
    (step) => step.do === 'generate' || step.do === 'revise' || step.do === 'write-tests' || step.do === 'repeat',
  );
  if (lastChange === -1) return;
  if (!steps.slice(lastChange).some((step) => step.do === 'test')) {
    mended.push('No test after the last change: added.');
    steps.splice(lastChange + 1, 0, { id: free('test', taken), do: 'test' } as { do: StepKind });
  }
  if (steps.at(-1)?.do !== 'select') steps.push({ id: free('select', taken), do: 'select' } as { do: StepKind });
}

function free(base: string, taken: Set<string>): string {
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  taken.add(id);
  return id;
}

function slug(name: string): string {
  const text = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return text === '' ? 'agent' : text;
}
