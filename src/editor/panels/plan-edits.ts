/** What the form does to a plan. Pure; the result may be wrong in sense or value (an empty text while someone types): the validator says so. */
import {
  type Agent,
  abortOf,
  agentNamesOf,
  allSteps,
  freshStep,
  type KnownStepKind,
  type Place,
  type Plan,
  type Step,
  stepKindNamed,
  stepKindOf,
  stepKinds,
  valueAt,
  writesNote,
} from '../../plan/index.ts';
import type { FieldValue, PlanEdit } from '../../webviews/plan-types.ts';

/** The plan after one edit. An edit that names what is not there changes nothing. */
export function applyEdit(plan: Plan, edit: PlanEdit): Plan {
  const copy = structuredClone(plan);
  switch (edit.kind) {
    case 'set':
      return setValue(copy, edit.place, edit.value);
    case 'rename-step':
      return renameStep(copy, edit.place.slice(0, -1), edit.name);
    case 'rename-agent':
      return renameAgent(copy, String(edit.place[1]), edit.name);
    case 'add-step': {
      const kind = stepKindNamed(edit.step);
      return kind ? addStep(copy, edit.after, kind) : copy;
    }
    case 'remove-step':
      return removeStep(copy, edit.place);
    case 'move-step':
      return moveStep(copy, edit.place, edit.by);
    case 'add-agent':
      copy.agents[freeName('agent', Object.keys(copy.agents))] = structuredClone(briefs.edits);
      return copy;
    case 'remove-agent':
      delete copy.agents[edit.name];
      return copy;
  }
}

const namesOf = (part: (kind: KnownStepKind) => object | undefined): string =>
  stepKinds.flatMap((kind) => Object.keys(part(kind) ?? {})).join('|');
const stepFields = namesOf(({ fields }) => fields);
const stepLists = namesOf(({ inside }) => inside?.lists);

/** Fields that exist in the plan language; a message must not write anywhere else. */
const writable = [
  /^(name|reason|difficulty)$/,
  /^finish\.(when|otherwise)$/,
  /^abort\.(breaches|failures|tokens)$/,
  /^budget\.(tokens|usd|seconds|calls|agents|depth)$/,
  /^agents\.[^.]+\.(role|instructions|output|tier|tools|write|commands|servers|network|temperature)$/,
  new RegExp(`^steps\\.(\\d+\\.(${stepLists})\\.)*\\d+\\.(${stepFields})$`),
];

function setValue(plan: Plan, place: Place, value: FieldValue): Plan {
  if (!writable.some((pattern) => pattern.test(place.join('.')))) return plan;
  if (place[0] === 'abort') plan.abort ??= { ...abortOf(plan) };
  const owner = valueAt(plan, place.slice(0, -1));
  const field = place.at(-1);
  if (typeof owner === 'object' && owner !== null && field !== undefined)
    (owner as Record<string | number, unknown>)[field] = field === 'network' ? value === 'open' : value;
  return plan;
}

function listAt(plan: Plan, place: Place): Step[] | undefined {
  const list = valueAt(plan, place);
  return Array.isArray(list) ? (list as Step[]) : undefined;
}

/** The list a step stands in, and where. */
function standing(plan: Plan, place: Place): { list: Step[]; index: number; step: Step } | undefined {
  const list = listAt(plan, place.slice(0, -1));
  const index = Number(place.at(-1));
  const step = list?.[index];
  return list && step ? { list, index, step } : undefined;
}

function renameStep(plan: Plan, place: Place, name: string): Plan {
  const found = standing(plan, place);
  if (!found) return plan;
  const old = found.step.id;
  const unique = [...allSteps(plan.steps)].filter((step) => step.id === old).length === 1;
  found.step.id = name;
  // Half-typed names must not swallow the references of a step that has the same name.
  if (unique)
    for (const step of allSteps(plan.steps)) if ('uses' in step) step.uses = step.uses.map((used) => (used === old ? name : used));
  return plan;
}

function renameAgent(plan: Plan, old: string, name: string): Plan {
  if (name === old || name === '' || Object.hasOwn(plan.agents, name) || !Object.hasOwn(plan.agents, old)) return plan;
  plan.agents = Object.fromEntries(Object.entries(plan.agents).map(([key, agent]) => [key === old ? name : key, agent]));
  for (const step of allSteps(plan.steps)) {
    if ('agent' in step && step.agent === old) step.agent = name;
    if ('others' in step) step.others = step.others.map((other) => (other === old ? name : other));
  }
  for (const { rescue } of Object.values(plan.agents)) if (rescue?.agent === old) rescue.agent = name;
  return plan;
}

