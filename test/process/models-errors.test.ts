/** What servers say in place of a reply: every form of error, every wording, against a real server. */
import { afterEach, describe, expect, test } from 'vitest';
import { tell } from '../../src/cli/failure-table.ts';
import { failureOf as toFailure } from '../../src/errors.ts';
import { retryDelay } from '../../src/models/index.ts';
import type { ChatRequest } from '../../src/models/types.ts';
import { failureOfCall, modelScenes, never } from '../support/model-scenes.ts';
import type { Reply } from '../support/scripted-server.ts';

const { setUp, closeAll } = modelScenes();
afterEach(closeAll);

const request: ChatRequest = { model: 'small', messages: [{ role: 'user', content: 'Write a function that adds two numbers.' }] };

async function failureFor(reply: Reply) {
  const { client, server } = await setUp(() => reply);
  const error = await failureOfCall(client.chat({ ...request, maxTokens: 4000 }, undefined, never()));
  return { error, facts: error.facts as { detail?: string; retryAfterMs?: number; contextTokens?: number }, calls: server.requests.length };
}

describe('the words of a server reach the user', () => {
  const words = 'The grammar is not supported here';
  test.each<[string, string | object]>([
    ['the form of the protocol', { error: { message: words, type: 'invalid_request_error' } }],
    ['a string', { error: words }],
    ["Google's list", [{ error: { code: 400, message: words, status: 'INVALID_ARGUMENT' } }]],
    ['problems by place', { detail: [{ loc: ['body', 'tools', 0], msg: words, type: 'value_error' }] }],
    ['one problem', { detail: words }],
    ['a bare message', { message: words, object: 'error' }],
    ['a list of errors', { errors: [{ message: words }, { message: words }] }],
    ['a list of strings', { errors: [words] }],
    ['problems by field', { title: 'One or more problems', errors: { tools: [words] } }],
    ['a problem document', { type: 'about:blank', title: 'Bad request', status: 400, detail: words }],
    ['JSON in a string', { error: { message: JSON.stringify({ error: { message: words } }) } }],
    ['JSON in JSON in JSON', JSON.stringify(JSON.stringify({ error: { message: JSON.stringify([{ msg: words }]) } }))],
    [
      'what a router passes on',
      { error: { message: 'Provider returned error', code: 400, metadata: { raw: `{"error":{"message":"${words}"}}` } } },
    ],
    ['a page with a title', `<!doctype html><html><head><title>${words}</title></head><body>x</body></html>`],
    ['plain text', `\n  ${words}\n`],
    ['AWS', { Message: 'x', message: words, __type: 'ValidationException' }],
    ['OAuth', { error: { error_description: words } }],
    ['nothing but a code', { error: { type: words } }],
  ])('%s', async (_form, body) => {
    const { error, calls } = await failureFor({ status: 400, body });
    expect(error.code).toBe('model-refused');
    expect(error.message).toContain(words);
    expect(error.message.split(words).length).toBe(2);
    expect(calls).toBe(1);
  });

  test.each<[string, string]>([
    ['the stream', `data: {"error": {"message": "${words}", "code": 400}}\n\n`],
    ['an event of its own', `event: error\ndata: {"message": "${words}", "code": 400}\n\n`],
    [
      'the stream of a router',
      `data: {"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":400,"message":"${words}"}}\n\n`,
    ],
    ['the choice', `data: {"choices":[{"error":{"code":400,"message":"${words}"}}]}\n\n`],
    ['vLLM', `data: {"object":"error","message":"${words}","type":"BadRequestError","code":400}\n\n`],
    ['a body that is called a stream', `{"error": {"message": "${words}", "code": 400}}`],
    ['a list that is called a stream', `[{"error": {"message": "${words}", "code": 400}}]`],
    ['a stream that ends without its blank line', `data: {"error": {"message": "${words}", "status": "INVALID_ARGUMENT"}}`],
  ])('in a good status: %s', async (_place, raw) => {
    const { error } = await failureFor({ raw });
    expect(error).toMatchObject({ code: 'model-refused' });
    expect(error.message).toContain(words);
  });

  test('in a good status, as text or a page', async () => {
    const text = await failureFor({ raw: 'upstream connect error' });
    expect(text.error).toMatchObject({ code: 'model-bad-reply' });
    expect(text.error.message).toContain('upstream connect error');
    const page = await failureFor({ raw: '<!doctype html><title>Sign in</title>', headers: { 'content-type': 'text/html' } });
    expect(page.error.message).toContain('a web page: Sign in');
  });

  test('an empty body leaves the status', async () => {
    expect((await failureFor({ status: 400, body: '' })).error.message).toBe(
      'The model server scripted refused the request with status 400.',
    );
    expect((await failureFor({ status: 503, body: '{}' })).error.message).toBe('The model server scripted failed with status 503.');
  });

  test.each([
    [
      403,
      [{ error: { code: 403, message: 'Your API key was reported as leaked. Use another one.', status: 'PERMISSION_DENIED' } }],
      'leaked',
    ],
    [400, [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } }], 'not valid'],
    [400, { error: 'Incorrect API key provided: xai-***' }, 'Incorrect'],
    [200, { error: { type: 'authentication_error', message: 'invalid x-api-key' } }, 'x-api-key'],
  ])('a key that is refused, with status %i: %j', async (status, body, part) => {
    const { error } = await failureFor(status === 200 ? { raw: `data: ${JSON.stringify(body)}\n\n` } : { status, body });
    expect(error.code).toBe('model-unauthorized');
    expect(error.message).toContain(part);
  });

  test('what a filter stopped is told as such', async () => {
    const message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.";
    const { error } = await failureFor({ status: 400, body: { error: { message, code: 'content_filter' } } });
    expect(error).toMatchObject({ code: 'model-refused', facts: { why: 'filtered' } });
  });
});

