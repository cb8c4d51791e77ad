/** What each agent has cost, which model answered it, and what it says now. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { say } from '../link.ts';
import type { RunModel } from '../run-types.ts';
import type { Stream, Streams } from './streams.ts';

export function Agents({ model, streams }: { readonly model: RunModel; readonly streams: Streams }) {
  if (model.agents.length === 0) return <p class="muted">{say('noAgentYet')}</p>;
  return (
    <>
      <div class="table-frame">
        <table class="numbers">
          <caption class="only-read">{say('agents')}</caption>
          <thead>
            <tr>
              <th scope="col">{say('agent')}</th>
              <th scope="col">{say('answeredBy')}</th>
              <th scope="col">{say('calls')}</th>
              <th scope="col">{say('tokens')}</th>
              <th scope="col">{say('money')}</th>
              <th scope="col">{say('time')}</th>
            </tr>
          </thead>
          <tbody>
            {model.agents.map((agent) => (
              <tr key={agent.name} class={agent.active ? 'active' : ''}>
                <th scope="row">
                  {agent.name}
                  {agent.active && <span class="working"> · {say('working')}</span>}
                </th>
                <td>{agent.model}</td>
                <td>{agent.calls}</td>
                <td>{agent.tokens}</td>
                <td>{agent.money}</td>
                <td>{agent.time}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {model.agents.map(({ name, active }) => {
        const stream = Object.hasOwn(streams, name) ? streams[name] : undefined;
        return stream && <Speech key={name} name={name} stream={stream} active={active} />;
      })}
    </>
  );
}

function Speech({ name, stream, active }: { readonly name: string; readonly stream: Stream; readonly active: boolean }) {
  const box = useRef<HTMLElement>(null);
  const followed = useRef(true);
  useLayoutEffect(() => {
    if (box.current && followed.current) box.current.scrollTop = box.current.scrollHeight;
  }, [stream.text]);
  const onScroll = (): void => {
    const element = box.current;
    if (element) followed.current = element.scrollTop + element.clientHeight > element.scrollHeight - 24;
  };
  return (
    <figure class={`speech ${active ? 'active' : ''}`}>
      <figcaption>
        {name}
        {active && <span class="muted"> · {stream.thinking ? say('thinking') : say('writing')}</span>}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={box} class="speech-text" tabIndex={0} aria-label={say('saysNow', name)} onScroll={onScroll}>
        <pre>{stream.text}</pre>
      </section>
    </figure>
  );
}
