/**
 * The shallow form in which a model writes a team. A small model manages a flat list; rights, ids, nesting and the final test follow from
 * the work, so that it cannot get them wrong. `compile` turns a sketch into a plan and tells what it had to mend: a count out of range, one
 * agent with two kinds of work, work on a change that nobody writes, a forgotten test.
 */
import * as z from 'zod';
import {
  type Agent,
  difficulties,
  freshStep,
  makesCandidates,
  type Plan,
  planSchema,
  type StepKind,
  stepKindOf,
  stepKinds,
  writesNote,
} from '../plan/index.ts';

/** Kinds of steps a sketch may have; who thinks comes before who works on the change. */
const written = stepKinds.filter(({ sketch }) => sketch !== undefined);
const aboutChange = written.filter((kind) => makesCandidates(kind) || needsChange(kind));
const sketchKinds = [...written.filter((kind) => !aboutChange.includes(kind)), ...aboutChange];
export const sketchStepNames = sketchKinds.map((kind) => kind.do) as [StepKind, ...StepKind[]];

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
    .max(4),
  steps: z
    .array(
      z.strictObject({
        do: z.enum(sketchStepNames),
        agent: z.string().max(40).nullable(),
        /** 1 to `most`; a constrained decoder keeps the type, not the range, so `compile` does. */
        samples: z.int().nullable(),
        uses: z.array(z.string().max(40)).max(6).nullable(),
        rounds: z.int().nullable(),
      }),
    )
    .min(1)
    .max(12),
});
export type Sketch = z.infer<typeof sketchSchema>;

const most = { samples: 8, rounds: 3 };

/** Kinds named in one line of the prompt. */
const kindsInLine = 5;
const saidKinds = sketchKinds.map(({ do: kind, sketch }) => (sketch?.says ? `${kind} (${sketch.says})` : kind));
const saidLines = saidKinds.flatMap((_, index) =>
  index % kindsInLine === 0 ? saidKinds.slice(index, index + kindsInLine).join(', ') : [],
);

export const sketchGuide = [
  'One to three agents, each with one kind of work and instructions of one sentence. Nothing can be tested, reviewed or revised before a generate step.',
  `do: ${saidLines.join(',\n')}.`,
  `uses: names of agents whose notes this step reads. samples: how many candidates, 1 to ${most.samples}; rounds: 1 to ${most.rounds}. null where it does not apply.`,
].join('\n');

/** A step with its fields in the order of the schema. A constrained decoder keeps to that order, so a model must not see, nor be taught, any other. */
export const sketchStep = (kind: SketchStep['do'], given: Partial<Omit<SketchStep, 'do'>> = {}): SketchStep => ({
  do: kind,
  ...{ agent: null, samples: null, uses: null, rounds: null },
  ...given,
});

/** One team of another kind than most requests need, so that copying it shows. Small models follow a shape they see better than a schema. */
export const sketchExample: Sketch = {
  difficulty: 'medium',
  reason: 'Two places must change together, so one agent says how before another writes.',
  agents: [
    { name: 'planner', instructions: 'Say which functions must change and how.', tier: 'worker' },
    { name: 'coder', instructions: 'Write the change the planner describes.', tier: 'worker' },
  ],
  steps: [
    sketchStep('analyse', { agent: 'planner' }),
    sketchStep('generate', { agent: 'coder', samples: 2, uses: ['planner'] }),
    sketchStep('test'),
    sketchStep('revise', { agent: 'coder', rounds: 2 }),
  ],
};

type SketchStep = Sketch['steps'][number];
type Output = Agent['output'];
type OfKind = Pick<SketchStep, 'do'>;

/** What the agent of a step hands over; steps that ask no agent have none. */
const outputOf = (step: OfKind): Output | undefined => stepKindOf(step).outputs[0];

/** Works on a change that was made before. */
function needsChange(step: OfKind): boolean {
  const kind = stepKindOf(step);
  return kind.takesCandidates(freshStep(kind, { id: kind.do, agent: '', inner: () => [] }));
}

