/** The steps as they are written, and the agents: what can be added, taken away and put in another order. */
import { useState } from 'preact/hooks';
import { say, send } from '../link.ts';
import { Button, IconButton } from '../parts/basics.tsx';
import { Icon } from '../parts/icons.tsx';
import { Select } from '../parts/select.tsx';
import type { PlanModel } from '../plan-types.ts';

interface OutlineProps {
  readonly model: PlanModel;
  readonly selected: string;
  readonly readonly: boolean;
  readonly onOpen: (node: string) => void;
}

export function Outline({ model, selected, readonly, onOpen }: OutlineProps) {
  const [kind, setKind] = useState(model.stepKinds[0]?.value ?? '');
  const current = model.outline.find(({ node }) => node === selected);
  return (
    <>
      <ol class="outline">
        {model.outline.map(({ node, place, label, depth, up, down, problem }) => (
          <li key={node} class={node === selected ? 'selected' : ''} style={{ paddingInlineStart: `${depth * 14}px` }}>
            <button type="button" class="link row" aria-current={node === selected ? 'true' : undefined} onClick={() => onOpen(node)}>
              {problem !== 'none' && <Icon name={problem} />}
              <span>{label}</span>
            </button>
            {!readonly && (
              <span class="row-tools">
                <IconButton
                  icon="up"
                  label={say('moveUp', label)}
                  disabled={!up}
                  onClick={() => send({ type: 'edit', edit: { kind: 'move-step', place, by: -1 } })}
                />
                <IconButton
                  icon="down"
                  label={say('moveDown', label)}
                  disabled={!down}
                  onClick={() => send({ type: 'edit', edit: { kind: 'move-step', place, by: 1 } })}
                />
                <IconButton
                  icon="remove"
                  label={say('removeStep', label)}
                  onClick={() => send({ type: 'edit', edit: { kind: 'remove-step', place } })}
                />
              </span>
            )}
          </li>
        ))}
      </ol>
      {!readonly && (
        <div class="add-row">
          <Select
            label={current ? say('addStepAfter', current.label.split(' · ')[0] ?? '') : say('addStepAtEnd')}
            value={kind}
            options={model.stepKinds}
            onChange={setKind}
          />
          <Button
            secondary
            icon="add"
            onClick={() => send({ type: 'edit', edit: { kind: 'add-step', step: kind, ...(current && { after: current.place }) } })}
          >
            {say('addStep')}
          </Button>
        </div>
      )}
      <h3>{say('agents')}</h3>
      <ul class="outline">
        {model.agents.map(({ name, detail, node }) => (
          <li key={name}>
            <button type="button" class="link row" onClick={() => node !== undefined && onOpen(node)}>
              <Icon name="agent" />
              <span>
                {name} <span class="muted">{detail}</span>
              </span>
            </button>
            {!readonly && (
              <span class="row-tools">
                <IconButton
                  icon="remove"
                  label={say('removeAgent', name)}
                  onClick={() => send({ type: 'edit', edit: { kind: 'remove-agent', name } })}
                />
              </span>
            )}
          </li>
        ))}
      </ul>
      {!readonly && (
        <Button secondary icon="add" onClick={() => send({ type: 'edit', edit: { kind: 'add-agent' } })}>
          {say('addAgent')}
        </Button>
      )}
    </>
  );
}
