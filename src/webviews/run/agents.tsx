/** What each agent has cost, and which model answered it. */
import { say } from '../link.ts';
import type { RunModel } from '../run-types.ts';

export function Agents({ model }: { readonly model: RunModel }) {
  if (model.agents.length === 0) return <p class="muted">{say('noAgentYet')}</p>;
  return (
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
  );
}
