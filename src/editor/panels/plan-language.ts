/**
 * Plans as text in the editor: completion, hover and problems for `*.team.yaml` files and for the plan under review. Registered at activation,
 * so what knows the language is read when the first such text is open.
 */
import type * as vscode from 'vscode';
import type { Problem } from '../../plan/index.ts';
import { planScheme, planSelector } from './plan-scheme.ts';

/** Milliseconds without a key before the text is judged. */
const rest = 250;

/** `failed` hears what should never happen. */
export function registerPlanLanguage(api: typeof vscode, failed: (error: unknown) => void): vscode.Disposable {
  const collection = api.languages.createDiagnosticCollection('teamwright-plan');
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const isPlan = ({ uri, languageId }: vscode.TextDocument): boolean =>
    uri.scheme === planScheme || (languageId === 'yaml' && /\.team\.ya?ml$/.test(uri.path));

  const judge = async (document: vscode.TextDocument): Promise<void> => {
    timers.delete(document.uri.toString());
    const { planTextProblems } = await import('./plan-text-problems.ts');
    if (document.isClosed || !isPlan(document)) return;
    collection.set(
      document.uri,
      planTextProblems(document.getText(), api.l10n).map((problem) => diagnostic(problem, document)),
    );
  };
  const judgeSoon = (document: vscode.TextDocument): void => {
    if (!isPlan(document)) return;
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(() => void judge(document).catch(failed), rest),
    );
  };
  const diagnostic = ({ line = 1, column = 1, message, severity, code }: Problem, document: vscode.TextDocument): vscode.Diagnostic => {
    const start = new api.Position(Math.max(0, line - 1), Math.max(0, column - 1));
    const end =
      /^[^\s,\]}]+/.exec(document.lineAt(Math.min(start.line, document.lineCount - 1)).text.slice(start.character))?.[0].length ?? 1;
    const range = new api.Range(start, new api.Position(start.line, start.character + end));
    const level = severity === 'error' ? api.DiagnosticSeverity.Error : api.DiagnosticSeverity.Warning;
    const found = new api.Diagnostic(range, message, level);
    found.source = 'Teamwright';
    found.code = code;
    return found;
  };

  const completion: vscode.CompletionItemProvider = {
    provideCompletionItems: async (document, { line, character }) => {
      const { completionsAt } = await import('./plan-help.ts');
      return completionsAt(document.getText(), line, character).map(({ label, insert, kind, detail, documentation }) => {
        const item = new api.CompletionItem(label, kind === 'key' ? api.CompletionItemKind.Property : api.CompletionItemKind.EnumMember);
        item.insertText = insert;
        item.detail = detail;
        item.documentation = documentation;
        return item;
      });
    },
  };
  const hover: vscode.HoverProvider = {
    provideHover: async (document, { line, character }) => {
      const { hoverAt } = await import('./plan-help.ts');
      const text = hoverAt(document.getText(), line, character);
      return text === undefined ? undefined : new api.Hover(new api.MarkdownString(text));
    },
  };

  for (const document of api.workspace.textDocuments) judgeSoon(document);
  const disposables = [
    collection,
    api.languages.registerCompletionItemProvider([...planSelector], completion, ':', ' ', '[', ',', '{'),
    api.languages.registerHoverProvider([...planSelector], hover),
    api.workspace.onDidOpenTextDocument(judgeSoon),
    api.workspace.onDidChangeTextDocument(({ document }) => judgeSoon(document)),
    api.workspace.onDidCloseTextDocument(({ uri }) => {
      clearTimeout(timers.get(uri.toString()));
      timers.delete(uri.toString());
      collection.delete(uri);
    }),
  ];
  return new api.Disposable(() => {
    for (const timer of timers.values()) clearTimeout(timer);
    for (const each of disposables) each.dispose();
  });
}
