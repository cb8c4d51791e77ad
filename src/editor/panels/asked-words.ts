/** Why a plan is asked about although the user lets cheap ones run, in the user's language. */
import type { WhyAsked } from '../../run/types.ts';
import type { Localise } from './words.ts';

export function askedWords(why: WhyAsked, { t }: Localise): string {
  const reasons: Readonly<Record<WhyAsked, string>> = {
    'failed-before': t('a plan has failed before it'),
    'sent-back': t('a plan was sent back before it'),
    team: t('it has several agents'),
    'price-unknown': t('the price of a model is not known'),
    cost: t('the run may cost more than you allow'),
    'no-fence': t('its tests run as you, in no fence'),
    unreadable: t('a file that the request names cannot be read'),
    'no-tests': t('no test can judge the change'),
    'tests-cut-short': t('the tests did not end by themselves before the change'),
    wanted: t('tests reached for something that the fence keeps from them'),
    warnings: t('the plan has warnings'),
  };
  return t('You let cheap plans run unasked. This one asks first: {0}.', reasons[why]);
}
