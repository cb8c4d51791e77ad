/** The words of a review in the user's language. */
import type * as vscode from 'vscode';
import { looksMadeForTests } from '../../feedback/types.ts';
import { requestTitle } from '../../request/index.ts';
import type { Badge, CandidateState, RunState } from '../../trace/index.ts';
import type { FileHunks, Hunk } from '../../workspace/hunk-types.ts';
import { tamperingWords } from '../panels/reason-words.ts';
import { capitalised } from '../words.ts';
import type { Review, Tally, Word } from './review.ts';

type L10n = Pick<typeof vscode.l10n, 't'>;

/** A candidate that its tests do not vouch for is called so. */
export function reviewTitle({ t }: L10n, { start }: RunState, runId: string, candidate: string, { tone, word }: Badge): string {
  const title = start === undefined ? runId : requestTitle(start.request, 50);
  return tone === 'good' ? t('Review {1}: {0}', title, candidate) : t('Review {1}, {2}: {0}', title, candidate, word(t));
}

/** Failing tests that a sentence names. */
const mostNamed = 3;

/** What speaks against the candidate as a whole, above what can be done with its parts; undefined where its tests vouch for it. */
export function doubtText({ t }: L10n, { badge: { tone, word }, failing }: Pick<Review, 'badge' | 'failing'>): string | undefined {
  if (tone === 'good') return undefined;
  const said = capitalised(word(t));
  if (failing.length === 0) return said;
  const named = failing.slice(0, mostNamed).join(', ');
  const more = failing.length - mostNamed;
  return more > 0 ? t('{0}: {1} and {2} more', said, named, more) : t('{0}: {1}', said, named);
}

/** What a hunk is, for lists and screen readers. */
export function hunkText({ t }: L10n, hunk: Hunk): string {
  const mode = hunk.executable ? t('may be executed from now on') : t('may no longer be executed');
  const { kind } = hunk;
  if (kind === 'mode') return mode;
  const text = kindText({ t }, kind, hunk);
  return hunk.executable === undefined ? text : `${text}, ${mode}`;
}

const unseenIcons = { renamed: 'diff-renamed', binary: 'file-binary', replaced: 'replace', mode: 'gear', lines: 'newline' } as const;

/** What is decided here, where the lines on screen do not tell it: a name, a file that is no text, the right to be executed, line ends. */
export function unseenText(l10n: L10n, hunk: Hunk): string | undefined {
  const { kind, executable } = hunk;
  if (kind === 'added' || kind === 'deleted') return executable === undefined ? undefined : `$(gear) ${capitalised(hunkText(l10n, hunk))}`;
  if (kind === 'lines' && !onlyLineEnds(hunk)) return undefined;
  return `$(${unseenIcons[kind]}) ${capitalised(hunkText(l10n, hunk))}`;
}

/** The lines are the same but for how they end, which a diff does not draw. */
const onlyLineEnds = ({ removed, added }: Hunk): boolean =>
  removed.length === added.length && removed.length > 0 && removed.every((line, index) => line === added[index]);

function kindText({ t }: L10n, kind: Exclude<Hunk['kind'], 'mode'>, hunk: Hunk): string {
  switch (kind) {
    case 'lines':
      return linesText({ t }, hunk);
    case 'added':
      return t('new file');
    case 'deleted':
      return t('file is deleted');
    case 'renamed':
      return t('renamed from {0}, decided as a whole', hunk.oldPath ?? '');
    case 'binary':
      return t('file that is no text, decided as a whole');
    case 'replaced':
      return t('becomes another kind of file');
  }
}

function linesText({ t }: L10n, hunk: Hunk): string {
  const { candidate, removed, added } = hunk;
  if (onlyLineEnds(hunk)) return t('only how the lines end changes, {0} to {1}', candidate.start + 1, candidate.end);
  if (added.length === 0) return t('{0} lines go after line {1}', removed.length, candidate.start);
  if (added.length === 1) return t('line {0}', candidate.start + 1);
  return t('lines {0} to {1}', candidate.start + 1, candidate.end);
}

export function wordText({ t }: L10n, { decision, reason }: Word): string {
  if (decision === 'open') return t('undecided');
  if (decision === 'accepted') return t('accepted');
  return reason === '' ? t('rejected') : t('rejected: {0}', reason);
}

export const tallyText = ({ t }: L10n, { accepted, rejected, open }: Tally): string =>
  t('{0} accepted, {1} rejected, {2} undecided', accepted, rejected, open);

export const fileText = (file: FileHunks): string => (file.oldPath === undefined ? file.path : `${file.oldPath} → ${file.path}`);

/** How a candidate did in the tests, in one line; tampering apart. */
export function testText({ t }: L10n, { test }: CandidateState): string {
  if (test === undefined) return t('not tested');
  const { passed, failed } = test.counts;
  const counts = t('{0} of {1} tests pass', passed, passed + failed);
  const { fixed, broken } = test.delta;
  const change = [fixed.length > 0 && t('{0} fixed', fixed.length), broken.length > 0 && t('{0} broken', broken.length)];
  return [counts, ...change, test.stale && t('result is stale')].filter(Boolean).join(' · ');
}

/** Empty when there is nothing to say. */
export function tamperingText({ t }: L10n, { test }: CandidateState): string {
  const found = test?.tampering ?? [];
  const exam = found.filter((one) => !looksMadeForTests(one));
  return [
    exam.length > 0 && t('The change touches its own tests: {0}', exam.map((one) => `${one.path} (${one.detail})`).join(', ')),
    ...found.filter(looksMadeForTests).map((one) => tamperingWords(one, { t })),
  ]
    .filter(Boolean)
    .join(' · ');
}
