/** The team as a graph that can be walked by keyboard: arrows go from node to node, Enter opens, + - 0 zoom. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GraphModel, GraphNodeModel } from '../graph-types.ts';
import { say } from '../link.ts';
import { IconButton } from '../parts/basics.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';
import { grab } from './grab.ts';
import { type PlacedEdge, type PlacedNode, placeGraph } from './layout.ts';
import { directions, neighbour } from './navigation.ts';
import { fitted, into, type View, zoom } from './view.ts';

interface TeamGraphProps {
  readonly graph: GraphModel;
  readonly selected: string;
  /** Lines of a node: two without meters, three with. */
  readonly lines: 2 | 3;
  readonly label: string;
  readonly onSelect: (node: string) => void;
  /** Enter or a click on a node: go on to what is about it. */
  readonly onOpen: (node: string) => void;
}

export function TeamGraph({ graph, selected, lines, label, onSelect, onOpen }: TeamGraphProps) {
  const size = lines === 2 ? { width: 188, height: 50 } : { width: 228, height: 68 };
  // Only the shape moves nodes; states and prices change on them where they stand.
  const shape = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges, lines]);
  const placement = useMemo(() => placeGraph(graph, size), [shape]);
  const nodes = placement.nodes.map(({ node, x, y }): PlacedNode => ({ node: graph.nodes.find(({ id }) => id === node.id) ?? node, x, y }));
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ x: 0, y: 0, scale: 1 });
  const touched = useRef(false);
  const [focused, setFocused] = useState(selected);
  const current = nodes.some(({ node }) => node.id === focused) ? focused : (nodes[0]?.node.id ?? '');

  const frameSize = () => ({ width: frame.current?.clientWidth ?? 0, height: frame.current?.clientHeight ?? 0 });
  const fitAll = (): void => {
    touched.current = false;
    setView(fitted(placement, frameSize()));
  };
  // A large team goes on below the frame: what is at work is followed until the user looks elsewhere.
  const atWork = nodes.findLast(({ node }) => node.state === 'running');
  const follow = (): void => {
    if (touched.current) return;
    const whole = fitted(placement, frameSize());
    setView(atWork === undefined || frameSize().width === 0 ? whole : into(whole, atWork, size, frameSize()));
  };
  const change = (next: (view: View) => View): void => {
    touched.current = true;
    setView(next);
  };
  const middle = () => ({ x: frameSize().width / 2, y: frameSize().height / 2 });

  useLayoutEffect(() => {
    follow();
    const watch = new ResizeObserver(follow);
    if (frame.current) watch.observe(frame.current);
    return () => watch.disconnect();
  }, [placement, atWork?.node.id]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent): void => {
      const zooms = event.ctrlKey || event.metaKey;
      // Where the whole page scrolls, the wheel is the page's.
      if (!zooms && document.documentElement.scrollHeight > window.innerHeight) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      if (zooms) {
        const point = { x: event.clientX - box.left, y: event.clientY - box.top };
        change((now) => zoom(now, event.deltaY < 0 ? 1.15 : 1 / 1.15, point));
      } else change((now) => ({ ...now, x: now.x - event.deltaX, y: now.y - event.deltaY }));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  });

  const goTo = (id: string): void => {
    setFocused(id);
    onSelect(id);
    const target = nodes.find(({ node }) => node.id === id);
    if (target) setView((now) => into(now, target, size, frameSize()));
    frame.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(id)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = directions[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (direction && event.shiftKey) {
      const by = 40;
      const x = direction === 'left' ? by : direction === 'right' ? -by : 0;
      const y = direction === 'up' ? by : direction === 'down' ? -by : 0;
      change((now) => ({ ...now, x: now.x + x, y: now.y + y }));
    } else if (direction) goTo(neighbour(nodes, current, direction));
    else if (event.key === 'Home' && nodes[0]) goTo(nodes[0].node.id);
    else if (event.key === 'End' && nodes.length > 0) goTo((nodes.at(-1) as PlacedNode).node.id);
    else if (event.key === 'Enter' || event.key === ' ') onOpen(current);
    else if (event.key === '+' || event.key === '=') change((now) => zoom(now, 1.2, middle()));
    else if (event.key === '-') change((now) => zoom(now, 1 / 1.2, middle()));
    else if (event.key === '0') fitAll();
    else return;
    event.preventDefault();
  };

  return (
    <section class="graph" aria-label={label}>
      <div class="graph-frame" ref={frame}>
        <svg
          class="graph-picture"
          onPointerDown={(event) => grab(event, (x, y) => change((now) => ({ ...now, x: now.x + x, y: now.y + y })))}
        >
          <title>{label}</title>
          <defs>
            {(['order', 'note', 'candidate'] as const).map((kind) => (
              <marker
                key={kind}
                id={`arrow-${kind}`}
                class={`arrow ${kind}`}
                viewBox="0 0 8 8"
                markerUnits="userSpaceOnUse"
                refX="7"
                refY="4"
                markerWidth="8"
                markerHeight="8"
                orient="auto"
              >
                <path d="M0.5,0.8 L7,4 L0.5,7.2 Z" />
              </marker>
            ))}
          </defs>
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: lines and areas, nothing that takes the focus */}
            <g aria-hidden="true">
              {placement.hulls.map(({ id, ...box }) => (
                <rect key={id} class="hull" rx="8" {...box} />
              ))}
              {placement.edges.map((placed) => (
                <Edge
                  key={`${placed.edge.kind} ${placed.edge.from} ${placed.edge.to} ${placed.edge.label}`}
                  placed={placed}
                  selected={selected}
                />
              ))}
            </g>
            {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the nodes in it are what takes the focus */}
            {/* biome-ignore lint/a11y/useSemanticElements: there is no HTML element inside SVG */}
            <g role="group" aria-label={say('graphKeys')} onKeyDown={onKeyDown}>
              {nodes.map((placed) => (
                <Node
                  key={placed.node.id}
                  placed={placed}
                  size={size}
                  selected={placed.node.id === selected}
                  reachable={placed.node.id === current}
                  onFocus={() => setFocused(placed.node.id)}
                  onClick={() => {
                    goTo(placed.node.id);
                    onOpen(placed.node.id);
                  }}
                />
              ))}
            </g>
          </g>
        </svg>
      </div>
      <div class="graph-tools">
        <IconButton icon="zoom-in" label={say('zoomIn')} onClick={() => change((now) => zoom(now, 1.2, middle()))} />
        <IconButton icon="zoom-out" label={say('zoomOut')} onClick={() => change((now) => zoom(now, 1 / 1.2, middle()))} />
        <IconButton icon="fit" label={say('zoomFit')} onClick={fitAll} />
      </div>
    </section>
  );
}

