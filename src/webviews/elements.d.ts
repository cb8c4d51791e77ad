/** The custom elements of vscode-elements that the pages use, for JSX. */
import 'preact';

interface ElementEvents {
  key?: string;
  class?: string;
  id?: string;
  title?: string | undefined;
  children?: unknown;
  ref?: unknown;
  onClick?: () => void;
  onInput?: (event: InputEvent) => void;
  onChange?: (event: Event) => void;
  onBlur?: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

interface TextElement extends ElementEvents {
  value?: string;
  label?: string;
  invalid?: boolean;
  readonly?: boolean;
  disabled?: boolean;
  placeholder?: string;
}

declare module 'preact' {
  namespace createElement.JSX {
    interface IntrinsicElements {
      'vscode-button': ElementEvents & { secondary?: boolean; disabled?: boolean; 'aria-disabled'?: boolean };
      'vscode-textfield': TextElement & {
        type?: 'text' | 'number';
        min?: number | undefined;
        max?: number | undefined;
        step?: number | undefined;
      };
      'vscode-textarea': TextElement & { rows?: number; resize?: 'none' | 'vertical' };
      'vscode-checkbox': ElementEvents & { label?: string; checked?: boolean; disabled?: boolean; value?: string };
    }
  }
}
