/** What the user did to a run, while it ran and afterwards, as lines of `runs show`. Pure. */
import { englishNumbers } from '../text/index.ts';
import type { RunState } from './state.ts';
import { judged, seenOf, type TestedTree, testedIn } from './tested.ts';
import { counts } from './words.ts';

const sentence: Readonly<Record<RunState['controls'][number]['action'], (control: RunState['controls'][number]) => string>> = {
  pause: () => 'paused',
  continue: () => 'went on',
  skip: ({ step }) => `skipped ${step ?? 'a step'}`,
  hint: ({ agent, text }) => `hint to ${agent ?? 'all agents'}: ${text ?? ''}`,
  'raise-budget': ({ budget }) =>
    `budget raised: ${Object.entries(budget ?? {})
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  point: ({ file, line }) => `pointed at ${file ?? ''}:${line ?? ''}`,
};

export function steered(state: RunState): string[] {
  return state.controls.map((control) => sentence[control.action](control));
}

/** The runs before and after it. */
export function continuations(state: RunState): string[] {
  const before = state.start?.continues;
  return [
    ...(before ? [`${before.how === 'resume' ? 'resumes' : 'follows up'} ${before.runId}`] : []),
    ...state.continuedAs.map(({ as, how }) => `${how === 'resume' ? 'resumed as' : 'followed up by'} ${as}`),
  ];
}

const verdictWords: Readonly<Record<NonNullable<RunState['verdict']>['decision'], string>> = {
  accepted: 'accepted',
  'partly-accepted': 'accepted in part',
  rejected: 'rejected',
  'sent-back': 'sent back with remarks',
};

const { percent } = englishNumbers;

/** What became of the change: hunks, applied or taken back, the user's verdict, how much of it is still there. */
export function afterwards(state: RunState): string[] {
  const lines: string[] = [];
  const hunks = hunksOf(state);
  if (hunks) lines.push(`Hunks      ${hunks}`);
  lines.push(...partLines(state), ...standingLine(state));
  const attempt = state.applied.at(-1);
  if (attempt !== undefined && attempt.applied.length === 0 && attempt.conflicts.length > 0) {
    lines.push(`Conflicts  nothing was written the last time: ${attempt.conflicts.join(', ')}`);
  }
  const undone = state.undone.at(-1);
  if (undone) {
    const conflicts = undone.conflicts.length > 0 ? `; not those changed since: ${undone.conflicts.join(', ')}` : '';
    lines.push(`Undone     ${undone.restored.length} file(s) as before${conflicts}`);
  }
  const { verdict } = state;
  if (verdict) lines.push(`Verdict    ${verdictWords[verdict.decision]}${verdict.reason === '' ? '' : `: ${verdict.reason}`}`);
  for (const { when, minutes, fourGram, noRevert } of state.survival) {
    const at = when === 'commit' ? 'at the next commit' : `after ${englishNumbers.span(minutes * 60_000)}`;
    lines.push(`Survival   ${percent(fourGram)} of the accepted text ${at}, ${percent(noRevert)} not turned back`);
  }
  return lines;
}

/** What the tests say of each accepted part that they ran on, the newest of each. */
function partLines({ partTests }: RunState): string[] {
  const newest = partTests.filter(({ tree }, index) => partTests.findLastIndex((other) => other.tree === tree) === index);
  return newest.map((test) => `Part       ${test.hunks.length} of ${test.of} hunks: ${counts(test.counts)}; ${stateWords[judged(test)]}`);
}

const stateWords: Readonly<Record<TestedTree['state'], string>> = {
  solved: 'the tests pass',
  unproven: 'the tests do not show that the request is done',
  red: 'tests fail',
};

function standingLine(state: RunState): string[] {
  const {
    standing: { kind, apply },
    result,
  } = state;
  if (apply !== undefined) {
    const conflicts = apply.conflicts.length > 0 ? `, ${apply.conflicts.length} in conflict` : '';
    const seen = seenOf(apply, testedIn(state));
    const tested = seen === undefined ? ', which was not tested like this' : `: ${stateWords[seen.state]}`;
    return [`Applied    ${apply.files.length} file(s)${kind === 'partly-applied' ? `, in part${tested}` : ''}${conflicts}`];
  }
  return kind === 'undone' || result?.patch === undefined ? [] : ['Applied    no: the workspace is unchanged'];
}

function hunksOf({ hunks, standing }: RunState): string | undefined {
  const written = standing.apply?.hunks;
  if (written) return `${written.accepted} of ${written.accepted + written.rejected} accepted`;
  const decided = hunks.filter(({ decision }) => decision !== 'open');
  if (decided.length === 0) return undefined;
  return `${decided.filter(({ decision }) => decision === 'accepted').length} of ${hunks.length} accepted so far`;
}
