/** The part "What was learned". Its host reads it only while it is open, so opening it is a message. */
import { useEffect, useState } from 'preact/hooks';
import type { LearnedModel, LessonModel } from '../dashboard-types.ts';
import { say, send } from '../link.ts';
import { AskText } from '../parts/ask.tsx';
import { Button, Fold, Notice } from '../parts/basics.tsx';
import { useViewState } from '../parts/view-state.ts';
import { ChartCard } from './chart-card.tsx';

interface LearnedProps {
  readonly learned: LearnedModel | undefined;
  readonly locale: string;
}

export function Learned({ learned, locale }: LearnedProps) {
  const [open, setOpen] = useViewState<boolean>('open.learned', false);
  useEffect(() => {
    if (open) send({ type: 'show-learned', shown: true });
  }, []);
  const toggle = (next: boolean): void => {
    if (next !== open) send({ type: 'show-learned', shown: next });
    setOpen(next);
  };
  return (
    <Fold title={say('learned')} open={open} onToggle={toggle}>
      {learned === undefined ? <p role="status">{say('loading')}</p> : <Known learned={learned} locale={locale} />}
    </Fold>
  );
}

function Known({ learned, locale }: { readonly learned: LearnedModel; readonly locale: string }) {
  return (
    <div class="learned">
      {learned.notices.map((notice) => (
        <Notice key={notice.text} notice={notice} />
      ))}
      <p>{learned.summary}</p>
      <div class="buttons">
        <Button secondary disabled={!learned.canForget} onClick={() => send({ type: 'forget-learned' })}>
          {say('forgetLearned')}
        </Button>
      </div>
      {learned.folders.map(({ id, name, facts, charts, lessons }) => (
        <section key={id} class="learned" aria-label={name}>
          <h3>{name}</h3>
          <ul>
            {facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
          <div class="charts">
            {charts.map((chart) => (
              <ChartCard key={chart.id} chart={chart} locale={locale} />
            ))}
          </div>
          <h3>{say('lessons')}</h3>
          {lessons.length === 0 && <p class="muted">{say('noLessons')}</p>}
          <ul class="lessons">
            {lessons.map((lesson) => (
              <Lesson key={lesson.id} lesson={lesson} longest={learned.longestLesson} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Lesson({ lesson, longest }: { readonly lesson: LessonModel; readonly longest: number }) {
  const [editing, setEditing] = useState(false);
  const { id, title, request, standing, text } = lesson;
  return (
    <li class="card">
      <h4>{title}</h4>
      <p class="muted prose">{say('lessonFrom', request)}</p>
      <p>{standing}</p>
      {editing ? (
        <AskText
          label={say('lessonText')}
          action={say('saveLesson')}
          required
          initial={text}
          longest={longest}
          onDone={(words) => send({ type: 'edit-lesson', id, text: words })}
          onEnd={() => setEditing(false)}
        />
      ) : (
        <>
          <pre class="prose">{text}</pre>
          <div class="buttons">
            <Button secondary onClick={() => setEditing(true)}>
              {say('editLesson')}
            </Button>
            <Button secondary onClick={() => send({ type: 'delete-lesson', id })}>
              {say('deleteLesson')}
            </Button>
          </div>
        </>
      )}
    </li>
  );
}
