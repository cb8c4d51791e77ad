/** The sentences in which teams made by hand say why they are proposed, in the user's language. Whatever else stands there, a model's words say, stays. */
import { english, type Say } from '../../text/index.ts';
import type { Localise } from './words.ts';

/** As `design/teams.ts`, `design/bodies-first.ts`, `design/one-place.ts`, `design/fallback.ts` and `design/alternatives.ts` have them in the plan, which is in English for every reader of a trace. */
const sentences = (t: Say): readonly string[] => [
  t('A team from the library: a test fails or something is broken.'),
  t('A team from the library: one function or one file.'),
  t('A team from the library: a feature over several files.'),
  t('A team from the library: more tests, no other change.'),
  t('A team from the library: the same behaviour in better shape.'),
  t('A team from the library: a question about the code; nothing is changed.'),
  t('One coder: most requests need one call and a test run.'),
  t('One coder, asked for one function where it is clear which one.'),
  t('What is not written yet is written function by function, then drafts of whole files, until the tests pass.'),
  t('More places written anew, one at a time, until the tests pass: of all work it costs least.'),
  t('The team for harder requests of this kind.'),
  t('With the strong model in every role.'),
  t('Once more, with more variety.'),
];

export function teamReason(reason: string, { t }: Localise): string {
  const own = sentences(t);
  const said = sentences(english).reduce((text, sentence, index) => text.replace(sentence, () => own[index] ?? sentence), reason);
  return said
    .replace(/(?<=^|\. )The (\S+) plan left ([\s\S]+?)\.(?= In place of |$)/, (_, name: string, left: string) =>
      t('The plan {0} left {1}.', name, left),
    )
    .replace(/(?<=^|\. )In place of (\S+), after the remark "([\s\S]*)"\.$/, (_, name: string, remark: string) =>
      t('In place of {0}, after the remark "{1}".', name, remark),
    );
}
