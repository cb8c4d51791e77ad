/** Training or validation: decided by the request's words alone, so that a request never stands on both sides, in this export or a later one. */
import { sha256 } from '../../trace/index.ts';

export type Side = 'train' | 'validation';

/** From 0 up to, not including, 1; the same for the same request and seed. */
export function placeOf(requestHash: string, seed: number): number {
  return Number.parseInt(sha256(`${seed}\0${requestHash}`).slice(0, 12), 16) / 16 ** 12;
}

/**
 * Which requests are held back: those whose place lies below `share`. When the draw holds none back although there are at least two requests, the
 * lowest one is.
 */
export function heldBack(requestHashes: Iterable<string>, share: number, seed: number): ReadonlySet<string> {
  const all = [...new Set(requestHashes)].map((hash) => ({ hash, place: placeOf(hash, seed) })).sort((a, b) => a.place - b.place);
  const drawn = all.filter(({ place }) => place < share);
  const chosen = share > 0 && drawn.length === 0 && all.length > 1 ? all.slice(0, 1) : drawn;
  return new Set(chosen.map(({ hash }) => hash));
}
