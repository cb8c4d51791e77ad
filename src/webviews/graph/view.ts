/** The window onto the graph: how far it is moved and zoomed. Pure. */
import type { NodeSize, Point } from './layout.ts';

export interface View extends Point {
  readonly scale: number;
}

/** Below this the words of a node are too small. */
const readable = 0.85;
const smallest = 0.25;
const largest = 2;

/** The whole picture in the middle, not larger than life and still readable; what does not fit hangs out at the bottom. */
export function fitted(picture: NodeSize, frame: NodeSize): View {
  // A team without a step has no extent, and its drawing says so with infinity.
  if (!Number.isFinite(picture.width) || picture.width <= 0 || frame.width === 0) return { x: 0, y: 0, scale: 1 };
  const whole = Math.min(frame.width / picture.width, frame.height / picture.height, 1);
  const scale = Math.max(whole, Math.min(readable, frame.width / picture.width), smallest);
  return { x: (frame.width - picture.width * scale) / 2, y: Math.max(0, (frame.height - picture.height * scale) / 2), scale };
}

/** `point` stays where it is on the screen. */
export function zoom(view: View, by: number, point: Point): View {
  const scale = Math.min(largest, Math.max(smallest, view.scale * by));
  const grown = scale / view.scale;
  return { x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown, scale };
}

/** Moves just so far that the node is seen whole. */
export function into(view: View, node: Point, size: NodeSize, frame: NodeSize): View {
  const border = 12;
  const inside = (middle: number, extent: number, from: number, length: number): number => {
    const low = from + (middle - extent / 2) * view.scale - border;
    const high = from + (middle + extent / 2) * view.scale + border - length;
    return low < 0 ? from - low : high > 0 ? from - high : from;
  };
  return {
    ...view,
    x: inside(node.x, size.width, view.x, frame.width),
    y: inside(node.y, size.height, view.y, frame.height),
  };
}
