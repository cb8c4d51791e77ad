/** Where an arrow key leads from a node. Pure. */
import type { PlacedNode, Point } from './layout.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

export const directions: Readonly<Record<string, Direction>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

/**
 * The nearest node that lies in that direction; sideways distance counts double, so that keys follow columns and rows. Without one, up and
 * down go to the step before or after in the order of the plan, so that every node can be reached.
 */
export function neighbour(nodes: readonly PlacedNode[], from: string, direction: Direction): string {
  const index = nodes.findIndex(({ node }) => node.id === from);
  const start = nodes[index];
  if (!start) return nodes[0]?.node.id ?? from;
  let best: { id: string; distance: number } | undefined;
  for (const candidate of nodes) {
    const [ahead, aside] = offset(start, candidate, direction);
    if (ahead <= 1 || aside > ahead * 3) continue;
    const distance = ahead + aside * 2;
    if (!best || distance < best.distance) best = { id: candidate.node.id, distance };
  }
  if (best) return best.id;
  const step = direction === 'down' ? 1 : direction === 'up' ? -1 : 0;
  return nodes[index + step]?.node.id ?? from;
}

function offset(from: Point, to: Point, direction: Direction): readonly [number, number] {
  const x = to.x - from.x;
  const y = to.y - from.y;
  switch (direction) {
    case 'up':
      return [-y, Math.abs(x)];
    case 'down':
      return [y, Math.abs(x)];
    case 'left':
      return [-x, Math.abs(y)];
    case 'right':
      return [x, Math.abs(y)];
  }
}
