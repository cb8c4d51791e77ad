/** A question that opens in the page: what is typed, a button that does it, and a way out. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { say } from '../link.ts';
import { Button } from './basics.tsx';

interface AskButtonsProps {
  /** What the button that does it says. */
  readonly action: string;
  readonly allowed: boolean;
  readonly onDone: () => void;
  readonly onEnd: () => void;
}

export function AskButtons({ action, allowed, onDone, onEnd }: AskButtonsProps) {
  return (
    <div class="buttons">
      <Button onClick={onDone} disabled={!allowed}>
        {action}
      </Button>
      <Button secondary onClick={onEnd}>
        {say('cancel')}
      </Button>
    </div>
  );
}

interface AskTextProps {
  readonly label: string;
  readonly action: string;
  /** Nothing may be said by saying nothing. */
  readonly required: boolean;
  /** What stands there at first. */
  readonly initial?: string;
  /** Characters. */
  readonly longest?: number;
  /** Gets the text without blanks at its ends. */
  readonly onDone: (text: string) => void;
  readonly onEnd: () => void;
  /** Further questions, before the text. */
  readonly children?: ComponentChildren;
}

/** A few lines of text. Ctrl or Cmd with Enter does it, Escape leaves. */
export function AskText({ label, action, required, initial = '', longest = 2000, onDone, onEnd, children }: AskTextProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(initial);
  useEffect(() => field.current?.focus(), []);
  const allowed = !required || text.trim() !== '';
  const done = (): void => {
    if (!allowed) return;
    onDone(text.trim());
    onEnd();
  };
  return (
    <div class="comment">
      {children}
      <label class="labelled">
        <span class="label">{label}</span>
        <textarea
          ref={field}
          rows={Math.min(12, Math.max(2, initial.split('\n').length))}
          maxLength={longest}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onEnd();
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) done();
          }}
        />
      </label>
      <AskButtons action={action} allowed={allowed} onDone={done} onEnd={onEnd} />
    </div>
  );
}
