/** What is wrong with a plan, in the words of the form and the user's language. */
import { type PlanWords, stepKindNamed, stepKinds, textWords } from '../../plan/index.ts';
import type { Say } from '../../text/index.ts';
import { fieldLabels } from './plan-changes.ts';

/** All that a text needs to be said. */
type Speaks = { readonly t: Say };

export function formWords({ t }: Speaks): PlanWords {
  const labels = fieldLabels({ t });
  // Kinds that have a field in common call it alike.
  const ofSteps = (name: string): string | undefined => stepKinds.find(({ fields }) => Object.hasOwn(fields, name))?.fields[name]?.label(t);
  return {
    t,
    field: (name) => t('“{0}”', (Object.hasOwn(labels, name) ? labels[name] : undefined) ?? ofSteps(name) ?? name),
    kind: (name) => stepKindNamed(name)?.label(t) ?? name,
    output: (name) => t('“{0}”', outputLabels({ t })[name]),
  };
}

/** What an agent hands over. */
export const outputLabels = ({ t }: Speaks): Readonly<Record<Parameters<PlanWords['output']>[0], string>> => ({
  edits: t('Edits to files'),
  note: t('A note'),
  verdict: t('A verdict'),
  tests: t('Test files'),
});

/** Of a text, whose own words the reader has before them. */
export const textWordsIn = ({ t }: Speaks): PlanWords => ({ ...textWords, t });
