/**
 * What the state of a run, or of one candidate, is called, and how it looks: the one list that tree, tabs, pages, status item, dashboard and
 * command line read. Only what tests vouch for, and nothing took back, looks good. Pure.
 */
import type { Say } from '../text/index.ts';
import type { RunStatus } from './reduce.ts';
import type { RunListing } from './runs.ts';
import type { StandingApply } from './standing.ts';
import type { CandidateState, RunState } from './state.ts';
import type { RunSummary } from './summary.ts';
import { judged, seenOf, testedIn } from './tested.ts';

/** What the colour says; each screen has a colour of its theme for each, and never the colour alone. */
export const tones = ['good', 'bad', 'caution', 'busy', 'quiet'] as const;
export type Tone = (typeof tones)[number];

/** Names as in VS Code's icon font; the pages draw the same ones. */
export const badgeIcons = [
  'sync',
  'debug-pause',
  'bell-dot',
  'debug-disconnect',
  'debug-continue',
  'debug-stop',
  'pass',
  'pass-filled',
  'question',
  'error',
  'beaker-stop',
  'comment',
  'dash',
  'credit-card',
  'report',
  'circle-slash',
  'thumbsdown',
  'reply',
  'warning',
  'bug',
  'diff',
  'diff-added',
  'diff-modified',
  'diff-removed',
  'git-merge',
  'pinned',
  'pinned-dirty',
  'discard',
  'circle-outline',
  'history',
] as const;
export type BadgeIcon = (typeof badgeIcons)[number];

interface Look {
  readonly icon: BadgeIcon;
  readonly tone: Tone;
  /** In a few words, in small letters. */
  readonly word: (t: Say) => string;
}

const looks = {
  running: { icon: 'sync', tone: 'busy', word: (t) => t('running') },
  paused: { icon: 'debug-pause', tone: 'busy', word: (t) => t('paused') },
  waiting: { icon: 'bell-dot', tone: 'caution', word: (t) => t('plan waits for your review') },
  interrupted: { icon: 'debug-disconnect', tone: 'caution', word: (t) => t('interrupted') },
  resumed: { icon: 'debug-continue', tone: 'quiet', word: (t) => t('resumed as another run') },
  stopped: { icon: 'debug-stop', tone: 'caution', word: (t) => t('stopped') },
  solved: { icon: 'pass', tone: 'good', word: (t) => t('tests pass') },
  unproven: { icon: 'question', tone: 'caution', word: (t) => t('not shown by any test') },
  'tests-fail': { icon: 'error', tone: 'bad', word: (t) => t('tests still fail') },
  'no-change': { icon: 'dash', tone: 'bad', word: (t) => t('no change came of it') },
  'no-tests': { icon: 'beaker-stop', tone: 'caution', word: (t) => t('no test could judge it') },
  answered: { icon: 'comment', tone: 'good', word: (t) => t('answered') },
  budget: { icon: 'credit-card', tone: 'bad', word: (t) => t('the budget ran out') },
  failed: { icon: 'report', tone: 'bad', word: (t) => t('failed') },
  'kept-red': { icon: 'pinned-dirty', tone: 'bad', word: (t) => t('best try kept, tests still fail') },
  'kept-unproven': { icon: 'pinned', tone: 'caution', word: (t) => t('best try kept, not shown by any test') },
  declined: { icon: 'circle-slash', tone: 'quiet', word: (t) => t('plan declined') },
  rejected: { icon: 'thumbsdown', tone: 'quiet', word: (t) => t('rejected') },
  'sent-back': { icon: 'reply', tone: 'quiet', word: (t) => t('sent back') },
  applied: { icon: 'pass-filled', tone: 'good', word: (t) => t('applied') },
  'applied-unproven': { icon: 'warning', tone: 'caution', word: (t) => t('applied, not shown by any test') },
  'applied-red': { icon: 'bug', tone: 'bad', word: (t) => t('applied, tests fail') },
  'applied-in-part': { icon: 'diff', tone: 'caution', word: (t) => t('applied in part, not tested like this') },
  'part-solved': { icon: 'diff-added', tone: 'good', word: (t) => t('applied in part, tests pass') },
  'part-unproven': { icon: 'diff-modified', tone: 'caution', word: (t) => t('applied in part, not shown by any test') },
  'part-red': { icon: 'diff-removed', tone: 'bad', word: (t) => t('applied in part, tests fail') },
  'applied-to-merge': { icon: 'git-merge', tone: 'caution', word: (t) => t('applied, conflicts to merge') },
  undone: { icon: 'discard', tone: 'quiet', word: (t) => t('taken back') },
  'not-tested': { icon: 'circle-outline', tone: 'caution', word: (t) => t('not tested') },
  stale: { icon: 'history', tone: 'caution', word: (t) => t('changed since it was tested') },
} as const satisfies Readonly<Record<string, Look>>;

export type BadgeKind = keyof typeof looks;
/** What only a candidate can be called, not a run. */
export type RunBadgeKind = Exclude<BadgeKind, 'not-tested' | 'stale'>;

export interface Badge<Kind extends BadgeKind = BadgeKind> extends Look {
  readonly kind: Kind;
}

export const badge = <Kind extends BadgeKind>(kind: Kind): Badge<Kind> => ({ kind, ...looks[kind] });

