/**
 * A language model of VS Code as our `ModelClient`. One attempt a call, always streamed, every failure one of ours. VS Code tells neither
 * tokens nor why a reply ended: tokens are counted by the model's own tokenizer and marked as estimated, and the limit of a reply is kept here.
 */
import type * as vscode from 'vscode';
import { isTeamwrightError, TeamwrightError } from '../../../errors.ts';
import {
  defaultTimeouts,
  estimateRequestTokens,
  estimateTokens,
  headlessThinking,
  silenceWatch,
  stoppedCall,
  type Timeouts,
  thinkSplitter,
} from '../../../models/index.ts';
import type { ChatDelta, ChatReply, ChatRequest, ModelClient, ToolCall, Usage } from '../../../models/types.ts';
import { type LanguageModelApi, nameOf } from './api.ts';
import { classify, languageModelFailure, vscodeModelFailed } from './failures.ts';
import { asText, toLanguageModel, toLanguageModelTools } from './messages.ts';

export interface LanguageModelPorts {
  readonly api: LanguageModelApi;
  /** The model as it is now: VS Code's objects go stale when its list of models changes. Rejects with `model-not-found`. */
  readonly current: (signal: AbortSignal) => Promise<vscode.LanguageModelChat>;
  readonly list: (signal: AbortSignal) => Promise<readonly vscode.LanguageModelChat[]>;
  /** Shown where VS Code asks for the user's permission. */
  readonly justification: string;
  /** VS Code said that the user gave no permission. */
  readonly onNotAllowed?: () => void;
  readonly timeouts?: Partial<Timeouts>;
}

/** Counting may take longer than it is worth, ms. */
const countMs = 5_000;
/** How often the length of a reply is looked at, in characters. */
const lookEvery = 400;

/** `name` as `vendor/id`. */
export function languageModelClient(name: string, ports: LanguageModelPorts): ModelClient {
  const { api } = ports;
  const timeouts = { ...defaultTimeouts, ...ports.timeouts };
  /** A provider that knows no options is asked without from then on. */
  let withoutOptions = false;

  async function open(
    chat: vscode.LanguageModelChat,
    request: ChatRequest,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelChatResponse> {
    const messages = toLanguageModel(api, request.messages);
    const options = optionsOf(request, ports.justification);
    if (!withoutOptions && options.modelOptions !== undefined) {
      try {
        return await chat.sendRequest(messages, options, token);
      } catch (error) {
        if (!refusesOptions(error) || token.isCancellationRequested) throw error;
        withoutOptions = true;
      }
    }
    return await chat.sendRequest(messages, { ...options, modelOptions: undefined }, token);
  }

  async function chat(request: ChatRequest, onDelta: ((delta: ChatDelta) => void) | undefined, signal: AbortSignal): Promise<ChatReply> {
    if (signal.aborted) throw stoppedCall(signal);
    const startedAt = performance.now();
    const source = new api.CancellationTokenSource();
    const watch = silenceWatch(timeouts);
    const ending = AbortSignal.any([signal, watch.signal]);
    // A provider may take its time over a cancellation, or not know it: nobody waits for it here.
    const hungUp = Promise.withResolvers<never>();
    const hangUp = (): void => {
      source.cancel();
      hungUp.reject(new Error('broken off'));
    };
    ending.addEventListener('abort', hangUp, { once: true });
    const reply = replyCollector(api);
    try {
      const model = await Promise.race([ports.current(signal), hungUp.promise]);
      const response = await Promise.race([open(model, request, source.token), hungUp.promise]);
      const stream = response.stream[Symbol.asyncIterator]();
      let cut = false;
      while (!cut) {
        const next = await Promise.race([stream.next(), hungUp.promise]);
        if (next.done) break;
        watch.heard();
        const delta = reply.push(next.value);
        if (delta.text !== undefined || delta.reasoning !== undefined) onDelta?.(delta);
        cut = reply.isLongerThan(request.maxTokens);
      }
      if (cut) source.cancel();
      watch.end();
      const whole = reply.take();
      if (whole.text === '' && whole.reasoning === '' && whole.toolCalls.length === 0) throw vscodeModelFailed('empty', name, '');
      const usage = await counted(model, request, whole);
      const limited = cut || (request.maxTokens !== undefined && usage.outputTokens >= request.maxTokens);
      return {
        ...whole,
        finish: whole.toolCalls.length > 0 ? 'tool-calls' : limited ? 'length' : 'stop',
        usage,
        servedModel: model.version === '' ? model.id : `${model.id} (${model.version})`,
        ms: Math.round(performance.now() - startedAt),
      };
    } catch (error) {
      throw failure(error, request, reply, signal, watch.phase);
    } finally {
      watch.end();
      ending.removeEventListener('abort', hangUp);
      source.dispose();
    }
  }

  function failure(
    error: unknown,
    request: ChatRequest,
    reply: ReplyCollector,
    signal: AbortSignal,
    silent: 'first-byte' | 'idle' | undefined,
  ): TeamwrightError {
    const part = reply.take();
    const spent = { usage: estimated(request, part), partialText: part.text };
    if (signal.aborted) return stoppedCall(signal, spent);
    if (silent !== undefined) {
      const limitMs = silent === 'idle' ? timeouts.idleMs : timeouts.firstByteMs;
      return new TeamwrightError('model-timeout', { endpoint: 'vscode', model: name, phase: silent, limitMs, detail: '' }, spent);
    }
    if (isTeamwrightError(error)) return error;
    const { kind, detail } = classify(error, reply.parts > 0);
    if (kind === 'not-allowed') ports.onNotAllowed?.();
    return vscodeModelFailed(kind, name, detail, reply.parts > 0 ? spent : {});
  }

  async function counted(model: vscode.LanguageModelChat, request: ChatRequest, reply: Whole): Promise<Usage> {
    const count = async (text: string): Promise<number> => {
      const source = new api.CancellationTokenSource();
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error('the count is late')), countMs);
      try {
        return await Promise.race([model.countTokens(text, source.token), late.promise]);
      } finally {
        clearTimeout(timer);
        source.cancel();
        source.dispose();
      }
    };
    try {
      const [inputTokens, outputTokens] = await Promise.all([count(asText(request.messages, request.tools)), count(writtenBy(reply))]);
      const ofImages = request.messages.flatMap((message) => (message.role === 'user' ? (message.images ?? []) : []));
      const imageTokens = ofImages.reduce((sum, { tokens }) => sum + tokens, 0);
      return { inputTokens: inputTokens + imageTokens, outputTokens, cachedInputTokens: 0, estimated: true };
    } catch (error) {
      // A provider without a tokenizer costs the better estimate, not the reply.
      if (error instanceof Error) return estimated(request, reply);
      throw error;
    }
  }

  return {
    endpoint: 'vscode',
    chat,
    listModels: async (signal) => (await orOurs(ports.list(signal), name, signal)).map(nameOf),
    contextTokens: async (_model, signal) => (await orOurs(ports.current(signal), name, signal)).maxInputTokens,
  };
}

