/** The graph of a team: where nodes stand, how arrow keys lead, how the window onto it moves. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBundle } from '../../scripts/l10n.ts';
import { graphView } from '../../src/editor/panels/graph-view.ts';
import { allSteps, stepTitle } from '../../src/plan/index.ts';
import { english, type Say } from '../../src/text/index.ts';

import { type Hull, type NodeSize, type Placement, type Point, placeGraph } from '../../src/webviews/graph/layout.ts';
import { type Direction, neighbour } from '../../src/webviews/graph/navigation.ts';
import { fitted, into, zoom } from '../../src/webviews/graph/view.ts';
import { planArbitrary } from '../support/plan-arbitrary.ts';
import { plan } from '../support/plan-example.ts';

/** As the German bundle says it. */
const german: Say = (text, ...values) => english(readBundle('de')[text] ?? `? ${text}`, ...values);

const size: NodeSize = { width: 200, height: 68 };
const placed = placeGraph(
  graphView(plan, english, () => ({})),
  size,
);
const at = (place: Placement, id: string) => place.nodes.find(({ node }) => node.id === id) ?? { x: Number.NaN, y: Number.NaN };

const lies = ({ x, y }: Point, hull: Hull): boolean => x > hull.x && x < hull.x + hull.width && y > hull.y && y < hull.y + hull.height;
const overlaps = (place: Placement): number =>
  place.nodes.flatMap((a, index) =>
    place.nodes.slice(index + 1).filter((b) => Math.abs(a.x - b.x) < size.width && Math.abs(a.y - b.y) < size.height),
  ).length;

describe('the labels', () => {
  test('are in the language of the page, kinds, conditions and branches alike', () => {
    const { nodes, edges } = graphView(plan, german, () => ({}));
    expect(nodes.map(({ detail }) => detail)).toEqual([
      'analysieren · planner',
      'schreiben · coder',
      'testen',
      'wiederholen bis: die Tests bestehen; höchstens 2-mal',
      'begutachten · critic',
      'nachbessern · coder',
      'testen',
      'das Beste auswählen',
    ]);
    expect(edges.flatMap(({ label }) => label ?? [])).toEqual(['noch einmal', 'fertig']);
    fc.assert(
      fc.property(planArbitrary, (any) => {
        for (const step of allSteps(any.steps)) expect(stepTitle(step, german)).not.toContain('?');
      }),
      { numRuns: 60 },
    );
  });
});

describe('the layout', () => {
  test('puts steps below those before them, and inner steps inside the area of what holds them', () => {
    expect(at(placed, 'steps[0]').y).toBeLessThan(at(placed, 'steps[1]').y);
    expect(at(placed, 'steps[3].steps[0]').y).toBeGreaterThan(at(placed, 'steps[3]').y);
    expect(at(placed, 'steps[4]').y, 'below all that the step before it holds').toBeGreaterThan(at(placed, 'steps[3].steps[2]').y);
    expect(placed.hulls.map(({ id }) => id)).toEqual(['steps[3]']);
    const inside = placed.nodes.filter((node) => placed.hulls.some((hull) => lies(node, hull))).map(({ node }) => node.id);
    expect(inside).toEqual(['steps[3]', 'steps[3].steps[0]', 'steps[3].steps[1]', 'steps[3].steps[2]']);
  });

  test('of any plan: no node lies on another, all lie in the picture, every edge has a way', () => {
    fc.assert(
      fc.property(planArbitrary, (any) => {
        const graph = graphView(any, english, () => ({}));
        const place = placeGraph(graph, size);
        expect(overlaps(place)).toBe(0);
        expect(place.nodes).toHaveLength(graph.nodes.length);
        expect(place.edges).toHaveLength(graph.edges.length);
        for (const { x, y } of place.nodes) {
          expect(x - size.width / 2).toBeGreaterThanOrEqual(0);
          expect(x + size.width / 2).toBeLessThanOrEqual(place.width);
          expect(y + size.height / 2).toBeLessThanOrEqual(place.height);
        }
        for (const hull of place.hulls) {
          for (const node of place.nodes) expect(lies(node, hull)).toBe(node.node.id === hull.id || node.node.id.startsWith(`${hull.id}.`));
        }
        for (const { path } of place.edges) expect(path).toMatch(/^M[\d.-]+,[\d.-]+ [QLC]/);
      }),
      { numRuns: 60 },
    );
  });

  test('of no steps is an empty picture', () => {
    expect(placeGraph({ nodes: [], edges: [] }, size).nodes).toEqual([]);
  });
});

describe('arrow keys', () => {
  test('lead down the way of the work and back', () => {
    expect(neighbour(placed.nodes, 'steps[0]', 'down')).toBe('steps[1]');
    expect(neighbour(placed.nodes, 'steps[1]', 'up')).toBe('steps[0]');
    expect(neighbour(placed.nodes, 'steps[0]', 'left')).toBe('steps[0]');
  });

  test('reach every node of any plan from the first', () => {
    fc.assert(
      fc.property(planArbitrary, (any) => {
        const { nodes } = placeGraph(
          graphView(any, english, () => ({})),
          size,
        );
        const seen = new Set([nodes[0]?.node.id ?? '']);
        for (const id of seen) {
          for (const direction of ['up', 'down', 'left', 'right'] satisfies Direction[]) seen.add(neighbour(nodes, id, direction));
        }
        expect([...seen].sort()).toEqual(nodes.map(({ node }) => node.id).sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe('the window onto the graph', () => {
  const frame = { width: 600, height: 400 };

  test('shows a small team at its own size in the middle, a large one as small as it can still be read', () => {
    expect(fitted({ width: 300, height: 200 }, frame)).toEqual({ x: 150, y: 100, scale: 1 });
    expect(fitted({ width: 500, height: 4000 }, frame)).toMatchObject({ y: 0, scale: 0.85 });
    expect(fitted({ width: 0, height: 0 }, frame).scale).toBe(1);
  });

  test('keeps the point under the pointer when it zooms, within bounds', () => {
    const view = zoom({ x: 10, y: 20, scale: 1 }, 1.5, { x: 100, y: 100 });
    expect((100 - view.x) / view.scale).toBeCloseTo(90);
    expect(zoom(view, 100, { x: 0, y: 0 }).scale).toBe(2);
    expect(zoom(view, 0.001, { x: 0, y: 0 }).scale).toBe(0.25);
  });

  test('moves just so far that the node is seen', () => {
    const view = { x: 0, y: 0, scale: 1 };
    expect(into(view, { x: 300, y: 200 }, size, frame)).toEqual(view);
    expect(into(view, { x: 300, y: 600 }, size, frame).y).toBeLessThan(-230);
    expect(into(view, { x: 20, y: 200 }, size, frame).x).toBeGreaterThan(80);
  });
});
