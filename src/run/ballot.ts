/**
 * A vote, first to be ahead by k (MAKER, arXiv 2511.09030; the figures are in `plan/voting.ts`). A reply that is too long or not exactly in the form
 * asked for is discarded and asked for anew: it is never mended, and never votes. Side by side are as many replies as are needed at least until one
 * answer can be ahead, so none is bought for nothing; they count in the order of the plan, so a replay decides the same.
 */
import { throwIfStopped } from '../errors.ts';
import { accuracyOf, canVote, goalOf, leadNeeded, type VoteRules } from '../plan/index.ts';
import type { VoteFlag } from '../trace/events.ts';
import { allEnded } from './all-ended.ts';
import type { Answer } from './ask.ts';
import type { StepContext } from './context.ts';
import { isFatal } from './failures.ts';

/** Chance in a reply that is asked for again; MAKER takes 0.1. */
export const mostVoteTemperature = 0.3;

/** What a reply says: `key` is the same for what counts as the same answer. */
export interface Said<Value> {
  readonly key: string;
  /** As people see it. */
  readonly shown: string;
  readonly value: Value;
}

export type Cast<Value> = Said<Value> | { readonly flag: VoteFlag };

export interface Tally<Value> extends Said<Value> {
  readonly votes: number;
  /** Which reply said it first, from 1. */
  readonly first: number;
}

export interface Held<Value> {
  readonly ended: 'agreed' | 'undecided' | 'refused';
  readonly accuracy: number;
  readonly measured: boolean;
  /** k; undefined where the vote was refused. */
  readonly lead: number | undefined;
  /** Most votes first; equal ones as they came. */
  readonly answers: readonly Tally<Value>[];
  readonly replies: number;
  readonly flagged: number;
}

/** `draw` gives the nth reply, from 1; several are drawn side by side. What it throws ends the vote. */
export async function holdVote<Value>(
  rules: Pick<VoteRules, 'samples' | 'accuracy' | 'calibrate' | 'target' | 'chain'>,
  draw: (n: number) => Promise<Cast<Value>>,
): Promise<Held<Value>> {
  const tallies = new Map<string, Tally<Value>>();
  let replies = 0;
  let flagged = 0;
  const ranked = (): Tally<Value>[] => [...tallies.values()].sort((a, b) => b.votes - a.votes || a.first - b.first);
  const drawMore = async (wanted: number): Promise<void> => {
    const batch = Array.from({ length: Math.min(wanted, rules.samples - replies) }, (_, index) => replies + index + 1);
    replies += batch.length;
    const cast = batch.map(draw);
    await allEnded(cast);
    for (const [index, one] of (await Promise.all(cast)).entries()) {
      if ('flag' in one) flagged += 1;
      else {
        const known = tallies.get(one.key);
        tallies.set(one.key, known ? { ...known, votes: known.votes + 1 } : { ...one, votes: 1, first: batch[index] ?? 0 });
      }
    }
  };
  const clean = (): number => replies - flagged;

  let goal = goalOf(rules);
  const measured = rules.calibrate > 0;
  if (measured) {
    while (clean() < rules.calibrate && replies < rules.samples) await drawMore(rules.calibrate - clean());
    goal = { ...goal, accuracy: accuracyOf(ranked()[0]?.votes ?? 0, clean()) };
  }
  const end = (ended: Held<Value>['ended'], lead?: number): Held<Value> => ({
    ...{ ended, accuracy: goal.accuracy, measured, lead },
    ...{ answers: ranked(), replies, flagged },
  });
  if (!canVote(goal.accuracy)) return end('refused');
  const lead = leadNeeded(goal);
  for (;;) {
    const [first, second] = ranked();
    const ahead = (first?.votes ?? 0) - (second?.votes ?? 0);
    if (ahead >= lead) return end('agreed', lead);
    if (replies >= rules.samples) return end('undecided', lead);
    await drawMore(lead - ahead);
  }
}

/** A vote of a step: replies by their places (`place/1`, `place/2` …), each of them and the end on record. Throws when not one call was answered. */
export async function voteInRun<Value>(
  rules: VoteRules,
  place: string,
  reply: (call: string) => Promise<Cast<Value>>,
  context: StepContext,
  signal: AbortSignal,
): Promise<Held<Value>> {
  const { trace } = context.ports;
  const failures: unknown[] = [];
  let fatal: unknown;
  const draw = async (n: number): Promise<Cast<Value>> => {
    const call = `${place}/${n}`;
    const one = await context.sideBySide(async (): Promise<Cast<Value>> => {
      throwIfStopped(signal);
      if (fatal !== undefined) throw fatal;
      try {
        return await reply(call);
      } catch (error) {
        if (isFatal(error)) {
          fatal ??= error;
          throw error;
        }
        failures.push(error);
        return { flag: 'failed' };
      }
    });
    trace.emit({ type: 'vote.cast', step: rules.id, call, ...('flag' in one ? { flag: one.flag } : { answer: one.shown }) });
    return one;
  };
  const held = await holdVote(rules, draw);
  trace.emit({
    type: 'vote.held',
    step: rules.id,
    path: place,
    ...{ ended: held.ended, accuracy: held.accuracy, measured: held.measured, lead: held.lead, flagged: held.flagged },
    answers: held.answers.map(({ shown, votes }) => ({ answer: shown, votes })),
  });
  if (failures.length === held.replies) throw failures[0];
  if (held.flagged === held.replies) context.troubles.note(rules.id, 'format');
  return held;
}

/** Longer than allowed: it would have gone on, or it did. */
export const isTooLong = ({ finish, usage }: Answer, longest: number): boolean =>
  finish === 'length' || (!usage.estimated && usage.outputTokens > longest);
