/**
 * The one double in the tests: a real HTTP server on loopback that speaks the OpenAI protocol and answers from a script.
 *
 * A script is a list (one entry a chat request, in order of arrival) or a function of the request. A string entry is a plain text
 * reply. A list that has run out answers 400 `script is over`, so that a surplus call fails loudly and is never retried.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReplySpec {
  /** The answer; may hold `<think>` blocks. */
  readonly text?: string;
  /** Thoughts, sent in `reasoning_content` (or the field named by `reasoningField`) before the text. */
  readonly reasoning?: string;
  readonly reasoningField?: 'reasoning_content' | 'reasoning';
  readonly toolCalls?: readonly {
    readonly id?: string;
    readonly name: string;
    readonly arguments: string | object;
    /** Fields beside those of the protocol. */
    readonly extra?: object;
  }[];
  /** How much of the prompt is read, as llama-server tells it, before everything else: shares from 0 to 1. */
  readonly read?: readonly number[];
  /** Deltas sent as they are, before everything else. */
  readonly deltas?: readonly object[];
  /** Of a completions request: how likely each character of its prompt is. */
  readonly weights?: (character: string, at: number) => number;
  /** As on the wire: `stop`, `length`, `tool_calls`, `content_filter`. */
  readonly finish?: string;
  /** What the server reports; `false`: nothing. Default: a quarter of the characters. */
  readonly usage?: { readonly input: number; readonly output: number; readonly cached?: number } | false;
  /** The model that says it has answered. Default: the one asked for. */
  readonly model?: string;

  /** An HTTP error (or any other status), with `body` and `headers`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;

  /** Sent verbatim with status 200 in place of a well-formed reply (garbage JSON, garbage events). */
  readonly raw?: string;
  /** Milliseconds of silence before the first byte. */
  readonly stallMs?: number;
  /** Characters in one streamed piece. Default 7, so that tags and words are torn apart. */
  readonly chunkChars?: number;
  /** Milliseconds between streamed pieces. */
  readonly chunkMs?: number;
  /** Streams this many pieces of the answer, then falls silent until the client leaves or the server closes. */
  readonly stallAfterChunks?: number;
  /** Cuts the socket after this many bytes of the body. */
  readonly cutAfterBytes?: number;
}

export type Reply = string | ReplySpec;

/** The fields of a chat request that tests look at; the rest is there too. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly tool_calls?: readonly {
      readonly function: { readonly name: string; readonly arguments: string };
      readonly [field: string]: unknown;
    }[];
    readonly tool_call_id?: string;
    readonly [field: string]: unknown;
  }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly seed?: number;
  readonly tools?: readonly unknown[];
  /** Of a completions request, which has no messages. */
  readonly prompt?: string;
  readonly suffix?: string;
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly name: string; readonly schema: unknown } };
  readonly [field: string]: unknown;
}

export type Script = readonly Reply[] | ((body: ChatBody, index: number) => Reply | Promise<Reply>);

export interface SeenRequest {
  readonly index: number;
  readonly body: ChatBody;
  readonly headers: IncomingHttpHeaders;
  /** How it ended: `open` while being answered, `left` when the client hung up first. */
  ending: 'open' | 'answered' | 'left' | 'cut';
}

export interface ScriptedServer {
  /** Base URL with `/v1`, as given to a client. */
  readonly url: string;
  /** Chat requests in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** Ends every connection and every timer. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** What `/v1/models` lists. Default: `scripted`. */
  readonly models?: readonly string[];
  /** How it signs them. Default: `test`, which is known for nothing but chat. */
  readonly ownedBy?: string;
  /** When set, requests without `Bearer <key>` get 401. */
  readonly apiKey?: string;
  /** Default: a free one. */
  readonly port?: number;
}

