/** The changes agents wrote for one problem: prompt, answer, and what the tests and the user said of it. */

import { rewardOf, rewardWeights } from '../../learning/index.ts';
import { generationName } from '../identity.ts';
import type { CallRecord, CandidateRecord, VerdictRecord } from '../record-schema.ts';
import { answerOf, trainingMessages } from './messages.ts';
import { sourceOf } from './teams.ts';
import type { Sample, TrainingMessage } from './types.ts';

export interface JudgedAnswer {
  readonly from: Sample['from'];
  readonly role: string;
  /** Prompts are the same when this is. */
  readonly key: string;
  readonly prompt: readonly TrainingMessage[];
  /** One message, or the whole work of an agent with tools. */
  readonly answer: readonly TrainingMessage[];
  /** 0 to 1; a reply that gave no change scores 0. */
  readonly score: number;
  readonly right: boolean;
  /** Who said so. */
  readonly source: 'user' | 'tests';
}

/** Answers that somebody judged, in the order they were given. */
export function judgedAnswers(record: VerdictRecord): JudgedAnswer[] {
  const from = sourceOf(record);
  const generation = generationName(record.generations);
  const judged = (place: string | undefined, verdict: Pick<JudgedAnswer, 'score' | 'right' | 'source'>): JudgedAnswer[] => {
    const call = record.calls.findLast((one) => one.call === place && one.reply !== undefined);
    if (call?.reply === undefined || call.messages.length === 0) return [];
    const all = trainingMessages(call.messages);
    const prompt = all.slice(0, openingLength(call, record.calls));
    const answer = [...all.slice(prompt.length), answerOf(call.reply)];
    return [{ from, role: call.role, key: `${generation}\0${JSON.stringify(prompt)}`, prompt, answer, ...verdict }];
  };
  const made = record.candidates.flatMap((candidate) => {
    const verdict = verdictOn(candidate, record);
    return verdict ? judged(candidate.call, verdict) : [];
  });
  const refused = record.refused
    .filter(({ sameAs }) => sameAs === undefined)
    .flatMap(({ call }) => judged(call, { score: 0, right: false, source: 'tests' }));
  return [...made, ...refused];
}

/** The user's word stands above the tests: a green change that was refused is no good example. Undefined when nobody judged it. */
function verdictOn(candidate: CandidateRecord, record: VerdictRecord): Pick<JudgedAnswer, 'score' | 'right' | 'source'> | undefined {
  const final = candidate.id === (record.verdict?.candidate ?? record.result?.candidate);
  const accepted = final ? record.reward.accepted : undefined;
  if (accepted === undefined) {
    return candidate.score === undefined ? undefined : { score: candidate.score, right: candidate.right, source: 'tests' };
  }
  const performance = candidate.score ?? accepted;
  return {
    score: rewardOf({ performance, accepted }) / (1 + rewardWeights.accepted),
    right: accepted > 0.5 && (candidate.score === undefined || candidate.right),
    source: 'user',
  };
}

/**
 * Where the agent's own work begins. An agent with tools goes on from call to call of one piece of work; its question is that of the first.
 */
function openingLength(call: CallRecord, calls: readonly CallRecord[]): number {
  const base = call.call.replace(/\/\d+$/, '');
  const first = calls.find(
    (other) =>
      other.call === `${base}/1` &&
      other.agent === call.agent &&
      other.messages.length < call.messages.length &&
      JSON.stringify(call.messages.slice(0, other.messages.length)) === JSON.stringify(other.messages),
  );
  return first?.messages.length ?? call.messages.length;
}
