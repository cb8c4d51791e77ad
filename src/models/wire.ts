/** The OpenAI chat protocol: requests out, streamed pieces in. Tolerant towards what servers leave out, and pure. */

import { jsonIn } from '../text/index.ts';
import { type ExtraFields, extraOfCall, extraOfMessage, withMore } from './extra-fields.ts';
import { type ReplyLimit, replyLimit } from './reply-limit.ts';
import type { ServerLimits } from './server-limits.ts';
import { headlessThinking, thinkSplitter } from './think.ts';
import type { ChatDelta, ChatMessage, ChatRequest, FinishReason, JsonSchema, Preparing, ToolCall } from './types.ts';

/** The body of a chat request, as its server takes it. */
export function wireBody(request: ChatRequest, limits: ServerLimits): Record<string, unknown> {
  const { model, messages, temperature, maxTokens, seed, tools, format } = request;
  const { refused, replyTokens } = limits;
  const takesFormat = format !== undefined && !refused.has('response_format');
  return {
    model,
    messages: messages.map((message) => wireMessage(message, limits)),
    stream: !refused.has('stream'),
    ...(refused.has('stream_options') || refused.has('stream') ? {} : { stream_options: { include_usage: true } }),
    ...(temperature === undefined || refused.has('temperature') ? {} : { temperature }),
    ...(seed === undefined || refused.has('seed') ? {} : { seed }),
    // Newer OpenAI models refuse `max_tokens` and want this name instead; other servers know only the old one.
    ...(maxTokens === undefined
      ? {}
      : { [refused.has('max_tokens') ? 'max_completion_tokens' : 'max_tokens']: Math.min(maxTokens, replyTokens) }),
    ...(tools?.length ? { tools: tools.map((tool) => ({ type: 'function', function: tool })) } : {}),
    ...(takesFormat ? { response_format: wireFormat(refused.has('json_schema') ? { kind: 'json-object' } : format) } : {}),
  };
}

function wireMessage(message: ChatMessage, { unwanted, demanded }: ServerLimits): Record<string, unknown> {
  if (message.role === 'tool') return { role: 'tool', content: message.content, tool_call_id: message.toolCallId };
  if (message.role !== 'assistant') return { role: message.role, content: wireContent(message) };
  const missed = Object.fromEntries(
    [...demanded].map((name) => [name, message.extra?.reasoning_content ?? message.extra?.reasoning ?? '']),
  );
  if (!message.toolCalls?.length) return { ...missed, role: 'assistant', content: message.content };
  const wanted = (extra: ExtraFields = {}): object => Object.fromEntries(Object.entries(extra).filter(([name]) => !unwanted.has(name)));
  const calls = message.toolCalls.map((call) => ({
    ...wanted(call.extra),
    id: call.id,
    type: 'function',
    function: { name: call.name.replace(/[^\w-]/g, '_'), arguments: isJsonObject(call.arguments) ? call.arguments : '{}' },
  }));
  return { ...missed, ...wanted(message.extra), role: 'assistant', content: message.content, tool_calls: calls };
}

/** The words first: a server that keeps its cache has read them before. */
function wireContent(message: Extract<ChatMessage, { role: 'system' | 'user' }>): unknown {
  const images = message.role === 'user' ? (message.images ?? []) : [];
  if (images.length === 0) return message.content;
  return [{ type: 'text', text: message.content }, ...images.map(({ dataUrl }) => ({ type: 'image_url', image_url: { url: dataUrl } }))];
}

/** Servers parse the arguments of earlier calls: what a model wrote otherwise would end the conversation. */
function isJsonObject(text: string): boolean {
  const value = jsonIn(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wireFormat(format: NonNullable<ChatRequest['format']>): Record<string, unknown> {
  if (format.kind === 'json-object') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: format.name, schema: format.schema, strict: isStrict(format.schema) } };
}

/** OpenAI's strict mode wants every object closed and every property required; other schemas are sent without it. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as JsonSchema;
  if (type === 'object') {
    const names = Object.keys((properties ?? {}) as object);
    if (additionalProperties !== false || !names.every((name) => Array.isArray(required) && required.includes(name))) return false;
  }
  return Object.values(schema).every(isStrict);
}

/** How much of the prompt is read, by llama-server's `prompt_progress`; undefined for a piece that does not tell. */
export function preparingIn(piece: unknown): Preparing | undefined {
  const { total, processed } = record(record(piece).prompt_progress);
  if (typeof total !== 'number' || typeof processed !== 'number' || !(total > 0)) return undefined;
  return { doing: 'reading', share: Math.min(1, Math.max(0, processed / total)) };
}

/** Tokens as the server reports them; undefined when it reports none (or zeros, which some send for "unknown"). */
export interface ReportedUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

export interface Assembled {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly extra: ExtraFields;
  /** Undefined while the server has not said that the reply is over. */
  readonly finish: FinishReason | undefined;
  readonly usage: ReportedUsage | undefined;
  readonly servedModel: string | undefined;
  /** Pieces that looked like the protocol. */
  readonly pieces: number;
}

export interface ReplyAssembler {
  /** Takes one streamed piece (or a whole reply) and gives what it adds. */
  push(piece: unknown): ChatDelta;
  /** The reply so far; `over` when nothing more will come. */
  take(over: boolean): Assembled;
  /** The reply has reached its limit: it is cut there, finished by its length, and takes no more. */
  readonly full: boolean;
}

