/** Pairs of changes: two answers to the very same prompt, one of which the tests (or the user) found better. Weights as for plans. */
import { type JudgedAnswer, judgedAnswers } from './answers.ts';
import type { ExportFormat } from './types.ts';

const smallestGap = 0.02;
/** Pairs of one prompt; more would drown the other prompts. The widest gaps come first. */
const mostPairs = 16;

export const diffsDpo: ExportFormat = {
  name: 'diffs-dpo',
  title: (t) => t('preference pairs of changes, by tests and by what you kept'),
  needs: 'two answers to the same prompt, one better than the other: several samples of one step',
  loading: 'Conversational preference (`prompt`, `chosen`, `rejected`): `DPOTrainer` of TRL. Train a worker model on one `role`.',
  samples: async function* (records) {
    const prompts = new Map<string, Map<string, JudgedAnswer>>();
    for await (const record of records) {
      for (const answer of judgedAnswers(record)) {
        const answers = prompts.get(answer.key) ?? new Map<string, JudgedAnswer>();
        prompts.set(answer.key, answers);
        const text = JSON.stringify(answer.answer);
        const known = answers.get(text);
        if (known === undefined || (known.source === 'tests' && answer.source === 'user')) answers.set(text, answer);
      }
    }
    for (const answers of prompts.values()) {
      for (const [winner, loser] of pairsOf([...answers.values()])) {
        yield {
          from: winner.from,
          alsoFrom: [loser.from.workspace],
          texts: { prompt: winner.prompt, chosen: winner.answer, rejected: loser.answer },
          facts: {
            role: winner.role,
            score_chosen: winner.score,
            score_rejected: loser.score,
            weight: (winner.score - loser.score) ** 3,
            source: winner.source === 'user' || loser.source === 'user' ? 'user' : 'tests',
          },
        };
      }
    }
  },
};

function pairsOf(answers: readonly JudgedAnswer[]): (readonly [JudgedAnswer, JudgedAnswer])[] {
  const pairs = answers.flatMap((winner) =>
    answers.filter((loser) => winner.score - loser.score >= smallestGap).map((loser) => [winner, loser] as const),
  );
  return pairs.sort(([a, b], [c, d]) => c.score - d.score - (a.score - b.score)).slice(0, mostPairs);
}
