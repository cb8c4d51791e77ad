import { madeByHand } from './by-hand.ts';
import { nextTeam } from './fallback.ts';
import type { Designer } from './types.ts';

/** The library's team for this kind of request; after a failure the next best. */
export const libraryDesigner: Designer = { name: 'library', design: async (input) => madeByHand(nextTeam(input), 'library', input) };
