/** Steering: hold, go on, stop, skip a step, tell an agent something, allow more. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { say, send } from '../link.ts';
import { AskButtons, AskText } from '../parts/ask.tsx';
import { Button, IconButton, LimitBar } from '../parts/basics.tsx';
import { Select } from '../parts/select.tsx';
import type { RunModel } from '../run-types.ts';

interface ControlsProps {
  readonly model: RunModel;
  readonly selected: string;
}

export function Controls({ model, selected }: ControlsProps) {
  const [hinting, setHinting] = useState(false);
  const { can } = model;
  const skippable = Object.hasOwn(model.skippable, selected) ? model.skippable[selected] : undefined;
  const step = model.graph.nodes.find(({ id }) => id === selected)?.title;
  // Of a run that ended red the ways on stand below its red tests.
  if (can.again || !Object.values(can).some(Boolean)) return null;
  return (
    <section class="controls" aria-label={say('steer')}>
      <div class="buttons">
        {can.review && (
          <Button icon="info" onClick={() => send({ type: 'open-review' })}>
            {say('reviewPlan')}
          </Button>
        )}
        {can.diff && (
          <Button icon="diff" onClick={() => send({ type: 'open-diff' })}>
            {say('openDiff')}
          </Button>
        )}
        {can.testAccepted && (
          <Button icon="check" onClick={() => send({ type: 'test-accepted' })}>
            {say('testAccepted')}
          </Button>
        )}
        {can.resume && (
          <Button icon="play" onClick={() => send({ type: 'resume' })}>
            {say('resume')}
          </Button>
        )}
        {can.steer && model.paused && (
          <Button icon="play" onClick={() => send({ type: 'continue' })}>
            {say('continue')}
          </Button>
        )}
        {can.steer && !model.paused && (
          <Button secondary icon="pause" onClick={() => send({ type: 'pause' })}>
            {say('pause')}
          </Button>
        )}
        {can.stop && (
          <Button secondary icon="stop" onClick={() => send({ type: 'stop' })}>
            {say('stop')}
          </Button>
        )}
        {can.steer && (
          <Button
            secondary
            icon="skip"
            disabled={skippable === undefined}
            onClick={() => skippable !== undefined && send({ type: 'skip', path: skippable })}
          >
            {step !== undefined && skippable !== undefined ? say('skipNamed', step) : say('skip')}
          </Button>
        )}
        {can.steer && (
          <Button secondary icon="hint" onClick={() => setHinting(!hinting)}>
            {say('hint')}
          </Button>
        )}
      </div>
      {hinting && can.steer && <Hint model={model} onEnd={() => setHinting(false)} />}
    </section>
  );
}

function Hint({ model, onEnd }: { readonly model: RunModel; readonly onEnd: () => void }) {
  const [agent, setAgent] = useState('');
  return (
    <AskText
      label={say('hintText')}
      action={say('giveHint')}
      required
      onDone={(text) => send({ type: 'hint', text, ...(agent !== '' && { agent }) })}
      onEnd={onEnd}
    >
      <Select
        label={say('hintFor')}
        value={agent}
        options={[{ value: '', label: say('allAgents') }, ...model.agents.map(({ name }) => ({ value: name, label: name }))]}
        onChange={setAgent}
      />
    </AskText>
  );
}

type BudgetName = RunModel['budget'][number]['name'];

export function BudgetMeters({ model }: { readonly model: RunModel }) {
  const [raising, setRaising] = useState<BudgetName>();
  const raised = model.budget.find(({ name }) => name === raising);
  if (model.budget.length === 0) return null;
  return (
    <>
      <section class="meters" aria-label={say('budget')}>
        {model.budget.map(({ name, label, used, limit, share }) => (
          <LimitBar key={name} label={label} value={used} limit={limit} share={share}>
            {model.can.steer && (
              <IconButton icon="add" label={say('raise', label)} onClick={() => setRaising(raising === name ? undefined : name)} />
            )}
          </LimitBar>
        ))}
      </section>
      {raised && model.can.steer && <Raise key={raised.name} limit={raised} onEnd={() => setRaising(undefined)} />}
    </>
  );
}

function Raise({ limit, onEnd }: { readonly limit: RunModel['budget'][number]; readonly onEnd: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(String(limit.limitValue * 2 || 1));
  useEffect(() => field.current?.focus(), []);
  const value = Number(text);
  const allowed = Number.isFinite(value) && value > limit.limitValue;
  const raise = (): void => {
    if (!allowed) return;
    send({ type: 'raise-budget', name: limit.name, limit: value });
    onEnd();
  };
  return (
    <div class="comment">
      <label class="labelled">
        <span class="label">{say('raiseTo', limit.label)}</span>
        <input
          ref={field}
          type="number"
          min={limit.limitValue}
          step="any"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => (event.key === 'Enter' ? raise() : event.key === 'Escape' && onEnd())}
        />
      </label>
      <AskButtons action={say('raiseNow')} allowed={allowed} onDone={raise} onEnd={onEnd} />
    </div>
  );
}
