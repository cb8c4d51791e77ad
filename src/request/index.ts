/** The request's front door: user text in, a checked `Request` out; names found in it; a title for lists. */
export { listMark, requestAbout } from './about.ts';
export {
  type AttachedImage,
  attachedImage,
  attachedImages,
  type ImageTexts,
  imageTokens,
  type Looker,
  notShown,
  notShownText,
  requireImages,
  textsOfImages,
} from './images.ts';
export { type Mention, mentionOf, mentionsIn } from './mentions.ts';
export { namesIn, pointsAtSomething, type RequestNames } from './names.ts';
export { parseRequest } from './parse.ts';
export { requestTitle } from './title.ts';
export type { Request, RequestImage } from './types.ts';
