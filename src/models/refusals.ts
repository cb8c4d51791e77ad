/** What a server says in place of a reply, in whatever form: its words, its codes, the wait it asks for. */
import { jsonIn } from '../text/index.ts';
import { mostWait, waitInHeaders, waitInWords } from './waits.ts';

/** An answer other than a reply. */
export interface Refusal {
  /** Undefined for an error inside a stream that gave no status. */
  readonly status: number | undefined;
  /** Every code and type in it. */
  readonly code: string;
  /** The parameter it is about, where the server names one in a field of its own. */
  readonly parameter: string | undefined;
  /** The server's own words on one line. Redacted. */
  readonly detail: string;
  readonly retryAfterMs: number | undefined;
}

/**
 * Reads the error of the OpenAI protocol and the forms that other servers and proxies give it: lists, strings, problems by field, JSON inside
 * JSON, web pages. `body` is text or parsed JSON.
 */
export function readRefusal(
  status: number | undefined,
  body: unknown,
  headers: Headers | undefined,
  redact: (text: string) => string,
): Refusal {
  const objects = [...objectsIn(body)];
  const named = ['code', 'type', 'status', 'reason'].flatMap((key) => objects.map((object) => object[key]));
  const code = named.filter((part) => typeof part === 'string').join(' ');
  const told = named.map(Number).find((number) => Number.isInteger(number) && number >= 300 && number < 600);
  const words = (wordsIn(body) ?? '').replace(/\s+/g, ' ').trim();
  const parameter = objects.map(({ param }) => param).find((part) => typeof part === 'string');
  const detail = redact(words);
  return {
    status: status ?? told ?? statusOfWord.find(([word]) => word.test(code))?.[1],
    code: redact(code),
    parameter: typeof parameter === 'string' ? redact(parameter) : undefined,
    detail,
    retryAfterMs: waitAsked(headers, objects) ?? waitInWords(detail) ?? (headers && waitInHeaders(headers, 'limits')),
  };
}

/** The words that stand for a status where an error comes without one: Google's, Anthropic's, OpenAI's. */
const statusOfWord: readonly (readonly [RegExp, number])[] = [
  [/RESOURCE_EXHAUSTED|rate_limit/i, 429],
  [/UNAUTHENTICATED|authentication_error|invalid_api_key/, 401],
  [/PERMISSION_DENIED|permission_error/, 403],
  [/NOT_FOUND|not_found_error/, 404],
  [/INVALID_ARGUMENT|FAILED_PRECONDITION|invalid_request_error/, 400],
  [/UNAVAILABLE|overloaded_error/, 503],
];

/** Characters of a body that are looked at, and how deep things nest in it. */
const longestText = 100_000;
const deepest = 8;

/** Every object in it, also in JSON that stands in a string, from the outside in. */
function* objectsIn(value: unknown, depth = 0): Generator<Record<string, unknown>> {
  const inner = unquoted(value);
  if (depth > deepest || typeof inner !== 'object' || inner === null) return;
  if (!Array.isArray(inner)) yield inner as Record<string, unknown>;
  for (const part of Object.values(inner)) yield* objectsIn(part, depth + 1);
}

/** A string that is JSON of an object or a list means that. */
function unquoted(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > longestText || !/^\s*[[{]/.test(value)) return value;
  return jsonIn(value) ?? value;
}

/** Where servers put their words, the most telling first. */
const wordKeys = ['message', 'msg', 'error_description', 'error', 'errors', 'detail', 'error_message', 'title', 'description', 'reason'];

function wordsIn(given: unknown, depth = 0): string | undefined {
  const value = unquoted(given);
  if (typeof value === 'string') return value.trim() === '' ? undefined : withoutPage(value.slice(0, longestText));
  if (typeof value !== 'object' || value === null || depth > deepest) return undefined;
  if (Array.isArray(value)) {
    const parts = value.flatMap((part) => wordsIn(part, depth + 1) ?? []);
    return parts.length === 0 ? undefined : [...new Set(parts)].join('; ');
  }
  const object = value as Record<string, unknown>;
  let words: string | undefined;
  for (const key of wordKeys) words ??= key === 'errors' ? byField(object.errors, depth) : wordsIn(object[key], depth + 1);
  // FastAPI says where a problem is.
  if (words !== undefined && Array.isArray(object.loc)) words = `${object.loc.join('.')}: ${words}`;
  // A router tells what the server behind it said.
  const behind = wordsIn((object.metadata as { raw?: unknown } | null | undefined)?.raw, depth + 1);
  if (behind !== undefined && behind !== words) words = words === undefined ? behind : `${words}: ${behind}`;
  return words ?? ([object.code, object.type].find((part) => typeof part === 'string' && part !== '') as string | undefined);
}

/** `{"max_tokens": ["must be at most 4096"]}`, as well as a list. */
function byField(errors: unknown, depth: number): string | undefined {
  if (typeof errors !== 'object' || errors === null || Array.isArray(errors)) return wordsIn(errors, depth + 1);
  const parts = Object.entries(errors).flatMap(([field, problem]) => {
    const words = wordsIn(problem, depth + 1);
    return words === undefined ? [] : `${field}: ${words}`;
  });
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** A page of HTML says nothing to the user but by its title. */
export function withoutPage(text: string): string {
  if (!/^\s*<(?:!doctype|html|head|\?xml)/i.test(text)) return text;
  const title = /<title>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  return title ? `a web page: ${title}` : 'a web page';
}

/** `Retry-After`, or a field of the body that is one: `retryDelay: "13s"`, `retry_after: 7`, headers that a router passes on. */
function waitAsked(headers: Headers | undefined, objects: readonly Record<string, unknown>[]): number | undefined {
  const asked = headers && waitInHeaders(headers, 'asked');
  if (asked !== undefined) return asked;
  for (const object of objects) {
    for (const [key, value] of Object.entries(object)) {
      const found = waitField.exec(key);
      const ms = found === null ? undefined : durationOf(value, /ms|milli/i.test(key) ? 1 : 1000);
      if (ms !== undefined) return ms;
      if (key === 'headers' && typeof value === 'object' && value !== null) {
        const passedOn = waitInHeaders(headersOf(value), 'asked') ?? waitInHeaders(headersOf(value), 'limits');
        if (passedOn !== undefined) return passedOn;
      }
    }
  }
  return undefined;
}

const waitField = /^(?:retry|wait)[-_]?(?:delay|after|in|time)?(?:[-_]?(?:s|sec|seconds|ms|milliseconds))?$/i;

function durationOf(value: unknown, unitMs: number): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return Math.min(mostWait, value * unitMs);
  if (typeof value === 'string') return /^[\d.]+$/.test(value) ? durationOf(Number(value), unitMs) : waitInWords(`wait ${value}`);
  // A duration of protocol buffers.
  return typeof value === 'object' && value !== null && 'seconds' in value ? durationOf(Number(value.seconds), 1000) : undefined;
}

function headersOf(object: object): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(object)) {
    if (/^[\w-]+$/.test(name) && (typeof value === 'string' || typeof value === 'number')) headers.set(name, String(value));
  }
  return headers;
}
