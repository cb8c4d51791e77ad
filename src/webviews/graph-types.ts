/** The team as the pages draw it: what the host says of each node. Where a node stands is the page's own business. */
import * as z from 'zod';

/** `over`: done, in a run that does not end well; `red`: the tests it ran vouch for nothing; `no-tests`: it had nothing to test with. */
export const nodeStates = ['plain', 'pending', 'running', 'done', 'over', 'skipped', 'red', 'no-tests', 'failed'] as const;

export const graphNodeSchema = z.strictObject({
  /** The step's place in the plan: `steps[1].steps[0]`. */
  id: z.string(),
  parent: z.string().optional(),
  /** agent: calls a model; tool: runs programs or selects; control: holds other steps. */
  shape: z.enum(['agent', 'tool', 'control']),
  title: z.string(),
  detail: z.string(),
  /** What it has cost, or will; '' when nothing is known. */
  meter: z.string(),
  state: z.enum(nodeStates),
  problem: z.enum(['none', 'warning', 'error']),
  /** What a screen reader says. */
  name: z.string(),
});
export type GraphNodeModel = z.infer<typeof graphNodeSchema>;

export const graphEdgeSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  kind: z.enum(['order', 'note', 'candidate']),
  label: z.string().optional(),
});
export type GraphEdgeModel = z.infer<typeof graphEdgeSchema>;

export const graphSchema = z.strictObject({ nodes: z.array(graphNodeSchema), edges: z.array(graphEdgeSchema) });
export type GraphModel = z.infer<typeof graphSchema>;
