/** `@teamwright` in the chat, where there is one: the same request, the same review. Nothing of the flow happens in the chat itself. */
import type * as vscode from 'vscode';
import { chooseFolder } from '../folders.ts';
import { mayRun } from '../trust.ts';
import type { Requests } from './requests.ts';
import { type About, pathIn } from './target.ts';

/** Id of the participant in the manifest. */
const participant = 'teamwright.team';

export function registerChat(api: typeof vscode, requests: () => Promise<Requests>, failed: (error: unknown) => void): vscode.Disposable[] {
  // An editor built without chat has no such function.
  if (typeof api.chat?.createChatParticipant !== 'function') return [];
  return [
    api.chat.createChatParticipant(participant, async (request, _context, stream) => {
      try {
        await answer(api, await requests(), request, stream);
      } catch (error) {
        stream.markdown(api.l10n.t('The run could not be started: {0}', error instanceof Error ? error.message : String(error)));
        failed(error);
      }
    }),
  ];
}

/** Starts the run and points to its review. */
export async function answer(
  api: typeof vscode,
  requests: Requests,
  request: Pick<vscode.ChatRequest, 'prompt' | 'references'>,
  stream: Pick<vscode.ChatResponseStream, 'markdown' | 'button'>,
): Promise<void> {
  const { l10n } = api;
  if (request.prompt.trim() === '') {
    stream.markdown(l10n.t('Say what should change, for example: make the failing test pass.'));
    return;
  }
  if (!mayRun(api, participant)) {
    stream.markdown(l10n.t('This folder is in Restricted Mode, so Teamwright starts nothing in it. Past runs can be read.'));
    return;
  }
  const attachments = request.references.flatMap(({ value }) => attachmentOf(api, value) ?? []);
  const folder = await chooseFolder(api, attachments[0]?.uri);
  if (folder === undefined) {
    stream.markdown(l10n.t('Teamwright works on a folder, and none is open.'));
    return;
  }
  const handle = await requests.start({ folder, about: aboutAttachments(api, folder, attachments) }, request.prompt);
  if (handle === undefined) {
    stream.markdown(l10n.t('Nothing was started.'));
    return;
  }
  stream.markdown(l10n.t('A team is being designed for this request. You see the plan and its price before anything runs.'));
  stream.button({ command: 'teamwright.openRun', title: l10n.t('Review Plan'), arguments: [handle.runId] });
}

interface Attachment {
  readonly uri: vscode.Uri;
  readonly range?: vscode.Range;
}

/** A file or a part of one that the user attached; anything else says nothing about the workspace. */
function attachmentOf(api: Pick<typeof vscode, 'Uri' | 'Location'>, value: unknown): Attachment | undefined {
  if (value instanceof api.Uri) return { uri: value };
  return value instanceof api.Location ? { uri: value.uri, range: value.range } : undefined;
}

function aboutAttachments(
  api: Pick<typeof vscode, 'workspace'>,
  folder: vscode.WorkspaceFolder,
  attachments: readonly Attachment[],
): About {
  const inside = attachments.filter(({ uri }) => api.workspace.getWorkspaceFolder(uri) === folder);
  const marked = inside.find(({ range }) => range !== undefined);
  return {
    files: [...new Set(inside.map(({ uri }) => pathIn(folder, uri)))],
    ...(marked?.range && {
      selection: { path: pathIn(folder, marked.uri), startLine: marked.range.start.line + 1, endLine: marked.range.end.line + 1 },
    }),
  };
}
