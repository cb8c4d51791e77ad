/** How long a server asks us to wait: its headers, and its words. All in milliseconds. */

/** A wait is never longer than a day: what says more is no wait (a date in seconds since 1970). */
export const mostWait = 86_400_000;

/**
 * `asked`: what a header asks for (`Retry-After-Ms`, `Retry-After` in seconds, as a duration or a date; the past is 0). `limits`: when the limits
 * of the account are open again (`x-ratelimit-reset-requests: 6m0s` and its kin): the last of those that are used up, or else the first.
 */
export function waitInHeaders(headers: Headers, kind: 'asked' | 'limits', now: () => number = Date.now): number | undefined {
  if (kind === 'asked') {
    const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
    return Number.isFinite(ms) ? Math.max(0, ms) : pointInTime(headers.get('retry-after') ?? '', now);
  }
  const resets: { ms: number; isUsedUp: boolean }[] = [];
  headers.forEach((value, name) => {
    const ms = /ratelimit.*reset/.test(name) ? pointInTime(value, now) : undefined;
    if (ms !== undefined) resets.push({ ms, isUsedUp: headers.get(name.replace('reset', 'remaining'))?.trim() === '0' });
  });
  if (resets.length === 0) return undefined;
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp).map(({ ms }) => ms);
  return usedUp.length > 0 ? Math.max(...usedUp) : Math.min(...resets.map(({ ms }) => ms));
}

/** Seconds, seconds or milliseconds since 1970, a duration, or a date. */
function pointInTime(value: string, now: () => number): number | undefined {
  const text = value.trim();
  if (text === '') return undefined;
  const number = Number(text);
  if (Number.isFinite(number)) {
    const at = number > 1e11 ? number : number * 1000;
    return Math.max(0, at > 1e12 ? at - now() : at);
  }
  const duration = durationAt(text);
  if (duration !== undefined) return duration;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now());
}

const units: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|msecs?|millis(?:econds?)?|milliseconds?)$/, 1],
  [/^(?:s|secs?|seconds?)$/, 1000],
  [/^(?:m|mins?|minutes?)$/, 60_000],
  [/^(?:h|hrs?|hours?)$/, 3_600_000],
  [/^(?:d|days?)$/, 86_400_000],
];

/** `20s`, `1m30s`, `7m12.5s`, `543ms`, `1 minute and 30 seconds`, at the beginning of the text. */
function durationAt(text: string): number | undefined {
  let sum: number | undefined;
  let at = text.toLowerCase();
  for (;;) {
    const part = /^(?:,|and|\s){0,4}(\d{1,9}(?:\.\d{1,12})?)\s?([a-z]{1,12})/.exec(at);
    const unit = part === null ? undefined : units.find(([name]) => name.test(part[2] ?? ''))?.[1];
    if (part === null || unit === undefined) return sum === undefined ? undefined : Math.min(mostWait, Math.ceil(sum));
    sum = (sum ?? 0) + Number(part[1]) * unit;
    at = at.slice(part[0].length);
  }
}

/** "Please try again in 1m30s", "retry after 24 seconds", "wait 500ms"; a number without a unit is seconds. */
export function waitInWords(text: string): number | undefined {
  const asked =
    /\b(?:try(?:ing)?\sagain|retry(?:ing)?|wait(?:ing)?|available(?:\sagain)?|resets?|back\soff)\b(?:\s(?:again|the|your|request|in|after|for|at|least|about|another|within|approximately)\b){0,4}[:\s]{0,2}(?=\d)/i.exec(
      text,
    );
  if (asked === null) return undefined;
  const rest = text.slice(asked.index + asked[0].length);
  const seconds = /^(\d{1,6}(?:\.\d{1,6})?)(?=[.,;!]?(?:\s|$))/.exec(rest);
  return durationAt(rest) ?? (seconds === null || /^\d+\s?[a-z]/i.test(rest) ? undefined : Number(seconds[1]) * 1000);
}
