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
      <SavedTeams model={model} readonly={readonly} />
    </>
  );
}

function SavedTeams({ model: { saved }, readonly }: ModelProps & { readonly readonly: boolean }) {
  if (saved.length === 0) return null;
  return (
    <>
      <h3>{say('savedTeams')}</h3>
      <ul class="alternatives">
        {saved.map(({ name, estimate, problem, taken }) => (
          <li key={name} class={taken ? 'taken' : ''}>
            <div>
              <strong>{name}</strong>
              {problem === '' ? <p class="muted">{estimate}</p> : <p class="field-problem error">{say('unreadableTeam', problem)}</p>}
            </div>
            {!readonly && problem === '' && (
              <Button secondary disabled={taken} onClick={() => send({ type: 'take-saved', name })} title={say('takeNamed', name)}>
                {taken ? say('taken') : say('take')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is other than in the plan that the user sent back, or that stayed red. */
export function Since({ model: { since } }: ModelProps) {
  if (since === undefined) return null;
  return (
    <section class="before" aria-label={say('sinceLast', since.name)}>
      <h2>{say('sinceLast', since.name)}</h2>
      {since.changes.length === 0 ? (
        <p>{say('nothingChanged')}</p>
      ) : (
        <ul class="changes">
          {since.changes.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
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
