/** What goes wrong between us and a model server, told as one of our own errors. Never carries a key. */
import { errorText, isTeamwrightError, type Spent, stopOf, TeamwrightError } from '../errors.ts';
import { ProxyError } from './proxy.ts';
import type { Refusal } from './refusals.ts';
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

/** Codes and sentences by which the well-known servers, and the kin of them, say that a prompt is too long. */
const tooLong: readonly RegExp[] = [
  /context.?(?:length|window|size|limit)|maximum context|n_ctx\b|exceed_context|available context|context the overflow/i,
  /string_above_max_length|max_prompt_tokens|request_too_large|model_max_.{0,20}tokens/i,
  /\b(?:prompts?|inputs?|messages?|contents?|conversation|request|text)\b.{0,60}\b(?:too (?:long|large|big)|exceed\w*|longer than|larger than|greater than|more than|over the limit|must have less than)\b.{0,80}(?:tokens?\b|length|context|window|maximum|limit|model|process|\d)/i,
  /\b(?:prompt|input|messages?|string|request) (?:is |are |was )?too (?:long|large)\b/i,
  /too many (?:input |prompt )?tokens|maximum (?:prompt|input|model|sequence) (?:length|size|tokens)|max(?:imum)?[ _](?:model|input|seq)[ _]len|range of input length|input token count|tokens? (?:limit|count) .{0,20}exceed|exceed\w* (?:the )?(?:model(?:'s)? )?(?:token|input|context)/i,
];
const isTooLong = (said: string): boolean => tooLong.some((pattern) => pattern.test(said));

const noCreditPattern = /insufficient_quota|insufficient (balance|credit|funds)|exceeded your current quota|billing/i;
const noModelPattern = /model_not_found|model .{0,80}(not found|does not exist|is not available)|no such model|unknown model/i;
const noKeyPattern = /api.?key.{0,20}(?:not valid|invalid|expired|missing|required)|(?:invalid|incorrect|missing|no).{0,10}api.?key/i;
const filteredPattern = /content_filter|content management policy|content.?policy.?violation|data_inspection_failed/i;
/** A limit by the minute that no waiting makes room in. */
const neverFits = /request too large|(?:must be reduced|reduce your message size|reduce the length)/i;

export function refusalError(endpoint: string, model: string, refusal: Refusal): TeamwrightError {
  const { status, detail, retryAfterMs } = refusal;
  const all = `${refusal.code} ${detail}`;
  const unauthorized = () => new TeamwrightError('model-unauthorized', { endpoint, detail, why: 'refused' });
  const contextFull = () => new TeamwrightError('model-context-full', { endpoint, model, contextTokens: namedWindow(detail), detail });
  if (status === 401 || status === 402 || status === 403) return unauthorized();
  if (status === 429 || (status === undefined && /rate.?limit/i.test(all))) {
    if (neverFits.test(detail)) return contextFull();
    // A quota that is open again in a while is a rate, whatever it is called.
    if (noCreditPattern.test(all) && retryAfterMs === undefined) return unauthorized();
    return new TeamwrightError('model-rate-limited', { endpoint, retryAfterMs, detail });
  }
  if (status === 413 || isTooLong(all)) return contextFull();
  if (status === 404 || noModelPattern.test(all)) return new TeamwrightError('model-not-found', { endpoint, model, detail });
  if (status === undefined || status >= 500 || status === 408 || status === 409 || status === 425) {
    return new TeamwrightError('model-server-error', { endpoint, status, retryAfterMs, detail });
  }
  if (status >= 300 && status < 400) {
    return new TeamwrightError('model-bad-reply', { endpoint, detail: `it answers with a redirect (${status})`, why: 'protocol' });
  }
  if (noKeyPattern.test(all)) return unauthorized();
  return new TeamwrightError('model-refused', { endpoint, status, detail, why: filteredPattern.test(all) ? 'filtered' : 'parameters' });
}

/** "maximum context length is 8192 tokens", "maximum prompt length is", "context size (4096 tokens)", "n_ctx: 2048", "tokens allowed (1048576)". */
function namedWindow(detail: string): number | undefined {
  const match = namedWindowPattern.exec(detail);
  return match?.[1] === undefined ? undefined : Number(match[1].replaceAll(',', ''));
}

const namedWindowPattern =
  /(?:(?:context|prompt|model|input) (?:length|window|size|limit)[^0-9]{0,20}|n_ctx["':=\s]{1,4}|tokens allowed[^0-9]{0,12}|the limit of |token limit[^0-9]{0,4})([0-9][0-9,]{2,9})/i;

/** Causes of network errors nest; the innermost one tells most. */
export function networkText(error: unknown): string {
  if (error instanceof ProxyError) return error.cause === undefined ? error.message : `${error.message}: ${networkText(error.cause)}`;
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
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate comes from an authority that is not known here; set NODE_EXTRA_CA_CERTS to a file with the certificate of that authority';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'it does not speak https there';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
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
