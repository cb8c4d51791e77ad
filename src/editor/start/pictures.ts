/** Pictures that go along with a request: chosen as files, dropped, pasted, or named in its text. */
import path from 'node:path';
import type * as vscode from 'vscode';
import { errorText, imageUnusable } from '../../errors.ts';
import { type AttachedImage, attachedImage, attachedImages, type ImageTexts, requireImages } from '../../request/index.ts';
import { imageKinds, type RequestImage } from '../../request/types.ts';
import type { About } from './target.ts';

/**
 * What the pictures of requests that are being written hold. A window forgets it when it closes: a request that was not sent by then has to be given
 * its pictures again.
 */
export interface Pictures {
  /** With these pictures besides. Throws `image-unusable`. */
  added(about: About, more: readonly AttachedImage[]): About;
  /** Keeps it, so that a text can name it (`#picture:NAME`): by its own name, or with a number where another picture has that. */
  name(picture: AttachedImage): string;
  /** Undefined: no picture of this name is at hand. */
  byName(name: string): RequestImage | undefined;
  /** Throws `image-unusable` when a picture is not at hand any more. */
  textsOf(images: readonly RequestImage[] | undefined): ImageTexts;
}

export function createPictures(): Pictures {
  const held = new Map<string, string>();
  const named = new Map<string, RequestImage>();
  return {
    name: ({ image, text }) => {
      const { name: base, ext } = path.posix.parse(image.name.replace(/["\n\r]/g, "'"));
      for (let number = 1; ; number += 1) {
        const name = number === 1 ? `${base}${ext}` : `${base}-${number}${ext}`;
        const other = named.get(name);
        if (other !== undefined && other.data !== image.data) continue;
        held.set(image.data, text);
        named.set(name, { ...image, name });
        return name;
      }
    },
    byName: (name) => named.get(name),
    added: (about, more) => {
      const known = (about.images ?? []).map((image) => ({ image, text: held.get(image.data) ?? '' }));
      const { images } = attachedImages([...known, ...more]);
      for (const { image, text } of more) held.set(image.data, text);
      return images.length === 0 ? about : { ...about, images: [...images] };
    },
    textsOf: (images) => {
      requireImages(images, held);
      return new Map((images ?? []).map(({ data }) => [data, held.get(data) ?? '']));
    },
  };
}

/** Of the names of files, in small letters. */
export const pictureEndings: readonly string[] = [...imageKinds, 'jpg'];

/** Asks for files; none when the user leaves. Rejects with `image-unusable`. */
export async function chooseImages({
  window,
  workspace,
  l10n,
}: Pick<typeof vscode, 'window' | 'workspace' | 'l10n'>): Promise<readonly AttachedImage[]> {
  const uris = await window.showOpenDialog({
    canSelectMany: true,
    openLabel: l10n.t('Add'),
    title: l10n.t('Pictures for this request'),
    filters: { [l10n.t('Pictures')]: [...pictureEndings] },
  });
  return Promise.all((uris ?? []).map((uri) => imageAt({ workspace }, uri)));
}

/** Rejects with `image-unusable`. */
export async function imageAt({ workspace }: Pick<typeof vscode, 'workspace'>, uri: vscode.Uri): Promise<AttachedImage> {
  const name = path.posix.basename(uri.path);
  let bytes: Uint8Array;
  try {
    bytes = await workspace.fs.readFile(uri);
  } catch (error) {
    throw imageUnusable({ why: 'unreadable', name, detail: errorText(error) });
  }
  return attachedImage(name, bytes);
}
