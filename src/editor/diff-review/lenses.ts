/** What can be done with a hunk, above it in the document: as CodeLens, and in the hover of its lines for those who turn CodeLens off. */
import type * as vscode from 'vscode';
import type { FileHunks, Hunk } from '../../workspace/hunk-types.ts';
import { capitalised } from '../words.ts';
import { lineOf, shownFile } from './places.ts';
import type { Review, Word } from './review.ts';
import { doubtText, hunkText, unseenText, wordText } from './words.ts';

/** What a lens or link hands to its command. */
export interface HunkAddress {
  readonly runId: string;
  readonly candidate: string;
  readonly hunk?: string;
  /** For commands on a whole file. */
  readonly path?: string;
}

interface Action {
  readonly title: string;
  readonly command: string;
  readonly tooltip?: string;
}

type Api = Pick<typeof vscode, 'CodeLens' | 'Range' | 'EventEmitter' | 'l10n' | 'MarkdownString' | 'Uri'>;

/** What can be said about a hunk as it stands: the other words, and taking the word back. */
export function hunkActions({ l10n }: Pick<Api, 'l10n'>, word: Word): Action[] {
  const accept = { title: `$(check) ${l10n.t('Accept')}`, command: 'teamwright.diff.accept' };
  const reject = { title: `$(close) ${l10n.t('Reject')}`, command: 'teamwright.diff.reject' };
  const withReason = { title: l10n.t('Reject with Reason…'), command: 'teamwright.diff.rejectWithReason' };
  const reopen = (icon: string): Action => ({
    title: `$(${icon}) ${capitalised(wordText(l10n, word))}`,
    command: 'teamwright.diff.reopen',
    tooltip: l10n.t('Take this decision back'),
  });
  if (word.decision === 'accepted') return [reopen('pass-filled'), reject, withReason];
  if (word.decision === 'rejected') return [reopen('circle-slash'), accept, withReason];
  return [accept, reject, withReason];
}

export interface LensSource {
  readonly onDidChange: vscode.Event<Review>;
  reviewOf(uri: vscode.Uri): Review | undefined;
}

export function createLenses(api: Api, source: LensSource): vscode.CodeLensProvider & vscode.Disposable {
  const changed = new api.EventEmitter<void>();
  const subscription = source.onDidChange(() => changed.fire());
  return {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => {
      const review = source.reviewOf(document.uri);
      const shown = review && shownFile(review, document.uri);
      if (review === undefined || shown === undefined || shown.side !== 'candidate') return [];
      const { file } = shown;
      const doubt = doubtText(api.l10n, review);
      const lenses = file.hunks.flatMap((hunk, index) => {
        const line = lineOf(hunk, 'candidate', document.lineCount);
        const actions = hunkActions(api, review.wordOn(hunk)).map((action) => lens(api, line, action, addressOf(review, hunk)));
        const unseen = unseenText(api.l10n, hunk);
        return [
          ...(doubt === undefined || index > 0 ? [] : [doubtLens(api, line, review, doubt)]),
          ...(unseen === undefined ? [] : [sentenceLens(api, line, unseen)]),
          ...actions,
        ];
      });
      return file.hunks.length > 1 ? [...lenses, ...fileLenses(api, review, file)] : lenses;
    },
    dispose: () => {
      subscription.dispose();
      changed.dispose();
    },
  };
}

const addressOf = ({ runId, candidate }: Review, hunk: Hunk): HunkAddress => ({ runId, candidate, hunk: hunk.id });

function lens({ CodeLens, Range }: Api, line: number, action: Action, address: HunkAddress): vscode.CodeLens {
  return new CodeLens(new Range(line, 0, line, 0), { ...action, arguments: [address] });
}

/** Nothing to press. */
const sentenceLens = ({ CodeLens, Range }: Api, line: number, title: string): vscode.CodeLens =>
  new CodeLens(new Range(line, 0, line, 0), { title, command: '' });

/** Said above the first hunk of each file; leads to what the tests said. */
function doubtLens({ CodeLens, Range, l10n }: Api, line: number, { runId, badge }: Review, doubt: string): vscode.CodeLens {
  const title = `$(${badge.icon}) ${doubt}`;
  const tooltip = l10n.t('Show the run and what its tests said');
  return new CodeLens(new Range(line, 0, line, 0), { title, tooltip, command: 'teamwright.openRun', arguments: [runId] });
}

function fileLenses(api: Api, review: Review, file: FileHunks): vscode.CodeLens[] {
  const { runId, candidate } = review;
  const address = { runId, candidate, path: file.path };
  return [
    { title: `$(check-all) ${api.l10n.t('Accept File')}`, command: 'teamwright.diff.acceptFile' },
    { title: `$(close-all) ${api.l10n.t('Reject File')}`, command: 'teamwright.diff.rejectFile' },
  ].map((action) => lens(api, 0, action, address));
}

/** The same in a hover, where the links may run nothing but these commands. */
export function hunkHover(api: Api, review: Review, hunk: Hunk): vscode.MarkdownString {
  const word = review.wordOn(hunk);
  const hover = new api.MarkdownString('');
  const actions = hunkActions(api, word);
  hover.isTrusted = { enabledCommands: actions.map(({ command }) => command) };
  hover.supportThemeIcons = true;
  const doubt = doubtText(api.l10n, review);
  if (doubt !== undefined) hover.appendMarkdown(`$(${review.badge.icon}) ${escaped(doubt)}\n\n`);
  hover.appendText(`${capitalised(hunkText(api.l10n, hunk))}: ${wordText(api.l10n, word)}`);
  const argument = encodeURIComponent(JSON.stringify([addressOf(review, hunk)]));
  hover.appendMarkdown(`\n\n${actions.map(({ title, command }) => `[${escaped(title)}](command:${command}?${argument})`).join(' · ')}`);
  return hover;
}

/** A reason is the user's text: it must not become markup. */
const escaped = (title: string): string => title.replaceAll(/[\\`*_{}[\]<>#!|]/g, '\\$&').replace(/\s+/g, ' ');
