/** The badge of a run: word and icon, in the colour of its tone. */
import type { BadgeModel } from '../badge-types.ts';
import { Icon } from './icons.tsx';

export function Badge({ badge: { word, icon, tone } }: { readonly badge: BadgeModel }) {
  return (
    <strong class={`status ${tone}`}>
      <Icon name={icon} />
      {word}
    </strong>
  );
}
