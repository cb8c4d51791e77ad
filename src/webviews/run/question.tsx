/** What an agent wants to know: answers to choose from, words of the user's own, or that it decides by itself. The run waits meanwhile. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { say, send } from '../link.ts';
import { Button } from '../parts/basics.tsx';
import type { RunModel } from '../run-types.ts';

export function Question({ question }: Pick<RunModel, 'question'>) {
  return (
    <>
      {/* The region stays, so that screen readers hear what comes into it. */}
      <div role="alert" class="only-read">
        {question && `${say('asks', question.agent)} ${question.text}`}
      </div>
      {question && <QuestionForm key={question.text} question={question} />}
    </>
  );
}

function QuestionForm({ question: { agent, text: asked, options } }: { readonly question: NonNullable<RunModel['question']> }) {
  const title = useId();
  const group = useId();
  const form = useRef<HTMLFormElement>(null);
  const [chosen, setChosen] = useState('');
  const [own, setOwn] = useState('');
  useEffect(() => form.current?.querySelector<HTMLElement>('input, textarea')?.focus(), []);
  // Words of one's own say more than a choice.
  const text = own.trim() === '' ? chosen : own.trim();
  const answer = (given: string): void => send({ type: 'answer', question: asked, text: given });
  const done = (): void => {
    if (text !== '') answer(text);
  };
  return (
    <form
      ref={form}
      class="question comment"
      aria-labelledby={title}
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        done();
      }}
    >
      <h2 id={title}>{say('asks', agent)}</h2>
      <p class="prose">{asked}</p>
      {options.length > 0 && (
        <div role="radiogroup" aria-labelledby={title} class="options">
          {options.map((option) => (
            <label key={option}>
              <input type="radio" name={group} value={option} checked={chosen === option} onChange={() => setChosen(option)} />
              <span>{option}</span>
            </label>
          ))}
        </div>
      )}
      <label class="labelled">
        <span class="label">{options.length > 0 ? say('otherAnswer') : say('answer')}</span>
        <textarea rows={2} maxLength={2000} value={own} onInput={(event) => setOwn(event.currentTarget.value)} />
      </label>
      <div class="buttons">
        <Button icon="reply" onClick={done} disabled={text === ''} title={say('giveAnswerHow')}>
          {say('giveAnswer')}
        </Button>
        <Button secondary onClick={() => answer('')}>
          {say('letDecide', agent)}
        </Button>
      </div>
    </form>
  );
}