function Edge({ placed: { edge, path, label }, selected }: { readonly placed: PlacedEdge; readonly selected: string }) {
  const own = edge.from === selected || edge.to === selected;
  // Candidates flow between most steps; only those of the selected one are worth the ink.
  if (edge.kind === 'candidate' && !own) return null;
  return (
    <g class={`edge ${edge.kind} ${own ? 'own' : ''}`}>
      <path d={path} marker-end={`url(#arrow-${edge.kind})`} />
      {label && (
        <text x={label.x} y={label.y} dy="0.32em" text-anchor="middle">
          {edge.label}
        </text>
      )}
    </g>
  );
}

const stateIcons: Readonly<Record<GraphNodeModel['state'], IconName | undefined>> = {
  plain: undefined,
  pending: 'clock',
  running: 'play',
  done: 'check',
  over: 'dot',
  skipped: 'skip',
  red: 'error',
  'no-tests': 'warning',
  failed: 'cross',
};

interface NodeProps {
  readonly placed: PlacedNode;
  readonly size: { readonly width: number; readonly height: number };
  readonly selected: boolean;
  /** The one node that Tab comes to. */
  readonly reachable: boolean;
  readonly onFocus: () => void;
  readonly onClick: () => void;
}

function Node({ placed: { node, x, y }, size, selected, reachable, onFocus, onClick }: NodeProps) {
  const icon = stateIcons[node.state];
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no HTML element inside SVG
    <g
      role="button"
      class={`node ${node.shape} ${node.state} ${selected ? 'selected' : ''}`}
      data-node={node.id}
      tabIndex={reachable ? 0 : -1}
      aria-label={node.name}
      aria-pressed={selected}
      transform={`translate(${x - size.width / 2} ${y - size.height / 2})`}
      onFocus={onFocus}
      onClick={onClick}
    >
      <rect class="node-focus" x="-3" y="-3" width={size.width + 6} height={size.height + 6} rx="8" />
      <rect class="node-box" width={size.width} height={size.height} rx="5" />
      <foreignObject width={size.width} height={size.height}>
        <div class="node-card" title={node.name}>
          <Icon name={node.shape} />
          <div class="node-text">
            <div class="node-title">{node.title} </div>
            <div class="node-detail">{node.detail} </div>
            {size.height > 60 && <div class="node-meter">{node.meter}</div>}
          </div>
          {node.problem !== 'none' && (
            <span class={`node-mark ${node.problem}`}>
              <Icon name={node.problem} />
            </span>
          )}
          {icon && (
            <span class={`node-mark state-${node.state}`}>
              <Icon name={icon} />
            </span>
          )}
        </div>
      </foreignObject>
    </g>
  );
}
