/** What changed from one plan to the next, in the words of the form. Pure. */
import { diffPlans, locateSteps, type Plan, stepKindOf } from '../../plan/index.ts';
import type { Say } from '../../text/index.ts';
import type { Localise } from './words.ts';

type Change = ReturnType<typeof diffPlans>['changes'][number];

/** A line for each thing that was added, removed, moved or changed; none exactly when the hashes are equal. */
export function changeWords(before: Plan, after: Plan, l10n: Localise): string[] {
  const kinds = new Map([...locateSteps(before), ...locateSteps(after)].map(({ step }) => [step.id, stepKindOf(step)]));
  const { t } = l10n;
  const labels = fieldLabels(l10n);
  const labelOf = ({ part, name }: Change, field: string): string => {
    const own = part === 'step' ? kinds.get(name)?.fields[field] : undefined;
    return own?.label(t) ?? labels[field] ?? field;
  };
  const said = (change: Change): string => {
    const part = partWords(change, l10n);
    if (change.kind === 'added') return t('Added: {0}', part);
    if (change.kind === 'removed') return t('Removed: {0}', part);
    if (change.kind === 'moved') return t('Moved: {0}', part);
    const fields = change.fields.map(({ field, before: was, after: is }) => {
      const label = labelOf(change, field);
      return field === 'reason' || field === 'instructions'
        ? t('{0} rewritten', label)
        : t('{0} was {1}, is {2}', label, value(was, l10n), value(is, l10n));
    });
    return t('Changed: {0} – {1}', part, fields.join('; '));
  };
  return diffPlans(before, after).changes.map(said);
}

function partWords({ part, name }: Change, { t }: Localise): string {
  const words = { agent: t('agent {0}', name), step: t('step {0}', name), budget: t('limits'), plan: t('plan') };
  return words[part];
}

/** What the form calls the fields of agents, budget and plan, by their names in a file. */
export const fieldLabels = ({ t }: { readonly t: Say }): Readonly<Record<string, string>> => ({
  name: t('Name'),
  id: t('Name'),
  difficulty: t('Difficulty'),
  reason: t('Why this team'),
  'finish.when': t('It is done when'),
  when: t('It is done when'),
  'finish.otherwise': t('If the tests still fail'),
  otherwise: t('If the tests still fail'),
  'abort.breaches': t('Breaches'),
  'abort.failures': t('Failures of one kind in a row'),
  'abort.tokens': t('Tokens without a gain'),
  role: t('Role'),
  instructions: t('Goal and instructions'),
  tier: t('Model'),
  output: t('Hands over'),
  tools: t('Tools'),
  write: t('May write'),
  commands: t('May run'),
  servers: t('Servers'),
  network: t('Network'),
  temperature: t('Temperature'),
  calls: t('Calls'),
  tokens: t('Tokens'),
  usd: t('Money (USD)'),
  seconds: t('Time (seconds)'),
  agents: t('Agents'),
  depth: t('Nesting'),
});

function value(of: unknown, { t }: Localise): string {
  const text = Array.isArray(of) ? of.join(', ') : of === undefined ? '' : typeof of === 'object' ? JSON.stringify(of) : String(of);
  return text === '' ? t('none') : text;
}
