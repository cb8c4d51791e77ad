/** The request's front door: user text in, a checked `Request` out; names found in it; a title for lists. */
export { type Mention, mentionsIn } from './mentions.ts';
export { namesIn, pointsAtSomething, type RequestNames } from './names.ts';
export { parseRequest } from './parse.ts';
export { requestTitle } from './title.ts';
export type { Request } from './types.ts';
