/** From any of the places where a request can begin to a run with its review on screen. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { changedFiles } from '../../briefing/index.ts';
import { type Mention, mentionOf, parseRequest } from '../../request/index.ts';
import type { EditorHost, Models, RunBook, RunHandle } from '../flow-types.ts';
import { chooseFolder, folderAt } from '../folders.ts';
import { EditorFailure } from '../own-failures.ts';
import { savedOrLeft } from '../unsaved.ts';
import { askRequest, type SentWith } from './ask.ts';
import { type Added, addedBy, offersOf, partsOf, withMentions } from './context.ts';
import { type Handed, handedIn, refusedText, type Taken, takenFrom } from './handed.ts';
import { requestHistory } from './history.ts';
import { chooseImages, createPictures } from './pictures.ts';
import { startWithProgress } from './progress.ts';
import { closeRequest, type KeptRequest, keptRequest, requestLanguage, writeRequest } from './request-document.ts';
import {
  type About,
  aboutDiagnostic,
  aboutEditor,
  aboutFiles,
  aboutTest,
  aboutText,
  mostFiles,
  type Target,
  type TestLike,
} from './target.ts';
import { chooseModel, chooseTeam, modelText, teamText, type Way } from './way.ts';

export interface RequestPorts {
  readonly host: EditorHost;
  readonly runs: RunBook;
  readonly models: () => Promise<Models>;
  /** Shows a run that has begun. */
  readonly show: (handle: RunHandle) => Promise<void>;
}

/** A repository of the Source Control view. */
export type SourceControlLike = Pick<vscode.SourceControl, 'rootUri'>;

/** How a request is sent, besides its text and what it is about. */
export interface Sent {
  /** The run it follows. */
  readonly followUp?: string;
  readonly way?: Way;
}

export interface Requests {
  /** Asks for the text, then starts. */
  ask(target: Target, followUp?: RunHandle): Promise<void>;
  /** Undefined: files of the folder are not saved, and the user would rather not start like this. */
  start(target: Target, text: string, sent?: Sent): Promise<RunHandle | undefined>;
  newRequest(): Promise<void>;
  onEditor(): Promise<void>;
  /** What git says is changed in the folder. */
  onChanges(source: SourceControlLike | undefined): Promise<void>;
  onFiles(uri: vscode.Uri | undefined, uris: readonly vscode.Uri[] | undefined): Promise<void>;
  onDiagnostic(uri: vscode.Uri, diagnostic: vscode.Diagnostic): Promise<void>;
  /** A test, or one of its failure messages. */
  onTest(test: TestLike | { readonly test: TestLike }): Promise<void>;
  /** What was dropped on the view of runs: a new request on it. */
  onDropped(transfer: vscode.DataTransfer): Promise<void>;
  /**
   * The words that take along what is dropped on, or pasted into, the document of a longer request; undefined: it holds neither file nor picture.
   * What cannot be taken along is told.
   */
  wordsFor(document: vscode.Uri, transfer: vscode.DataTransfer): Promise<string | undefined>;
  /** What was attached in the chat, as a request on `folder` takes it along; `refused` says what it does not. */
  attached(folder: vscode.WorkspaceFolder, handed: readonly Handed[]): Promise<{ readonly about: About; readonly refused?: string }>;
  /** A longer request without the line before it. */
  write(): Promise<void>;
  send(uri: vscode.Uri | undefined): Promise<void>;
  followUp(handle: RunHandle): Promise<void>;
}

