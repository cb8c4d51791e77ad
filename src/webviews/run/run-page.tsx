/** The run: the same graph, alive; what each agent does, costs and says; and the ways to steer. */
import { TeamGraph } from '../graph/team-graph.tsx';
import { say, send } from '../link.ts';
import { Badge } from '../parts/badge.tsx';
import { Announce, Notice, Section } from '../parts/basics.tsx';
import { Select } from '../parts/select.tsx';
import { useViewState } from '../parts/view-state.ts';
import type { RunModel } from '../run-types.ts';
import { Agents } from './agents.tsx';
import { Answer } from './answer.tsx';
import { Candidates } from './candidates.tsx';
import { BudgetMeters, Controls } from './controls.tsx';
import { Failing } from './failing.tsx';
import { Places } from './places.tsx';
import { Question } from './question.tsx';
import type { Streams } from './streams.ts';
import { Tries } from './tries.tsx';

interface RunPageProps {
  readonly model: RunModel;
  readonly streams: Streams;
}

export function RunPage({ model, streams }: RunPageProps) {
  const [kept, setSelected] = useViewState<string>('selected', '');
  const selected = model.graph.nodes.some(({ id }) => id === kept) ? kept : '';
  const lastGood = model.log.findLast(({ tone }) => tone !== 'plain');
  return (
    <main class="page run-page">
      <Heading model={model} />
      <Notice notice={model.notice} />
      <Question question={model.question} />
      {model.outcome.length > 0 && (
        <section class={`outcome ${model.badge.tone}`} aria-label={say('outcome')}>
          {model.outcome.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </section>
      )}
      {model.answer && <Answer answer={model.answer} />}
      <Controls model={model} selected={selected} />
      <Failing model={model} />
      <div class="columns">
        <div class="column-graph">
          {model.rounds.length > 1 && (
            <Select
              label={say('round')}
              value={String(model.round)}
              options={model.rounds.map(({ round, label }) => ({ value: String(round), label }))}
              onChange={(value) => send({ type: 'select-round', round: Number(value) })}
            />
          )}
          {model.graph.nodes.length === 0 ? (
            <p class="muted empty-graph">{model.outcome.length > 0 ? say('noPlan') : say('noPlanYet')}</p>
          ) : (
            <TeamGraph
              graph={model.graph}
              selected={selected}
              lines={3}
              label={say('teamGraph')}
              onSelect={setSelected}
              onOpen={setSelected}
            />
          )}
        </div>
        <div class="column-form">
          <Section name="tries" title={say('tries')} count={model.tries.length}>
            <Tries model={model} streams={streams} />
          </Section>
          {model.places.length > 0 && (
            <Section name="places" title={say('suspiciousPlaces')} count={model.places.length}>
              <Places model={model} />
            </Section>
          )}
          {/* A question has none. */}
          {model.answer === undefined && (
            <Section name="candidates" title={say('candidates')} count={model.candidates.length}>
              <Candidates model={model} />
            </Section>
          )}
          {model.notes.length > 0 && (
            <Section name="notes" title={say('notes')} count={model.notes.length} open={false}>
              {model.notes.map(({ title, text }) => (
                <article key={title} class="note">
                  <h3>{title}</h3>
                  <p class="prose">{text}</p>
                </article>
              ))}
            </Section>
          )}
          <Section name="details" title={say('details')} open={false}>
            <p class="facts">
              {model.facts.map((fact) => (
                <span key={fact}>{fact}</span>
              ))}
            </p>
            <BudgetMeters model={model} />
            <Agents model={model} />
            <Log model={model} />
          </Section>
        </div>
      </div>
      <Announce text={[model.badge.word, lastGood?.text ?? ''].join('. ')} />
    </main>
  );
}

function Heading({ model }: { readonly model: RunModel }) {
  return (
    <header class="heading">
      <h1>{model.request.split('\n', 1)[0]}</h1>
      <p class="facts">
        <Badge badge={model.badge} />
        {model.verdict.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {model.along.length > 0 && (
        <p class="chips">
          {model.along.map((one) => (
            <span key={one} class="chip">
              {one}
            </span>
          ))}
        </p>
      )}
      {model.now.map((line) => (
        <p key={line} class="now">
          {line}
        </p>
      ))}
    </header>
  );
}

function Log({ model }: { readonly model: RunModel }) {
  if (model.log.length === 0) return <p class="muted">{say('nothingYet')}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ol class="log" tabIndex={0} aria-label={say('eventLog')}>
      {model.log.toReversed().map(({ seq, time, text, tone }) => (
        <li key={seq} class={tone}>
          <time>{time}</time>
          <span>{text}</span>
        </li>
      ))}
      {model.logOmitted > 0 && <li class="muted">{say('logOmitted', model.logOmitted)}</li>}
    </ol>
  );
}