export async function startScriptedServer(script: Script, options: ServerOptions = {}): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const closing = new AbortController();

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: { message: `scripted server: ${String(error)}` } });
      else response.destroy();
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0];
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      const given = request.headers.authorization ?? 'none';
      return sendJson(response, 401, { error: { message: `Incorrect API key provided: ${given}`, code: 'invalid_api_key' } });
    }
    if (request.method === 'GET' && path === '/v1/models') {
      const data = (options.models ?? ['scripted']).map((id) => ({ id, object: 'model', owned_by: options.ownedBy ?? 'test' }));
      return sendJson(response, 200, { object: 'list', data });
    }
    if (request.method !== 'POST' || !/^\/v1\/(?:chat\/)?completions$/.test(path ?? ''))
      return sendJson(response, 404, { error: { message: `no ${path}` } });

    const body = { messages: [], ...JSON.parse(await readAll(request)) } as ChatBody;
    const seen: SeenRequest = { index: requests.length, body, headers: request.headers, ending: 'open' };
    requests.push(seen);
    const left = new AbortController();
    response.on('close', () => {
      if (seen.ending === 'open') seen.ending = response.writableFinished ? 'answered' : 'left';
      left.abort();
    });
    const reply = typeof script === 'function' ? await script(body, seen.index) : (script[seen.index] ?? overReply);
    await answer(response, seen, typeof reply === 'string' ? { text: reply } : reply, AbortSignal.any([closing.signal, left.signal]));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const overReply: ReplySpec = { status: 400, body: { error: { message: 'script is over' } } };

async function answer(response: ServerResponse, seen: SeenRequest, spec: ReplySpec, gone: AbortSignal): Promise<void> {
  if (spec.stallMs !== undefined) await pause(spec.stallMs, gone);
  if (gone.aborted) return;
  if (spec.status !== undefined && spec.status !== 200) {
    return sendJson(response, spec.status, spec.body ?? { error: { message: `scripted ${spec.status}` } }, spec.headers);
  }
  const streamed = seen.body.stream === true;
  response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json', ...spec.headers });
  response.flushHeaders();

  let room = spec.cutAfterBytes ?? Number.POSITIVE_INFINITY;
  /** Gives false once the socket was cut or the client has left. */
  const write = (text: string): boolean => {
    const bytes = Buffer.from(text);
    if (gone.aborted) return false;
    if (bytes.length < room) {
      room -= bytes.length;
      response.write(bytes);
      return true;
    }
    seen.ending = 'cut';
    response.write(bytes.subarray(0, room), () => response.destroy());
    return false;
  };

  if (spec.raw !== undefined) {
    if (write(spec.raw)) response.end();
    return;
  }
  if (!streamed) {
    if (write(JSON.stringify(wholeReply(seen, spec)))) response.end();
    return;
  }
  let sent = 0;
  for (const chunk of streamedReply(seen, spec)) {
    if (spec.stallAfterChunks !== undefined && sent >= spec.stallAfterChunks) return pause(Number.POSITIVE_INFINITY, gone);
    if (sent > 0 && spec.chunkMs !== undefined) await pause(spec.chunkMs, gone);
    if (!write(`data: ${JSON.stringify(chunk)}\n\n`)) return;
    sent++;
  }
  if (write('data: [DONE]\n\n')) response.end();
}

const promptText = ({ messages, prompt, suffix }: ChatBody): string =>
  prompt === undefined ? messages.map((m) => m.content ?? '').join('') : prompt + (suffix ?? '');

function usageOf(seen: SeenRequest, spec: ReplySpec): object | undefined {
  if (spec.usage === false) return undefined;
  const input = spec.usage?.input ?? Math.ceil(promptText(seen.body).length / 4);
  const output = spec.usage?.output ?? Math.ceil(((spec.text ?? '').length + (spec.reasoning ?? '').length) / 4);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: spec.usage?.cached ?? 0 },
  };
}

