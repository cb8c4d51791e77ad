/** A plan as the graph of the pages. */
import { agentOf, factsOf, locateSteps, type Plan, planGraph, type Step, samplesOf, stepLabel } from '../../plan/index.ts';
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

/** `facts` is asked with the node's id and its step. */
export function graphView(plan: Plan, facts: (id: string, step: Step) => NodeFacts): GraphModel {
  const drawn = planGraph(plan);
  const steps = [...locateSteps(plan)].map(({ step }) => step);
  const nodes = drawn.nodes.map((node, index): GraphNodeModel => {
    const step = steps[index] as Step;
    const { detail = defaultDetail(step), meter = '', state = 'plain', said = '', problem = 'none' } = facts(node.id, step);
    const title = samplesOf(step) > 1 ? `${step.id} ×${samplesOf(step)}` : step.id;
    return {
      id: node.id,
      ...(node.parent !== undefined && { parent: node.parent }),
      shape: factsOf(step).nests ? 'control' : agentOf(step) === undefined ? 'tool' : 'agent',
      title,
      detail,
      meter,
      state,
      problem,
      // What is seen comes first, so that who speaks to the page and who reads it say the same.
      name: [title, detail, meter, detail === stepLabel(step) ? '' : stepLabel(step), said].filter((part) => part !== '').join(', '),
    };
  });
  const edges = drawn.edges.map(({ from, to, kind, label }) => ({ from, to, kind, ...(label !== undefined && { label }) }));
  return { nodes, edges };
}

function defaultDetail(step: Step): string {
  const agent = agentOf(step);
  return agent === undefined ? stepLabel(step) : `${factsOf(step).label} · ${agent}`;
}
