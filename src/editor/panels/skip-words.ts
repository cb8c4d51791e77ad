/** Why a step did nothing, in the user's language. The runtime puts an English reason on record (`skipped` of `step.done`); one that is not known here is shown as it stands. Pure. */
import { conditionFacts, conditions } from '../../plan/index.ts';
import { noTests } from '../../trace/events.ts';
import type { Localise } from './words.ts';

const conditionIn = (text: string) => conditions.find((condition) => condition === text);

export function skipWords(reason: string, l10n: Localise): string {
  const { t } = l10n;
  const known: Readonly<Record<string, string>> = {
    [noTests]: t('the workspace has no tests'),
    'not reached': t('the run ended before it'),
    'skipped by the user': t('you skipped it'),
    'nothing speaks against the best candidate': t('nothing speaks against the best candidate'),
    'every candidate is tested': t('every candidate is tested'),
    'there is no candidate to check': t('there is no candidate yet'),
    'there is no candidate to review': t('there is no candidate yet'),
    'there is no candidate to revise': t('there is no candidate yet'),
    'there is no candidate to merge': t('there is no candidate yet'),
    'there is no candidate to select from': t('there is no candidate yet'),
    'the reply held no tests': t('the reply held no tests'),
    'no test is red that could show a repair': t('no test is red that could show a repair'),
    'no file that the agent may change can be read as statements': t('no file that the agent may change can be read as statements'),
    'it is not clear which function or class is meant': t('it is not clear which function or class is meant'),
    'no two candidates are equally good by the tests': t('no two candidates are equally good by the tests'),
    'nothing in these changes can be run by itself: only functions at the top of files in JavaScript, TypeScript and Python can': t(
      'nothing in these changes can be run by itself: only functions at the top of files in JavaScript, TypeScript and Python can',
    ),
    'no line of the reply is a call with plain values': t('no line of the reply is a call with plain values'),
    'none of these inputs gives an answer that can be compared': t('none of these inputs gives an answer that can be compared'),
  };
  const whole = Object.hasOwn(known, reason) ? known[reason] : undefined;
  if (whole !== undefined) return whole;
  const [, word = '', rest = ''] = /^(\S+) (holds already|does not hold|was dropped)$/.exec(reason) ?? [];
  if (rest === 'was dropped') return t('{0} was dropped', word);
  const condition = conditionIn(word);
  if (condition === undefined) return reason;
  const said = conditionFacts[condition].label(t);
  return rest === 'holds already' ? t('not needed: {0}', said) : t('not the case: {0}', said);
}
