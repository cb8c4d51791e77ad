/** Which lessons of earlier runs are shown in a new one, and which have shown that they do not help. Pure. */

import { estimateTokens } from '../../models/index.ts';
import { englishNumbers } from '../../text/index.ts';
import type { Recalled } from '../../trace/events.ts';
import type { Episode } from './episode.ts';
import { alike, type FailingState, inBoth, overlap } from './state.ts';

/** From here on two states, and two requests, count as similar. A state without a name in common is never. */
const similarFrom = { overlap: 0.65, directive: 0.2 };
/** Lessons at most, and tokens of all of them: prompts of small models are short. */
const most = { lessons: 3, tokens: 300 };
/** Of the model's window they take no more than this. */
const largestShare = 0.05;
/** MetaClaw (arXiv 2603.17187): what went wrong is worth telling where fewer than this share of runs succeed. */
const warnBelow = 0.4;
/** Runs that were shown a lesson before it is judged. */
const enoughShown = 4;

/** What the user said of the lesson of a run. */
export type Word = { readonly text: string } | { readonly deleted: true };
export type Words = Readonly<Record<string, Word>>;

export interface Question {
  readonly workspace: string;
  readonly state: FailingState;
  readonly directive: string;
  /** Of the model, tokens; undefined: nobody knows. */
  readonly window?: number;
}

interface Match {
  readonly episode: Episode;
  readonly overlap: number;
  readonly similarity: number;
}

function matching(
  episodes: readonly Episode[],
  { workspace, state, directive }: Pick<Question, 'workspace' | 'state' | 'directive'>,
): Match[] {
  return episodes
    .filter((episode) => episode.workspace === workspace)
    .map((episode) => ({ episode, overlap: overlap(state, episode.state), similarity: alike(directive, episode.directive) }))
    .filter((match) => match.overlap >= similarFrom.overlap && match.similarity >= similarFrom.directive)
    .toSorted((a, b) => b.overlap * b.similarity - a.overlap * a.similarity || b.episode.startedAt - a.episode.startedAt);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Success per call: a lesson helps by more successes, or by fewer calls. */
const yieldOf = ({ solved, calls }: Episode): number => (solved ? 1 / Math.max(1, calls) : 0);

export interface Effect {
  readonly shown: number;
  readonly solved: number;
  /** Calls on average. */
  readonly calls?: number;
  /** The same of similar runs that were not shown it; among them the one it is of. */
  readonly without: { readonly runs: number; readonly solved: number; readonly calls: number };
  /** Runs that were shown it do not do better than those without. */
  readonly dropped: boolean;
}

export function effectOf(episodes: readonly Episode[], of: Episode): Effect {
  const shown = episodes.filter(({ shown }) => shown.includes(of.runId));
  const without = matching(episodes, of)
    .map(({ episode }) => episode)
    .filter((episode) => !shown.includes(episode));
  const tally = (some: readonly Episode[]) => ({
    solved: some.filter(({ solved }) => solved).length,
    calls: mean(some.map(({ calls }) => calls)),
  });
  return {
    shown: shown.length,
    solved: tally(shown).solved,
    ...(shown.length > 0 && { calls: tally(shown).calls }),
    without: { runs: without.length, ...tally(without) },
    dropped: shown.length >= enoughShown && mean(shown.map(yieldOf)) <= mean(without.map(yieldOf)),
  };
}

/** The lesson of an episode as it is shown: by the user's own words where there are some. Undefined: there is none, or the user deleted it. */
export function lessonText({ runId, lesson }: Episode, words: Words): string | undefined {
  const word = words[runId];
  if (word === undefined) return lesson?.text;
  return 'text' in word ? word.text : undefined;
}

export function recall(episodes: readonly Episode[], words: Words, question: Question): readonly Recalled[] {
  const matches = matching(episodes, question);
  const share = mean(matches.map(({ episode }) => (episode.solved ? 1 : 0)));
  const recalled: Recalled[] = [];
  let left = Math.min(most.tokens, Math.floor(largestShare * (question.window ?? Number.POSITIVE_INFINITY)));
  for (const { episode, ...match } of matches) {
    const { lesson, runId: id, solved, calls } = episode;
    const text = lessonText(episode, words);
    if (lesson === undefined || text === undefined || recalled.some((other) => other.text === text)) continue;
    if (lesson.kind === 'warning' && share >= warnBelow) continue;
    const tokens = estimateTokens(text);
    if (tokens > left || effectOf(episodes, episode).dropped) continue;
    left -= tokens;
    recalled.push({
      ...{ id, text, tokens, solved, calls, ...match },
      kind: lesson.kind,
      role: lesson.role,
      because: because(question, episode, match),
    });
    if (recalled.length === most.lessons) break;
  }
  return recalled;
}

const { percent } = englishNumbers;
const namesTold = 4;

/** In words, what made it be recalled. */
function because({ state }: Question, { state: then }: Episode, { overlap, similarity }: Omit<Match, 'episode'>): string[] {
  const errors = inBoth(state.errors, then.errors);
  const names = inBoth(state.names, then.names).slice(0, namesTold);
  return [
    ...(errors.length > 0 ? [`the same kind of failure (${errors.join(', ')})`] : []),
    ...(names.length > 0 ? [`names in common (${names.join(', ')})`] : []),
    `the state is ${percent(overlap)} alike, the request ${percent(similarity)}`,
  ];
}