export function replyAssembler(limit: ReplyLimit = replyLimit()): ReplyAssembler {
  const splitter = thinkSplitter();
  const calls: { key: number; id: string; name: string; arguments: string; extra: ExtraFields }[] = [];
  let extra: ExtraFields = {};
  let text = '';
  let reasoning = '';
  let finish: FinishReason | undefined;
  let usage: ReportedUsage | undefined;
  let servedModel: string | undefined;
  let pieces = 0;
  let full = false;

  const cutAtLimit = (): void => {
    const called = calls.reduce((sum, call) => sum + call.arguments.length, 0);
    full = text.length + called > limit.characters || reasoning.length > limit.thoughtCharacters;
    if (!full) return;
    finish = 'length';
    text = text.slice(0, limit.characters);
    reasoning = reasoning.slice(0, limit.thoughtCharacters);
  };

  const takeCall = (delta: Record<string, unknown>, place: number): void => {
    const key = typeof delta.index === 'number' ? delta.index : place;
    const { name, arguments: written } = record(delta.function);
    const id = string(delta.id);
    let call = calls.findLast((known) => known.key === key);
    // Some servers number every call 0: another id with a name is another call.
    if (call === undefined || (id !== '' && call.id !== '' && id !== call.id && string(name) !== '')) {
      call = { key, id: '', name: '', arguments: '', extra: {} };
      calls.push(call);
    }
    call.extra = withMore(call.extra, extraOfCall(delta));
    if (call.id === '') call.id = id;
    if (call.name === '') call.name = string(name);
    if (typeof written === 'string') call.arguments += written;
    else if (written !== undefined && written !== null) call.arguments += JSON.stringify(written);
  };

  return {
    get full() {
      return full;
    },
    push: (piece) => {
      const chunk = record(piece);
      if (typeof chunk.model === 'string' && chunk.model !== '') servedModel = chunk.model;
      usage = reportedUsage(chunk.usage) ?? usage;
      if (Array.isArray(chunk.choices)) pieces++;
      const choice = record(Array.isArray(chunk.choices) ? chunk.choices[0] : undefined);
      const delta = record(choice.delta ?? choice.message);
      if (typeof choice.finish_reason === 'string') finish = finishOf(choice.finish_reason);
      if (Array.isArray(delta.tool_calls)) for (const [place, call] of delta.tool_calls.entries()) takeCall(record(call), place);

      extra = withMore(extra, extraOfMessage(delta));
      const content = contentOf(delta.content);
      const thought = string(delta.reasoning_content) || string(delta.reasoning) || content.reasoning;
      const split = splitter.push(content.text || string(choice.text));
      const added = { text: split.text, reasoning: thought + split.reasoning };
      text += added.text;
      reasoning += added.reasoning;
      cutAtLimit();
      return { ...(added.text === '' ? {} : { text: added.text }), ...(added.reasoning === '' ? {} : { reasoning: added.reasoning }) };
    },
    take: (over) => {
      if (over) {
        const rest = splitter.end();
        text += rest.text;
        reasoning += rest.reasoning;
      }
      const whole = { text, reasoning };
      const toolCalls = calls
        .filter((call) => call.name !== '' || call.arguments !== '')
        .map((call, place) => ({
          id: call.id || `call_${place}`,
          name: call.name || 'unnamed',
          arguments: call.arguments,
          ...(Object.keys(call.extra).length > 0 && { extra: call.extra }),
        }));
      return {
        ...(over ? headlessThinking(whole) : whole),
        toolCalls,
        extra: toolCalls.length > 0 ? extra : {},
        finish: toolCalls.length > 0 && finish === 'stop' ? 'tool-calls' : finish,
        usage,
        servedModel,
        pieces,
      };
    },
  };
}

function finishOf(reason: string): FinishReason {
  switch (reason) {
    case 'stop':
    case 'length':
      return reason;
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls';
    case 'content_filter':
      return 'filter';
    default:
      return 'unknown';
  }
}

function reportedUsage(value: unknown): ReportedUsage | undefined {
  const usage = record(value);
  const inputTokens = count(usage.prompt_tokens);
  const outputTokens = count(usage.completion_tokens);
  if (inputTokens === undefined || outputTokens === undefined || inputTokens + outputTokens === 0) return undefined;
  const cached = count(record(usage.prompt_tokens_details).cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? 0;
  return { inputTokens, outputTokens, cachedInputTokens: Math.min(cached, inputTokens) };
}

/** Content is a text, or a list of parts: texts, and thoughts in parts of their own. */
function contentOf(value: unknown): { text: string; reasoning: string } {
  if (!Array.isArray(value)) return { text: string(value), reasoning: '' };
  const split = { text: '', reasoning: '' };
  for (const part of value.map((one) => (typeof one === 'string' ? { type: 'text', text: one } : record(one)))) {
    const inner = contentOf(part.thinking ?? part.reasoning ?? part.summary ?? part.text ?? part.content);
    if (/think|reason/i.test(string(part.type))) split.reasoning += inner.reasoning + inner.text;
    else split.text += string(part.text) || inner.text;
  }
  return split;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
