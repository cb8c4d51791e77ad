/** The steps of a short plan, one after the other: one Tab stop, arrows go from step to step, Enter opens. */
import { useRef, useState } from 'preact/hooks';
import type { GraphModel } from '../graph-types.ts';
import { say } from '../link.ts';
import { Icon } from '../parts/icons.tsx';

/** More steps, or steps inside of steps, are drawn as a graph. */
export const fitsStrip = ({ nodes }: GraphModel): boolean => nodes.length <= 4 && nodes.every(({ parent }) => parent === undefined);

interface StripProps {
  readonly graph: GraphModel;
  readonly selected: string;
  readonly onSelect: (node: string) => void;
  readonly onOpen: (node: string) => void;
}

const keys: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowLeft: (index) => Math.max(0, index - 1),
  ArrowUp: (index) => Math.max(0, index - 1),
  ArrowRight: (index, last) => Math.min(last, index + 1),
  ArrowDown: (index, last) => Math.min(last, index + 1),
  Home: () => 0,
  End: (_, last) => last,
};

export function Strip({ graph: { nodes }, selected, onSelect, onOpen }: StripProps) {
  const list = useRef<HTMLOListElement>(null);
  const [focused, setFocused] = useState(selected);
  const current = nodes.some(({ id }) => id === focused) ? focused : (nodes[0]?.id ?? '');
  const onKeyDown = (event: KeyboardEvent): void => {
    const index = nodes.findIndex(({ id }) => id === current);
    const next = nodes[keys[event.key]?.(index, nodes.length - 1) ?? -1];
    if (event.altKey || event.ctrlKey || event.metaKey || !next) return;
    event.preventDefault();
    setFocused(next.id);
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(next.id)}"]`)?.focus();
  };
  return (
    <ol class="strip" ref={list} aria-label={say('steps')} onKeyDown={onKeyDown}>
      {nodes.map(({ id, name, title, detail, meter, shape, problem }) => (
        <li key={id}>
          <button
            type="button"
            class={`strip-step ${id === selected ? 'selected' : ''}`}
            data-node={id}
            tabIndex={id === current ? 0 : -1}
            aria-label={name}
            aria-pressed={id === selected}
            onFocus={() => setFocused(id)}
            onClick={() => onOpen(id)}
          >
            <span class="strip-title">
              <Icon name={problem === 'none' ? shape : problem} />
              <strong>{title} </strong>
            </span>
            <span>{detail} </span>
            {meter !== '' && <span class="muted">{meter}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}
