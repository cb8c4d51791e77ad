/** What each try says and said: one tab a try, kept after the end. The newest is followed until another one is chosen. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { say } from '../link.ts';
import { Badge } from '../parts/badge.tsx';
import type { RunModel } from '../run-types.ts';
import type { Streams } from './streams.ts';

const moves: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowLeft: (index) => Math.max(0, index - 1),
  ArrowRight: (index, last) => Math.min(last, index + 1),
  Home: () => 0,
  End: (_, last) => last,
};

export function Tries({ model: { tries }, streams }: { readonly model: RunModel; readonly streams: Streams }) {
  const [chosen, setChosen] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const newest = tries.findLast(({ active }) => active) ?? tries.at(-1);
  const shown = tries.find(({ call }) => call === chosen) ?? newest;
  if (shown === undefined) return <p class="muted">{say('noAgentYet')}</p>;
  const index = tries.indexOf(shown);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = tries[moves[event.key]?.(index, tries.length - 1) ?? -1];
    if (event.altKey || event.ctrlKey || event.metaKey || next === undefined) return;
    event.preventDefault();
    setChosen(next.call);
    list.current?.querySelector<HTMLElement>(`[data-call="${CSS.escape(next.call)}"]`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={say('tries')} ref={list} onKeyDown={onKeyDown}>
        {tries.map(({ call, name, active, badge }) => (
          <button
            key={call}
            type="button"
            role="tab"
            id={`tab-${call}`}
            data-call={call}
            class="tab"
            aria-selected={call === shown.call}
            aria-controls="try-text"
            tabIndex={call === shown.call ? 0 : -1}
            onClick={() => setChosen(call)}
          >
            <span>{name}</span>
            {active && <span class="working">{say('working')}</span>}
            {badge && <Badge badge={badge} />}
          </button>
        ))}
      </div>
      <Text key={shown.call} name={shown.name} tab={`tab-${shown.call}`} active={shown.active} text={streams[shown.call]?.text ?? ''} />
    </>
  );
}

interface TextProps {
  readonly name: string;
  readonly tab: string;
  readonly active: boolean;
  readonly text: string;
}

function Text({ name, tab, active, text }: TextProps) {
  const box = useRef<HTMLDivElement>(null);
  const followed = useRef(active);
  useLayoutEffect(() => {
    if (box.current && followed.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const onScroll = (): void => {
    const element = box.current;
    if (element && active) followed.current = element.scrollTop + element.clientHeight > element.scrollHeight - 24;
  };
  return (
    <div id="try-text" class={`speech ${active ? 'active' : ''}`} role="tabpanel" aria-labelledby={tab}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={box} class="speech-text" tabIndex={0} aria-label={say('saysTry', name)} onScroll={onScroll}>
        {text === '' ? <p class="muted">{say('nothingSaid')}</p> : <pre>{text}</pre>}
      </section>
    </div>
  );
}
