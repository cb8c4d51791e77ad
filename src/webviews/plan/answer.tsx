/** The answer to the plan: approve what is on screen, decline, or ask for another. It stays in sight. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { say, send } from '../link.ts';
import { Button } from '../parts/basics.tsx';
import { sendPending } from '../parts/pending.ts';
import type { PlanModel } from '../plan-types.ts';

type Question = 'decline' | 'redesign';

export function Answer({ model }: { readonly model: PlanModel }) {
  const [asking, setAsking] = useState<Question>();
  if (model.phase !== 'waiting') return <Rest phase={model.phase} />;
  const approve = (): void => {
    // What is still being typed is not what is on screen: it goes first, and the host then refuses this approval.
    sendPending();
    send({ type: 'approve', hash: model.hash });
  };
  return (
    <footer class="answer" aria-label={say('answer')}>
      {asking && <Comment question={asking} onEnd={() => setAsking(undefined)} />}
      <div class="buttons">
        <Button onClick={approve} disabled={!model.canApprove} icon="check">
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
        <Button secondary onClick={() => (sendPending(), send({ type: 'edit-as-yaml' }))}>
          {say('editAsYaml')}
        </Button>
        <Button secondary disabled={!model.canApprove} onClick={() => (sendPending(), send({ type: 'save-team' }))}>
          {say('saveTeam')}
        </Button>
      </div>
      {!model.canApprove && <p class="muted">{say('cannotApprove')}</p>}
    </footer>
  );
}

function Rest({ phase }: { readonly phase: PlanModel['phase'] }) {
  const sentence = phase === 'designing' ? say('designing') : phase === 'past' ? say('noLongerWaiting') : say('answered');
  return (
    <footer class="answer">
      <div class="buttons">
        <p role="status">{sentence}</p>
        {phase === 'past' && <Button onClick={() => send({ type: 'resume' })}>{say('resume')}</Button>}
        {phase === 'answered' && (
          <Button secondary onClick={() => send({ type: 'edit-as-yaml' })}>
            {say('showAsYaml')}
          </Button>
        )}
      </div>
    </footer>
  );
}

function Comment({ question, onEnd }: { readonly question: Question; readonly onEnd: () => void }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  useEffect(() => field.current?.focus(), []);
  const done = (): void => {
    const comment = text.trim();
    if (question === 'redesign' && comment === '') return;
    send({ type: question, comment });
    onEnd();
  };
  return (
    <div class="comment">
      <label class="labelled">
        <span class="label">{question === 'redesign' ? say('redesignQuestion') : say('declineQuestion')}</span>
        <textarea
          ref={field}
          rows={2}
          maxLength={2000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onEnd();
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) done();
          }}
        />
      </label>
      <div class="buttons">
        <Button onClick={done} disabled={question === 'redesign' && text.trim() === ''}>
          {question === 'redesign' ? say('redesignNow') : say('declineNow')}
        </Button>
        <Button secondary onClick={onEnd}>
          {say('cancel')}
        </Button>
      </div>
    </div>
  );
}
