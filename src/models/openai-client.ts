/** A client for any server that speaks the OpenAI chat protocol. One attempt a call, always streamed, every failure one of ours. */
import { isTeamwrightError, type Spent, TeamwrightError } from '../errors.ts';
import { askBelow, keyHeaders } from './address.ts';
import { completionBody, weightsOf } from './completions.ts';
import { ErrorPiece, ForeignBody, piecesOf } from './event-stream.ts';
import { brief, networkText, redactor, refusalError, stoppedCall } from './failures.ts';
import { beginningOf, type Fetch, patientFetch } from './http.ts';
import { type ListedModel, listedModels } from './listed-models.ts';
import { type Refusal, readRefusal } from './refusals.ts';
import { replyLimit, withinBytes } from './reply-limit.ts';
import { learnFrom, noLimits, type ServerLimits } from './server-limits.ts';
import { defaultTimeouts, type SilenceWatch, silenceWatch, type Timeouts } from './silence.ts';
import { type Calibration, createCalibration, estimateRequestTokens, estimateTokens } from './tokens.ts';
import type { ChatReply, ChatRequest, ModelClient, Usage } from './types.ts';
import { type Assembled, preparingIn, replyAssembler, wireBody } from './wire.ts';

/** Milliseconds for the list of models. */
const listMs = 30_000;
/** Characters of a refusal that are read. */
const mostRefusal = 100_000;
/** Times that one request is changed after a refusal. */
const mostChanges = 8;

export interface OpenAiSettings {
  /** Names the endpoint for people. */
  readonly endpoint: string;
  /** In any form that `addressOf` reads. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly fetch?: Fetch;
  /** Estimates usage when the server reports none. */
  readonly calibration?: Calibration;
  /** Asks how far the prompt is read, in llama-server's way: of servers that are known to take the question. */
  readonly progress?: boolean;
}

export function openAiClient(settings: OpenAiSettings): ModelClient {
  const { endpoint } = settings;
  const timeouts = { ...defaultTimeouts, ...settings.timeouts };
  const calibration = settings.calibration ?? createCalibration();
  const withoutKey = redactor(settings.apiKey);
  const redact = (text: string): string => brief(withoutKey(text));
  const limitsOf = new Map<string, ServerLimits>();

  const below = askBelow(settings.baseUrl, settings.fetch ?? patientFetch);

  const ask = async (
    path: '/chat/completions' | '/completions' | '/models',
    init: { method: 'GET' | 'POST'; body?: string; signal: AbortSignal },
  ) =>
    below(path, {
      ...init,
      headers: {
        accept: 'application/json',
        'user-agent': 'teamwright',
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...keyHeaders(settings.baseUrl, settings.apiKey),
      },
    });

  /** A body that breaks off takes nothing from the status. */
  async function refusalOf(response: Response, signal: AbortSignal): Promise<Refusal> {
    const body = await beginningOf(response, mostRefusal).catch(() => '');
    if (signal.aborted) throw signal.reason;
    return readRefusal(response.status, body, response.headers, redact);
  }

  /** Sends, and sends again without what the server refuses by name: that reaches no model and costs no tokens. */
  async function open(request: ChatRequest, signal: AbortSignal): Promise<Response> {
    const limits = limitsOf.get(request.model) ?? noLimits();
    limitsOf.set(request.model, limits);
    const text = completionBody(request);
    if (text !== undefined) {
      const response = await ask('/completions', { method: 'POST', body: JSON.stringify(text), signal });
      if (response.ok) return response;
      throw refusalError(endpoint, request.model, await refusalOf(response, signal));
    }
    for (let maxTokens = request.maxTokens, times = 0; ; times++) {
      const body = { ...wireBody({ ...request, maxTokens }, limits), ...(settings.progress && { return_progress: true }) };
      const response = await ask('/chat/completions', { method: 'POST', body: JSON.stringify(body), signal });
      if (response.ok) return response;
      const refusal = await refusalOf(response, signal);
      const change = times < mostChanges ? learnFrom(refusal, body, limits) : undefined;
      if (change === undefined) throw refusalError(endpoint, request.model, refusal);
      maxTokens = maxTokens && Math.min(maxTokens, change.replyTokens);
    }
  }

  async function chat(request: ChatRequest, onDelta: Parameters<ModelClient['chat']>[1], signal: AbortSignal): Promise<ChatReply> {
    if (signal.aborted) throw stoppedCall(signal);
    const startedAt = performance.now();
    const limit = replyLimit(request.maxTokens);
    const assembler = replyAssembler(limit);
    const watch = silenceWatch(timeouts);
    const over = new AbortController();
    let opened = false;
    let weights: ChatReply['weights'];
    try {
      const response = await open(request, AbortSignal.any([signal, watch.signal, over.signal]));
      opened = true;
      const tooLong = (): Error => badReply('it does not end where it was asked to', spent(request, assembler.take(true)));
      for await (const piece of piecesOf(withinBytes(response, limit.bytes, tooLong))) {
        watch.heard();
        if (request.weigh !== undefined) weights = weightsOf(piece);
        const preparing = preparingIn(piece);
        if (preparing !== undefined) onDelta?.({ preparing });
        const delta = assembler.push(piece);
        if (delta.text !== undefined || delta.reasoning !== undefined) onDelta?.(delta);
        if (assembler.full) break;
      }
      // The stream ends without an error when the signal fires between two pieces.
      if (signal.aborted || watch.phase !== undefined) throw new Error('broken off');
      return { ...finished(request, assembler.take(true), performance.now() - startedAt), weights };
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
      ...(Object.keys(reply.extra).length > 0 && { extra: reply.extra }),
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
    if (error instanceof ForeignBody) return badReply(redact(error.message), spent(request, reply));
    if (error instanceof ErrorPiece) {
      const refusal = readRefusal(undefined, error.body, undefined, redact);
      const refused = refusalError(endpoint, request.model, refusal);
      const midway = reply.pieces > 0 && refused.code === 'model-server-error';
      return midway ? halfStream(refusal.detail, spent(request, reply)) : refused;
    }
    const detail = redact(networkText(error));
    return opened ? halfStream(detail, spent(request, reply)) : unreachable(detail);
  }

  async function modelList(signal: AbortSignal): Promise<readonly ListedModel[]> {
    if (signal.aborted) throw stoppedCall(signal);
    try {
      const response = await ask('/models', { method: 'GET', signal: AbortSignal.any([signal, AbortSignal.timeout(listMs)]) });
      if (!response.ok) throw refusalError(endpoint, 'list', await refusalOf(response, signal));
      const models = listedModels(await response.json());
      if (models === undefined) throw badReply('there is no list of models in it');
      return models;
    } catch (error) {
      if (signal.aborted) throw stoppedCall(signal);
      if (isTeamwrightError(error)) throw error;
      if (error instanceof SyntaxError) throw badReply('broken JSON');
      throw unreachable(redact(networkText(error)));
    }
  }

  return {
    endpoint,
    chat,
    listModels: async (signal) => (await modelList(signal)).map(({ id }) => id),
    contextTokens: async (model, signal) => (await modelList(signal)).find(({ id }) => id === model)?.contextTokens,
    completes: async (signal) => (await modelList(signal)).some(({ completes }) => completes),
  };
}

/** What is known of a call when it fails. */
interface CallState {
  readonly reply: Assembled;
  /** The server had begun to answer. */
  readonly opened: boolean;
  readonly watch: SilenceWatch;
  readonly signal: AbortSignal;
}
