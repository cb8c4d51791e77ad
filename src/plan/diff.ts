/** What changed between two plans: as data for the pages, as sentences for people ("what changed against the proposal"). */
import { abortOf } from './abort.ts';
import { normalise, planHash } from './canonical.ts';
import { formatPlace } from './place.ts';
import { type LocatedStep, locateSteps } from './places.ts';
import type { Plan } from './schema.ts';
import { stepKindOf } from './step-kinds.ts';

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface PlanChange {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  /** Which part: an agent or a step by its name, the budget, or the plan itself. */
  readonly part: 'agent' | 'step' | 'budget' | 'plan';
  readonly name: string;
  readonly fields: readonly FieldChange[];
  readonly sentence: string;
}

export interface PlanDiff {
  readonly same: boolean;
  readonly changes: readonly PlanChange[];
  /** One sentence a change, in the order plan, agents, steps, budget. */
  readonly sentences: readonly string[];
}

/** Compares what two plans mean and say; steps and agents are matched by their names. Empty exactly when the hashes are equal. */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const a = normalise(before);
  const b = normalise(after);
  const changes = [...headChanges(a, b), ...agentChanges(a, b), ...stepChanges(a, b), ...budgetChanges(a, b)];
  return { same: planHash(a) === planHash(b), changes, sentences: changes.map((change) => change.sentence) };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldChanges(before: Fields, after: Fields): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

function headChanges(a: Plan, b: Plan): PlanChange[] {
  const head = (plan: Plan): Fields => ({
    name: plan.name,
    difficulty: plan.difficulty,
    reason: plan.reason,
    ...plan.finish,
    ...abortOf(plan),
  });
  const words: Record<string, string> = {
    ...{ when: 'finish.when', otherwise: 'finish.otherwise' },
    ...{ breaches: 'abort.breaches', failures: 'abort.failures', tokens: 'abort.tokens' },
  };
  return fieldChanges(head(a), head(b)).map((change) => {
    const named = { ...change, field: words[change.field] ?? change.field };
    return { kind: 'changed', part: 'plan', name: named.field, fields: [named], sentence: `The plan: ${describe(named)}.` };
  });
}

function budgetChanges(a: Plan, b: Plan): PlanChange[] {
  return fieldChanges(a.budget, b.budget).map((change) => ({
    kind: 'changed',
    part: 'budget',
    name: change.field,
    fields: [change],
    sentence: `The budget: ${describe(change)}.`,
  }));
}

function agentChanges(a: Plan, b: Plan): PlanChange[] {
  const names = [...new Set([...Object.keys(a.agents), ...Object.keys(b.agents)])];
  return names.flatMap((name): PlanChange[] => {
    const before = Object.hasOwn(a.agents, name) ? a.agents[name] : undefined;
    const after = Object.hasOwn(b.agents, name) ? b.agents[name] : undefined;
    const part = 'agent' as const;
    if (!before && after)
      return [{ kind: 'added', part, name, fields: [], sentence: `Agent "${name}" (${after.role}, ${after.tier}) is new.` }];
    if (before && !after) return [{ kind: 'removed', part, name, fields: [], sentence: `Agent "${name}" is gone.` }];
    const fields = before && after ? fieldChanges(before, after) : [];
    return fields.length === 0
      ? []
      : [{ kind: 'changed', part, name, fields, sentence: `Agent "${name}": ${fields.map(describe).join('; ')}.` }];
  });
}

