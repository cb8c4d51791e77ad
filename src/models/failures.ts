/** What goes wrong between us and a model server, told as one of our own errors. Never carries a key. */
import { errorText, isTeamwrightError, type Spent, stopOf, TeamwrightError } from '../errors.ts';
import type { Usage } from './types.ts';

const longestDetail = 500;

/** Takes the key out of what a server or the network said, in every spelling it may come back in. */
export function redactor(key: string | undefined): (text: string) => string {
  const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
  // Escaped twice: what was JSON within JSON.
  const spellings = key ? new Set([key, encodeURIComponent(key), escaped(key), escaped(escaped(key))]) : [];
  return (text) => [...spellings].reduce((clean, spelling) => clean.replaceAll(spelling, '[key]'), text);
}

/** Short enough for a sentence. Comes after redaction: a key that was cut in the middle would no longer be found. */
export const brief = (text: string): string => (text.length > longestDetail ? `${text.slice(0, longestDetail)}…` : text);

/** An answer other than a reply: its HTTP status, the error object of the protocol (or the body), and the headers. */
export interface Refusal {
  /** Undefined for an error inside a stream that gave no status. */
  readonly status: number | undefined;
  readonly code: string;
  /** Redacted. */
  readonly detail: string;
  readonly retryAfterMs: number | undefined;
}

/** Reads the error of the OpenAI protocol and its usual deviations. `body` is parsed JSON or text. */
export function readRefusal(
  status: number | undefined,
  body: unknown,
  headers: Headers | undefined,
  redact: (text: string) => string,
): Refusal {
  const outer = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const inner = typeof outer.error === 'object' && outer.error !== null ? (outer.error as Record<string, unknown>) : outer;
  // FastAPI puts a list of problems into `detail`.
  const listed = Array.isArray(outer.detail) ? JSON.stringify(outer.detail) : outer.detail;
  const said = [inner.message, outer.error, listed, outer.message, body].find((part) => typeof part === 'string' && part.trim() !== '');
  const code = [inner.code, inner.type].filter((part) => typeof part === 'string').join(' ');
  const innerStatus = [inner.code, inner.status].find((part) => typeof part === 'number');
  return {
    status: status ?? (innerStatus as number | undefined),
    code: redact(code),
    detail: redact(oneLine(said === undefined ? '' : String(said))),
    retryAfterMs: headers === undefined ? undefined : retryAfter(headers),
  };
}

/** A page of HTML says nothing to the user. */
const oneLine = (text: string): string => (/^(\d{3} )?\s*<(!doctype|html)/i.test(text) ? 'a web page' : text.replace(/\s+/g, ' ').trim());

/** Milliseconds from `Retry-After-Ms` or `Retry-After` (seconds or a date; the past is 0). */
export function retryAfter(headers: Headers, now: () => number = Date.now): number | undefined {
  const ms = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const given = headers.get('retry-after');
  if (given === null) return undefined;
  const seconds = Number(given);
  if (given.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(given);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now());
}

const contextPattern =
  /context.?(length|window|size)|maximum context|exceeds? the (available )?context|too many tokens|prompt is too long|input is too long|n_ctx|context_length_exceeded|exceed_context/i;
const noCreditPattern = /insufficient_quota|insufficient (balance|credit|funds)|exceeded your current quota|billing/i;
const noModelPattern = /model_not_found|model .{0,80}(not found|does not exist|is not available)|no such model|unknown model/i;

export function refusalError(endpoint: string, model: string, refusal: Refusal): TeamwrightError {
  const { status, detail, retryAfterMs } = refusal;
  const all = `${refusal.code} ${detail}`;
  const unauthorized = () => new TeamwrightError('model-unauthorized', { endpoint, detail, why: 'refused' });
  if (status === 401 || status === 402 || status === 403) return unauthorized();
  if (status === 429 || (status === undefined && /rate.?limit/i.test(all))) {
    return noCreditPattern.test(all) ? unauthorized() : new TeamwrightError('model-rate-limited', { endpoint, retryAfterMs, detail });
  }
  if (status === 413 || contextPattern.test(all)) {
    return new TeamwrightError('model-context-full', { endpoint, model, contextTokens: namedWindow(detail), detail });
  }
  if (status === 404 || noModelPattern.test(all)) return new TeamwrightError('model-not-found', { endpoint, model, detail });
  if (status === undefined || status >= 500 || status === 408 || status === 409 || status === 425) {
    return new TeamwrightError('model-server-error', { endpoint, status, retryAfterMs, detail });
  }
  if (status >= 300 && status < 400) {
    return new TeamwrightError('model-bad-reply', { endpoint, detail: `it answers with a redirect (${status})`, why: 'protocol' });
  }
  return new TeamwrightError('model-refused', { endpoint, status, detail, why: 'parameters' });
}

/** "maximum context length is 8192 tokens", "context size (4096 tokens)", "n_ctx: 2048". */
function namedWindow(detail: string): number | undefined {
  const match = /(?:context (?:length|window|size)[^0-9]{0,20}|n_ctx["':=\s]{1,4})([0-9][0-9,]{2,9})/i.exec(detail);
  return match?.[1] === undefined ? undefined : Number(match[1].replaceAll(',', ''));
}

/** Causes of network errors nest; the innermost one tells most. */
export function networkText(error: unknown): string {
  let at = error;
  for (let depth = 0; depth < 5 && at instanceof Error && at.cause instanceof Error; depth++) at = at.cause;
  if (at instanceof AggregateError && at.errors.length > 0) at = at.errors[0];
  const code = at instanceof Error && 'code' in at && typeof at.code === 'string' ? at.code : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is unknown';
    default:
      return errorText(at) || code;
  }
}

/** The stop a signal asks for, with what the broken-off call has cost. */
export function stoppedCall(signal: AbortSignal, spent: Spent = {}): TeamwrightError {
  const cause = stopOf(signal);
  return new TeamwrightError(cause.code, cause.facts, { ...spent, cause, recorded: cause.message });
}

/** Tokens a failed call has cost all the same, as estimated; undefined when it cost none. */
export function usageOfFailure(error: unknown): Usage | undefined {
  return isTeamwrightError(error) ? error.spent.usage : undefined;
}
