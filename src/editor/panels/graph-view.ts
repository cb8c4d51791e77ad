/** A plan as the graph of the pages. */
import { agentNameOf, locateSteps, type Plan, planGraph, type Step, stepKindOf } from '../../plan/index.ts';
import type { Say } from '../../text/index.ts';
import type { GraphModel, GraphNodeModel } from '../../webviews/graph-types.ts';

/** What a page knows of a node beyond the plan. */
export interface NodeFacts {
  readonly detail?: string;
  readonly meter?: string;
  readonly state?: GraphNodeModel['state'];
  /** The state in words, for screen readers. */
  readonly said?: string;
  readonly problem?: GraphNodeModel['problem'];
}

/** `t` says the labels; `facts` is asked with the node's id and its step. */
export function graphView(plan: Plan, t: Say, facts: (id: string, step: Step) => NodeFacts): GraphModel {
  const drawn = planGraph(plan, t);
  const steps = [...locateSteps(plan)].map(({ step }) => step);
  const nodes = drawn.nodes.map((node, index): GraphNodeModel => {
    const step = steps[index] as Step;
    const agent = agentNameOf(step);
    const plainly = agent === undefined ? node.label : `${stepKindOf(step).label(t)} · ${agent}`;
    const { detail = plainly, meter = '', state = 'plain', said = '', problem = 'none' } = facts(node.id, step);
    const title = node.samples > 1 ? `${step.id} ×${node.samples}` : step.id;
    return {
      id: node.id,
      ...(node.parent !== undefined && { parent: node.parent }),
      shape: shapes[node.shape],
      title,
      detail,
      meter,
      state,
      problem,
      // What is seen comes first, so that who speaks to the page and who reads it say the same.
      name: [title, detail, meter, detail === node.label ? '' : node.label, said].filter((part) => part !== '').join(', '),
    };
  });
  const edges = drawn.edges.map(({ from, to, kind, label }) => ({ from, to, kind, ...(label !== undefined && { label }) }));
  return { nodes, edges };
}

const shapes = { agent: 'agent', tool: 'tool', choice: 'control', frame: 'control' } as const;
