/** A run that ended red: the tests that fail still, and the ways on from there. */
import { say, send } from '../link.ts';
import { Button } from '../parts/basics.tsx';
import { RedTests } from '../parts/red-tests.tsx';
import type { RunModel } from '../run-types.ts';

export function Failing({ model: { failing, can } }: { readonly model: RunModel }) {
  if (!can.again) return null;
  return (
    <section class="before" aria-label={failing?.sentence ?? say('outcome')}>
      {failing && <RedTests {...failing} />}
      <div class="buttons">
        <Button icon="reply" onClick={() => send({ type: 'send-back' })}>
          {say('sendBack')}
        </Button>
        <Button secondary icon="agent" onClick={() => send({ type: 'other-model' })}>
          {say('otherModel')}
        </Button>
        {can.diff && (
          <Button secondary icon="diff" onClick={() => send({ type: 'open-diff' })}>
            {say('reviewAnyway')}
          </Button>
        )}
        {can.resume && (
          <Button secondary icon="play" onClick={() => send({ type: 'resume' })}>
            {say('resume')}
          </Button>
        )}
      </div>
    </section>
  );
}
