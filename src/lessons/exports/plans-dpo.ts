/**
 * Pairs of teams for the same question (ScoreFlow, `systems.md` 9): s is a team's mean reward over its executions between 0 and 1, a pair's weight
 * (s_w − s_l)³. An answer that was no plan scores 0. Where the user put one plan in place of another, theirs is a full half better.
 */
import { meanReward, scoreOf, triedTeams } from './teams.ts';
import type { ExportFormat, Sample, TrainingMessage } from './types.ts';

/** Gaps below this say more about the clock than about the plans. */
const smallestGap = 0.02;
const userGap = 0.5;

export const plansDpo: ExportFormat = {
  name: 'plans-dpo',
  title: (t) => t('preference pairs of plans, weighted by the gap of their scores (ScoreFlow)'),
  needs: 'two different teams for the same request on the same files, one better than the other, or a plan you changed or sent back',
  loading:
    'Conversational preference (`prompt`, `chosen`, `rejected`): `DPOTrainer` of TRL. `weight` is ScoreFlow’s (s_w − s_l)³ for sampling; Score-DPO scales the chosen reward by `score_chosen` and the rejected one by 1 − `score_rejected`.',
  samples: async function* (records) {
    for (const { question, teams, invalid, choices } of await triedTeams(records)) {
      const scored = teams
        .map((team) => ({ ...team, score: scoreOf(meanReward(team)) }))
        .sort((a, b) => b.score - a.score || (a.answer < b.answer ? -1 : 1));
      for (const [place, winner] of scored.entries()) {
        for (const loser of scored.slice(place + 1)) {
          if (winner.score - loser.score < smallestGap) continue;
          yield pair(question, winner, loser, winner.score, loser.score, 'tests');
        }
      }
      const [best] = scored;
      if (best !== undefined && best.score >= smallestGap) {
        for (const reply of invalid) yield pair(question, best, reply, best.score, 0, 'invalid');
      }
      for (const { from, preferred, other } of choices) {
        const score = scored.find(({ answer }) => answer === preferred)?.score ?? 1;
        const kept = Math.max(userGap, score);
        yield pair(question, { answer: preferred, from }, { answer: other, from }, kept, kept - userGap, 'user');
      }
    }
  },
};

interface Side {
  readonly answer: string;
  readonly from: Sample['from'];
}

function pair(
  prompt: readonly TrainingMessage[],
  winner: Side,
  loser: Side,
  scoreChosen: number,
  scoreRejected: number,
  source: 'tests' | 'invalid' | 'user',
): Sample {
  return {
    from: winner.from,
    alsoFrom: [loser.from.workspace],
    texts: { prompt, chosen: [{ role: 'assistant', content: winner.answer }], rejected: [{ role: 'assistant', content: loser.answer }] },
    facts: { score_chosen: scoreChosen, score_rejected: scoreRejected, weight: (scoreChosen - scoreRejected) ** 3, source },
  };
}
