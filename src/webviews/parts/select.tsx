/** A choice with its label. The control stands beside the label, not in it: else the label would also say all of its choices. */
import { useId } from 'preact/hooks';
import { Icon } from './icons.tsx';

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  readonly describedBy?: string | undefined;
}

export function Select({ label, value, options, onChange, disabled = false, describedBy }: SelectProps) {
  const id = useId();
  return (
    <div class="labelled">
      <label class="label" for={id}>
        {label}
      </label>
      <span class="select">
        <select
          id={id}
          disabled={disabled}
          aria-describedby={describedBy}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" />
      </span>
    </div>
  );
}
