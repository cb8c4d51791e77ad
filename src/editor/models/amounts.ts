/** Amounts in few characters. Pure. */

/** `1.1 GB`, `512 MB`, `90 kB`. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.round(bytes / 1e3)} kB`;
}

/** `8.2k`, `128k`, `1M`. */
export function tokensText(tokens: number): string {
  if (tokens >= 1e6) return `${trim(tokens / 1e6)}M`;
  return tokens >= 1e3 ? `${tokens >= 1e5 ? Math.round(tokens / 1e3) : trim(tokens / 1e3)}k` : String(tokens);
}

const trim = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

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
