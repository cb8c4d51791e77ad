/** What `@teamwright` answers in the chat: a run that has begun, with what was attached, and the way to its review. */
import type * as vscode from 'vscode';
import { chooseFolder } from '../folders.ts';
import { mayRun } from '../trust.ts';
import type { Handed } from './handed.ts';
import type { Requests } from './requests.ts';
import { type About, pathIn } from './target.ts';

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
  if (!mayRun(api, 'teamwright.newRequest')) {
    stream.markdown(l10n.t('This folder is in Restricted Mode, so Teamwright starts nothing in it. Past runs can be read.'));
    return;
  }
  const attachments = request.references.flatMap(({ value }) => attachmentOf(api, value) ?? []);
  const inFolder = ({ handed }: Attachment): boolean => 'uri' in handed && api.workspace.getWorkspaceFolder(handed.uri) !== undefined;
  const first = attachments.find(inFolder)?.handed;
  const folder = await chooseFolder(api, first !== undefined && 'uri' in first ? first.uri : undefined);
  if (folder === undefined) {
    stream.markdown(l10n.t('Teamwright works on a folder, and none is open.'));
    return;
  }
  const { about, refused } = await requests.attached(
    folder,
    attachments.map(({ handed }) => handed),
  );
  if (refused !== undefined) stream.markdown(`${refused}\n\n`);
  const handle = await requests.start({ folder, about: { ...about, ...selectionIn(api, folder, attachments) } }, request.prompt);
  if (handle === undefined) {
    stream.markdown(l10n.t('Nothing was started.'));
    return;
  }
  stream.markdown(l10n.t('A team is being designed for this request. You see the plan and its price before anything runs.'));
  stream.button({ command: 'teamwright.openRun', title: l10n.t('Review Plan'), arguments: [handle.runId] });
}

interface Attachment {
  readonly handed: Handed;
  readonly range?: vscode.Range;
}

/**
 * A picture of the clipboard or of a screen, as VS Code hands it to a participant. Its stable types do not name this class
 * (`ChatReferenceBinaryData`), so it is known by its shape.
 */
interface PictureData {
  readonly mimeType: string;
  data(): Thenable<Uint8Array>;
  /** Where it lies, for one that is a file. */
  readonly reference?: unknown;
}

const isPictureData = (value: unknown): value is PictureData => {
  const { mimeType, data } = (value ?? {}) as Partial<PictureData>;
  return typeof mimeType === 'string' && mimeType.startsWith('image/') && typeof data === 'function';
};

/** A file, a part of one or a picture that the user attached; anything else says nothing about the workspace. */
function attachmentOf(api: Pick<typeof vscode, 'Uri' | 'Location'>, value: unknown): Attachment | undefined {
  if (value instanceof api.Uri) return { handed: { uri: value } };
  if (value instanceof api.Location) return { handed: { uri: value.uri }, range: value.range };
  if (!isPictureData(value)) return undefined;
  const { reference, mimeType } = value;
  if (reference instanceof api.Uri && reference.scheme === 'file') return { handed: { uri: reference } };
  return { handed: { name: `picture.${mimeType.slice('image/'.length)}`, bytes: () => value.data() } };
}

/** The first part of a file that was attached. */
function selectionIn(api: Pick<typeof vscode, 'workspace'>, folder: vscode.WorkspaceFolder, all: readonly Attachment[]): About {
  for (const { handed, range } of all) {
    if (range === undefined || !('uri' in handed) || api.workspace.getWorkspaceFolder(handed.uri) !== folder) continue;
    return { selection: { path: pathIn(folder, handed.uri), startLine: range.start.line + 1, endLine: range.end.line + 1 } };
  }
  return {};
}
