/** The small parts all pages share: buttons, notices, sections, meters, and the voice for screen readers. */
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { say } from '../link.ts';
import type { NoticeModel } from '../plan-types.ts';
import { Icon, type IconName } from './icons.tsx';
import { useViewState } from './view-state.ts';

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly secondary?: boolean;
  readonly disabled?: boolean;
  readonly icon?: IconName;
  readonly title?: string;
  /** It opens and closes something: whether that is open. */
  readonly expanded?: boolean;
  readonly element?: RefObject<HTMLElement | null>;
}

export function Button({ children, onClick, secondary = false, disabled = false, icon, title, expanded, element }: ButtonProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the element gives itself the role of a button
    <vscode-button
      ref={element}
      secondary={secondary}
      disabled={disabled}
      aria-disabled={disabled}
      aria-expanded={expanded}
      onClick={() => !disabled && onClick()}
      title={title}
    >
      <span class="button-content">
        {icon && <Icon name={icon} />}
        {children}
      </span>
    </vscode-button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
}

export function IconButton({ icon, label, onClick, disabled = false }: IconButtonProps) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

const noticeIcons = { info: 'info', warning: 'warning', error: 'error' } as const;

export function Notice({ notice }: { readonly notice: NoticeModel | undefined }) {
  // The region stays, so that screen readers hear what comes into it.
  return (
    <div role={notice?.kind === 'error' ? 'alert' : 'status'} class="notices">
      {notice && (
        <p class={`notice ${notice.kind}`}>
          <Icon name={noticeIcons[notice.kind]} />
          <span>{notice.text}</span>
        </p>
      )}
    </div>
  );
}

interface SectionProps {
  readonly name: string;
  readonly title: string;
  readonly count?: number;
  readonly open?: boolean;
  readonly children: ComponentChildren;
}

/** A part that folds; whether it is open is remembered. */
export function Section({ name, open = true, ...rest }: SectionProps) {
  const [unfolded, setUnfolded] = useViewState(`open.${name}`, open);
  return <Fold {...rest} open={unfolded} onToggle={setUnfolded} />;
}

interface FoldProps extends Omit<SectionProps, 'name'> {
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
}

/** A part that folds, opened and closed by its owner too. */
export function Fold({ title, count, open, onToggle, children }: FoldProps) {
  return (
    <details class="section" open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
        {count !== undefined && count > 0 && <span class="count">{count}</span>}
      </summary>
      <div class="section-body">{children}</div>
    </details>
  );
}

interface LimitBarProps {
  readonly label: string;
  readonly value: string;
  readonly limit: string;
  readonly share: number;
  readonly children?: ComponentChildren;
}

/** A number against its limit. */
export function LimitBar({ label, value, limit, share, children }: LimitBarProps) {
  const tone = share > 1 ? 'over' : share > 0.8 ? 'near' : 'fine';
  return (
    <div class="meter">
      <span class="meter-label">{label}</span>
      <span class="meter-value">{value}</span>
      <span class="meter-bar" aria-hidden="true">
        <span class={`meter-fill ${tone}`} style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
      </span>
      <span class="meter-limit">
        {limit}
        {share > 1 && <span class="meter-over"> · {say('overLimit')}</span>}
        {children}
      </span>
    </div>
  );
}

/** Tells screen readers, politely and not faster than they can speak. */
export function Announce({ text }: { readonly text: string }) {
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(text), 700);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div role="status" aria-live="polite" class="only-read">
      {spoken}
    </div>
  );
}
