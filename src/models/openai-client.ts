/** A client for any server that speaks the OpenAI chat protocol. One attempt a call, always streamed, every failure one of ours. */
import type { OpenAI } from 'openai';
import { isTeamwrightError, type Spent, TeamwrightError } from '../errors.ts';
import { brief, networkText, readRefusal, redactor, refusalError, stoppedCall } from './failures.ts';
import { type Fetch, patientFetch } from './http.ts';
import { type ListedModel, listedModels } from './listed-models.ts';
import { replyLimit, withinBytes } from './reply-limit.ts';
import { defaultTimeouts, type SilenceWatch, silenceWatch, type Timeouts } from './silence.ts';
import { type Calibration, createCalibration, estimateRequestTokens, estimateTokens } from './tokens.ts';
import type { ChatReply, ChatRequest, ModelClient, Usage } from './types.ts';
import { type Assembled, type Refusable, refusable, replyAssembler, wireBody } from './wire.ts';

/** Milliseconds for the list of models. */
const listMs = 30_000;

export interface OpenAiSettings {
  /** Names the endpoint for people. */
  readonly endpoint: string;
  /** With the `/v1` where the server has one. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly fetch?: Fetch;
  /** Estimates usage when the server reports none. */
  readonly calibration?: Calibration;
}

export function openAiClient(settings: OpenAiSettings): ModelClient {
  const { endpoint } = settings;
  const timeouts = { ...defaultTimeouts, ...settings.timeouts };
  const calibration = settings.calibration ?? createCalibration();
  const withoutKey = redactor(settings.apiKey);
  const redact = (text: string): string => brief(withoutKey(text));
  const refused = new Map<string, Set<Refusable>>();
  const connect = connector(settings);

  /** Sends, and sends again without a parameter that the server refuses by name: that reaches no model and costs no tokens. */
  async function open(request: ChatRequest, signal: AbortSignal): Promise<Response> {
    const without = refused.get(request.model) ?? new Set<Refusable>();
    refused.set(request.model, without);
    const { openai, APIError } = await connect();
    for (;;) {
      try {
        const body = wireBody(request, without) as unknown as OpenAI.ChatCompletionCreateParamsStreaming;
        return await openai.chat.completions.create(body, { signal }).asResponse();
      } catch (error) {
        if (!(error instanceof APIError) || error.status === undefined) throw error;
        const refusal = readRefusal(error.status, error.error ?? error.message, error.headers, redact);
        const name = (error.status === 400 || error.status === 422) && refusedParameter(refusal.detail, error.param, without);
        if (!name) throw refusalError(endpoint, request.model, refusal);
        without.add(name);
      }
    }
  }

  async function chat(request: ChatRequest, onDelta: Parameters<ModelClient['chat']>[1], signal: AbortSignal): Promise<ChatReply> {
    const { openai } = await connect();
    if (signal.aborted) throw stoppedCall(signal);
    const startedAt = performance.now();
    const limit = replyLimit(request.maxTokens);
    const assembler = replyAssembler(limit);
    const watch = silenceWatch(timeouts);
    const over = new AbortController();
    let opened = false;
    try {
      const response = await open(request, AbortSignal.any([signal, watch.signal, over.signal]));
      opened = true;
      const tooLong = (): Error => badReply('it does not end where it was asked to', spent(request, assembler.take(true)));
      for await (const piece of await piecesOf(withinBytes(response, limit.bytes, tooLong), openai)) {
        watch.heard();
        const delta = assembler.push(piece);
        if (delta.text !== undefined || delta.reasoning !== undefined) onDelta?.(delta);
        if (assembler.full) break;
      }
      // The stream ends without an error when the signal fires between two pieces.
      if (signal.aborted || watch.phase !== undefined) throw new Error('broken off');
      return finished(request, assembler.take(true), performance.now() - startedAt);
    } catch (error) {
      const reply = assembler.take(true);
      // What breaks after the last word of a reply takes nothing from it.
      if (!signal.aborted && reply.finish !== undefined) return finished(request, reply, performance.now() - startedAt);
      throw failure(error, request, { reply, opened, watch, signal });
    } finally {
      watch.end();
      over.abort();
    }
  }

  const badReply = (detail: string, cost: Spent = {}) =>
    new TeamwrightError('model-bad-reply', { endpoint, detail, why: 'protocol' }, cost);
  const halfStream = (detail: string, cost: Spent) => new TeamwrightError('model-half-stream', { endpoint, detail }, cost);
  const unreachable = (detail: string) => new TeamwrightError('model-unreachable', { endpoint, detail });

  function finished(request: ChatRequest, reply: Assembled, ms: number): ChatReply {
    if (reply.pieces === 0) throw badReply('there is no reply in it');
    // Without a finish reason or usage the stream was cut where a chunk ended.
    if (reply.finish === undefined && reply.usage === undefined) throw halfStream('the end is missing', spent(request, reply));
    const usage: Usage = reply.usage === undefined ? estimatedUsage(request, reply) : { ...reply.usage, estimated: false };
    calibration.learn(request.model, request.messages, usage);
    return {
      text: reply.text,
      reasoning: reply.reasoning,
      toolCalls: reply.toolCalls,
      finish: reply.finish ?? 'unknown',
      usage,
      servedModel: reply.servedModel ?? request.model,
      ms: Math.round(ms),
    };
  }

  function estimatedUsage(request: ChatRequest, reply: Assembled): Usage {
    const ratio = calibration.ratio(request.model);
    const written = reply.text + reply.reasoning + reply.toolCalls.map((call) => call.name + call.arguments).join('');
    const inputTokens = estimateRequestTokens(request, ratio);
    return { inputTokens, outputTokens: estimateTokens(written, ratio), cachedInputTokens: 0, estimated: true };
  }

  /** What a failed call has cost: what the server reported before it failed, or else an estimate. */
  function spent(request: ChatRequest, reply: Assembled): { usage: Usage; partialText: string } {
    const usage = reply.usage === undefined ? estimatedUsage(request, reply) : { ...reply.usage, estimated: false };
    return { usage, partialText: withoutKey(reply.text) };
  }

  function failure(error: unknown, request: ChatRequest, state: CallState): TeamwrightError {
    const { reply, opened, watch, signal } = state;
    if (signal.aborted) return stoppedCall(signal, spent(request, reply));
    if (watch.phase !== undefined) {
      const { phase } = watch;
      const limitMs = phase === 'idle' ? timeouts.idleMs : timeouts.firstByteMs;
      return new TeamwrightError('model-timeout', { endpoint, phase, limitMs, detail: '' }, spent(request, reply));
    }
    if (isTeamwrightError(error)) return error;
    if (error instanceof SyntaxError) return badReply('broken JSON', spent(request, reply));
    const said = (error as { error?: unknown } | undefined)?.error;
    if (said !== undefined) {
      const refusal = readRefusal(undefined, said, undefined, redact);
      const refused = refusalError(endpoint, request.model, refusal);
      const midway = reply.pieces > 0 && refused.code === 'model-server-error';
      return midway ? halfStream(refusal.detail, spent(request, reply)) : refused;
    }
    const detail = redact(networkText(error));
    return opened ? halfStream(detail, spent(request, reply)) : unreachable(detail);
  }

  async function modelList(signal: AbortSignal): Promise<readonly ListedModel[]> {
    if (signal.aborted) throw stoppedCall(signal);
    const { openai, APIError } = await connect();
    try {
      const response = await openai.models.list({ signal: AbortSignal.any([signal, AbortSignal.timeout(listMs)]) }).asResponse();
      const models = listedModels(await response.json());
      if (models === undefined) throw badReply('there is no list of models in it');
      return models;
    } catch (error) {
      if (signal.aborted) throw stoppedCall(signal);
      if (isTeamwrightError(error)) throw error;
      if (error instanceof APIError && error.status !== undefined) {
        throw refusalError(endpoint, 'list', readRefusal(error.status, error.error ?? error.message, error.headers, redact));
      }
      if (error instanceof SyntaxError) throw badReply('broken JSON');
      throw unreachable(redact(networkText(error)));
    }
  }

  return {
    endpoint,
    chat,
    listModels: async (signal) => (await modelList(signal)).map(({ id }) => id),
    contextTokens: async (model, signal) => (await modelList(signal)).find(({ id }) => id === model)?.contextTokens,
  };
}

