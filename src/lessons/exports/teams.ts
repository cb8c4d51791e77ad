/** The teams that were tried on one problem, and how each fared over all its executions. */

import { type RewardTerms, rewardOf } from '../../learning/index.ts';
import { generationName } from '../identity.ts';
import type { PlanRecord, VerdictRecord } from '../record-schema.ts';
import { designQuestion, teamText } from './messages.ts';
import type { ProblemRecords, Sample, TrainingMessage } from './types.ts';

export interface TriedTeam {
  /** The designer's answer: JSON of the team. */
  readonly answer: string;
  /** Thoughts of the model that designed it; empty when it came otherwise. */
  readonly reasoning: string;
  readonly origin: PlanRecord['origin'];
  /** The first run that executed it. */
  readonly from: Sample['from'];
  /** Rewards of its executions, by today's weights. */
  readonly rewards: readonly number[];
  readonly solved: boolean;
}

/** One plan the user preferred to another. */
export interface UserChoice {
  readonly from: Sample['from'];
  readonly preferred: string;
  readonly other: string;
}

export interface TriedTeams {
  readonly question: readonly TrainingMessage[];
  readonly teams: readonly TriedTeam[];
  /** Answers of the designer that were no valid plan. */
  readonly invalid: readonly { readonly answer: string; readonly from: Sample['from'] }[];
  readonly choices: readonly UserChoice[];
  /** Rounds of design over all runs. */
  readonly rounds: number;
}

/** The mean of a team's rewards. */
export const meanReward = ({ rewards }: Pick<TriedTeam, 'rewards'>): number =>
  rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);

/** The one that fared best of those that solved the problem. */
export const bestOf = (teams: readonly TriedTeam[]): TriedTeam | undefined =>
  teams.filter(({ solved }) => solved).sort((a, b) => meanReward(b) - meanReward(a))[0];

/** A score between 0 and 1, as ScoreFlow wants it (`systems.md` 9): the reward, cut off at both ends. */
export const scoreOf = (reward: number): number => Math.min(1, Math.max(0, reward));

/** By generation, because replies of different generations are not compared. Runs whose briefing is lost are left out. */
export async function triedTeams(records: ProblemRecords): Promise<readonly TriedTeams[]> {
  const generations = new Map<string, Gathering>();
  for await (const record of records) {
    const question = designQuestion(record);
    if (question === undefined) continue;
    const name = generationName(record.generations);
    const gathering = generations.get(name) ?? { question, teams: new Map(), invalid: [], choices: [], rounds: 0 };
    generations.set(name, gathering);
    gather(record, gathering);
  }
  return [...generations.values()].map((gathering) => ({ ...gathering, teams: [...gathering.teams.values()] }));
}

interface Gathering {
  readonly question: readonly TrainingMessage[];
  readonly teams: Map<string, TriedTeam>;
  readonly invalid: { answer: string; from: Sample['from'] }[];
  readonly choices: UserChoice[];
  rounds: number;
}

function gather(record: VerdictRecord, into: Gathering): void {
  const from = sourceOf(record);
  into.rounds += record.design.length;
  for (const { valid, reply, failure } of record.design) {
    // An answer to a failure had another question.
    if (!valid && reply !== undefined && reply.trim() !== '' && failure === undefined) into.invalid.push({ answer: reply, from });
  }
  const executed = record.plans.filter(({ outcome }) => outcome !== undefined);
  for (const plan of record.plans) {
    const answer = teamText(plan.text);
    if (answer === undefined) continue;
    const reward = rewardOfPlan(plan, record, plan === executed.at(-1));
    if (reward === undefined) continue;
    const known = into.teams.get(answer);
    into.teams.set(answer, {
      answer,
      reasoning: known?.reasoning || (record.design.findLast(({ plan: hash, valid }) => valid && hash === plan.hash)?.reasoning ?? ''),
      origin: known?.origin ?? plan.origin,
      from: known?.from ?? from,
      rewards: [...(known?.rewards ?? []), reward],
      solved: (known?.solved ?? false) || isGood(plan, record),
    });
  }
  into.choices.push(...choicesIn(record, from));
}

export const sourceOf = ({ runId, workspace, problem, generations }: VerdictRecord): Sample['from'] => ({
  runId,
  workspace,
  problem,
  generations,
});

/** The user's word is about the run's last plan. Undefined for a plan that was not executed, or that nothing and nobody judged. */
function rewardOfPlan({ outcome }: PlanRecord, record: VerdictRecord, last: boolean): number | undefined {
  if (outcome === undefined) return undefined;
  const accepted = last ? record.reward.accepted : undefined;
  if (outcome.score === undefined && accepted === undefined && record.result?.outcome !== 'answered') return undefined;
  const performance = outcome.score ?? (record.result?.outcome === 'answered' ? 1 : accepted);
  const terms: RewardTerms = { ...outcome.terms, performance, accepted };
  return rewardOf(terms);
}

/** It solved the request; or nothing could judge it and the user kept what came of it, or did not object to an answer. */
function isGood({ outcome }: PlanRecord, record: VerdictRecord): boolean {
  if (record.reward.accepted === 0) return false;
  if (outcome?.solved) return true;
  if (outcome?.score !== undefined) return false;
  return record.result?.outcome === 'answered' || (record.reward.accepted ?? 0) > 0;
}

/** What the user approved in place of what they changed or sent back in the same round. */
function choicesIn(record: VerdictRecord, from: Sample['from']): UserChoice[] {
  return record.plans.flatMap((plan) => {
    if (plan.approval !== 'approved') return [];
    const preferred = teamText(plan.text);
    return record.plans
      .filter((other) => other.round === plan.round && other.hash !== plan.hash && other.approval !== 'approved')
      .flatMap((other) => {
        const answer = teamText(other.text);
        return preferred === undefined || answer === undefined || answer === preferred ? [] : [{ from, preferred, other: answer }];
      });
  });
}