export function createRequests({ host, runs, models, show }: RequestPorts): Requests {
  const { vscode: api, context } = host;
  const history = requestHistory(context.globalState);
  const pictures = createPictures();

  const start = async ({ folder, about }: Target, text: string, { followUp, way }: Sent = {}): Promise<RunHandle | undefined> => {
    const before = api.window.activeTextEditor?.document;
    const meant = await withMentions(api, { folder, pictures }, about, text, new AbortController().signal);
    const request = parseRequest({ text: meant.text, ...meant.about, ...(followUp !== undefined && { followsRun: followUp }) });
    const imageTexts = pictures.textsOf(request.images);
    // As it was written: what its words stood for was of that moment.
    await history.add(parseRequest(text).text);
    const isInside = (file: string): boolean => file.startsWith(folder.uri.fsPath + path.sep);
    const goOn = await savedOrLeft(api, isInside, {
      detail: api.l10n.t('A run sees what is on the disk, and nothing of what is only typed.'),
      save: api.l10n.t('Save All and Start'),
      leave: api.l10n.t('Start without Saving'),
    });
    if (!goOn) return undefined;
    const handle = await startWithProgress(api, (signal) =>
      runs.start({
        request,
        imageTexts,
        workspace: folder.uri.fsPath,
        signal,
        ...way,
        ...(followUp !== undefined && { continues: { runId: followUp, how: 'follow-up' as const } }),
      }),
    );
    if (handle === undefined) return undefined;
    // Who has gone on to another file in the meantime is not called away from it: the view, the status item and the plan's notification tell.
    const now = api.window.activeTextEditor?.document;
    if (now === undefined || now === before || now.languageId === requestLanguage) await show(handle);
    return handle;
  };

  const ask = async (target: Target, followUp?: RunHandle): Promise<void> => {
    const { folder } = target;
    const title = followUp === undefined ? api.l10n.t('New request') : api.l10n.t('Follow-up request');
    const about = [severalFolders(api) && folder.name, aboutText(target.about)].filter(Boolean).join(' · ');
    let way: Way = {};
    let text = '';
    let on = target.about;
    for (;;) {
      const sentWith = (): SentWith[] => [
        ...partsOf(api, on).map((part) => ({
          name: '',
          icon: part.icon,
          text: part.text,
          remove: () => {
            on = part.changed;
          },
        })),
        ...offersOf(api, folder, on).map((part, index) => ({ name: `add ${index}`, icon: part.icon, text: part.text })),
        { name: 'picture', icon: 'add', text: api.l10n.t('Add a picture…') },
        { name: 'team', icon: 'organization', text: teamText(api, folder, way) },
        { name: 'model', icon: 'server', text: modelText(api, folder, way) },
      ];
      const added = (mention: Mention): Promise<Added> => addedBy(api, { folder, pictures }, mention, new AbortController().signal);
      const asked = await askRequest(api, history, { title, about, text, sentWith, added });
      if (asked === undefined) return;
      const sent: Sent = { way, ...(followUp !== undefined && { followUp: followUp.runId }) };
      if (asked.kind === 'text') return void (await start({ folder, about: on }, asked.text, sent));
      if (asked.kind === 'longer') return await write({ folder, about: on }, asked.text, sent);
      text = asked.text;
      if (asked.change.startsWith('add ')) on = offersOf(api, folder, on)[Number(asked.change.slice(4))]?.changed ?? on;
      else if (asked.change === 'picture') {
        try {
          on = pictures.added(on, await chooseImages(api));
        } catch (error) {
          // What was typed stays: the box opens again beside the message.
          void host.showFailure(error);
        }
      } else if (asked.change === 'team') {
        const { model } = way;
        const chosen = await chooseTeam(api, folder);
        if (chosen !== undefined) way = { ...chosen, ...(model !== undefined && { model }) };
      } else if (asked.change === 'model') {
        const { designer } = way;
        const chosen = await chooseModel(await models());
        if (chosen !== undefined) way = { ...chosen, ...(designer !== undefined && { designer }) };
      }
    }
  };

  const write = (target: Target, text: string, sent: Sent = {}): Promise<void> =>
    writeRequest(api, context.workspaceState, text, { folder: target.folder.uri.toString(), about: target.about, ...sent });

  const targetAt = async (
    uri: vscode.Uri | undefined,
    about: (folder: vscode.WorkspaceFolder) => About | Promise<About>,
  ): Promise<Target | undefined> => {
    const folder = await chooseFolder(api, uri);
    return folder && { folder, about: await about(folder) };
  };
  const askAt = async (uri: vscode.Uri | undefined, about: (folder: vscode.WorkspaceFolder) => About | Promise<About>): Promise<void> => {
    const target = await targetAt(uri, about);
    if (target !== undefined) await ask(target);
  };

  /** The folder of the first thing that lies in one. */
  const folderOf = (handed: readonly Handed[]): Promise<vscode.WorkspaceFolder | undefined> =>
    chooseFolder(api, handed.flatMap((one) => ('uri' in one && api.workspace.getWorkspaceFolder(one.uri) ? [one.uri] : []))[0]);
  const tellOfRest = (folder: vscode.WorkspaceFolder, { refused, failures }: Pick<Taken, 'refused' | 'failures'>): void => {
    for (const failure of failures) void host.showFailure(failure);
    if (refused.length > 0) void api.window.showWarningMessage(refusedText(api, folder, refused));
  };
  const keptFolder = (kept: KeptRequest | undefined): vscode.WorkspaceFolder | undefined =>
    kept && (api.workspace.workspaceFolders ?? []).find((each) => each.uri.toString() === kept.folder);

  return {
    ask,
    start,
    onDropped: async (transfer) => {
      const handed = await handedIn(api, transfer);
      const folder = await folderOf(handed);
      if (folder === undefined) return;
      if (handed.length === 0) {
        await api.window.showWarningMessage(
          api.l10n.t('Nothing of it is a file. A request takes files of the folder {0}, and pictures from anywhere.', folder.name),
        );
        return;
      }
      const taken = await takenFrom(api, folder, handed);
      tellOfRest(folder, taken);
      if (taken.files.length + taken.pictures.length > 0)
        await ask({ folder, about: pictures.added(taken.files.length === 0 ? {} : { files: [...taken.files] }, taken.pictures) });
    },
    wordsFor: async (document, transfer) => {
      const handed = await handedIn(api, transfer);
      if (handed.length === 0) return undefined;
      const folder = keptFolder(keptRequest(context.workspaceState, document)) ?? (await folderOf(handed));
      if (folder === undefined) return undefined;
      const taken = await takenFrom(api, folder, handed);
      tellOfRest(folder, taken);
      const words = [
        ...taken.places.map(({ kind, path: place }) => mentionOf(kind, place)),
        ...taken.pictures.map((picture) => mentionOf('picture', pictures.name(picture))),
      ];
      return words.map((word) => `${word} `).join('');
    },
    attached: async (folder, handed) => {
      const taken = await takenFrom(api, folder, handed);
      const [failure] = taken.failures;
      if (failure !== undefined) throw failure;
      return {
        about: pictures.added({ files: [...taken.files] }, taken.pictures),
        ...(taken.refused.length > 0 && { refused: refusedText(api, folder, taken.refused) }),
      };
    },
    newRequest: () => askAt(undefined, () => ({})),
    onEditor: async () => {
      const editor = api.window.activeTextEditor;
      await askAt(editor?.document.uri, (folder) => (editor === undefined ? {} : aboutEditor(folder, editor)));
    },
    onChanges: async (source) => {
      const folder = await chooseFolder(api, source?.rootUri);
      if (folder === undefined) return;
      const files = await changedFiles(folder.uri.fsPath, new AbortController().signal);
      if (files.length === 0) await api.window.showInformationMessage(api.l10n.t('git names no changed file in {0}.', folder.name));
      else {
        if (files.length > mostFiles)
          void api.window.showInformationMessage(api.l10n.t('The first {0} of {1} changed files go along.', mostFiles, files.length));
        await ask({ folder, about: { files: files.slice(0, mostFiles) } });
      }
    },
    onFiles: async (uri, uris) => {
      const all = uris !== undefined && uris.length > 0 ? uris : uri === undefined ? [] : [uri];
      await askAt(all[0], (folder) =>
        aboutFiles(
          api,
          folder,
          all.filter((each) => api.workspace.getWorkspaceFolder(each) === folder),
        ),
      );
    },
    onDiagnostic: async (uri, diagnostic) => {
      const target = await targetAt(uri, (folder) => aboutDiagnostic(folder, uri, diagnostic));
      if (target !== undefined) await start(target, `Fix this problem: ${diagnostic.message}`);
    },
    onTest: async (chosen) => {
      const test = 'test' in chosen ? chosen.test : chosen;
      const target = await targetAt(test.uri, (folder) => aboutTest(folder, test));
      if (target !== undefined) await start(target, `Make the failing test "${target.about.failingTest?.name ?? test.label}" pass.`);
    },
    write: async () => {
      const target = await targetAt(undefined, () => ({}));
      if (target !== undefined) await write(target, '');
    },
    send: async (uri) => {
      const document = documentAt(api, uri);
      if (document === undefined) return;
      const kept = keptRequest(context.workspaceState, document.uri);
      const chosen = keptFolder(kept) ?? (await chooseFolder(api));
      if (chosen === undefined) return;
      const handle = await start({ folder: chosen, about: kept?.about ?? {} }, document.getText(), kept);
      if (handle !== undefined) await closeRequest(api, context.workspaceState, document.uri);
    },
    followUp: async (handle) => {
      const { start: began } = handle.state();
      const folder = began && (await folderAt(api, began.workspace));
      if (folder === undefined) {
        throw new EditorFailure({
          message: api.l10n.t('The folder of this run, {0}, is not open in this window.', began?.workspace ?? ''),
          next: api.l10n.t('Open the folder and try again.'),
        });
      }
      await ask({ folder, about: {} }, handle);
    },
  };
}

const severalFolders = ({ workspace }: Pick<typeof vscode, 'workspace'>): boolean => (workspace.workspaceFolders?.length ?? 0) > 1;

function documentAt(api: Pick<typeof vscode, 'workspace' | 'window'>, uri: vscode.Uri | undefined): vscode.TextDocument | undefined {
  if (uri === undefined) return api.window.activeTextEditor?.document;
  return api.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
}
