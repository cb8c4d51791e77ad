/** How hunks stand, in the gutter, in the overview ruler and at the end of their first line. */
import type * as vscode from 'vscode';
import { decorate } from '../visible.ts';
import { hunkHover } from './lenses.ts';
import { linesOf, shownFile } from './places.ts';
import type { Decision, Review } from './review.ts';
import { wordText } from './words.ts';

type Api = Pick<
  typeof vscode,
  'window' | 'Uri' | 'Range' | 'ThemeColor' | 'OverviewRulerLane' | 'MarkdownString' | 'CodeLens' | 'EventEmitter' | 'l10n'
>;

/** Signs of 16 by 16, told apart by their shape as well as by colour. */
const signs: Readonly<Record<Decision, { readonly colour: string; readonly shape: string; readonly theme: string }>> = {
  accepted: { colour: '#2ea043', shape: '<path d="M3.5 8.5l3 3 6-7" fill="none" stroke-width="2"/>', theme: 'charts.green' },
  rejected: { colour: '#e5534b', shape: '<path d="M4 4l8 8M12 4l-8 8" fill="none" stroke-width="2"/>', theme: 'charts.red' },
  open: { colour: '#3794ff', shape: '<circle cx="8" cy="8" r="4" fill="none" stroke-width="2"/>', theme: 'charts.blue' },
};

const decisions = Object.keys(signs) as Decision[];

export interface Decorations extends vscode.Disposable {
  /** Draws what an editor shows of a review; nothing where it shows none. */
  draw(editor: vscode.TextEditor, review: Review | undefined): void;
}

export function createDecorations(api: Api): Decorations {
  const types = Object.fromEntries(decisions.map((decision) => [decision, typeOf(api, decision)])) as Record<
    Decision,
    vscode.TextEditorDecorationType
  >;
  return {
    draw: (editor, review) => {
      const { uri, lineCount } = editor.document;
      const shown = review && shownFile(review, uri);
      for (const decision of decisions) {
        const own =
          review && shown?.side === 'candidate' ? shown.file.hunks.filter((hunk) => review.wordOn(hunk).decision === decision) : [];
        const drawn = own.map((hunk): vscode.DecorationOptions => {
          const { first, last } = linesOf(hunk, 'candidate', lineCount);
          const label = decision === 'open' || review === undefined ? undefined : `  ${wordText(api.l10n, review.wordOn(hunk))}`;
          return {
            range: new api.Range(first, 0, last, 0),
            ...(review && { hoverMessage: hunkHover(api, review, hunk) }),
            ...(label !== undefined && first === last && { renderOptions: { after: { contentText: label } } }),
          };
        });
        decorate(editor, types[decision], drawn);
      }
    },
    dispose: () => {
      for (const decision of decisions) types[decision].dispose();
    },
  };
}

function typeOf({ window, Uri, ThemeColor, OverviewRulerLane }: Api, decision: Decision): vscode.TextEditorDecorationType {
  const { colour, shape, theme } = signs[decision];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16" stroke="${colour}">${shape}</svg>`;
  return window.createTextEditorDecorationType({
    isWholeLine: true,
    gutterIconPath: Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`),
    gutterIconSize: 'contain',
    overviewRulerColor: new ThemeColor(theme),
    overviewRulerLane: OverviewRulerLane.Left,
    after: { color: new ThemeColor('editorCodeLens.foreground') },
    ...(decision === 'rejected' && { opacity: '0.6' }),
  });
}