function toolCallsOf(spec: ReplySpec): { id: string; type: 'function'; function: { name: string; arguments: string } }[] {
  return (spec.toolCalls ?? []).map((call, place) => ({
    ...call.extra,
    id: call.id ?? `call_${place}`,
    type: 'function',
    function: { name: call.name, arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments) },
  }));
}

const finishOf = (spec: ReplySpec): string => spec.finish ?? (spec.toolCalls?.length ? 'tool_calls' : 'stop');

function wholeReply(seen: SeenRequest, spec: ReplySpec): object {
  const { prompt } = seen.body;
  if (prompt !== undefined) {
    const { weights } = spec;
    const characters = [...prompt];
    const logprobs = weights && {
      tokens: characters,
      text_offset: characters.map((_, at) => at),
      token_logprobs: characters.map((character, at) => (at === 0 ? null : weights(character, at))),
    };
    const text = spec.text ?? '';
    const choices = [{ index: 0, text, logprobs, finish_reason: finishOf(spec) }];
    return { ...frame(seen, spec, 'text_completion'), choices, usage: usageOf(seen, spec) };
  }
  const toolCalls = toolCallsOf(spec);
  const message = {
    role: 'assistant',
    content: spec.text ?? (toolCalls.length > 0 ? null : ''),
    ...(spec.reasoning === undefined ? {} : { [spec.reasoningField ?? 'reasoning_content']: spec.reasoning }),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
  return {
    ...frame(seen, spec, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: finishOf(spec) }],
    usage: usageOf(seen, spec),
  };
}

function* streamedReply(seen: SeenRequest, spec: ReplySpec): Generator<object> {
  const piece = (delta: object, finish: string | null = null): object => ({
    ...frame(seen, spec, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const size = spec.chunkChars ?? 7;
  const field = spec.reasoningField ?? 'reasoning_content';
  let first = true;
  const role = (): object => (first ? { role: 'assistant' } : {});
  for (const share of spec.read ?? [])
    yield {
      ...piece({ role: 'assistant', content: null }),
      prompt_progress: { total: 1000, cache: 0, processed: share * 1000, time_ms: 1 },
    };
  for (const delta of spec.deltas ?? []) yield piece(delta);
  for (const part of cut(spec.reasoning ?? '', size)) {
    yield piece({ ...role(), [field]: part });
    first = false;
  }
  for (const part of cut(spec.text ?? '', size)) {
    const isChat = seen.body.prompt === undefined;
    yield isChat
      ? piece({ ...role(), content: part })
      : { ...frame(seen, spec, 'text_completion'), choices: [{ index: 0, text: part, finish_reason: null }] };
    first = false;
  }
  for (const [index, call] of toolCallsOf(spec).entries()) {
    yield piece({
      ...role(),
      tool_calls: [{ ...call, index, function: { name: call.function.name, arguments: '' } }],
    });
    first = false;
    for (const part of cut(call.function.arguments, size)) yield piece({ tool_calls: [{ index, function: { arguments: part } }] });
  }
  if (seen.body.prompt !== undefined)
    yield { ...frame(seen, spec, 'text_completion'), choices: [{ index: 0, text: '', finish_reason: finishOf(spec) }] };
  else yield piece(role(), finishOf(spec));
  const usage = usageOf(seen, spec);
  if (usage !== undefined && seen.body.stream_options?.include_usage === true) {
    yield { ...frame(seen, spec, 'chat.completion.chunk'), choices: [], usage };
  }
}

const frame = (seen: SeenRequest, spec: ReplySpec, object: string): object => ({
  id: `chatcmpl-${seen.index}`,
  object,
  created: 0,
  model: spec.model ?? seen.body.model,
});

function* cut(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

function sendJson(response: ServerResponse, status: number, body: string | object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Waits for the time or for the signal, whichever comes first; leaves no timer. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = Number.isFinite(ms) ? setTimeout(done, ms) : undefined;
    signal.addEventListener('abort', done);
  });
}
