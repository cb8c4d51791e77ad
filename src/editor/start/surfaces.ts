/** Where a request can begin besides the palette: a problem's light bulb and the document of a longer request. Cheap to register. */
import type * as vscode from 'vscode';
import { requestLanguage } from './request-document.ts';

type Api = Pick<typeof vscode, 'languages' | 'CodeAction' | 'CodeActionKind' | 'CodeLens' | 'Range' | 'DiagnosticSeverity' | 'l10n'>;

export function registerRequestSurfaces(api: Api): vscode.Disposable[] {
  return [
    api.languages.registerCodeActionsProvider({ scheme: 'file' }, fixActions(api), {
      providedCodeActionKinds: [api.CodeActionKind.QuickFix],
    }),
    api.languages.registerCodeLensProvider({ language: requestLanguage }, sendLens(api)),
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
