/** Why a change does not count as solved, in English sentences. */
import { counted } from '../text/index.ts';
import { endingText, type JudgementReason } from './types.ts';

/** Ids that a sentence names. */
const mostShown = 3;

export function reasonText(reason: JudgementReason): string {
  return sentences[reason.kind](reason);
}

const sentences: { readonly [K in JudgementReason['kind']]: (reason: JudgementReason) => string } = {
  'target-fails': (reason) => `${tests(reason)} that the request is about ${verb(reason, 'fails', 'fail')}: ${named(reason)}.`,
  broke: (reason) => `${tests(reason)} that passed before ${verb(reason, 'fails', 'fail')} now: ${named(reason)}.`,
  'ended-early': ({ detail = '' }) => `The tests did not come to their end by themselves: ${endingText[detail] ?? detail}.`,
  'target-missing': (reason) =>
    `${tests(reason)} that failed before ${verb(reason, 'was', 'were')} not seen to pass, but did not run or ${verb(reason, 'was', 'were')} skipped: ${named(reason)}.`,
  lost: (reason) =>
    `${tests(reason)} that passed before did not run any more, or ${verb(reason, 'was', 'were')} skipped: ${named(reason)}.`,
  'nothing-was-red': () => 'No test failed before the change, so none of them shows that the request is done.',
  breach: ({ detail = '' }) => `The code under test took a hand in its own judging (${detail}).`,
  'touches-tests': ({ detail = '' }) => `The change touches its own tests (${detail}).`,
};

const tests = ({ count = 0 }: JudgementReason): string => counted(count, 'test');
const verb = ({ count = 0 }: JudgementReason, one: string, many: string): string => (count === 1 ? one : many);

function named({ tests: ids = [], count = 0 }: JudgementReason): string {
  const shown = ids.slice(0, mostShown);
  return count > shown.length ? `${shown.join(', ')} and ${count - shown.length} more` : shown.join(', ');
}