function stepChanges(a: Plan, b: Plan): PlanChange[] {
  const before = byName(a);
  const after = byName(b);
  const stayed = [...before.keys()].filter((name) => after.has(name));
  const moved = new Set(movedNames(stayed, before, after));
  const gone = [...before]
    .filter(([name]) => !after.has(name))
    .map(([name, { step }]) => stepChange('removed', name, [], `Step "${name}" (${step.do}) is gone.`));
  const others = [...after].flatMap(([name, { step, place }]) => {
    const earlier = before.get(name);
    if (!earlier) return [stepChange('added', name, [], `Step "${name}" (${step.do}) is new, at ${formatPlace(place)}.`)];
    const fields = fieldChanges(ownFields(earlier), ownFields({ step, place, parents: [] }));
    const changes: PlanChange[] = [];
    if (moved.has(name)) {
      const way = `from ${formatPlace(earlier.place)} to ${formatPlace(place)}`;
      changes.push(
        stepChange(
          'moved',
          name,
          [{ field: 'place', before: formatPlace(earlier.place), after: formatPlace(place) }],
          `Step "${name}" moved ${way}.`,
        ),
      );
    }
    if (fields.length > 0) changes.push(stepChange('changed', name, fields, `Step "${name}": ${fields.map(describe).join('; ')}.`));
    return changes;
  });
  return [...gone, ...others];
}

const stepChange = (kind: PlanChange['kind'], name: string, fields: readonly FieldChange[], sentence: string): PlanChange => ({
  kind,
  part: 'step',
  name,
  fields,
  sentence,
});

/** Where one name stands twice (an error of the plan) the later ones get a number. */
function byName(plan: Plan): Map<string, LocatedStep> {
  const steps = new Map<string, LocatedStep>();
  for (const found of locateSteps(plan)) {
    let name = found.step.id;
    for (let copy = 2; steps.has(name); copy++) name = `${found.step.id} (${copy})`;
    steps.set(name, found);
  }
  return steps;
}

/** A step's fields without the steps inside it: those are compared by their own names. */
function ownFields({ step }: LocatedStep): Fields {
  const lists = stepKindOf(step).inside?.lists ?? {};
  return Object.fromEntries(Object.entries(step).filter(([field]) => !Object.hasOwn(lists, field)));
}

/**
 * Steps that stand in another list, or in another order among those that stayed in their list. Steps that only shifted because others
 * came or went have not moved: the longest run that kept its order stays, the rest moved.
 */
function movedNames(
  stayed: readonly string[],
  before: ReadonlyMap<string, LocatedStep>,
  after: ReadonlyMap<string, LocatedStep>,
): string[] {
  const listOf = ({ parents }: LocatedStep): string => parents.map((parent) => `${parent.step.id}/${parent.list}`).join('/');
  const index = (steps: ReadonlyMap<string, LocatedStep>, name: string): number => Number(steps.get(name)?.place.at(-1));
  const found = (steps: ReadonlyMap<string, LocatedStep>, name: string): string => listOf(steps.get(name) as LocatedStep);
  const elsewhere = stayed.filter((name) => found(before, name) !== found(after, name));
  const lists = Map.groupBy(
    stayed.filter((name) => !elsewhere.includes(name)),
    (name) => found(before, name),
  );
  const reordered = [...lists.values()].flatMap((names) => {
    const kept = longestRise(names.map((name) => index(after, name)));
    return names.filter((_, position) => !kept.has(position));
  });
  return [...elsewhere, ...reordered];
}

/** Positions of a longest strictly rising subsequence. */
function longestRise(values: readonly number[]): Set<number> {
  const best = values.map((_, position): readonly number[] => [position]);
  for (const [position, value] of values.entries()) {
    for (let earlier = 0; earlier < position; earlier++) {
      const run = best[earlier] ?? [];
      if ((values[earlier] ?? 0) < value && run.length + 1 > (best[position]?.length ?? 0)) best[position] = [...run, position];
    }
  }
  return new Set(best.reduce((longest, run) => (run.length > longest.length ? run : longest), []));
}

function describe({ field, before, after }: FieldChange): string {
  if (field === 'reason' || field === 'instructions')
    return `${field} ${before === '' ? 'was added' : after === '' ? 'was removed' : 'was rewritten'}`;
  return `${field} was ${shown(before)}, is ${shown(after)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.join(', ');
  return value === '' ? 'empty' : String(value);
}
