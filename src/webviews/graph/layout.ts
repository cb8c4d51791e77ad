/** Where the nodes of a team stand and how its edges run: dagre for the order of work, simple curves for what flows beside it. Pure. */
import { Graph, layout } from '@dagrejs/dagre';
import type { GraphEdgeModel, GraphModel, GraphNodeModel } from '../graph-types.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `x`, `y`: the middle. */
export interface PlacedNode extends Point {
  readonly node: GraphNodeModel;
}

export interface PlacedEdge {
  readonly edge: GraphEdgeModel;
  /** SVG path. */
  readonly path: string;
  readonly label?: Point;
}

/** The area of a step that holds others. */
export interface Hull {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly hulls: readonly Hull[];
  readonly width: number;
  readonly height: number;
}

export interface NodeSize {
  readonly width: number;
  readonly height: number;
}

const margin = 24;

export function placeGraph(graph: GraphModel, size: NodeSize): Placement {
  const drawing = new Graph({ multigraph: true, compound: true });
  drawing.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: 36, edgesep: 20, marginx: margin, marginy: margin });
  drawing.setDefaultEdgeLabel(() => ({}));
  const holders = new Set(graph.nodes.flatMap(({ parent }) => parent ?? []));
  for (const { id, parent } of graph.nodes) {
    drawing.setNode(id, { width: size.width, height: size.height });
    if (holders.has(id)) {
      drawing.setNode(areaOf(id), {});
      if (parent !== undefined) drawing.setParent(areaOf(id), areaOf(parent));
      drawing.setParent(id, areaOf(id));
    } else if (parent !== undefined) drawing.setParent(id, areaOf(parent));
  }
  const ordered = graph.edges.filter(({ kind }) => kind === 'order');
  // What follows a step that holds others stands below all of it; the way there goes around.
  const lastInside = ({ from, to }: GraphEdgeModel): string | undefined =>
    holders.has(from) && !isInside(graph, to, from) && !isInside(graph, from, to)
      ? graph.nodes.findLast(({ id }) => isInside(graph, id, from))?.id
      : undefined;
  const lasts = ordered.map(lastInside);
  for (const [index, { from, to, label }] of ordered.entries()) {
    const last = lasts[index];
    const space = label === undefined || last !== undefined ? {} : { width: 10 + label.length * 6, height: 16, labelpos: 'c' as const };
    drawing.setEdge(last ?? from, to, space, String(index));
  }
  layout(drawing);
  const { width = 0, height = 0 } = drawing.graph() as { width?: number; height?: number };
  const nodes = graph.nodes.map((node): PlacedNode => {
    const { x, y } = drawing.node(node.id) as unknown as Point;
    return { node, x, y };
  });
  const byId = new Map(nodes.map((placed) => [placed.node.id, placed]));
  const orderEdges = ordered.map((edge, index): PlacedEdge => {
    const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
    if (lasts[index] !== undefined && from && to) return around(edge, hullOf(drawing, edge.from), from, to, size);
    const drawn = drawing.edge(edge.from, edge.to, String(index)) as { points: Point[]; x?: number; y?: number };
    const at = edge.label !== undefined && drawn.x !== undefined && drawn.y !== undefined ? { x: drawn.x, y: drawn.y } : undefined;
    return { edge, path: smooth(drawn.points), ...(at && { label: at }) };
  });
  const flows = graph.edges
    .filter(({ kind }) => kind !== 'order')
    .flatMap((edge): PlacedEdge[] => {
      const from = byId.get(edge.from);
      const to = byId.get(edge.to);
      return from && to ? [{ edge, path: beside(from, to, size) }] : [];
    });
  const curves = flows.length > 0 ? 40 : 0;
  return { nodes, edges: [...orderEdges, ...flows], hulls: [...holders].map((id) => hullOf(drawing, id)), width: width + curves, height };
}

function isInside(graph: GraphModel, id: string, holder: string): boolean {
  const parent = graph.nodes.find((node) => node.id === id)?.parent;
  return parent !== undefined && (parent === holder || isInside(graph, parent, holder));
}

/** Through the points with round corners. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${at(first)}`;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    path += next ? ` Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}` : ` L${at(point)}`;
  }
  return path;
}

/** Out of the left side, down beside the area, and in from above; the label stands where the way comes in. */
function around(edge: GraphEdgeModel, hull: Hull, from: Point, to: Point, { width, height }: NodeSize): PlacedEdge {
  const left = Math.min(hull.x, from.x - width / 2) - 12;
  const above = to.y - height / 2 - 18;
  const path = smooth([
    { x: from.x - width / 2, y: from.y },
    { x: left, y: from.y },
    { x: left, y: above },
    { x: to.x, y: above },
    { x: to.x, y: to.y - height / 2 },
  ]);
  return { edge, path, ...(edge.label !== undefined && { label: { x: (left + to.x) / 2, y: above } }) };
}

/** Out of the right side and into the right side, farther out the longer the way. */
function beside(from: Point, to: Point, { width }: NodeSize): string {
  const right = { x: from.x + width / 2, y: from.y };
  const target = { x: to.x + width / 2, y: to.y };
  const out = Math.max(right.x, target.x) + Math.min(44, 18 + Math.abs(target.y - right.y) / 12);
  return `M${at(right)} C${at({ x: out, y: right.y })} ${at({ x: out, y: target.y })} ${at(target)}`;
}

const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;

/** The layout's name for the area of a step that holds others: the step itself and all that is in it. */
const areaOf = (id: string): string => `${id} and what is in it`;

function hullOf(drawing: Graph, id: string): Hull {
  const { x, y, width, height } = drawing.node(areaOf(id)) as unknown as Point & NodeSize;
  return { id, x: x - width / 2, y: y - height / 2, width, height };
}