const briefs: Readonly<Record<Agent['output'], Agent>> = {
  edits: {
    role: 'coder',
    instructions: 'Do what is asked. Keep everything else as it is.',
    output: 'edits',
    tier: 'worker',
    tools: ['read', 'list', 'search', 'edit', 'test'],
    write: ['**'],
    temperature: 0.7,
  },
  note: {
    role: 'planner',
    instructions: 'Name the edge cases and the steps of a correct solution.',
    output: 'note',
    tier: 'worker',
    tools: [],
    write: [],
    temperature: 0.2,
  },
  verdict: {
    role: 'reviewer',
    instructions: 'Check that the change does exactly what was asked and breaks nothing. Name only real mistakes.',
    output: 'verdict',
    tier: 'strong',
    tools: [],
    write: [],
    temperature: 0,
  },
  tests: {
    role: 'tester',
    instructions: 'Write tests for the behaviour that was asked for, in the style of the tests that exist.',
    output: 'tests',
    tier: 'worker',
    tools: ['read', 'list', 'search', 'edit', 'test'],
    write: ['**'],
    temperature: 0.2,
  },
};

/** A new step gets the agent that can do its work, or a new one. */
function addStep(plan: Plan, after: Place | undefined, kind: KnownStepKind): Plan {
  const [output] = kind.outputs;
  let agent = '';
  if (output !== undefined) {
    const fitting = Object.entries(plan.agents).find(([, one]) => kind.outputs.includes(one.output));
    agent = fitting?.[0] ?? freeName(briefs[output].role, Object.keys(plan.agents));
    if (!fitting) plan.agents[agent] = structuredClone(briefs[output]);
  }
  const ids = [...allSteps(plan.steps)].map((step) => step.id);
  const id = freeName(kind.do, ids);
  const inner = (): Step[] => [{ id: freeName('test', [...ids, id]), do: 'test' }];
  const step = freshStep(kind, { id, agent, inner });
  const found = after && standing(plan, after);
  if (found) found.list.splice(found.index + 1, 0, step);
  else plan.steps.push(step);
  return plan;
}

/** Without the step, the steps inside it, what held only it, and every reference to its note. */
function removeStep(plan: Plan, place: Place): Plan {
  const found = standing(plan, place);
  if (!found) return plan;
  const gone = new Set([...allSteps([found.step])].map((step) => step.id));
  found.list.splice(found.index, 1);
  for (const step of allSteps(plan.steps)) if ('uses' in step) step.uses = step.uses.filter((used) => !gone.has(used));
  return found.list.length === 0 && mustHoldSteps(plan, place) ? removeStep(plan, place.slice(0, -2)) : plan;
}

/** One place up or down in its list; at the end of an inner list, out of it. */
function moveStep(plan: Plan, place: Place, by: -1 | 1): Plan {
  const found = standing(plan, place);
  if (!found) return plan;
  const target = found.index + by;
  if (target >= 0 && target < found.list.length) {
    found.list.splice(found.index, 1);
    found.list.splice(target, 0, found.step);
    return plan;
  }
  const outside = standing(plan, place.slice(0, -2));
  // The last step of a list stays: an empty list holds nothing together.
  if (!outside || (found.list.length === 1 && mustHoldSteps(plan, place))) return plan;
  found.list.splice(found.index, 1);
  outside.list.splice(outside.index + (by === 1 ? 1 : 0), 0, found.step);
  return plan;
}

/** Whether `moveStep` would change anything. */
export function canMove(plan: Plan, place: Place, by: -1 | 1): boolean {
  const found = standing(plan, place);
  if (!found) return false;
  const target = found.index + by;
  return (target >= 0 && target < found.list.length) || (place.length > 2 && (found.list.length > 1 || !mustHoldSteps(plan, place)));
}

/** The step at this place stands inside another one, in a list that must not be empty. */
function mustHoldSteps(plan: Plan, place: Place): boolean {
  const outside = standing(plan, place.slice(0, -2));
  return outside !== undefined && stepKindOf(outside.step).inside?.lists[String(place.at(-2))]?.least === 1;
}

/** `fix`, `fix-2`, `fix-3` … */
function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let copy = 2; taken.includes(name); copy += 1) name = `${wanted}-${copy}`;
  return name;
}

/** Steps that call an agent, by the agent's name. */
export function stepsOfAgent(plan: Plan, name: string): Step[] {
  return [...allSteps(plan.steps)].filter((step) => agentNamesOf(step).includes(name));
}

/** Steps whose notes the step at this place may read: written before it, by a kind that writes notes. */
export function readableNotes(plan: Plan, id: string): string[] {
  const names: string[] = [];
  for (const step of allSteps(plan.steps)) {
    if (step.id === id) break;
    if (writesNote(step)) names.push(step.id);
  }
  return names;
}
