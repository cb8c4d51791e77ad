/** Good or not, one answer at a time (KTO): teams and changes, by the user's word where there is one, else by the tests. */
import { judgedAnswers } from './answers.ts';
import { triedTeams } from './teams.ts';
import type { ExportFormat, ProblemRecords } from './types.ts';

export const kto: ExportFormat = {
  name: 'kto',
  title: (t) => t('good or bad, one answer at a time: designs and changes (KTO)'),
  needs: 'a plan or a change that tests or you have judged',
  loading: 'Conversational unpaired preference (`prompt`, `completion`, `label`): `KTOTrainer` of TRL. Train on one `part`.',
  samples: async function* (records) {
    const changes: ReturnType<typeof judgedAnswers> = [];
    const teams = await triedTeams(
      (async function* (): ProblemRecords {
        for await (const record of records) {
          changes.push(...judgedAnswers(record));
          yield record;
        }
      })(),
    );
    for (const { question, teams: tried, invalid, choices } of teams) {
      const design = (answer: string) => ({ prompt: question, completion: [{ role: 'assistant', content: answer }] });
      const declined = new Set(choices.map(({ other }) => other));
      for (const { answer, from, solved } of tried) {
        if (declined.has(answer)) continue;
        yield { from, texts: design(answer), facts: { label: solved, part: 'design', source: 'tests' } };
      }
      for (const { answer, from } of invalid)
        yield { from, texts: design(answer), facts: { label: false, part: 'design', source: 'tests' } };
      for (const { other, from } of choices) yield { from, texts: design(other), facts: { label: false, part: 'design', source: 'user' } };
    }
    const told = new Set<string>();
    for (const { from, prompt, answer, right, source, key } of changes) {
      const once = `${key}\0${JSON.stringify(answer)}`;
      if (told.has(once)) continue;
      told.add(once);
      yield { from, texts: { prompt, completion: answer }, facts: { label: right, part: 'change', source } };
    }
  },
};
