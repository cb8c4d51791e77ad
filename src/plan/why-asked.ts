/** Why a plan is asked about although the user lets cheap ones run unasked; which reason holds is found by `run/approve-below.ts`. */
import type { Say } from '../text/index.ts';

export type WhyAsked =
  | 'failed-before'
  | 'sent-back'
  | 'team'
  | 'price-unknown'
  | 'cost'
  | 'network'
  | 'no-fence'
  | 'unreadable'
  | 'not-shown'
  | 'no-tests'
  | 'tests-cut-short'
  | 'wanted'
  | 'warnings';

/** The reason as a part of a sentence: `it has several agents`. */
export function whyAskedText(why: WhyAsked, t: Say): string {
  const reasons: Readonly<Record<WhyAsked, string>> = {
    'failed-before': t('a plan has failed before it'),
    'sent-back': t('a plan was sent back before it'),
    team: t('it has several agents'),
    'price-unknown': t('the price of a model is not known'),
    cost: t('the run may cost more than you allow'),
    network: t('an agent of it may use the network'),
    'no-fence': t('its tests run as you, in no fence'),
    unreadable: t('a file that the request names cannot be read'),
    'not-shown': t('a model is not shown the pictures of the request'),
    'no-tests': t('no test can judge the change'),
    'tests-cut-short': t('the tests did not end by themselves before the change'),
    wanted: t('tests reached for something that the fence keeps from them'),
    warnings: t('the plan has warnings'),
  };
  return reasons[why];
}
