/** What a request takes along besides its words: what it is asked on, what is offered, and what `#` words in it stand for. */
import type * as vscode from 'vscode';
import { changedFiles } from '../../briefing/index.ts';
import { imageUnusable } from '../../errors.ts';
import { type Mention, mentionsIn } from '../../request/index.ts';
import { mostImages, type RequestImage } from '../../request/types.ts';
import { named } from '../../text/index.ts';
import type { Pictures } from './pictures.ts';
import { type About, aboutEditor, aboutFiles, aboutText, mostFiles, pathIn } from './target.ts';

type Api = Pick<
  typeof vscode,
  'workspace' | 'window' | 'languages' | 'Uri' | 'FileType' | 'RelativePattern' | 'DiagnosticSeverity' | 'l10n'
>;

/** What one `#` word adds to the request. */
export interface Added {
  readonly files: readonly string[];
  readonly image?: RequestImage;
  /** Lines that go below the words of the request. */
  readonly lines: readonly string[];
  /** What is shown of it. */
  readonly said: string;
}

/** Where `#` words are looked up. */
export interface Around {
  readonly folder: vscode.WorkspaceFolder;
  readonly pictures: Pick<Pictures, 'byName'>;
}

/** Problems that a request takes along; a project under construction has thousands. */
const mostProblems = 20;

/** Files that have a row each. */
const mostRows = 5;

export async function addedBy(api: Api, { folder, pictures }: Around, mention: Mention, signal: AbortSignal): Promise<Added> {
  const { l10n } = api;
  const files = (all: readonly string[], nothing: string): Added => {
    const taken = all.slice(0, mostFiles);
    const said =
      taken.length === 0
        ? nothing
        : all.length > taken.length
          ? l10n.t('{0} of {1} files: {2}', taken.length, all.length, shown(taken))
          : shown(taken);
    return { files: taken, lines: [], said: `${mention.written} · ${said}` };
  };
  switch (mention.kind) {
    case 'file':
    case 'folder': {
      const uri = mention.path === undefined ? inFront(api, folder, mention.kind) : api.Uri.joinPath(folder.uri, mention.path);
      if (uri === undefined) return files([], l10n.t('no file of this folder is in front'));
      const found = api.workspace.getWorkspaceFolder(uri) === folder ? await filesAt(api, folder, uri) : [];
      return files(found, l10n.t('there is no such file here'));
    }
    case 'changes':
      return files(await changedFiles(folder.uri.fsPath, signal), l10n.t('git names no changed file'));
    case 'picture': {
      const image = pictures.byName(mention.path ?? '');
      const said =
        image === undefined ? l10n.t('this picture is not at hand any more') : l10n.t('{0} × {1} pixels', image.width, image.height);
      return { files: [], ...(image && { image }), lines: [], said: `${mention.written} · ${said}` };
    }
    case 'problems': {
      const all = problemsOf(api, folder);
      const taken = all.slice(0, mostProblems);
      const said =
        all.length === 0
          ? l10n.t('VS Code shows no problem of this folder')
          : all.length > taken.length
            ? l10n.t('{0} of {1} problems', taken.length, all.length)
            : all.length === 1
              ? l10n.t('1 problem')
              : l10n.t('{0} problems', all.length);
      return {
        files: [...new Set(taken.map(({ file }) => file))].slice(0, mostFiles),
        lines: taken.map(({ file, line, message }) => `- ${file}:${line}: ${message}`),
        said: `${mention.written} · ${said}`,
      };
    }
  }
}

const shown = (files: readonly string[]): string =>
  files.length > 3 ? `${files.slice(0, 3).join(', ')} … (${files.length})` : files.join(', ');

/** A file, or the first files of a folder; none where there is no such thing. */
export async function filesAt(
  api: Pick<Api, 'workspace' | 'FileType' | 'RelativePattern'>,
  folder: vscode.WorkspaceFolder,
  uri: vscode.Uri,
): Promise<readonly string[]> {
  try {
    return (await aboutFiles(api, folder, [uri])).files ?? [];
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'FileNotFound' || code === 'ENOENT') return [];
    throw error;
  }
}

function inFront({ window, workspace, Uri }: Api, folder: vscode.WorkspaceFolder, kind: 'file' | 'folder'): vscode.Uri | undefined {
  const uri = window.activeTextEditor?.document.uri;
  if (uri === undefined || workspace.getWorkspaceFolder(uri) !== folder) return undefined;
  return kind === 'file' ? uri : Uri.joinPath(uri, '..');
}

