/** Why this team, what else was thought of, what the user changed, and what is known of the workspace. */
import { say, send } from '../link.ts';
import { Button } from '../parts/basics.tsx';
import type { PlanModel } from '../plan-types.ts';

interface ModelProps {
  readonly model: PlanModel;
}

export function Alternatives({ model, readonly }: ModelProps & { readonly readonly: boolean }) {
  return (
    <>
      <p class="prose">{model.reason === '' ? say('noReason') : model.reason}</p>
      {model.alternatives.length > 0 && <h3>{say('alternatives')}</h3>}
      <ul class="alternatives">
        {model.alternatives.map(({ hash, name, origin, reason, estimate, taken }) => (
          <li key={hash} class={taken ? 'taken' : ''}>
            <div>
              <strong>{name}</strong> <span class="muted">{origin}</span>
              <p>{reason}</p>
              <p class="muted">{estimate}</p>
            </div>
            {!readonly && (
              <Button secondary disabled={taken} onClick={() => send({ type: 'take-alternative', hash })} title={say('takeNamed', name)}>
                {taken ? say('taken') : say('take')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

export function Changes({ model, readonly }: ModelProps & { readonly readonly: boolean }) {
  if (model.changes.length === 0) return <p class="muted">{say('nothingChanged')}</p>;
  return (
    <>
      <ul class="changes">
        {model.changes.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {!readonly && (
        <Button secondary onClick={() => send({ type: 'reset-plan' })}>
          {say('backToProposal')}
        </Button>
      )}
    </>
  );
}

export function Briefing({ model }: ModelProps) {
  return (
    <dl class="briefing">
      {model.briefing.map(({ label, items }) => (
        <div key={label}>
          <dt>{label}</dt>
          {items.map(({ text, path }) => (
            <dd key={text}>
              {path === undefined ? (
                text
              ) : (
                <button type="button" class="link" onClick={() => send({ type: 'open-file', path })}>
                  {text}
                </button>
              )}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
