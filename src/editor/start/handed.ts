/** What a person drops, pastes or attaches, and what of it a request can take along. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { type AttachedImage, attachedImage } from '../../request/index.ts';
import { filesAt } from './context.ts';
import { imageAt, pictureEndings } from './pictures.ts';
import { mostFiles, pathIn } from './target.ts';

/** A place, or a content without one: a picture of the clipboard, a file that was dropped into a browser. */
export type Handed = { readonly uri: vscode.Uri } | { readonly name: string; readonly bytes: () => Thenable<Uint8Array> };

/** Each once. Addresses of other things than files (a link, a document that is not saved) are none. */
export async function handedIn({ Uri }: Pick<typeof vscode, 'Uri'>, transfer: vscode.DataTransfer): Promise<readonly Handed[]> {
  const list = (await transfer.get('text/uri-list')?.asString()) ?? '';
  const lines = list.split(/\r?\n/).filter((line) => line.startsWith('file:'));
  // Behind the path stands a place in the file.
  const listed: Handed[] = lines.map((line) => ({ uri: Uri.parse(line).with({ fragment: '' }) }));
  const files = [...transfer].flatMap(([, item]): Handed[] => {
    const file = item.asFile();
    if (file === undefined) return [];
    return [file.uri?.scheme === 'file' ? { uri: file.uri } : { name: file.name, bytes: () => file.data() }];
  });
  const keyOf = (one: Handed, index: number): string => ('uri' in one ? one.uri.toString() : `${index}`);
  return [...new Map([...listed, ...files].map((one, index) => [keyOf(one, index), one])).values()];
}

/** What of it goes along with a request on `folder`. */
export interface Taken {
  /** As they were handed over, folders too. */
  readonly places: readonly { readonly kind: 'file' | 'folder'; readonly path: string }[];
  /** Those of the folders included; not more than `mostFiles`. */
  readonly files: readonly string[];
  readonly pictures: readonly AttachedImage[];
  /** Names of what is neither in the folder nor a picture. */
  readonly refused: readonly string[];
  /** Pictures that cannot be sent: `image-unusable`. */
  readonly failures: readonly unknown[];
}

type Api = Pick<typeof vscode, 'workspace' | 'FileType' | 'RelativePattern'>;

export async function takenFrom(api: Api, folder: vscode.WorkspaceFolder, handed: readonly Handed[]): Promise<Taken> {
  const places: Taken['places'][number][] = [];
  const files: string[] = [];
  const pictures: AttachedImage[] = [];
  const refused: string[] = [];
  const failures: unknown[] = [];
  for (const one of handed) {
    const name = nameOf(one);
    if (isPicture(name)) {
      try {
        pictures.push('uri' in one ? await imageAt(api, one.uri) : attachedImage(name, await one.bytes()));
      } catch (error) {
        failures.push(error);
      }
    } else if ('uri' in one && isInside(api, folder, one.uri)) {
      const found = await filesAt(api, folder, one.uri);
      const own = pathIn(folder, one.uri);
      if (found.length === 0) refused.push(own);
      else places.push({ kind: found.length === 1 && found[0] === own ? 'file' : 'folder', path: own });
      files.push(...found);
    } else refused.push(name);
  }
  return { places, files: [...new Set(files)].slice(0, mostFiles), pictures, refused, failures };
}

/** Names beyond this many are counted. */
const mostNames = 3;

export function refusedText({ l10n }: Pick<typeof vscode, 'l10n'>, folder: vscode.WorkspaceFolder, names: readonly string[]): string {
  const said = names.slice(0, mostNames).join(', ') + (names.length > mostNames ? ` … (${names.length})` : '');
  return l10n.t('Not taken along: {0}. A request takes files of the folder {1}, and pictures from anywhere.', said, folder.name);
}

export const nameOf = (one: Handed): string => ('uri' in one ? path.posix.basename(one.uri.path) : one.name);

const isPicture = (name: string): boolean => pictureEndings.includes(path.posix.extname(name).slice(1).toLowerCase());

/** A path may lead out again behind the name of the folder. */
const isInside = ({ workspace }: Pick<typeof vscode, 'workspace'>, folder: vscode.WorkspaceFolder, uri: vscode.Uri): boolean =>
  workspace.getWorkspaceFolder(uri) === folder && pathIn(folder, uri).split('/')[0] !== '..';
