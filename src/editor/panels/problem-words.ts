/** What is wrong with a plan, in the words of the form and the user's language. */
import type { Facts } from '../../errors.ts';
import { type PlanWords, sayKept, stepKindNamed, stepKinds, textWords } from '../../plan/index.ts';
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

type KeptProblem = Facts['plan-invalid']['problems'][number];

/** A problem of a plan that was refused. Of a file by its line and in its own words, of a team by the part of the form and in the words of that. */
export function keptProblemText({ path, message, said, line }: KeptProblem, { t }: Speaks): string {
  const words = line === undefined ? formWords({ t }) : textWordsIn({ t });
  const where = line === undefined ? partOf(path, words) : t('line {0}', line);
  return [where, saidIn(words, message, said)].filter((text) => text !== '').join(': ');
}

/** What another program put on record, or nobody, is told as it was said then. */
function saidIn(words: PlanWords, message: string, said: string | undefined): string {
  if (said === undefined) return message;
  try {
    return sayKept(said, words);
  } catch (error) {
    if (error instanceof SyntaxError) return message;
    throw error;
  }
}

/** Fields that hold steps. */
const stepLists = new Set(['steps', ...stepKinds.flatMap(({ inside }) => Object.keys(inside?.lists ?? {}))]);

/** `steps[3].steps[0].samples` → `Step 4.1 · “Samples”`. */
function partOf(path: string, { t, field }: PlanWords): string {
  const parts = [...path.matchAll(/([^.[\]]+)(?:\[(\d+)\])?/g)].map(([, name = '', index]) => ({ name, index }));
  const steps = parts.filter(({ name, index }) => index !== undefined && stepLists.has(name)).map(({ index }) => Number(index) + 1);
  const agent = parts[0]?.name === 'agents' ? parts[1]?.name : undefined;
  const owner = agent !== undefined ? t('Agent {0}', agent) : steps.length > 0 ? t('Step {0}', steps.join('.')) : '';
  const last = parts.at(-1);
  const isOwner =
    last === undefined || (agent !== undefined && parts.length === 2) || (last.index !== undefined && stepLists.has(last.name));
  return [owner, isOwner ? '' : field(last.name)].filter((text) => text !== '').join(' · ');
}
