/**
 * The way back from a plan to the shallow form a model writes (`sketch.ts`), for training data: what a plan that proved itself would have been
 * as an answer of the designer. `compile` makes the same work by the same agents of it; rights, temperatures and ids follow from the work again.
 */
import { agentNameOf, type Plan, type Step, stepKindOf, writesNote } from '../plan/index.ts';
import { type Sketch, sketchSchema } from './sketch.ts';

type SketchStep = Sketch['steps'][number];

/**
 * Undefined for a plan that has no such form: too many steps or agents, or a step that runs under a condition a sketch cannot say. Repairs that
 * run while tests fail (`repeat`, `when`) are plain `revise` steps there: a revise step does nothing when nothing speaks against the change.
 */
export function sketchOf(plan: Plan): Sketch | undefined {
  const noteWriter = new Map<string, string>();
  const steps: SketchStep[] = [];
  const add = (step: Step): boolean => {
    const { inside } = stepKindOf(step);
    if (inside) {
      const flat = inside.flat(step, (inner) => stepKindOf(inner as Step));
      if (!flat?.steps.every((inner) => add(inner as Step))) return false;
      return flat.rounds === undefined || setRounds(steps.at(-1), flat.rounds);
    }
    const agent = agentNameOf(step) ?? null;
    if (agent !== null && writesNote(step)) noteWriter.set(step.id, agent);
    const uses = 'uses' in step ? step.uses.flatMap((id) => noteWriter.get(id) ?? []) : [];
    const samples = 'samples' in step ? step.samples : null;
    steps.push({ do: step.do, agent, samples, uses: uses.length > 0 ? [...new Set(uses)] : null, rounds: null });
    return true;
  };
  if (!plan.steps.every(add)) return undefined;
  const sketch = sketchSchema.safeParse({
    difficulty: plan.difficulty,
    reason: plan.reason,
    agents: Object.entries(plan.agents).map(([name, { instructions, tier }]) => ({ name, instructions, tier })),
    steps,
  });
  return sketch.success ? sketch.data : undefined;
}

function setRounds(step: SketchStep | undefined, rounds: number): boolean {
  if (step === undefined || !stepKindOf(step).sketch?.rounds) return false;
  step.rounds = rounds;
  return true;
}
