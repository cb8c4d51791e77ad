/** The first screen of a plan: what happens, what it costs at most, what happens when it fails, and the facts behind it. */
import { say, send } from '../link.ts';
import { Button } from '../parts/basics.tsx';
import { Icon } from '../parts/icons.tsx';
import { RedTests } from '../parts/red-tests.tsx';
import type { PlanModel } from '../plan-types.ts';

interface ModelProps {
  readonly model: PlanModel;
}

export function Explanation({ model: { explanation, phase } }: ModelProps) {
  if (explanation === undefined) return null;
  const { sentence, tests, cost, expected, ifRed, changesFiles, chips } = explanation;
  return (
    <section class="explanation" aria-label={say('whatHappens')}>
      <p class="told" title={tests.join('\n')}>
        {sentence}
      </p>
      <p>{cost}</p>
      {expected && (
        <details class="figures">
          <summary>{expected.sentence}</summary>
          <ul>
            {expected.lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
      {ifRed !== '' && <p>{ifRed}</p>}
      <dl class="chips">
        {chips.map((chip) => (
          <Chip key={chip.label} chip={chip} />
        ))}
      </dl>
      {changesFiles && phase === 'waiting' && (
        <p class="muted">
          {say('noChange')}{' '}
          <button type="button" class="link" onClick={() => send({ type: 'just-answer' })}>
            {say('justAnswer')}
          </button>
        </p>
      )}
    </section>
  );
}

type ChipModel = NonNullable<PlanModel['explanation']>['chips'][number];

const toneIcons = { good: 'check', bad: 'error', caution: 'warning' } as const;

function Chip({ chip: { label, text, title, tone, paths } }: { readonly chip: ChipModel }) {
  return (
    <div class={`chip ${tone}`} title={title}>
      <dt>{label}</dt>
      <dd>
        {tone !== 'plain' && <Icon name={toneIcons[tone]} />}
        {paths.map((path, index) => (
          <span key={path}>
            {index > 0 && ', '}
            <button type="button" class="link" onClick={() => send({ type: 'open-file', path })}>
              {path}
            </button>
          </span>
        ))}
        {text}
      </dd>
    </div>
  );
}

/** What the plan before this one left: it is why there is another. */
export function Before({ model: { before, phase } }: ModelProps) {
  if (before === undefined) return null;
  return (
    <section class="before" aria-label={say('goesFirst')}>
      <RedTests {...before}>
        {before.canKeep && phase === 'waiting' && (
          <Button secondary onClick={() => send({ type: 'keep-what-there-is' })}>
            {say('keepWhatThereIs')}
          </Button>
        )}
      </RedTests>
      <p class="muted">{before.spent}</p>
    </section>
  );
}
