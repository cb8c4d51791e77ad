/** A plan as nodes and edges: what the pages draw, the Mermaid renderer writes and the analyser counts. */
import { type Flow, planFlow } from './flow.ts';
import { formatPlace, type Place } from './places.ts';
import type { Plan, Step, StepKind } from './schema.ts';
import { agentOf, conditionLabels, factsOf, samplesOf, stepKinds, takesCandidates } from './step-kinds.ts';

export interface GraphNode {
  /** The step's place, unique in the plan. */
  readonly id: string;
  readonly step: string;
  readonly kind: StepKind;
  /** One line for people: `write ×3 · coder`. */
  readonly label: string;
  readonly agent?: string;
  readonly role?: string;
  readonly tier?: 'worker' | 'strong';
  /** Calls of its agent in one pass; 0 for steps without one. */
  readonly samples: number;
  /** The node of the step it is in. */
  readonly parent?: string;
  /** In which list of its parent. */
  readonly list?: 'steps' | 'else';
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** order: runs after; note: reads its note; candidate: works on its candidates. */
  readonly kind: 'order' | 'note' | 'candidate';
  /** On edges out of a `when`: the branch. */
  readonly label?: string;
}

export interface PlanGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export function planGraph(plan: Plan): PlanGraph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const byStep = new Map<string, string>();
  const flow = planFlow(plan);
  const drawing: Drawing = { plan, flow, nodes, edges, byStep };
  drawList(plan.steps, ['steps'], undefined, [], drawing);
  return { nodes, edges };
}

interface Drawing {
  readonly plan: Plan;
  readonly flow: Flow;
  readonly nodes: GraphNode[];
  readonly edges: GraphEdge[];
  readonly byStep: Map<string, string>;
}

/** A way out of a node that the next one continues. */
interface Exit {
  readonly from: string;
  readonly label?: string;
}

function drawList(
  steps: readonly Step[],
  list: Place,
  parent: GraphNode | undefined,
  entries: readonly Exit[],
  drawing: Drawing,
): readonly Exit[] {
  return steps.reduce((exits, step, index) => drawStep(step, [...list, index], parent, exits, drawing), entries);
}

function drawStep(step: Step, place: Place, parent: GraphNode | undefined, entries: readonly Exit[], drawing: Drawing): readonly Exit[] {
  const node = nodeOf(step, place, parent, drawing.plan);
  drawing.nodes.push(node);
  drawData(step, node.id, place, drawing);
  if (!drawing.byStep.has(step.id)) drawing.byStep.set(step.id, node.id);
  const link = (exits: readonly Exit[]): void => {
    for (const exit of exits)
      drawing.edges.push({ from: exit.from, to: node.id, kind: 'order', ...(exit.label !== undefined && { label: exit.label }) });
  };
  link(entries);
  switch (step.do) {
    case 'group':
      return step.steps.flatMap((child, index) => drawStep(child, [...place, 'steps', index], node, [{ from: node.id }], drawing));
    case 'repeat':
      link(
        drawList(step.steps, [...place, 'steps'], node, [{ from: node.id }], drawing).map((exit) => ({ from: exit.from, label: 'again' })),
      );
      return [{ from: node.id, label: 'done' }];
    case 'when': {
      const yes = drawList(step.steps, [...place, 'steps'], node, [{ from: node.id, label: 'yes' }], drawing);
      const no = drawList(step.else, [...place, 'else'], node, [{ from: node.id, label: 'no' }], drawing);
      return [...yes, ...no];
    }
    default:
      return [{ from: node.id }];
  }
}

/** Notes that are read, and candidates that are worked on. */
function drawData(step: Step, id: string, place: Place, drawing: Drawing): void {
  for (const used of new Set('uses' in step ? step.uses : [])) {
    const from = drawing.byStep.get(used);
    const writer = from && drawing.nodes.find((node) => node.id === from);
    if (writer && stepKinds[writer.kind].writesNote) drawing.edges.push({ from: writer.id, to: id, kind: 'note' });
  }
  if (factsOf(step).nests || !takesCandidates(step)) return;
  for (const maker of drawing.flow.at(place).first.makers) {
    const from = drawing.byStep.get(maker);
    if (from) drawing.edges.push({ from, to: id, kind: 'candidate' });
  }
}

function nodeOf(step: Step, place: Place, parent: GraphNode | undefined, plan: Plan): GraphNode {
  const name = agentOf(step);
  const agent = name !== undefined && Object.hasOwn(plan.agents, name) ? plan.agents[name] : undefined;
  const list = place.at(-2);
  return {
    id: formatPlace(place),
    step: step.id,
    kind: step.do,
    label: stepLabel(step),
    samples: samplesOf(step),
    ...(name !== undefined && { agent: name }),
    ...(agent && { role: agent.role, tier: agent.tier }),
    ...(parent && { parent: parent.id, list: list === 'else' ? 'else' : 'steps' }),
  };
}

/** What a step does, in a few words: `write ×3 · coder`, `repeat until the tests pass, at most 3 times`. */
export function stepLabel(step: Step): string {
  const { label } = factsOf(step);
  switch (step.do) {
    case 'check':
      return `${label} ${step.checks.join(' and ')}`;
    case 'select':
      return `${label} ${step.keep} by ${step.by.join(', then ')}`;
    case 'repeat':
      return `${label} until ${conditionLabels[step.until]}, at most ${step.max} ${step.max === 1 ? 'time' : 'times'}`;
    case 'when':
      return `${label} ${conditionLabels[step.if]}`;
    case 'test':
    case 'group':
      return label;
    default:
      return `${label}${samplesOf(step) > 1 ? ` ×${samplesOf(step)}` : ''} · ${step.agent}`;
  }
}
