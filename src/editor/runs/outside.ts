/** What a run takes from the editor: what its language servers find wrong. */
import path from 'node:path';
import type * as vscode from 'vscode';
import type { WorkspaceRun } from '../../run/types.ts';

type Ports = Pick<WorkspaceRun, 'diagnose'>;

/** `workspace`: absolute real path of the run's folder; `opened`: as the editor has it. */
export function outsideOf({ languages, DiagnosticSeverity }: typeof vscode, opened: string): Ports {
  const severities = new Map([
    [DiagnosticSeverity?.Error, 'error'],
    [DiagnosticSeverity?.Warning, 'warning'],
    [DiagnosticSeverity?.Information, 'information'],
    [DiagnosticSeverity?.Hint, 'hint'],
  ] as const);
  return {
    diagnose: async (paths) =>
      languages
        .getDiagnostics()
        .flatMap(([uri, found]) => {
          const file = uri.scheme === 'file' ? path.relative(opened, uri.fsPath).split(path.sep).join('/') : '..';
          if (/^\.\.(?:\/|$)/.test(file) || path.isAbsolute(file)) return [];
          if (paths.length > 0 && !paths.some((wanted) => file === wanted || file.startsWith(`${wanted.replace(/\/$/, '')}/`))) return [];
          return found.map(({ range, severity, message, source }) => ({
            path: file,
            line: range.start.line + 1,
            column: range.start.character + 1,
            severity: severities.get(severity) ?? ('information' as const),
            message,
            ...(source !== undefined && { source }),
          }));
        })
        .sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1)),
  };
}
