/** How fast a download goes. Pure. */

/** The span that a speed is taken over, ms. */
const spanMs = 5_000;

/** Bytes a second over the last seconds; undefined until there is something to tell. `anew`: another count begins. */
export function speedMeter(): (doneBytes: number, nowMs: number, anew: boolean) => number | undefined {
  let seen: { bytes: number; at: number }[] = [];
  return (bytes, at, anew) => {
    if (anew || bytes < (seen.at(-1)?.bytes ?? 0)) seen = [];
    seen.push({ bytes, at });
    while (seen.length > 2 && at - (seen[1]?.at ?? at) >= spanMs) seen.shift();
    const first = seen[0];
    if (first === undefined || at - first.at < 500 || bytes <= first.bytes) return undefined;
    return ((bytes - first.bytes) * 1000) / (at - first.at);
  };
}
