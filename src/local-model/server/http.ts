/** The server's routes: chat, completions, models, health, and a door for stopping it. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { Drawing, Generator } from './generate.ts';
import type { Token } from './llama.ts';
import {
  chunk,
  completion,
  errorBody,
  type Finish,
  isWeighing,
  parseChat,
  parseCompletion,
  progressChunk,
  type ReplyHead,
  type ReplyUsage,
  RequestRefused,
  textChunk,
  textCompletion,
  usageChunk,
} from './protocol.ts';
import { createQueue } from './queue.ts';

export interface ServerOptions {
  readonly modelId: string;
  readonly generator: Generator;
  /** Bearer token; undefined: none is asked for. */
  readonly token: string | undefined;
  /** Called for every sign that somebody needs the server. */
  readonly onUse: () => void;
  readonly onStop: () => void;
}

export interface ModelServer {
  readonly http: http.Server;
  readonly busy: () => boolean;
  /** Ends every running and waiting request. */
  abort(): void;
}

/** How a reply is put on the wire, whole or in pieces. */
interface ReplyForm {
  readonly id: string;
  whole(head: ReplyHead, text: string, finish: Finish, usage: ReplyUsage): object;
  first(head: ReplyHead): object;
  piece(head: ReplyHead, text: string): object;
  last(head: ReplyHead, finish: Finish): object;
}

interface Streaming {
  readonly stream?: boolean | null;
  readonly return_progress?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
}

type Answer = (body: string, response: http.ServerResponse, signal: AbortSignal) => Promise<void>;

/** A request body is text for a context of a few thousand tokens; more is a mistake. */
const bodyLimit = 8 * 1024 * 1024;

function authorized(request: http.IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true;
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyLimit) throw new RequestRefused(413, 'request_too_large', `The request is larger than ${bodyLimit} bytes.`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: http.ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

const sendEvent = (response: http.ServerResponse, event: object): boolean => response.write(`data: ${JSON.stringify(event)}\n\n`);

export function createModelServer(options: ServerOptions): ModelServer {
  const { generator, modelId } = options;
  const queue = createQueue();
  const running = new Set<AbortController>();

  const chatForm: ReplyForm = {
    id: 'chatcmpl',
    whole: completion,
    first: (head) => chunk(head, { role: 'assistant', content: '' }, null),
    piece: (head, text) => chunk(head, { content: text }, null),
    last: (head, finish) => chunk(head, {}, finish),
  };
  const textForm: ReplyForm = {
    id: 'cmpl',
    whole: textCompletion,
    first: (head) => textChunk(head, '', null),
    piece: (head, text) => textChunk(head, text, null),
    last: (head, finish) => textChunk(head, '', finish),
  };
  const headOf = (id: string): ReplyHead => ({ id: `${id}-${randomUUID()}`, model: modelId, created: Math.floor(Date.now() / 1000) });

  async function reply(
    call: Drawing & Streaming,
    prompt: readonly Token[],
    form: ReplyForm,
    response: http.ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const head = headOf(form.id);
    if (call.stream !== true) {
      const reply = await queue.run(() => generator.generate(call, prompt, { text: () => {} }, signal), signal);
      sendJson(response, 200, form.whole(head, reply.text, reply.finish, reply.usage));
      return;
    }
    const reply = await queue.run(() => {
      // Only now: what is refused while it waits or at its start can still be answered with a status.
      const begin = (): void => {
        if (response.headersSent) return;
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
        sendEvent(response, form.first(head));
      };
      return generator
        .generate(
          call,
          prompt,
          {
            text: (text) => {
              begin();
              sendEvent(response, form.piece(head, text));
            },
            ...(call.return_progress === true && {
              read: (tokens) => {
                begin();
                sendEvent(response, progressChunk(head, prompt.length, tokens));
              },
            }),
          },
          signal,
        )
        .then((result) => {
          begin();
          return result;
        });
    }, signal);
    sendEvent(response, form.last(head, reply.finish));
    if (call.stream_options?.include_usage === true) sendEvent(response, usageChunk(head, reply.usage));
    response.end('data: [DONE]\n\n');
  }

  async function answerChat(body: string, response: http.ServerResponse, signal: AbortSignal): Promise<void> {
    const call = parseChat(body);
    await reply(call, generator.prepare(call), chatForm, response, signal);
  }

  async function answerText(body: string, response: http.ServerResponse, signal: AbortSignal): Promise<void> {
    const call = parseCompletion(body);
    const prompt = generator.prepareText(call);
    if (!isWeighing(call)) return reply(call, prompt, textForm, response, signal);
    const weighed = await queue.run(() => generator.weigh(prompt, signal), signal);
    const logprobs = { tokens: weighed.tokens, token_logprobs: weighed.logprobs, text_offset: weighed.offsets, top_logprobs: null };
    const usage = { promptTokens: prompt.length, cachedTokens: 0, completionTokens: 0 };
    sendJson(response, 200, textCompletion(headOf('cmpl'), call.prompt, 'length', usage, logprobs));
  }

  async function handle(answer: Answer, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const controller = new AbortController();
    running.add(controller);
    response.on('close', () => controller.abort(new Error('The client went away.')));
    options.onUse();
    try {
      await answer(await readBody(request), response, controller.signal);
    } catch (error) {
      fail(response, error, controller.signal);
    } finally {
      running.delete(controller);
      options.onUse();
    }
  }

  function fail(response: http.ServerResponse, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      response.destroy();
      return;
    }
    const text = error instanceof Error ? error.message : String(error);
    const refused = error instanceof RequestRefused ? error : new RequestRefused(500, 'engine_failed', text);
    if (refused.status >= 500) console.error(error);
    const body = errorBody(refused.message, refused.code, refused.status);
    if (!response.headersSent) sendJson(response, refused.status, body);
    else response.end(`data: ${JSON.stringify(body)}\n\n`);
  }

  const models = {
    object: 'list',
    data: [{ id: modelId, object: 'model', created: 0, owned_by: 'teamwright', context_length: generator.contextTokens }],
  };

  const server = http.createServer((request, response) => {
    const address = request.url ?? '/';
    // What is no address (`//[`) names no route either.
    const route = `${request.method} ${URL.canParse(address, 'http://localhost') ? new URL(address, 'http://localhost').pathname : address}`;
    if (!authorized(request, options.token)) {
      sendJson(response, 401, errorBody('The bearer token is missing or wrong.', 'invalid_api_key', 401));
      return;
    }
    if (request.headers['x-teamwright-keep'] !== undefined) options.onUse();
    switch (route) {
      case 'POST /v1/chat/completions':
        void handle(answerChat, request, response);
        return;
      case 'POST /v1/completions':
        void handle(answerText, request, response);
        return;
      case 'GET /v1/models':
        sendJson(response, 200, models);
        return;
      case 'GET /health':
        sendJson(response, 200, { status: 'ok', pid: process.pid, model: modelId, waiting: queue.size() });
        return;
      case 'POST /shutdown':
        sendJson(response, 200, { status: 'stopping' });
        response.on('finish', options.onStop);
        return;
      default:
        sendJson(response, 404, errorBody(`There is no ${route}.`, 'not_found', 404));
    }
  });
  // Reading a long prompt on a slow machine takes minutes before the first byte.
  server.requestTimeout = 0;
  return {
    http: server,
    busy: () => queue.size() > 0,
    abort: () => {
      for (const controller of running) controller.abort(new Error('The server is stopping.'));
    },
  };
}
