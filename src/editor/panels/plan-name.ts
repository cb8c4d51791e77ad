/** What a team is called, and why it is proposed, once it was edited: words about another team must not stand above it. Pure. */
import type { Plan } from '../../plan/index.ts';
import type { PlanEdit } from '../../webviews/plan-types.ts';
import type { Localise } from './words.ts';

interface Renaming {
  /** The team that the edits began with. */
  readonly edited: Plan;
  readonly edit: PlanEdit;
  readonly l10n: Localise;
}

/** With words of its own as long as it is another team, with the old ones when it is the old team again. What the user wrote there stays. */
export function renamedTeam(plan: Plan, { edited, edit, l10n }: Renaming): Plan {
  if (edit.kind === 'set' && (edit.place[0] === 'name' || edit.place[0] === 'reason')) return plan;
  const name = editedName(edited.name);
  const reason = l10n.t('Changed by you, from the team “{0}”.', edited.name);
  const isOld = teamIn(plan) === teamIn(edited);
  return {
    ...plan,
    name: [edited.name, name].includes(plan.name) ? (isOld ? edited.name : name) : plan.name,
    reason: [edited.reason, reason].includes(plan.reason) ? (isOld ? edited.reason : reason) : plan.reason,
  };
}

/** All but words and limits. What is half typed counts as it is. */
const teamIn = (plan: Plan): string => JSON.stringify({ ...plan, name: '', reason: '', budget: {} });

const mark = '-edited';
/** Of a name in the plan language. */
const longestName = 40;

/** An edited team that is edited again keeps its name. */
const editedName = (name: string): string => (name.endsWith(mark) ? name : `${name.slice(0, longestName - mark.length)}${mark}`);