describe('a wait that a server asks for', () => {
  const google = (retryDelay: unknown) => [
    { error: { code: 429, message: 'Quota is used up.', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }] } },
  ];
  const said = (message: string) => ({ error: { message } });
  test.each<[string, object, Record<string, string>, number]>([
    ['seconds in a header', {}, { 'retry-after': '7' }, 7000],
    ['parts of a second', {}, { 'retry-after': '0.5' }, 500],
    ['a duration in a header', {}, { 'retry-after': '1m30s' }, 90_000],
    ['milliseconds in a header', {}, { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    [
      'requests that are used up',
      {},
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '8.64s', 'x-ratelimit-reset-tokens': '1s' },
      8640,
    ],
    [
      'tokens that are used up',
      {},
      { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s', 'x-ratelimit-reset-requests': '1s' },
      360_000,
    ],
    ['milliseconds until a limit is open', {}, { 'x-ratelimit-reset-tokens': '20ms' }, 20],
    ['seconds until a limit is open', {}, { 'ratelimit-reset': '30' }, 30_000],
    ['what Google asks', google('13s'), {}, 13_000],
    ['what Google asks, in parts', google('34.074824224s'), {}, 34_075],
    ['a duration as an object', google({ seconds: 5, nanos: 0 }), {}, 5000],
    ['a field of seconds', { retry_after: 1.5 }, {}, 1500],
    ['a field of milliseconds', { error: { message: 'slow down', retry_after_ms: 1500 } }, {}, 1500],
    ['words: seconds', said('Rate limit is 3 RPM. Please try again in 20s. Visit 1000 pages.'), {}, 20_000],
    ['words: minutes', said('Please try again in 1m30s.'), {}, 90_000],
    ['words: milliseconds', said('Limit 30000, Used 29000. Please try again in 543ms.'), {}, 543],
    ['words: long ones', said('Please retry after 1 minute and 5 seconds.'), {}, 65_000],
    ['words: Azure', said('Please retry after 24 seconds.'), {}, 24_000],
    ['words: parts of a second', said('Please retry in 13.5s.'), {}, 13_500],
    ['words: hours', said('Please try again in 1h2m3s.'), {}, 3_723_000],
    ['words: no unit', said('Too many requests, retry after 30.'), {}, 30_000],
    [
      'a quota that opens again',
      { error: { message: 'You exceeded your current quota, please check your plan and billing details. Please retry in 19s.' } },
      {},
      19_000,
    ],
    ['what a router passes on', { error: { message: 'x', metadata: { headers: { 'Retry-After': '4' } } } }, {}, 4000],
  ])('%s', async (_name, body, headers, ms) => {
    const { error, facts } = await failureFor({ status: 429, body, headers });
    expect(error.code).toBe('model-rate-limited');
    expect(facts.retryAfterMs).toBe(ms);
    expect(retryDelay(error, 1, () => 0)).toBe(ms > 120_000 ? undefined : ms);
  });

  test.each(['later', 'Try again tomorrow.', 'Please try again in 3 moons.', 'You have 20s of audio.'])(
    'is not made up: %s',
    async (message) => {
      expect((await failureFor({ status: 429, body: said(message) })).facts.retryAfterMs).toBeUndefined();
    },
  );

  test('as a point in time', async () => {
    const at = Date.now() + 40_000;
    const forms = [new Date(at).toUTCString(), new Date(at).toISOString(), String(at), String(Math.round(at / 1000))];
    for (const value of forms) {
      const { facts } = await failureFor({ status: 429, headers: { 'x-ratelimit-reset': value } });
      expect(facts.retryAfterMs).toBeGreaterThan(30_000);
      expect(facts.retryAfterMs).toBeLessThanOrEqual(41_000);
    }
  });
});

