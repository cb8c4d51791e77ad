/** A plan as nodes and edges: what the pages draw and the analyser counts. */

import { english, type Say } from '../text/index.ts';
import { type Flow, planFlow } from './flow.ts';
import { formatPlace, type Place } from './place.ts';
import { agentOfStep, stepsIn } from './places.ts';
import type { Plan } from './schema.ts';
import type { Exit, Pen } from './step-kind.ts';
import { agentNameOf, type Step, type StepKind, stepKindOf, stepTitle, writesNote } from './step-kinds.ts';

export interface GraphNode {
  /** The step's place, unique in the plan. */
  readonly id: string;
  readonly step: string;
  readonly kind: StepKind;
  /** agent: calls a model; tool: runs programs or selects; choice and frame: holds other steps. */
  readonly shape: 'agent' | 'tool' | 'choice' | 'frame';
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
  readonly list?: string;
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

/** `t` says the labels. */
export function planGraph(plan: Plan, t: Say = english): PlanGraph {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const drawing: Drawing = { plan, t, flow: planFlow(plan), nodes, edges, byStep: new Map() };
  plan.steps.reduce<readonly Exit[]>((entries, step, index) => drawStep(step, ['steps', index], undefined, entries, drawing), []);
  return { nodes, edges };
}

interface Drawing {
  readonly plan: Plan;
  readonly t: Say;
  readonly flow: Flow;
  readonly nodes: GraphNode[];
  readonly edges: GraphEdge[];
  /** The first step of each name. */
  readonly byStep: Map<string, { readonly node: string; readonly step: Step }>;
}

function drawStep(step: Step, place: Place, parent: GraphNode | undefined, entries: readonly Exit[], drawing: Drawing): readonly Exit[] {
  const node = nodeOf(step, place, parent, drawing);
  const { inside } = stepKindOf(step);
  drawing.nodes.push(node);
  drawData(step, node.id, place, drawing);
  if (!drawing.byStep.has(step.id)) drawing.byStep.set(step.id, { node: node.id, step });
  const link = (exits: readonly Exit[]): void => {
    for (const exit of exits) drawing.edges.push({ ...exit, to: node.id, kind: 'order' });
  };
  const exit = (label?: string): Exit => ({ from: node.id, ...(label !== undefined && { label }) });
  link(entries);
  if (!inside) return [exit()];
  const pen: Pen<string> = {
    exit,
    back: (exits, label) => link(exits.map(({ from }) => ({ from, label }))),
    inside(list, label) {
      const steps = stepsIn(step, list);
      const one = (child: Step, index: number, from: readonly Exit[]): readonly Exit[] =>
        drawStep(child, [...place, list, index], node, from, drawing);
      return inside.order === 'side-by-side'
        ? steps.flatMap((child, index) => one(child, index, [exit(label)]))
        : steps.reduce<readonly Exit[]>((from, child, index) => one(child, index, from), [exit(label)]);
    },
  };
  return inside.draw(pen, drawing.t);
}

/** Notes that are read, and candidates that are worked on. */
function drawData(step: Step, id: string, place: Place, { byStep, edges, flow }: Drawing): void {
  for (const used of new Set('uses' in step ? step.uses : [])) {
    const writer = byStep.get(used);
    if (writer && writesNote(writer.step)) edges.push({ from: writer.node, to: id, kind: 'note' });
  }
  const kind = stepKindOf(step);
  if (kind.inside || !kind.takesCandidates(step)) return;
  for (const name of flow.at(place).first.makers) {
    const maker = byStep.get(name);
    if (maker) edges.push({ from: maker.node, to: id, kind: 'candidate' });
  }
}

function nodeOf(step: Step, place: Place, parent: GraphNode | undefined, { plan, t }: Drawing): GraphNode {
  const kind = stepKindOf(step);
  const name = agentNameOf(step);
  const agent = agentOfStep(plan, step);
  return {
    id: formatPlace(place),
    step: step.id,
    kind: step.do,
    shape: kind.inside?.shape ?? (name === undefined ? 'tool' : 'agent'),
    label: stepTitle(step, t),
    samples: kind.samples(step),
    ...(name !== undefined && { agent: name }),
    ...(agent && { role: agent.role, tier: agent.tier }),
    ...(parent && { parent: parent.id, list: String(place.at(-2)) }),
  };
}