interface Problem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Errors first. */
function problemsOf({ languages, workspace, DiagnosticSeverity }: Api, folder: vscode.WorkspaceFolder): Problem[] {
  return languages
    .getDiagnostics()
    .filter(([uri]) => uri.scheme === folder.uri.scheme && workspace.getWorkspaceFolder(uri) === folder)
    .flatMap(([uri, all]) => all.map((diagnostic) => ({ uri, diagnostic })))
    .filter(({ diagnostic: { severity } }) => severity === DiagnosticSeverity.Error || severity === DiagnosticSeverity.Warning)
    .sort((a, b) => a.diagnostic.severity - b.diagnostic.severity)
    .map(({ uri, diagnostic }) => ({
      file: pathIn(folder, uri),
      line: diagnostic.range.start.line + 1,
      message: named(diagnostic.message.replace(/\s+/g, ' ').trim()),
    }));
}

/** The words with what they stand for. Rejects with `image-unusable`: a picture that is named is not at hand any more, or they are too many. */
export async function withMentions(
  api: Api,
  around: Around,
  about: About,
  text: string,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly about: About }> {
  const mentions = mentionsIn(text);
  const added = await Promise.all(mentions.map((mention) => addedBy(api, around, mention, signal)));
  const lost = mentions.find(({ kind }, index) => kind === 'picture' && added[index]?.image === undefined);
  if (lost !== undefined) throw imageUnusable({ why: 'gone', name: lost.path ?? '' });
  const images = [...(about.images ?? []), ...added.flatMap(({ image }) => image ?? [])];
  const each = [...new Map(images.map((image) => [image.data, image])).values()];
  if (each.length > mostImages) throw imageUnusable({ why: 'too-many', count: each.length, most: mostImages });
  const lines = added.flatMap((each) => each.lines);
  const files = [...new Set([...(about.files ?? []), ...added.flatMap((each) => each.files)])];
  return {
    text: lines.length === 0 ? text : `${text.trimEnd()}\n\n${lines.join('\n')}`,
    about: { ...about, ...(files.length > 0 && { files }), ...(each.length > 0 && { images: each }) },
  };
}

/** A part of what a request is asked on: a row that can be taken away, or one that can be added. */
export interface Part {
  readonly icon: string;
  readonly text: string;
  /** What the request is asked on with this row changed. */
  readonly changed: About;
}

/** What it is asked on, part by part. */
export function partsOf({ l10n }: Pick<typeof vscode, 'l10n'>, about: About): readonly Part[] {
  const { selection, diagnostic, failingTest, files = [], images = [], ...others } = about;
  const rest = {
    ...others,
    ...(selection && { selection }),
    ...(diagnostic && { diagnostic }),
    ...(failingTest && { failingTest }),
    ...(images.length > 0 && { images }),
    files,
  };
  const without = (name: keyof About): About => {
    const { [name]: _, ...left } = rest;
    return left;
  };
  return [
    ...(selection ? [{ icon: 'selection', text: l10n.t('With {0}', aboutText({ selection })), changed: without('selection') }] : []),
    ...(diagnostic ? [{ icon: 'warning', text: l10n.t('With {0}', aboutText({ diagnostic })), changed: without('diagnostic') }] : []),
    ...(failingTest ? [{ icon: 'beaker', text: l10n.t('With {0}', aboutText({ failingTest })), changed: without('failingTest') }] : []),
    ...(files.length > mostRows
      ? [{ icon: 'files', text: l10n.t('With {0} files: {1}', files.length, shown(files)), changed: { ...rest, files: [] } }]
      : files.map((file) => ({
          icon: 'file',
          text: l10n.t('With {0}', file),
          changed: { ...rest, files: files.filter((each) => each !== file) },
        }))),
    ...images.map((image) => ({
      icon: 'file-media',
      text: l10n.t('With the picture {0}', image.name),
      changed: images.length === 1 ? without('images') : { ...rest, images: images.filter((each) => each !== image) },
    })),
  ];
}

/** The file in front and what is selected in it, where the request has them not. */
export function offersOf(
  { window, workspace, l10n }: Pick<typeof vscode, 'window' | 'workspace' | 'l10n'>,
  folder: vscode.WorkspaceFolder,
  about: About,
): readonly Part[] {
  const editor = window.activeTextEditor;
  if (editor === undefined || workspace.getWorkspaceFolder(editor.document.uri) !== folder) return [];
  const here = aboutEditor(folder, editor);
  const [file] = here.files ?? [];
  const hasFile = file === undefined || (about.files ?? []).includes(file);
  const { selection } = here;
  return [
    ...(selection && about.selection === undefined
      ? [
          {
            icon: 'add',
            text: l10n.t('Add the selection, {0}', aboutText({ selection })),
            changed: { ...about, ...here, files: [...new Set([...(about.files ?? []), ...(here.files ?? [])])] },
          },
        ]
      : []),
    ...(hasFile
      ? []
      : [{ icon: 'add', text: l10n.t('Add the file in front, {0}', file), changed: { ...about, files: [...(about.files ?? []), file] } }]),
  ];
}