/** A plan from a sketch, with the list of what was mended. The result still goes through the validator. */
export function compile(sketch: Sketch, name: string): { plan: Plan; mended: readonly string[] } {
  const mended: string[] = [];
  const sketched = withChange(sketch, mended);
  const team = new Team(sketch.agents, sketched, mended);
  const answers = !sketched.some(makesCandidates);
  const noteSteps = new Map<string, string>();
  const steps: CompiledStep[] = [];
  const taken = new Set<string>();
  for (const [index, step] of sketched.entries()) {
    const id = free(step.do, taken);
    const kind = stepKindOf(step);
    const output = outputOf(step);
    const agent = output === undefined ? undefined : team.agentFor(step, output, index);
    const uses = (step.uses ?? []).flatMap((used) => {
      const noteStep = noteSteps.get(slug(used));
      if (noteStep === undefined) mended.push(`Step ${index + 1} reads notes of "${used}", who has written none by then: left out.`);
      return noteStep ?? [];
    });
    const values = {
      agent,
      samples: within('samples', step.samples ?? 1, index, mended),
      // Where nothing is changed, a review is of what was thought so far.
      uses: answers && needsChange(step) && uses.length === 0 ? [...noteSteps.values()] : uses,
    };
    const own = Object.entries(values).filter(([field]) => Object.hasOwn(kind.fields, field));
    const compiled = { id, do: step.do, ...Object.fromEntries(own), ...kind.sketch?.fixed };
    const rounds = kind.sketch?.rounds ? within('rounds', step.rounds ?? 1, index, mended) : 1;
    steps.push(
      rounds === 1
        ? compiled
        : {
            id: free('repeat', taken),
            do: 'repeat',
            until: 'tests-pass',
            max: rounds,
            steps: [compiled, { id: free('test', taken), do: 'test' }],
          },
    );
    if (writesNote(step)) noteSteps.set(slug(team.nameFor(step)), id);
  }
  endWithTest(steps, taken, mended);
  const plan = planSchema.parse({
    teamwright: 1,
    name,
    reason: sketch.reason,
    difficulty: sketch.difficulty,
    agents: team.agents(),
    steps,
    ...(answers ? { finish: { when: 'answer' } } : {}),
  });
  return { plan, mended };
}

interface CompiledStep {
  readonly id: string;
  readonly do: StepKind;
  readonly [field: string]: unknown;
}

/** The steps, with a first change before the first step that needs one. A sketch that only thinks stays as it is: it answers a question. */
function withChange({ agents, steps }: Sketch, mended: string[]): readonly SketchStep[] {
  const needing = steps.findIndex(needsChange);
  const making = steps.findIndex((step) => makesCandidates(step) && !needsChange(step));
  if (needing === -1 || (making !== -1 && making < needing)) return steps;
  const onlyThinks = steps.every(writesNote);
  if (onlyThinks && needing > 0) return steps;
  const judges = new Set(steps.filter((step) => outputOf(step) === 'verdict').map((step) => step.agent));
  const writer = steps.find((step) => outputOf(step) === 'edits')?.agent ?? agents.find((agent) => !judges.has(agent.name))?.name;
  mended.push(`Step ${needing + 1} (${steps[needing]?.do}) came before any change: a step that writes one was put before it.`);
  return steps.toSpliced(needing, 0, { do: 'generate', agent: writer ?? null, samples: null, uses: null, rounds: null });
}

function within(field: keyof typeof most, count: number, index: number, mended: string[]): number {
  const kept = Math.min(most[field], Math.max(1, count));
  if (kept !== count) mended.push(`Step ${index + 1} asked for ${count} ${field}: ${kept}.`);
  return kept;
}

/** The agents of a sketch by the work they get. One that was given several kinds of work becomes several agents, one a kind. */
class Team {
  private readonly made = new Map<string, Agent>();
  private readonly ids = new Map<string, string>();
  private readonly sketched: Sketch['agents'];
  private readonly steps: readonly SketchStep[];
  private readonly mended: string[];

  constructor(sketched: Sketch['agents'], steps: readonly SketchStep[], mended: string[]) {
    this.sketched = sketched;
    this.steps = steps;
    this.mended = mended;
  }

