/**
 * The way back from a plan to the shallow form a model writes (`sketch.ts`), for training data: what a plan that proved itself would have been
 * as an answer of the designer. `compile` makes the same work by the same agents of it; rights, temperatures and ids follow from the work again.
 */
import { type Plan, type Step, samplesOf } from '../plan/index.ts';
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
    switch (step.do) {
      case 'group':
        return step.steps.every(add);
      case 'when':
        return step.if === 'tests-fail' && step.else.length === 0 && step.steps.every((inner) => repairs.includes(inner.do) && add(inner));
      case 'repeat': {
        if (step.until !== 'tests-pass' || !step.steps.every((inner) => repairs.includes(inner.do))) return false;
        return step.steps.every((inner) => inner.do !== 'revise' || add(inner)) && setRounds(steps.at(-1), step.max);
      }
      default: {
        const agent = 'agent' in step ? step.agent : null;
        if (agent !== null && (step.do === 'analyse' || step.do === 'review')) noteWriter.set(step.id, agent);
        const uses = 'uses' in step ? step.uses.flatMap((id) => noteWriter.get(id) ?? []) : [];
        const samples = 'samples' in step ? samplesOf(step) : null;
        steps.push({ do: step.do, agent, samples, uses: uses.length > 0 ? [...new Set(uses)] : null, rounds: null });
        return true;
      }
    }
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

/** Steps that may run while tests fail. */
const repairs: readonly Step['do'][] = ['revise', 'test'];

function setRounds(step: SketchStep | undefined, rounds: number): boolean {
  if (step?.do !== 'revise') return false;
  step.rounds = rounds;
  return true;
}
