/** Tests that are red, with what they expected and got. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icons.tsx';

interface RedTestsProps {
  readonly sentence: string;
  readonly tests: readonly { readonly name: string; readonly message: string }[];
  /** Beside the sentence. */
  readonly children?: ComponentChildren;
}

export function RedTests({ sentence, tests, children }: RedTestsProps) {
  return (
    <>
      <div class="before-head">
        <p>
          <Icon name="error" /> <strong>{sentence}</strong>
        </p>
        {children}
      </div>
      {tests.map(({ name, message }) => (
        <div key={name} class="red-test">
          <p>{name}</p>
          {message !== '' && <pre>{message}</pre>}
        </div>
      ))}
    </>
  );
}
