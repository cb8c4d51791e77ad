import { testConditions } from '../conditions.ts';
import { runs } from '../cost.ts';
import { judges } from '../step-answers.ts';
import { stepKind } from '../step-kind.ts';

export const test = stepKind({
  ...judges,
  do: 'test',
  label: (t) => t('test'),
  does: (t) => t("runs the project's tests on the candidates"),
  fields: {},
  idleWhenGreen: true,
  changes: [...testConditions, 'candidates-agree'],
  flow: (_step, { state }) => ({ ...state, unjudged: { least: 0, most: 0 }, untested: [] }),
  // Candidates that are judged already cost nothing. At least it is reached once, with those there are the first time.
  price: (_step, { here, facts }) =>
    runs({ least: here.first.unjudged.least, most: here.every.unjudged.most }, facts.testSeconds, facts.parallel),
  sketch: { says: 'run the tests' },
});
