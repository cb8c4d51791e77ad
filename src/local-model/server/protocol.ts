/** The OpenAI protocol, as far as this server speaks it: chat, and completions for filling a hole and for weighing a text. */
import * as z from 'zod';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const content = z.union([z.string(), z.array(textPart).transform((parts) => parts.map((part) => part.text).join(''))]);

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']).transform((role) => (role === 'developer' ? 'system' : role)),
  content: content.nullish().transform((text) => text ?? ''),
});

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }) }),
]);

/** Unknown fields are ignored, as other servers do; what would change the meaning of the reply is refused in `parseChat`. */
const chatRequest = z.object({
  model: z.string().optional(),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  /** A stream tells how much of the prompt is read, as llama-server's does. */
  return_progress: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  response_format: responseFormat.nullish(),
  n: z.literal(1).nullish(),
  tools: z.array(z.unknown()).max(0, 'this server has no tool calls').nullish(),
  logprobs: z.literal(false).nullish(),
});

export type ChatCall = z.infer<typeof chatRequest>;

/** No token is to be written: asked is how likely those of the prompt are. */
export const isWeighing = (call: { readonly logprobs?: number | null; readonly max_tokens?: number | null }): boolean =>
  typeof call.logprobs === 'number' && call.max_tokens === 0;

/**
 * With `suffix`: fills the hole between both. With `echo` and `logprobs` and no tokens to write: how likely each token of `prompt` is to the
 * model. Otherwise: goes on from `prompt`. No chat template stands around any of them.
 */
const completionRequest = z
  .object({
    model: z.string().optional(),
    prompt: z.string(),
    suffix: z.string().nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().gt(0).max(1).nullish(),
    seed: z.number().int().nullish(),
    max_tokens: z.number().int().min(0).nullish(),
    stop: z.union([z.string(), z.array(z.string())]).nullish(),
    echo: z.boolean().nullish(),
    logprobs: z.number().int().min(0).max(1).nullish(),
    n: z.literal(1).nullish(),
  })
  .refine(({ prompt, suffix }) => prompt !== '' || (suffix ?? '') !== '', 'prompt: there is nothing to go on from')
  .refine((call) => !isWeighing(call) || (call.echo === true && call.stream !== true && (call.suffix ?? '') === ''), {
    error: 'logprobs: only of the prompt itself (echo: true, max_tokens: 0, no suffix, no stream)',
  })
  .refine((call) => isWeighing(call) || call.max_tokens !== 0, 'max_tokens: 0 is for weighing a text (echo: true, logprobs: 0)')
  .refine((call) => isWeighing(call) || call.echo !== true, 'echo: only for weighing a text (max_tokens: 0, logprobs: 0)');

export type CompletionCall = z.infer<typeof completionRequest>;

/** A refusal in the protocol's own words. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, text: string) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

export const parseChat = (body: string): ChatCall => parsed(chatRequest, body);
export const parseCompletion = (body: string): CompletionCall => parsed(completionRequest, body);

function parsed<Schema extends z.ZodType>(schema: Schema, body: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new RequestRefused(400, 'invalid_json', `The request is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new RequestRefused(400, 'invalid_request', issues.join('; '));
}

export const errorBody = (message: string, code: string, status: number): object => ({
  error: { message, code, type: status >= 500 ? 'server_error' : 'invalid_request_error', param: null },
});

export interface ReplyUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

const usageBody = (usage: ReplyUsage): object => ({
  prompt_tokens: usage.promptTokens,
  completion_tokens: usage.completionTokens,
  total_tokens: usage.promptTokens + usage.completionTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedTokens },
});

export interface ReplyHead {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
}

export type Finish = 'stop' | 'length';

export const completion = (head: ReplyHead, text: string, finish: Finish, usage: ReplyUsage): object => ({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, logprobs: null, finish_reason: finish }],
  usage: usageBody(usage),
});

export const chunk = (head: ReplyHead, delta: object, finish: Finish | null): object => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
});

/** How much of the prompt is read: llama-server's form. */
export const progressChunk = (head: ReplyHead, total: number, processed: number): object => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { role: 'assistant', content: null }, logprobs: null, finish_reason: null }],
  prompt_progress: { total, processed },
});

export const textCompletion = (
  head: ReplyHead,
  text: string,
  finish: Finish,
  usage: ReplyUsage,
  logprobs: object | null = null,
): object => ({
  ...head,
  object: 'text_completion',
  choices: [{ index: 0, text, logprobs, finish_reason: finish }],
  usage: usageBody(usage),
});

export const textChunk = (head: ReplyHead, text: string, finish: Finish | null): object => ({
  ...head,
  object: 'text_completion',
  choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
});

export const usageChunk = (head: ReplyHead, usage: ReplyUsage): object => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [],
  usage: usageBody(usage),
});
