/** Lines that a repair suspects, the likeliest first, and what came of each. */
import { say, send } from '../link.ts';
import { IconButton } from '../parts/basics.tsx';
import { Icon } from '../parts/icons.tsx';
import type { RunModel } from '../run-types.ts';

const toneIcons = { plain: undefined, good: 'check', bad: 'cross' } as const;

export function Places({ model }: { readonly model: RunModel }) {
  return (
    <ol class="places">
      {model.places.map(({ path, line, label, why, said, tone }) => (
        <li key={label} class={tone}>
          <button type="button" class="link" onClick={() => send({ type: 'open-place', path, line })}>
            {label}
          </button>
          <span class="muted">{why}</span>
          <span class="tests">
            {toneIcons[tone] && <Icon name={toneIcons[tone]} />} {said}
          </span>
          {model.can.steer && tone !== 'good' && (
            <IconButton icon="play" label={say('tryPlaceNext', label)} onClick={() => send({ type: 'point', path, line })} />
          )}
        </li>
      ))}
    </ol>
  );
}
