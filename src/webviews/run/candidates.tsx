/** Versions of the change, and what the tests say of each against the workspace as it was. */
import { say } from '../link.ts';
import { Badge } from '../parts/badge.tsx';
import { Icon } from '../parts/icons.tsx';
import type { RunModel } from '../run-types.ts';

export function Candidates({ model }: { readonly model: RunModel }) {
  if (model.candidates.length === 0) return <p class="muted">{say('noCandidateYet')}</p>;
  return (
    <ul class="candidates">
      {model.candidates.map(({ id, chosen, madeBy, files, tests, badge, delta, remarks }) => (
        <li key={id} class={chosen ? 'chosen' : ''}>
          <p class="candidate-head">
            <strong>{id}</strong>
            {chosen && <span class="badge">{say('chosen')}</span>}
            <span class="muted">{madeBy}</span>
            <span class="tests">
              <Badge badge={badge} /> {tests}
            </span>
          </p>
          <p class="muted">{files}</p>
          {delta.length > 0 && (
            <ul class="delta">
              {delta.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
          {remarks.map((remark) => (
            <p key={remark} class="remark">
              <Icon name="warning" />
              <span>{remark}</span>
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
