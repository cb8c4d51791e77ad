/**
 * Distillation of designs (FlowReasoner, `systems.md` 1): what was asked → the reasoning and the team that did best on it. One row a problem and
 * generation: the best over all rounds and runs, never one that did not solve the request.
 */

import { thoughtful } from './messages.ts';
import { bestOf, meanReward, triedTeams } from './teams.ts';
import type { ExportFormat } from './types.ts';

export const designsSft: ExportFormat = {
  name: 'designs-sft',
  title: (t) => t('supervised designs: request and briefing → reasoning and the best team'),
  needs: 'a run whose plan solved the request',
  loading: 'Conversational language modelling (`messages`): `SFTTrainer` of TRL. Train on the last message only.',
  samples: async function* (records) {
    for (const { question, teams, rounds } of await triedTeams(records)) {
      const best = bestOf(teams);
      if (best === undefined) continue;
      yield {
        from: best.from,
        texts: { messages: [...question, { role: 'assistant', content: thoughtful(best.reasoning, best.answer) }] },
        facts: { origin: best.origin, score: meanReward(best) },
        counts: { rounds },
      };
    }
  },
};
