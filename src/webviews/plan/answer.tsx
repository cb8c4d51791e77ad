/** The answer to the plan: approve what is on screen, decline, or ask for another. It stays in sight. */
import { useState } from 'preact/hooks';
import { say, send } from '../link.ts';
import type { Command } from '../messages-types.ts';
import { AskText } from '../parts/ask.tsx';
import { Button } from '../parts/basics.tsx';
import { sendPending } from '../parts/pending.ts';
import type { PlanModel } from '../plan-types.ts';

/** What is still being typed goes first. It is not what is on screen, so the host then refuses an approval. */
function sendAfterEdits(command: Command): void {
  sendPending();
  send(command);
}

type Question = 'decline' | 'redesign';

export function Answer({ model }: { readonly model: PlanModel }) {
  const [asking, setAsking] = useState<Question>();
  if (model.phase !== 'waiting') return <Rest phase={model.phase} />;
  return (
    <section class="answer" aria-label={say('answer')}>
      {asking && <Comment question={asking} onEnd={() => setAsking(undefined)} />}
      <div class="buttons">
        <Button onClick={() => sendAfterEdits({ type: 'approve', hash: model.hash })} disabled={!model.canApprove} icon="check">
          {say('approve')} <code class="hash">{model.shortHash}</code>
        </Button>
        <Button secondary onClick={() => setAsking('decline')}>
          {say('decline')}
        </Button>
        <span class="buttons-gap" />
        <Button secondary onClick={() => send({ type: 'make-solo' })}>
          {say('makeSolo')}
        </Button>
        <Button secondary onClick={() => setAsking('redesign')}>
          {say('redesign')}
        </Button>
        <Button secondary onClick={() => sendAfterEdits({ type: 'edit-as-yaml' })}>
          {say('editAsYaml')}
        </Button>
        <Button secondary disabled={!model.canApprove} onClick={() => sendAfterEdits({ type: 'save-team' })}>
          {say('saveTeam')}
        </Button>
      </div>
      {!model.canApprove && <p class="muted">{say('cannotApprove')}</p>}
    </section>
  );
}

function Rest({ phase }: { readonly phase: PlanModel['phase'] }) {
  const sentence = phase === 'designing' ? say('designing') : phase === 'past' ? say('noLongerWaiting') : say('answered');
  return (
    <section class="answer" aria-label={say('answer')}>
      <div class="buttons">
        <p role="status">{sentence}</p>
        {phase === 'past' && <Button onClick={() => send({ type: 'resume' })}>{say('resume')}</Button>}
        {phase === 'answered' && (
          <Button secondary onClick={() => send({ type: 'edit-as-yaml' })}>
            {say('showAsYaml')}
          </Button>
        )}
      </div>
    </section>
  );
}

function Comment({ question, onEnd }: { readonly question: Question; readonly onEnd: () => void }) {
  const redesign = question === 'redesign';
  return (
    <AskText
      label={redesign ? say('redesignQuestion') : say('declineQuestion')}
      action={redesign ? say('redesignNow') : say('declineNow')}
      required={redesign}
      onDone={(comment) => send({ type: question, comment })}
      onEnd={onEnd}
    />
  );
}
