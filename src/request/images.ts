/**
 * Pictures that go along with a request: what kind one is and how large, by its bytes and not by its name. Pure. Only the request names them
 * (`RequestImage`); what they hold goes beside it, as the data URL that model servers take.
 */
import { hash } from 'node:crypto';
import { imageUnusable } from '../errors.ts';
import type { Say } from '../text/index.ts';
import { type ImageKind, longestImageSide, mostImageBytes, mostImages, type RequestImage } from './types.ts';

/** What the pictures of a request hold: data URLs, by `RequestImage.data`. */
export type ImageTexts = ReadonlyMap<string, string>;

export interface AttachedImage {
  readonly image: RequestImage;
  /** `data:image/png;base64,…` */
  readonly text: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A picture as it goes along. Throws `image-unusable`: no picture of a kind that models take, too large, or torn. `name` is for people, and is what a
 * model is told too.
 */
export function attachedImage(name: string, bytes: Uint8Array): AttachedImage {
  if (bytes.length > mostImageBytes) throw imageUnusable({ why: 'too-large', name, bytes: bytes.length, most: mostImageBytes });
  const content = Buffer.from(bytes);
  const kind = kindOf(content);
  if (kind === undefined) throw imageUnusable({ why: 'kind', name });
  const size = sizes[kind](content);
  if (size === undefined || size.width < 1 || size.height < 1) throw imageUnusable({ why: 'broken', name });
  const { width, height } = size;
  if (Math.max(width, height) > longestImageSide) throw imageUnusable({ why: 'too-wide', name, width, height, most: longestImageSide });
  const text = `data:image/${kind};base64,${content.toString('base64')}`;
  return { image: { name, kind, bytes: bytes.length, width, height, data: hash('sha256', text) }, text };
}

/** The pictures of one request, each content once. Throws `image-unusable` when they are too many. */
export function attachedImages(all: readonly AttachedImage[]): { readonly images: readonly RequestImage[]; readonly texts: ImageTexts } {
  const texts = new Map(all.map(({ image, text }) => [image.data, text]));
  if (texts.size > mostImages) throw imageUnusable({ why: 'too-many', count: texts.size, most: mostImages });
  return { images: [...new Map(all.map(({ image }) => [image.data, image])).values()], texts };
}

/** Throws `image-unusable` when the request names a picture whose content nobody handed over. */
export function requireImages(images: readonly RequestImage[] = [], texts: ImageTexts = new Map()): void {
  const lost = images.find(({ data }) => !texts.has(data));
  if (lost !== undefined) throw imageUnusable({ why: 'gone', name: lost.name });
}

/** What pictures hold, from where it is kept. */
export const textsOfImages = async (images: readonly RequestImage[] = [], read: (data: string) => Promise<string>): Promise<ImageTexts> =>
  new Map(await Promise.all(images.map(async ({ data }) => [data, await read(data)] as const)));

/** Tokens per pixel as Anthropic's documentation has it (width × height / 750), https://docs.claude.com/en/docs/build-with-claude/vision. */
const pixelsPerToken = 750;
/** OpenAI takes 85 for the smallest. */
const leastTokens = 85;
/** Where servers scale a picture down: what llama-server takes of Qwen's models at most. */
const mostTokens = 4096;

/** An estimate that errs upwards: other servers count tiles of 512 or 768 pixels and come to less. */
export const imageTokens = ({ width, height }: Size): number =>
  Math.min(mostTokens, Math.max(leastTokens, Math.ceil((width * height) / pixelsPerToken)));

/** A model, and whether it looks at pictures; undefined: nobody knows. */
export interface Looker {
  readonly model: string;
  readonly images?: boolean;
}

/** Models that are not shown the pictures; none where all see them. */
export function notShown(images: readonly RequestImage[] = [], models: readonly Looker[]): readonly Looker[] {
  const blind = images.length === 0 ? [] : models.filter((each) => each.images !== true);
  return [...new Map(blind.map((each) => [each.model, each])).values()];
}

/** Said before anything is paid. */
export const notShownText = ({ model, images }: Looker, t: Say): string =>
  images === false
    ? t('{0} takes no pictures and is not shown those of this request. Say in words what is to be seen, or choose another model.', model)
    : t('Nobody knows whether {0} takes pictures, so it is not shown those of this request. Say in words what is to be seen.', model);

const text = (content: Buffer, from: number, length: number): string => content.toString('latin1', from, from + length);

function kindOf(content: Buffer): ImageKind | undefined {
  if (text(content, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(content, 0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (/^GIF8[79]a$/.test(text(content, 0, 6))) return 'gif';
  return text(content, 0, 4) === 'RIFF' && text(content, 8, 4) === 'WEBP' ? 'webp' : undefined;
}

/** Undefined for one whose end is missing, or that does not say how large it is. */
const sizes: Readonly<Record<ImageKind, (content: Buffer) => Size | undefined>> = {
  // https://www.w3.org/TR/png-3/#5Chunk-layout
  png: (content) =>
    content.length < 33 || text(content, 12, 4) !== 'IHDR' || !content.includes('IEND', 33, 'latin1')
      ? undefined
      : { width: content.readUInt32BE(16), height: content.readUInt32BE(20) },
  jpeg: jpegSize,
  // https://www.w3.org/Graphics/GIF/spec-gif89a.txt
  gif: (content) =>
    content.length < 14 || content.at(-1) !== 0x3b ? undefined : { width: content.readUInt16LE(6), height: content.readUInt16LE(8) },
  webp: webpSize,
};

/** ITU T.81, annex B: segments up to the one that begins a frame. */
function jpegSize(content: Buffer): Size | undefined {
  if (content.lastIndexOf('\xff\xd9', undefined, 'latin1') < 4) return undefined;
  for (let at = 2; at + 9 < content.length; ) {
    const marker = content[at + 1] ?? 0;
    if (content[at] !== 0xff) return undefined;
    // Padding before a marker.
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: content.readUInt16BE(at + 5), width: content.readUInt16BE(at + 7) };
    else at += 2 + content.readUInt16BE(at + 2);
  }
  return undefined;
}

/** RFC 9649: a lossy, a lossless or an extended file. */
function webpSize(content: Buffer): Size | undefined {
  if (content.length < 30 || content.readUInt32LE(4) + 8 > content.length) return undefined;
  switch (text(content, 12, 4)) {
    case 'VP8 ':
      return { width: content.readUInt16LE(26) & 0x3fff, height: content.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const packed = content.readUInt32LE(21);
      return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: content.readUIntLE(24, 3) + 1, height: content.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
