/** The plan review: an explanation first, with the answer in sight; the team's form folded below. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { TeamGraph } from '../graph/team-graph.tsx';
import { say, send } from '../link.ts';
import { Announce, Button, Fold, LimitBar, Notice, Section } from '../parts/basics.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';
import { useViewState } from '../parts/view-state.ts';
import type { PlanModel, SectionModel } from '../plan-types.ts';
import { Answer } from './answer.tsx';
import { Before, Explanation } from './explanation.tsx';
import { Outline } from './outline.tsx';
import { Alternatives, Briefing, Changes, Since } from './reasons.tsx';
import { fitsStrip, Strip } from './strip.tsx';

/** What of a field can have the focus. */
const controls = 'vscode-textfield, select, vscode-textarea, vscode-checkbox';

export function PlanPage({ model }: { readonly model: PlanModel }) {
  const [kept, setSelected] = useViewState<string>('selected', model.graph.nodes[0]?.id ?? '');
  const [unfolded, setUnfolded] = useViewState<boolean>('open.team', false);
  // Before there was a plan nothing could be selected.
  const selected = kept !== '' && Object.hasOwn(model.forms, kept) ? kept : (model.graph.nodes[0]?.id ?? '');
  const readonly = model.phase !== 'waiting';
  const form = useRef<HTMLDivElement>(null);
  const [planUnfolded, setPlanUnfolded] = useViewState<boolean>('open.plan', false);
  const page = useTopOfEachPlan(readonly);
  const openForm = (field?: string): void => {
    setUnfolded(true);
    requestAnimationFrame(() => {
      const meant = field === undefined ? undefined : page.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`);
      (meant ?? form.current)?.scrollIntoView({ block: meant ? 'center' : 'start' });
      (meant ?? form.current)?.querySelector<HTMLElement>(controls)?.focus({ preventScroll: true });
    });
  };
  /** The form of a node, at one of its fields; '' is the plan itself, whose form stands apart. */
  const open = (node: string, field?: string): void => {
    if (node === '') setPlanUnfolded(true);
    else setSelected(node);
    openForm(field);
  };
  const planned = model.hash !== '';
  const strip = fitsStrip(model.graph);
  const errors = model.problems.filter(({ severity }) => severity === 'error').length;
  return (
    <main class={`page plan-page ${strip ? '' : 'with-graph'}`} ref={page}>
      <div class="first-screen">
        <Heading model={model} />
        <Notice notice={model.notice} />
        <Unjudged model={model} />
        <Problems model={model} onOpen={open} />
        <Before model={model} />
        <Explanation model={model} />
        {model.whyAsked !== undefined && <p>{model.whyAsked}</p>}
        {[...model.notShown, ...model.looseRights].map((text) => (
          <p key={text}>{text}</p>
        ))}
        <Since model={model} />
        <p class="facts">
          <strong>{model.title}</strong>
          {[...model.facts, ...model.request.about].map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
      </div>
      {planned && strip && <Strip graph={model.graph} selected={selected} onSelect={setSelected} onOpen={open} />}
      {planned && !strip && (
        <div class="plan-graph">
          <TeamGraph graph={model.graph} selected={selected} lines={3} label={say('teamGraph')} onSelect={setSelected} onOpen={open} />
        </div>
      )}
      {planned && (
        <div class="team">
          <Fold title={readonly ? say('theTeam') : say('changeTeam')} open={unfolded} onToggle={setUnfolded}>
            <Team
              model={model}
              selected={selected}
              readonly={readonly}
              form={form}
              onOpen={open}
              planOpen={planUnfolded}
              onTogglePlan={setPlanUnfolded}
            />
          </Fold>
        </div>
      )}
      <Answer model={model} onChangeTeam={() => openForm()} />
      <Announce
        text={[...model.estimate.map(({ name, value }) => `${name}: ${value}`), errors > 0 ? say('errorCount', errors) : ''].join('. ')}
      />
    </main>
  );
}

/** Another plan is read from its beginning, wherever the last one was left. */
function useTopOfEachPlan(readonly: boolean): RefObject<HTMLElement | null> {
  const page = useRef<HTMLElement>(null);
  const before = useRef(readonly);
  useEffect(() => {
    if (before.current && !readonly) page.current?.scrollIntoView({ block: 'start' });
    before.current = readonly;
  }, [readonly]);
  return page;
}

interface TeamProps {
  readonly model: PlanModel;
  readonly selected: string;
  readonly readonly: boolean;
  readonly form: RefObject<HTMLDivElement | null>;
  readonly onOpen: (node: string) => void;
  readonly planOpen: boolean;
  readonly onTogglePlan: (open: boolean) => void;
}

/** Everything there is to know and to change. */
function Team({ model, selected, readonly, form, onOpen, planOpen, onTogglePlan }: TeamProps) {
  return (
    <>
      <section class="meters" aria-label={say('estimate')}>
        {model.estimate.map(({ name, ...rest }) => (
          <LimitBar key={name} label={name} {...rest} />
        ))}
      </section>
      <div ref={form} class="selection">
        {(model.forms[selected] ?? []).map((section) => (
          <Form key={`${selected} ${section.title}`} section={section} readonly={readonly} />
        ))}
      </div>
      <Section name="outline" title={say('stepsAndAgents')} count={model.outline.length}>
        <Outline model={model} selected={selected} onOpen={onOpen} readonly={readonly} />
      </Section>
      <Fold title={say('planAndBudget')} open={planOpen} onToggle={onTogglePlan}>
        {(model.forms[''] ?? []).map((section) => (
          <Form key={section.title} section={section} readonly={readonly} />
        ))}
      </Fold>
      <Section name="why" title={say('whyThisTeam')} count={model.alternatives.length}>
        <Alternatives model={model} readonly={readonly} />
      </Section>
      <Section name="changes" title={say('whatChanged')} count={model.changes.length} open={model.changes.length > 0}>
        <Changes model={model} readonly={readonly} />
      </Section>
      <Section name="briefing" title={say('briefing')} open={false}>
        <Briefing model={model} />
      </Section>
    </>
  );
}

function Heading({ model }: { readonly model: PlanModel }) {
  return (
    <header class="heading">
      <h1>{model.request.text.split('\n', 1)[0]}</h1>
      {model.request.text.includes('\n') && (
        <details class="whole-request">
          <summary>{say('wholeRequest')}</summary>
          <p class="prose">{model.request.text}</p>
        </details>
      )}
    </header>
  );
}

function Unjudged({ model: { unjudged } }: { readonly model: PlanModel }) {
  if (unjudged === undefined) return null;
  return (
    <section class="notice warning unjudged" aria-label={say('nothingJudges')}>
      <Icon name="warning" />
      <div>
        <strong>{say('nothingJudges')}</strong>
        <p>{unjudged.why}</p>
      </div>
      {unjudged.canWriteTests && (
        <Button secondary onClick={() => send({ type: 'write-tests-first' })}>
          {say('writeTestsFirst')}
        </Button>
      )}
    </section>
  );
}

function Problems({ model, onOpen }: { readonly model: PlanModel; readonly onOpen: (node: string, field?: string) => void }) {
  if (model.problems.length === 0) return null;
  return (
    <ul class="problems" aria-label={say('problems')}>
      {model.problems.map(({ severity, message, node, field }) => (
        <li key={message} class={severity}>
          <button type="button" class="link" onClick={() => onOpen(node, field)}>
            <Icon name={severity} />
            <span>{message}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Form({ section, readonly }: { readonly section: SectionModel; readonly readonly: boolean }) {
  return (
    <section class="form" aria-label={section.title}>
      <h2>{section.title}</h2>
      {section.note !== '' && <p class="form-note">{section.note}</p>}
      <div class="fields">
        {section.fields.map((field) => (
          <Field key={field.id} field={field} readonly={readonly} />
        ))}
      </div>
    </section>
  );
}