type Package = typeof import('openai');

/**
 * The OpenAI package, loaded at the first call (it takes a third of a second). It reads keys, organisations and headers from the
 * environment, prints and retries when left alone: all of that is switched off.
 */
function connector(settings: OpenAiSettings): () => Promise<{ openai: OpenAI; APIError: Package['APIError'] }> {
  let made: Promise<{ openai: OpenAI; APIError: Package['APIError'] }> | undefined;
  const make = async (): Promise<{ openai: OpenAI; APIError: Package['APIError'] }> => {
    const { OpenAI, APIError } = await import('openai');
    const openai = new OpenAI({
      apiKey: settings.apiKey ?? 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      baseURL: settings.baseUrl,
      maxRetries: 0,
      // Ours are the limits that count; this one must never come first.
      timeout: 2_000_000_000,
      logLevel: 'off',
      fetch: settings.fetch ?? patientFetch,
      defaultHeaders: settings.apiKey === undefined ? { Authorization: null } : {},
    });
    return { openai, APIError };
  };
  return () => {
    made ??= make();
    return made;
  };
}

/** The pieces of a streamed reply; a server that does not stream gives its whole reply as the only piece. */
async function piecesOf(response: Response, openai: OpenAI): Promise<AsyncIterable<unknown>> {
  const kind = response.headers.get('content-type') ?? '';
  if (kind.includes('json') && !kind.includes('event-stream')) {
    const whole: unknown = JSON.parse(await response.text());
    const error = (whole as { error?: unknown } | null)?.error;
    if (error) throw Object.assign(new Error('an error in place of a reply'), { error });
    return (async function* () {
      yield whole;
    })();
  }
  const { Stream } = await import('openai/streaming');
  return Stream.fromSSEResponse<unknown>(response, new AbortController(), openai);
}

function refusedParameter(detail: string, param: string | null | undefined, already: ReadonlySet<Refusable>): Refusable | undefined {
  const mentions = (name: string): boolean => param === name || new RegExp(`\\b${name}\\b`).test(detail);
  return refusable.find((name) => !already.has(name) && (mentions(name) || (name === 'stream_options' && mentions('include_usage'))));
}

/** What is known of a call when it fails. */
interface CallState {
  readonly reply: Assembled;
  /** The server had begun to answer. */
  readonly opened: boolean;
  readonly watch: SilenceWatch;
  readonly signal: AbortSignal;
}
