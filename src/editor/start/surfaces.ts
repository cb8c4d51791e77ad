/** Where a request can begin besides the palette: a problem's light bulb and the document of a longer request. Cheap to register. */
import type * as vscode from 'vscode';
import { requestLanguage } from './request-document.ts';
import type { Requests } from './requests.ts';

type Api = Pick<
  typeof vscode,
  | 'languages'
  | 'CodeAction'
  | 'CodeActionKind'
  | 'CodeLens'
  | 'Range'
  | 'DiagnosticSeverity'
  | 'DocumentDropEdit'
  | 'DocumentPasteEdit'
  | 'DocumentDropOrPasteEditKind'
  | 'l10n'
>;

/** What may hold files or pictures; `files` stands for any file, whatever its own type is. */
const mimeTypes = ['text/uri-list', 'files', 'image/*'];

export function registerRequestSurfaces(api: Api, requests: () => Promise<Requests>): vscode.Disposable[] {
  const longer = { language: requestLanguage };
  const kind = api.DocumentDropOrPasteEditKind.Empty.append('teamwright', 'takeAlong');
  const title = api.l10n.t('Take along with the request');
  const words = async (document: vscode.TextDocument, transfer: vscode.DataTransfer): Promise<string | undefined> =>
    (await requests()).wordsFor(document.uri, transfer);
  return [
    api.languages.registerCodeActionsProvider({ scheme: 'file' }, fixActions(api), {
      providedCodeActionKinds: [api.CodeActionKind.QuickFix],
    }),
    api.languages.registerCodeLensProvider(longer, sendLens(api)),
    api.languages.registerDocumentDropEditProvider(
      longer,
      {
        provideDocumentDropEdits: async (document, _position, transfer) => {
          const text = await words(document, transfer);
          return text === undefined ? undefined : new api.DocumentDropEdit(text, title, kind);
        },
      },
      { dropMimeTypes: mimeTypes, providedDropEditKinds: [kind] },
    ),
    api.languages.registerDocumentPasteEditProvider(
      longer,
      {
        provideDocumentPasteEdits: async (document, _ranges, transfer) => {
          const text = await words(document, transfer);
          return text === undefined ? [] : [new api.DocumentPasteEdit(text, title, kind)];
        },
      },
      { pasteMimeTypes: mimeTypes, providedPasteEditKinds: [kind] },
    ),
  ];
}

function fixActions({ CodeAction, CodeActionKind, DiagnosticSeverity, l10n }: Api): vscode.CodeActionProvider {
  return {
    provideCodeActions: (document, _range, { diagnostics }) =>
      diagnostics
        .filter(({ severity }) => severity === DiagnosticSeverity.Error || severity === DiagnosticSeverity.Warning)
        .map((diagnostic) => {
          const title = l10n.t('Fix with a Teamwright team');
          const action = new CodeAction(title, CodeActionKind.QuickFix);
          action.diagnostics = [diagnostic];
          action.command = { command: 'teamwright.fixDiagnostic', title, arguments: [document.uri, diagnostic] };
          return action;
        }),
  };
}

function sendLens({ CodeLens, Range, l10n }: Api): vscode.CodeLensProvider {
  return {
    provideCodeLenses: (document) => [
      new CodeLens(new Range(0, 0, 0, 0), {
        command: 'teamwright.sendRequest',
        title: l10n.t('$(play) Design a team for this request'),
        arguments: [document.uri],
      }),
    ],
  };
}
