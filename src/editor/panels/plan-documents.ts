/**
 * The plan under review as a text document, in step with its form. The text lives in memory under `teamwright-plan:/RUN/NAME.team.yaml`; what
 * is typed takes effect while it is a plan, saved or not. A change in the form writes the text anew (comments in it are lost).
 */
import type * as vscode from 'vscode';
import { type Plan, parsePlan, planHash, printPlan } from '../../plan/index.ts';
import type { EditorHost } from '../flow-types.ts';
import { planScheme } from './plan-scheme.ts';
import type { PlanSession } from './plan-session.ts';

/** Milliseconds without a key before the text is read. */
const rest = 200;

export interface PlanDocuments extends vscode.Disposable {
  /** From now on the session's text is the document of its run. */
  follow(session: PlanSession): void;
  forget(session: PlanSession): void;
  /** Takes in what was typed just now, so that the session is what stands on screen. */
  settle(session: PlanSession): void;
  /** Of the plan as it stands in the review of the run, with what was typed just now. */
  hashOf(runId: string): string | undefined;
  show(session: PlanSession): Promise<void>;
  /** A plan that cannot be edited any more. */
  showRecorded(plan: Plan): Promise<void>;
}

interface Followed {
  readonly session: PlanSession;
  readonly uri: vscode.Uri;
  text: string;
  changedAt: number;
  readonly subscription: { dispose(): void };
  timer?: ReturnType<typeof setTimeout>;
}

export function createPlanDocuments(host: EditorHost): PlanDocuments {
  const api = host.vscode;
  const followed = new Map<string, Followed>();
  const filesChanged = new api.EventEmitter<vscode.FileChangeEvent[]>();
  const at = (uri: vscode.Uri): Followed => {
    const entry = followed.get(uri.path);
    if (!entry) throw api.FileSystemError.FileNotFound(uri);
    return entry;
  };
  const refuse = (uri: vscode.Uri): never => {
    throw api.FileSystemError.NoPermissions(uri);
  };

  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: filesChanged.event,
    watch: () => new api.Disposable(() => undefined),
    stat: (uri) => {
      const { text, changedAt } = at(uri);
      return { type: api.FileType.File, ctime: 0, mtime: changedAt, size: Buffer.byteLength(text) };
    },
    readFile: (uri) => new TextEncoder().encode(at(uri).text),
    writeFile: (uri, content) => {
      const entry = at(uri);
      entry.text = new TextDecoder().decode(content);
      entry.changedAt += 1;
      takeText(entry, entry.text);
    },
    readDirectory: refuse,
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  };

  const openDocument = ({ uri }: Followed): vscode.TextDocument | undefined =>
    api.workspace.textDocuments.find((document) => document.uri.scheme === planScheme && document.uri.path === uri.path);

  /** Text → plan. */
  const takeText = (entry: Followed, text: string): void => {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    const { session } = entry;
    const parsed = parsePlan(text, { format: 'yaml' });
    if (!parsed.plan) session.setBrokenText(parsed.problems);
    else if (planHash(parsed.plan) !== session.hash || session.brokenText !== undefined) session.change(parsed.plan, 'text');
  };

  /** Plan → text, when it is another plan than the text says. */
  const writeText = async (entry: Followed): Promise<void> => {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    const text = printPlan(entry.session.valid);
    const document = openDocument(entry);
    const now = document?.getText() ?? entry.text;
    const parsed = parsePlan(now, { format: 'yaml' });
    if (parsed.plan && planHash(parsed.plan) === entry.session.hash) return;
    entry.text = text;
    entry.changedAt += 1;
    if (!document) {
      filesChanged.fire([{ type: api.FileChangeType.Changed, uri: entry.uri }]);
      return;
    }
    const edit = new api.WorkspaceEdit();
    edit.replace(document.uri, new api.Range(document.positionAt(0), document.positionAt(now.length)), text);
    await api.workspace.applyEdit(edit);
    await document.save();
  };

  const disposables = [
    api.workspace.registerFileSystemProvider(planScheme, provider, { isCaseSensitive: true }),
    api.workspace.onDidChangeTextDocument(({ document }) => {
      const entry = document.uri.scheme === planScheme ? followed.get(document.uri.path) : undefined;
      if (!entry) return;
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => takeText(entry, document.getText()), rest);
    }),
    filesChanged,
  ];

  const end = (entry: Followed): void => {
    clearTimeout(entry.timer);
    entry.subscription.dispose();
    followed.delete(entry.uri.path);
    filesChanged.fire([{ type: api.FileChangeType.Deleted, uri: entry.uri }]);
  };

  const show = async (uri: vscode.Uri): Promise<void> => {
    const document = await api.workspace.openTextDocument(uri);
    const yaml = document.languageId === 'yaml' ? document : await api.languages.setTextDocumentLanguage(document, 'yaml');
    await api.window.showTextDocument(yaml, { viewColumn: api.ViewColumn.Beside, preview: false });
  };

  return {
    hashOf(runId) {
      const entry = [...followed.values()].find(({ session }) => session.runId === runId);
      if (entry?.timer !== undefined) takeText(entry, openDocument(entry)?.getText() ?? entry.text);
      return entry?.session.hash;
    },
    follow(session) {
      // The newest review of a run owns its document.
      const former = [...followed.values()].find((entry) => entry.session.runId === session.runId);
      if (former?.session === session) return;
      if (former) {
        clearTimeout(former.timer);
        former.subscription.dispose();
      }
      // A tab that shows the one before it goes on with this one.
      const uri = former?.uri ?? api.Uri.from({ scheme: planScheme, path: `/${session.runId}/${session.proposal.plan.name}.team.yaml` });
      const entry: Followed = {
        session,
        uri,
        text: former?.text ?? printPlan(session.valid),
        changedAt: former?.changedAt ?? 1,
        subscription: session.onDidChange((origin) => {
          if (origin !== 'text') void writeText(entry).catch(host.showFailure);
        }),
      };
      followed.set(uri.path, entry);
      if (former) void writeText(entry).catch(host.showFailure);
    },
    forget(session) {
      for (const entry of [...followed.values()]) if (entry.session === session) end(entry);
    },
    settle(session) {
      for (const entry of followed.values()) {
        if (entry.session === session && entry.timer !== undefined) takeText(entry, openDocument(entry)?.getText() ?? entry.text);
      }
    },
    async show(session) {
      const entry = [...followed.values()].find((one) => one.session === session);
      if (entry) await show(entry.uri);
      else await this.showRecorded(session.valid);
    },
    async showRecorded(plan) {
      const document = await api.workspace.openTextDocument({ language: 'yaml', content: printPlan(plan) });
      await api.window.showTextDocument(document, { viewColumn: api.ViewColumn.Beside, preview: true });
    },
    dispose() {
      for (const entry of [...followed.values()]) end(entry);
      for (const each of disposables) each.dispose();
    },
  };
}