/** What decides: how far the run is, how it ended, what the user said of it, and whether its change stands. */
export interface BadgeFacts extends Pick<RunSummary, 'outcome' | 'candidate' | 'made' | 'standing' | 'tested' | 'verdict' | 'resumedAs'> {
  readonly status: RunStatus;
  readonly paused?: boolean;
}

function runBadge(facts: BadgeFacts): Badge<RunBadgeKind> {
  return badge(runKind(facts));
}

/** As a list of runs has it. */
export const listingBadge = ({ status, summary }: Pick<RunListing, 'status' | 'summary'>, paused = false): Badge<RunBadgeKind> =>
  runBadge({ ...summary, status, paused });

function runKind(facts: BadgeFacts): RunBadgeKind {
  const { status, paused = false, outcome, candidate, made, standing, verdict, resumedAs } = facts;
  if (standing.kind === 'undone') return 'undone';
  if (standing.apply !== undefined) return appliedKind(facts, standing.apply);
  if (resumedAs !== undefined && (outcome === undefined || outcome === 'stopped' || outcome === 'failed')) return 'resumed';
  if (verdict === 'rejected' || verdict === 'sent-back') return verdict;
  if (outcome === 'tests-fail' && !made) return 'no-change';
  if (outcome === 'declined' && candidate !== undefined) return keptKind(facts);
  if (outcome !== undefined) return outcome;
  if (status === 'waiting-for-review') return 'waiting';
  if (status === 'running') return paused ? 'paused' : 'running';
  return 'interrupted';
}

/** What stands, as its tests say: they ran on the whole of a candidate, or on just the part that was applied. */
const asSeen = {
  whole: { solved: 'applied', unproven: 'applied-unproven', red: 'applied-red' },
  part: { solved: 'part-solved', unproven: 'part-unproven', red: 'part-red' },
} as const;

function appliedKind({ standing, outcome, candidate, tested }: BadgeFacts, apply: StandingApply): RunBadgeKind {
  if (apply.conflicts.length > 0) return 'applied-to-merge';
  const seen = seenOf(apply, tested);
  if (standing.kind === 'partly-applied') return seen === undefined ? 'applied-in-part' : asSeen.part[seen.state];
  const isChosen = apply.candidate === undefined || apply.candidate === candidate;
  if (isChosen && outcome === 'solved') return 'applied';
  if (isChosen && outcome === 'tests-fail') return 'applied-red';
  return seen === undefined ? 'applied-unproven' : asSeen.whole[seen.state];
}

/** The user wanted no further plan, and keeps what the ones before it made. */
function keptKind({ candidate, tested }: BadgeFacts): RunBadgeKind {
  return tested.findLast((one) => one.candidate === candidate && !one.part)?.state === 'red' ? 'kept-red' : 'kept-unproven';
}

/** What a badge and the counts beside it are about. */
export type TestedFacts = BadgeFacts & Pick<RunSummary, 'before' | 'after'>;

/** From the fold; `ownerAlive` as for `status`. */
export const stateBadge = (state: RunState, status: RunStatus): Badge<RunBadgeKind> => runBadge(stateFacts(state, status));

/** Tests as they were before are known as soon as there is a briefing. */
export function stateFacts(state: RunState, status: RunStatus): TestedFacts {
  const { result, candidates, standing, verdict, paused, continuedAs, briefing } = state;
  return {
    status,
    paused,
    outcome: result?.outcome,
    candidate: result?.candidate,
    made: candidates.length > 0,
    standing,
    tested: testedIn(state),
    verdict: verdict?.decision,
    resumedAs: continuedAs.findLast(({ how }) => how === 'resume')?.as,
    before: result?.before ?? briefing?.baseline,
    after: result?.after,
  };
}

/**
 * The test counts that may be shown beside the badge: `after` only while it is a result about what the badge speaks of. What was taken back, what
 * holds conflicts, and a part or another candidate that nobody has tested, have none.
 */
export function testsBeside({ before, after, standing, candidate, tested }: TestedFacts): Pick<RunSummary, 'before' | 'after'> {
  if (standing.kind === 'none') return { before, after };
  const { apply } = standing;
  if (apply === undefined || apply.conflicts.length > 0) return { before };
  const isWhole = standing.kind === 'applied' && (apply.candidate === undefined || apply.candidate === candidate);
  return { before, after: isWhole ? after : seenOf(apply, tested)?.counts };
}

export type CandidateBadgeKind = 'solved' | 'unproven' | 'tests-fail' | 'no-tests' | 'not-tested' | 'stale';

/** What the tests say of one candidate, as it is now. */
export function candidateBadge(
  state: Pick<RunState, 'result' | 'briefing'>,
  { id, test }: Pick<CandidateState, 'id' | 'test'>,
): Badge<CandidateBadgeKind> {
  return badge(candidateKind(state, id, test));
}

function candidateKind(
  { result, briefing }: Pick<RunState, 'result' | 'briefing'>,
  id: string,
  test: CandidateState['test'],
): CandidateBadgeKind {
  if (test?.stale === true) return 'stale';
  const outcome = result?.candidate === id ? result.outcome : undefined;
  if (outcome === 'solved' || outcome === 'unproven' || outcome === 'tests-fail' || outcome === 'no-tests') return outcome;
  if (test === undefined) return briefing !== undefined && briefing.test === undefined ? 'no-tests' : 'not-tested';
  const state = judged(test);
  return state === 'red' ? 'tests-fail' : state;
}
