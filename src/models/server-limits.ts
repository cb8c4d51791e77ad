/** What a server was found not to take of a model's requests: parameters it refuses by name, and the length of reply it allows. */
import { demanded, unwanted } from './extra-fields.ts';
import type { Refusal } from './refusals.ts';

/**
 * Each has a way to do without. `json_schema` is one form of `response_format`, after which the other one is tried; `stream` comes last, because
 * sentences about the others mention it.
 */
export const refusable = ['stream_options', 'max_tokens', 'temperature', 'seed', 'json_schema', 'response_format', 'stream'] as const;
export type Refusable = (typeof refusable)[number];

export interface ServerLimits {
  readonly refused: Set<Refusable>;
  /** The longest reply the model may be asked for, in tokens. */
  replyTokens: number;
  /** Extra fields of messages that it does not want back. */
  readonly unwanted: Set<string>;
  /** Fields of thoughts that every message of the assistant must have, be it empty. */
  readonly demanded: Set<string>;
}

export const noLimits = (): ServerLimits => ({
  refused: new Set(),
  replyTokens: Number.POSITIVE_INFINITY,
  unwanted: new Set(),
  demanded: new Set(),
});

/** Statuses of a request that was looked at and not begun; 402: a reply of that length cannot be paid for. */
const answerable = [400, 402, 413, 422];
/** Too short for an answer. */
const leastReply = 200;

/**
 * What to change after a refusal: undefined when nothing of it can be, else the limit of the reply for this very request, and `limits` know the
 * rest. `sent` is the body that was refused.
 */
export function learnFrom(
  { status = 0, detail, parameter }: Refusal,
  sent: Readonly<Record<string, unknown>>,
  limits: ServerLimits,
): { readonly replyTokens: number } | undefined {
  if (!answerable.includes(status)) return undefined;
  const asked = sent.max_tokens ?? sent.max_completion_tokens;
  if (typeof asked === 'number') {
    // What is left beside this prompt says nothing of the next one.
    const room = roomBeside(detail);
    if (room !== undefined) return room >= leastReply && room < asked ? { replyTokens: room } : undefined;
    const allowed = replyAllowed(detail.replaceAll(String(sent.model), ''), parameter, asked);
    if (allowed !== undefined) {
      if (status !== 402) limits.replyTokens = allowed;
      return { replyTokens: allowed };
    }
  }
  const field = demanded(detail);
  if (field !== undefined && !limits.demanded.has(field)) {
    limits.demanded.add(field);
    return { replyTokens: Number.POSITIVE_INFINITY };
  }
  const foreign = unwanted(detail, extraNames(sent));
  for (const name of foreign) limits.unwanted.add(name);
  if (foreign.length > 0) return { replyTokens: Number.POSITIVE_INFINITY };
  const name = refusedParameter(detail, parameter, sent, limits.refused);
  if (name === undefined) return undefined;
  limits.refused.add(name);
  return { replyTokens: Number.POSITIVE_INFINITY };
}

const replyNames = /max_(?:completion_|output_|new_)?tokens|maxOutputTokens|maximum tokens|max tokens|(?:completion|output) tokens/i;

/** The largest number below what was asked for in a sentence about the length of replies. */
function replyAllowed(detail: string, parameter: string | undefined, asked: number): number | undefined {
  if (!replyNames.test(detail) && !(parameter !== undefined && replyNames.test(parameter))) return undefined;
  let allowed: number | undefined;
  for (const match of detail.matchAll(/(?<![\w.-])\d{1,3}(?:,\d{3})+(?!\w)|(?<![\w.-])\d{1,9}(?![\w]|\.\d)/g)) {
    const number = Number(match[0].replaceAll(',', ''));
    const before = detail.slice(Math.max(0, match.index - 20), match.index);
    const after = detail.slice(match.index + match[0].length, match.index + match[0].length + 14);
    const isOutside = /(?:less|lower|smaller) than [`'"]?$/i.test(before) || /^[^\d]{0,3}\(?exclusive/i.test(after);
    const most = isOutside ? number - 1 : number;
    if (most >= leastReply && most < asked && most > (allowed ?? 0)) allowed = most;
  }
  return allowed;
}

/** Where a server counts prompt and reply together and tells both: what its window leaves beside the prompt. */
function roomBeside(detail: string): number | undefined {
  const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
  // "5000 > 4096 - 1000"; "199000 + 20000 > 200000"
  const difference = /(\d[\d,]{0,9}) > (\d[\d,]{0,9}) - (\d[\d,]{0,9})/.exec(detail);
  if (difference !== null) return number(difference[2]) - number(difference[3]);
  const sum = /(\d[\d,]{0,9}) \+ (\d[\d,]{0,9}) > (\d[\d,]{0,9})/.exec(detail);
  if (sum !== null) return number(sum[3]) - number(sum[1]);
  const window = /(?:context length|context window|context size|token limit)[^\d]{0,20}(\d[\d,]{1,9})/i.exec(detail);
  const prompt =
    /(\d[\d,]{0,9})(?: tokens)? (?:in the messages|of text input|from the input|in the prompt|in your prompt|input tokens|prompt tokens)/i.exec(
      detail,
    );
  const reply = /(?:in the|for the|in your|of the) (?:completion|output)|max_tokens|max_completion_tokens/i.test(detail);
  return window !== null && prompt !== null && reply ? number(window[1]) - number(prompt[1]) : undefined;
}

/** Names of the extra fields in the messages that were sent. */
function extraNames({ messages }: Readonly<Record<string, unknown>>): readonly string[] {
  const said = (messages as readonly Readonly<Record<string, unknown>>[]).filter(({ tool_calls }) => tool_calls !== undefined);
  const calls = said.flatMap(({ tool_calls }) => tool_calls as readonly object[]);
  const known = new Set(['role', 'content', 'tool_calls', 'id', 'type', 'function']);
  return [...new Set([...said, ...calls].flatMap(Object.keys))].filter((name) => !known.has(name));
}

/** How sentences name a parameter, where not by its name alone. */
const otherNames: Partial<Record<Refusable, RegExp>> = {
  stream_options: /\binclude_usage\b/,
  json_schema: /\bjson_schema\b|response_?format.{0,40}(?:type|schema)|structured outputs?/i,
  response_format: /response_?format|json.?(?:mode|object)|structured outputs?/i,
  stream: /\b(?:to|not) (?:support )?stream\b|stream(?:ing)? (?:is|are) not|not support(?:ed)? stream/i,
};

function refusedParameter(
  detail: string,
  parameter: string | undefined,
  sent: Readonly<Record<string, unknown>>,
  already: ReadonlySet<Refusable>,
): Refusable | undefined {
  const format = (sent.response_format as { type?: unknown } | undefined)?.type;
  const isSent = (name: Refusable): boolean =>
    name === 'json_schema' ? format === name : name === 'response_format' ? format === 'json_object' : sent[name] !== undefined;
  const isNamed = (name: Refusable): boolean =>
    parameter === name || otherNames[name]?.test(detail) === true || (name !== 'stream' && words(detail).has(name));
  return refusable.find(
    (name) => !already.has(name) && isSent(name) && (isNamed(name) || (name === 'json_schema' && parameter === 'response_format')),
  );
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\W+/));