  /** The agent of the sketch a step means: the one it names, else the first. */
  nameFor(step: SketchStep): string {
    return this.named(step)?.name ?? this.sketched[0]?.name ?? '';
  }

  /** The id of the agent that does this step, made when it is new. */
  agentFor(step: SketchStep, output: Output, index: number): string {
    if (this.named(step) === undefined) {
      this.mended.push(`Step ${index + 1} (${step.do}) names no known agent: given to "${this.sketched[0]?.name}".`);
    }
    const name = this.nameFor(step);
    const key = `${slug(name)}/${output}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const main = this.mainWork(name);
    const wanted = output === main ? slug(name) : `${slug(name).slice(0, 31)}-${titles[output]}`;
    if (output !== main) this.mended.push(`"${name}" had two kinds of work: "${wanted}" does the other.`);
    const id = free(wanted, new Set(this.made.keys()));
    const { instructions, tier } = this.sketched.find((agent) => agent.name === name) ?? { instructions: '', tier: 'worker' as const };
    this.ids.set(key, id);
    this.made.set(id, agentWith(id, output === main ? instructions : standardWork[output], tier, output));
    return id;
  }

  agents(): Record<string, Agent> {
    const used = new Set([...this.ids.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))));
    for (const { name } of this.sketched) if (!used.has(slug(name))) this.mended.push(`Agent "${name}" has no step: left out.`);
    return Object.fromEntries(this.made);
  }

  private named(step: SketchStep): Sketch['agents'][number] | undefined {
    const { agent } = step;
    return agent === null ? undefined : this.sketched.find(({ name }) => name === agent || slug(name) === slug(agent));
  }

  /** The kind of work an agent keeps under its own name: writing the change, else what it does first. */
  private mainWork(name: string): Output | undefined {
    const work = this.steps.filter((step) => this.nameFor(step) === name).flatMap((step) => outputOf(step) ?? []);
    return work.includes('edits') ? 'edits' : work[0];
  }
}

const titles: Readonly<Record<Output, string>> = { edits: 'coder', tests: 'tester', verdict: 'reviewer', note: 'analyst' };

const standardWork: Readonly<Record<Output, string>> = {
  edits: 'Make the change that was asked for.',
  tests: 'Write tests for what was asked.',
  verdict: 'Say whether the change does what was asked, and what is wrong with it.',
  note: 'Find out what the change needs and say it in a few sentences.',
};

/** Fewer do not state an objective (the validator's `brief-too-short`). */
const fewestWords = 4;

/** Rights follow from the work: who only reads gets no write scope and no tools that write. */
function agentWith(role: string, instructions: string, tier: Agent['tier'], output: Output): Agent {
  const writes = output === 'edits' || output === 'tests';
  return {
    role,
    instructions: instructions.trim().split(/\s+/).length >= fewestWords ? instructions : `${standardWork[output]} ${instructions}`.trim(),
    output,
    tier,
    tools: writes ? ['read', 'list', 'search', 'edit', 'test'] : [],
    write: writes ? ['**'] : [],
    temperature: writes ? 0.7 : 0.2,
  };
}

/** Candidates must be tested and one chosen: what the sketch forgot is added. */
function endWithTest(steps: CompiledStep[], taken: Set<string>, mended: string[]): void {
  const lastChange = steps.findLastIndex((step) => makesCandidates(step) || stepKindOf(step).inside !== undefined);
  if (lastChange === -1) return;
  if (!steps.slice(lastChange).some((step) => step.do === 'test')) {
    mended.push('No test after the last change: added.');
    steps.splice(lastChange + 1, 0, { id: free('test', taken), do: 'test' });
  }
  if (steps.at(-1)?.do !== 'select') steps.push({ id: free('select', taken), do: 'select' });
}

function free(base: string, taken: Set<string>): string {
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base.slice(0, 37)}-${number}`;
  taken.add(id);
  return id;
}

function slug(name: string): string {
  const text = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|(?<!-)-+$/g, '')
    .slice(0, 40);
  return text === '' ? 'agent' : text;
}