async function orOurs<T>(work: Promise<T>, name: string, signal: AbortSignal): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isTeamwrightError(error)) throw error;
    if (signal.aborted) throw stoppedCall(signal);
    throw languageModelFailure(error, name);
  }
}

function optionsOf(request: ChatRequest, justification: string): vscode.LanguageModelChatRequestOptions {
  const { temperature, maxTokens, tools } = request;
  const modelOptions = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  };
  return {
    justification,
    ...(Object.keys(modelOptions).length === 0 ? {} : { modelOptions }),
    ...(tools?.length ? { tools: toLanguageModelTools(tools) } : {}),
  };
}

const refusesOptions = (error: unknown): boolean =>
  /max_(completion_)?tokens|temperature|modelOptions|model options|unsupported (parameter|value)/i.test(classify(error).detail);

interface Whole {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
}

interface ReplyCollector {
  /** Parts that had come. */
  readonly parts: number;
  push(part: unknown): ChatDelta;
  isLongerThan(tokens: number | undefined): boolean;
  take(): Whole;
}

function replyCollector(api: LanguageModelApi): ReplyCollector {
  const splitter = thinkSplitter();
  const toolCalls: ToolCall[] = [];
  let text = '';
  let reasoning = '';
  let parts = 0;
  let looked = 0;
  return {
    get parts() {
      return parts;
    },
    push: (part) => {
      parts++;
      if (part instanceof api.LanguageModelToolCallPart) {
        toolCalls.push({ id: part.callId, name: part.name, arguments: JSON.stringify(part.input) });
        return {};
      }
      const split = part instanceof api.LanguageModelTextPart ? splitter.push(part.value) : { text: '', reasoning: thoughtOf(part) };
      text += split.text;
      reasoning += split.reasoning;
      return { ...(split.text === '' ? {} : { text: split.text }), ...(split.reasoning === '' ? {} : { reasoning: split.reasoning }) };
    },
    isLongerThan: (tokens) => {
      const length = text.length + reasoning.length;
      // No tokenizer has less than a token for 16 characters: short of that nothing needs counting.
      if (tokens === undefined || length - looked < lookEvery || length < tokens) return false;
      looked = length;
      // Our count is off by a tenth and more: a provider that keeps the limit itself must never meet ours.
      return estimateTokens(text + reasoning) > tokens * 1.3;
    },
    take: () => {
      const rest = splitter.end();
      text += rest.text;
      reasoning += rest.reasoning;
      return { ...headlessThinking({ text, reasoning }), toolCalls };
    },
  };
}

/** Parts that are neither text nor a call: thoughts have a text, other data has none that is an answer. */
function thoughtOf(part: unknown): string {
  const value = typeof part === 'object' && part !== null && 'value' in part ? part.value : undefined;
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((piece) => typeof piece === 'string').join('') : '';
}

const writtenBy = (reply: Whole): string =>
  reply.text + reply.reasoning + reply.toolCalls.map((call) => call.name + call.arguments).join('');

const estimated = (request: ChatRequest, reply: Whole): Usage => ({
  inputTokens: estimateRequestTokens(request),
  outputTokens: estimateTokens(writtenBy(reply)),
  cachedInputTokens: 0,
  estimated: true,
});
