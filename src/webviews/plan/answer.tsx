/** The answer to the plan: approve what is on screen, decline, or ask for another. It stays in sight. */
import { useEffect, useRef, useState } from 'preact/hooks';
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

interface AnswerProps {
  readonly model: PlanModel;
  /** Goes to the form. */
  readonly onChangeTeam: () => void;
}

export function Answer({ model, onChangeTeam }: AnswerProps) {
  const [asking, setAsking] = useState<Question>();
  const [more, setMore] = useState(false);
  const approveButton = useRef<HTMLElement>(null);
  const waiting = model.phase === 'waiting';
  const approve = (): void => {
    if (waiting && model.canApprove) sendAfterEdits({ type: 'approve', hash: model.hash });
  };
  useFirstFocus(approveButton, waiting);
  useControlEnter(approve);
  if (!waiting) return <Rest model={model} />;
  return (
    <section class="answer" aria-label={say('answer')}>
      {asking && <Comment question={asking} onEnd={() => setAsking(undefined)} />}
      <div class="buttons">
        <Button
          element={approveButton}
          onClick={approve}
          disabled={!model.canApprove}
          icon="check"
          title={say('approveExactly', model.shortHash)}
        >
          {say('approve')}
        </Button>
        <Button secondary onClick={() => setAsking('decline')}>
          {say('decline')}
        </Button>
        <Button secondary onClick={() => setAsking('redesign')}>
          {say('change')}
        </Button>
        <Button secondary expanded={more} onClick={() => setMore(!more)}>
          {say('more')}
        </Button>
        {more && (
          <>
            <span class="buttons-gap" />
            <Button secondary onClick={onChangeTeam}>
              {say('changeTeam')}
            </Button>
            {!model.isSolo && (
              <Button secondary onClick={() => send({ type: 'make-solo' })}>
                {say('makeSolo')}
              </Button>
            )}
            <Button secondary onClick={() => sendAfterEdits({ type: 'edit-as-yaml' })}>
              {say('editAsYaml')}
            </Button>
            <Button secondary disabled={!model.canApprove} onClick={() => sendAfterEdits({ type: 'save-team' })}>
              {say('saveTeam')}
            </Button>
          </>
        )}
      </div>
      {!model.canApprove && <p class="muted">{say('cannotApprove')}</p>}
    </section>
  );
}

/** Each plan that comes to wait begins at its top, with the focus on the button, unless the user is somewhere on the page already. */
function useFirstFocus(button: { readonly current: HTMLElement | null }, waiting: boolean): void {
  useEffect(() => {
    if (!waiting) return undefined;
    const focus = (): void => {
      const at = document.activeElement;
      if (at === null || at === document.body) button.current?.focus({ preventScroll: true });
    };
    // A page in the background must not take the focus from the editor: it waits until it has it.
    if (document.hasFocus()) focus();
    window.addEventListener('focus', focus, { once: true });
    return () => window.removeEventListener('focus', focus);
  }, [waiting]);
}

/** Wherever the focus is, except in a question of its own. */
function useControlEnter(approve: () => void): void {
  const latest = useRef(approve);
  latest.current = approve;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      if (event.target instanceof Element && event.target.closest('.comment') !== null) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current();
    };
    // Before the button under the focus takes the key as a press of its own.
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, []);
}

function Rest({ model: { phase, hash } }: { readonly model: PlanModel }) {
  const planned = hash !== '';
  const sentence = {
    waiting: '',
    designing: say('designing'),
    answered: say('answered'),
    ended: planned ? say('endedFirst') : say('endedWithoutPlan'),
    past: planned ? say('noLongerWaiting') : say('brokenOff'),
  }[phase];
  return (
    <section class="answer" aria-label={say('answer')}>
      <div class="buttons">
        <p role="status">{sentence}</p>
        {phase === 'past' && <Button onClick={() => send({ type: 'resume' })}>{say('resume')}</Button>}
        {(phase === 'answered' || phase === 'ended') && <Button onClick={() => send({ type: 'open-run' })}>{say('showRun')}</Button>}
        {planned && (phase === 'answered' || phase === 'ended') && (
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
      key={question}
      label={redesign ? say('redesignQuestion') : say('declineQuestion')}
      action={redesign ? say('redesignNow') : say('declineNow')}
      required={redesign}
      onDone={(comment) => send({ type: question, comment })}
      onEnd={onEnd}
    />
  );
}