describe('a prompt that is too long is told as such', () => {
  test.each<[string, number, string, (number | undefined)?]>([
    ['OpenAI', 400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens.", 8192],
    ['OpenAI, newer', 400, 'Your input exceeds the context window of this model. Please adjust your input and try again.'],
    [
      'OpenAI, one string',
      400,
      "Invalid 'messages[1].content': string too long. Expected a string with maximum length 1048576, but got a string with length 2000000 instead.",
    ],
    ['OpenAI, configured', 400, 'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.'],
    [
      'OpenAI, by the minute',
      429,
      'Request too large for gpt-4o in organization o on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be reduced in order to run successfully.',
    ],
    ['Anthropic', 400, 'prompt is too long: 215000 tokens > 200000 maximum'],
    [
      'Anthropic, both',
      400,
      'input length and `max_tokens` exceed context limit: 199990 + 4000 > 200000, decrease input length or `max_tokens` and try again',
    ],
    ['Gemini', 400, 'The input token count (1200000) is more than the maximum number of tokens allowed (1048576).', 1048576],
    ['Gemini, older', 400, 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', 1048576],
    ['Vertex', 400, 'Unable to submit request because the input token count is 40000 but model only supports up to 32768.'],
    ['Mistral', 400, 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length'],
    ['llama.cpp', 400, 'request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it', 4096],
    ['llama.cpp, older', 500, 'input is too large to process. increase the physical batch size'],
    ['Ollama', 400, 'the input length exceeds the context length'],
    ['Ollama, other', 500, 'prompt too long; exceeded max context length by 400 tokens'],
    [
      'vLLM',
      400,
      "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages, Please reduce the length of the messages.",
      4096,
    ],
    [
      'vLLM, decoder',
      400,
      'The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.',
      4096,
    ],
    ['SGLang', 400, "The input (9000 tokens) is longer than the model's context length (8192 tokens).", 8192],
    [
      'LM Studio',
      400,
      'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough',
      4096,
    ],
    ['LM Studio, other', 400, 'The number of tokens to keep from the initial prompt is greater than the context length.'],
    [
      'Groq',
      413,
      'Request too large for model `llama` on tokens per minute (TPM): Limit 6000, Requested 10000, please reduce your message size and try again.',
    ],
    ['Groq, context', 400, 'Please reduce the length of the messages or completion. context_length_exceeded'],
    [
      'OpenRouter',
      400,
      "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (40000 of text input).",
      32768,
    ],
    [
      'DeepSeek',
      400,
      "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens (69000 in the messages, 1000 in the completion).",
      65536,
    ],
    ['xAI', 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 131072],
    ['Copilot', 400, 'prompt token count of 140000 exceeds the limit of 128000', 128000],
    ['Moonshot', 400, 'Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)', 8192],
    ['DashScope', 400, 'Range of input length should be [1, 30720]'],
    ['Zhipu', 400, 'Prompt exceeds max length'],
    ['Bedrock', 400, 'Input is too long for requested model.'],
    ['Cohere', 400, 'too many tokens: total number of tokens in the prompt cannot exceed 4081'],
    ['TGI', 422, 'Input validation error: `inputs` must have less than 1024 tokens. Given: 3000'],
    ['Fireworks', 400, 'The prompt is too long: 40000, model maximum context length: 32768', 32768],
    ['nginx', 413, '<html><head><title>413 Request Entity Too Large</title></head></html>'],
  ])('%s', async (_name, status, message, window = undefined) => {
    const { error, facts } = await failureFor({ status, body: message.startsWith('<') ? message : { error: { message } } });
    expect(error.code).toBe('model-context-full');
    expect(tell(toFailure(error)).next).toContain('fewer files');
    expect(error.message).toContain(message.startsWith('<') ? 'Too Large' : message.slice(0, 40));
    if (window !== undefined) expect(facts.contextTokens).toBe(window);
  });

  test.each([
    [400, 'The number of stop sequences is greater than 4'],
    [400, 'temperature must be less than 2'],
    [400, 'tools[0].function.name: must be a string'],
    [400, 'Invalid request: unknown tool choice'],
    [429, 'Rate limit reached: you exceeded the tokens per minute. Try again in 2s.'],
    [500, 'CUDA out of memory'],
    [503, 'Too many requests in the queue'],
  ])('and nothing else is, %i: %s', async (status, message) => {
    expect((await failureFor({ status, body: { error: { message } } })).error.code).not.toBe('model-context-full');
  });
});

describe('the length of a reply that a server allows', () => {
  test.each<[string, (asked: number) => object | string, number, number?]>([
    [
      'OpenAI',
      (n) => ({
        error: {
          message: `max_tokens is too large: ${n}. This model supports at most 1024 completion tokens, whereas you provided ${n}.`,
          param: 'max_tokens',
        },
      }),
      1024,
    ],
    [
      'OpenAI, with commas',
      (n) => ({ error: { message: `max_tokens is too large: ${n}. This model supports at most 2,048 completion tokens.` } }),
      2048,
    ],
    [
      'Anthropic',
      (n) => ({ error: { message: `max_tokens: ${n} > 1024, which is the maximum allowed number of output tokens for small-20241022` } }),
      1024,
    ],
    ['DeepSeek', () => ({ error: { message: 'Invalid max_tokens value, the valid range of max_tokens is [1, 1024]' } }), 1024],
    [
      'Groq',
      () => ({
        error: {
          message:
            '`max_tokens` must be less than or equal to `1024`, the maximum value for `max_tokens` is less than the `context_window` for this model',
        },
      }),
      1024,
    ],
    [
      'Vertex',
      (n) => [
        {
          error: {
            code: 400,
            message: `Unable to submit request because it has a maxOutputTokens value of ${n} but the supported range is from 1 (inclusive) to 1025 (exclusive).`,
          },
        },
      ],
      1024,
    ],
    [
      'DashScope',
      () => ({ error: { message: '<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 1024]' } }),
      1024,
    ],
    [
      'Bedrock',
      () => ({
        message:
          'The maximum tokens you requested exceeds the model limit of 1024. Try again with a maximum tokens value that is lower than 1024.',
      }),
      1024,
    ],
    ['pydantic', () => ({ detail: [{ loc: ['body', 'max_tokens'], msg: 'Input should be less than or equal to 1024' }] }), 1024],
  ])('%s: is obeyed and remembered', async (_name, body, allowed) => {
    const { client, server } = await setUp((sent) =>
      (sent.max_tokens ?? 0) > allowed ? { status: 400, body: body(sent.max_tokens ?? 0) } : 'ok',
    );
    for (const _ of [1, 2]) expect((await client.chat({ ...request, maxTokens: 4000 }, undefined, never())).text).toBe('ok');
    expect(server.requests.map((seen) => seen.body.max_tokens)).toEqual([4000, allowed, allowed]);
  });

  test.each<[string, number, string, number]>([
    [
      'vLLM',
      400,
      "'max_tokens' or 'max_completion_tokens' is too large: 4000. This model's maximum context length is 4096 tokens and your request has 1096 input tokens (4000 > 4096 - 1096).",
      3000,
    ],
    [
      'OpenAI',
      400,
      "This model's maximum context length is 4096 tokens. However, you requested 5096 tokens (1096 in the messages, 4000 in the completion). Please reduce the length of the messages or completion.",
      3000,
    ],
    [
      'OpenRouter',
      400,
      "This endpoint's maximum context length is 4,096 tokens. However, you requested about 5096 tokens (1096 of text input, 4000 in the output).",
      3000,
    ],
    [
      'Anthropic',
      400,
      'input length and `max_tokens` exceed context limit: 1096 + 4000 > 4096, decrease input length or `max_tokens` and try again',
      3000,
    ],
    [
      'SGLang',
      400,
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5096 tokens: 1096 tokens from the input messages and 4000 tokens for the completion.",
      3000,
    ],
    [
      'credit',
      402,
      'This request requires more credits, or fewer max_tokens. You requested up to 4000 tokens, but can only afford 3000.',
      3000,
    ],
  ])('%s: what is left beside this prompt holds for this prompt alone', async (_name, status, message, left) => {
    const { client, server } = await setUp((sent) => ((sent.max_tokens ?? 0) > left ? { status, body: { error: { message } } } : 'ok'));
    for (const _ of [1, 2]) expect((await client.chat({ ...request, maxTokens: 4000 }, undefined, never())).text).toBe('ok');
    expect(server.requests.map((seen) => seen.body.max_tokens)).toEqual([4000, left, 4000, left]);
  });

  test('together with another name for it', async () => {
    const { client, server } = await setUp((sent) => {
      if (sent.max_tokens !== undefined) {
        return {
          status: 400,
          body: {
            error: {
              message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
              param: 'max_tokens',
            },
          },
        };
      }
      const asked = Number(sent.max_completion_tokens);
      return asked > 1000
        ? { status: 400, body: { error: { message: `max_completion_tokens is too large: ${asked}. At most 1000 completion tokens.` } } }
        : 'ok';
    });
    expect((await client.chat({ ...request, maxTokens: 4000 }, undefined, never())).text).toBe('ok');
    expect(server.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 1000 });
  });
});

describe('a form or a stream that a model does not have', () => {
  const format = { kind: 'json-schema', name: 'x', schema: { type: 'object' } } as const;

  test.each([
    "'response_format' of type 'json_schema' is not supported with this model.",
    'This response_format type is unavailable now',
    'Structured outputs are not supported',
  ])('is asked for in its weaker form, then not at all: %s', async (message) => {
    const weaker = await setUp((body) =>
      body.response_format?.type === 'json_schema' ? { status: 400, body: { error: { message } } } : '{}',
    );
    for (const _ of [1, 2]) await weaker.client.chat({ ...request, format }, undefined, never());
    expect(weaker.server.requests.map(({ body }) => body.response_format?.type)).toEqual(['json_schema', 'json_object', 'json_object']);
    const none = await setUp((body) =>
      body.response_format ? { status: 400, body: { error: { message, param: 'response_format' } } } : '{}',
    );
    for (const _ of [1, 2]) await none.client.chat({ ...request, format }, undefined, never());
    expect(none.server.requests.map(({ body }) => body.response_format?.type)).toEqual([
      'json_schema',
      'json_object',
      undefined,
      undefined,
    ]);
  });

  test('is read whole where it cannot stream', async () => {
    const message = 'Your organization must be verified to stream this model.';
    const { client, server } = await setUp((body) =>
      body.stream ? { status: 400, body: { error: { message, param: 'stream' } } } : 'whole',
    );
    for (const _ of [1, 2]) expect((await client.chat(request, undefined, never())).text).toBe('whole');
    expect(server.requests.map(({ body }) => [body.stream, 'stream_options' in body])).toEqual([
      [true, true],
      [false, false],
      [false, false],
    ]);
  });
});
