import { useState } from 'preact/hooks';
import { keepViewValue, viewValue } from '../link.ts';

/** State that comes back after the tab was hidden or the window reloaded. */
export function useViewState<T extends string | number | boolean>(name: string, initial: T): readonly [T, (value: T) => void] {
  const kept = viewValue(name);
  const [value, setValue] = useState<T>(typeof kept === typeof initial ? (kept as T) : initial);
  const keep = (next: T): void => {
    keepViewValue(name, next);
    setValue(next);
  };
  return [value, keep];
}
