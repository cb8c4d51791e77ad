/** One field of a form: what is typed is sent after a short rest, and what the host says comes back unless it is being typed in. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { send } from '../link.ts';
import type { FieldModel, FieldValue } from '../plan-types.ts';
import { Icon } from './icons.tsx';
import { holdBack } from './pending.ts';
import { Select } from './select.tsx';

/** Milliseconds without a key before a value is sent, and until its answer is surely here. */
const rest = 250;
const answerTime = 600;

interface FieldProps {
  readonly field: FieldModel;
  readonly readonly: boolean;
}

export function Field({ field, readonly }: FieldProps) {
  const helpId = `help ${field.id}`.replaceAll(/\W/g, '-');
  const hasDescription = field.help !== '' || field.problems.length > 0;
  return (
    <div class={`field ${field.control} ${field.problems.length > 0 ? 'wrong' : ''}`} data-field={field.id}>
      <Control field={field} readonly={readonly} describedBy={hasDescription ? helpId : undefined} />
      {hasDescription && (
        <div class="field-description" id={helpId}>
          {field.problems.map(({ severity, message }) => (
            <p key={message} class={`field-problem ${severity}`}>
              <Icon name={severity} />
              <span>{message}</span>
            </p>
          ))}
          {field.help !== '' && <p class="field-help">{field.help}</p>}
        </div>
      )}
    </div>
  );
}

interface ControlProps extends FieldProps {
  readonly describedBy: string | undefined;
}

function Control(props: ControlProps) {
  const { field, readonly, describedBy } = props;
  if (field.control === 'set') return <SetControl {...props} />;
  if (field.control === 'select') {
    return (
      <Select
        label={field.label}
        value={String(field.value)}
        options={field.options}
        disabled={readonly}
        describedBy={describedBy}
        onChange={(value) => sendValue(field, value)}
      />
    );
  }
  return <TextControl {...props} />;
}

function SetControl({ field, readonly, describedBy }: ControlProps) {
  const chosen = Array.isArray(field.value) ? field.value : [];
  if (readonly) {
    return (
      <div class="labelled">
        <span class="label">{field.label}</span>
        <span>{chosen.length === 0 ? '–' : chosen.join(', ')}</span>
      </div>
    );
  }
  const toggle = (value: string, on: boolean): void => sendValue(field, on ? [...chosen, value] : chosen.filter((one) => one !== value));
  return (
    <fieldset aria-describedby={describedBy}>
      <legend class="label">{field.label}</legend>
      <div class="choices">
        {field.options.map(({ value, label }) => (
          <vscode-checkbox
            key={value}
            label={label}
            checked={chosen.includes(value)}
            onChange={(event) => toggle(value, (event.currentTarget as unknown as { checked: boolean }).checked)}
          />
        ))}
      </div>
    </fieldset>
  );
}

const shown = (value: FieldValue): string => (Array.isArray(value) ? value.join('\n') : value === null ? '' : String(value));

function read(field: FieldModel, text: string): FieldValue {
  if (field.control === 'number') return text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text);
  if (field.control !== 'lines') return text;
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function sendValue(field: FieldModel, value: FieldValue): void {
  const place = [...field.place];
  send({
    type: 'edit',
    edit: field.edit === 'set' ? { kind: 'set', place, value } : { kind: field.edit, place, name: String(value ?? '') },
  });
}

interface WrappedInput extends HTMLElement {
  value: string;
  updateComplete?: Promise<unknown>;
  wrappedElement?: HTMLInputElement | HTMLTextAreaElement;
}

function TextControl({ field, readonly, describedBy }: ControlProps) {
  const element = useRef<WrappedInput>(null);
  const [typed, setTyped] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const release = useRef<(() => void) | undefined>(undefined);
  const latest = useRef(field);
  latest.current = field;
  const value = typed ?? shown(field.value);

  const sendNow = (): void => {
    if (timer.current === undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    release.current?.();
    release.current = undefined;
    sendValue(latest.current, read(latest.current, element.current?.value ?? ''));
  };
  const onInput = (): void => {
    setTyped(element.current?.value ?? '');
    clearTimeout(settled.current);
    clearTimeout(timer.current);
    release.current ??= holdBack(sendNow);
    // A name is sent when it is whole: every letter would be another name.
    timer.current = setTimeout(field.edit === 'set' ? sendNow : () => undefined, rest);
  };
  const settled = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const leave = (): void => {
    sendNow();
    // What the host makes of it comes back in a moment; until then nothing flickers.
    clearTimeout(settled.current);
    settled.current = setTimeout(() => setTyped(undefined), answerTime);
  };
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      clearTimeout(settled.current);
      release.current?.();
    },
    [],
  );
  // The input is inside the element's shadow tree: its description is tied to it as an element.
  useLayoutEffect(() => {
    const tie = (): void => {
      const inner = element.current?.wrappedElement as (HTMLElement & { ariaDescribedByElements?: Element[] }) | undefined;
      const description = describedBy === undefined ? null : document.getElementById(describedBy);
      if (inner && 'ariaDescribedByElements' in inner) inner.ariaDescribedByElements = description ? [description] : [];
    };
    element.current?.updateComplete?.then(tie);
  }, [describedBy]);

  const common = {
    ref: element,
    value,
    label: field.label,
    readonly,
    invalid: field.problems.some(({ severity }) => severity === 'error'),
    onInput,
    onChange: leave,
    onBlur: leave,
  };
  return (
    <div class="labelled">
      <span class="label" aria-hidden="true">
        {field.label}
      </span>
      {field.control === 'area' || field.control === 'lines' ? (
        <vscode-textarea {...common} rows={field.control === 'area' ? 4 : Math.max(2, value.split('\n').length)} resize="vertical" />
      ) : (
        <vscode-textfield
          {...common}
          type={field.control === 'number' ? 'number' : 'text'}
          min={field.min}
          max={field.max}
          step={field.step}
          onKeyDown={(event) => event.key === 'Enter' && sendNow()}
        />
      )}
    </div>
  );
}
