/**
 * Texts without a chat around them: a hole to be filled, and a text to be weighed. Both go to the completions endpoint, pure. A hole is filled by
 * what the model was trained on: the server puts its marks around both sides (`suffix`), or we do (`marks`), where the family is known.
 */
import type { ChatRequest, Hole, TokenWeight } from './types.ts';

/** The marks of a family, by how its models are called. */
const families: readonly { readonly name: RegExp; readonly before: string; readonly after: string; readonly middle: string }[] = [
  { name: /qwen|codegemma|granite/i, before: '<|fim_prefix|>', after: '<|fim_suffix|>', middle: '<|fim_middle|>' },
  { name: /starcoder|stable-code|smollm/i, before: '<fim_prefix>', after: '<fim_suffix>', middle: '<fim_middle>' },
  { name: /deepseek/i, before: '<｜fim▁begin｜>', after: '<｜fim▁hole｜>', middle: '<｜fim▁end｜>' },
  { name: /code-?llama/i, before: '<PRE> ', after: ' <SUF>', middle: ' <MID>' },
];

const familyOf = (model: string): (typeof families)[number] | undefined => families.find(({ name }) => name.test(model));

/** Whether `marks` is a way for this model. */
export const hasMarks = (model: string): boolean => familyOf(model) !== undefined;

/** The body of a completions request; undefined for a chat. */
export function completionBody({ model, hole, weigh, temperature, maxTokens, seed }: ChatRequest): Record<string, unknown> | undefined {
  if (weigh !== undefined) return { model, prompt: weigh, echo: true, logprobs: 0, max_tokens: 0, temperature: 0 };
  if (hole === undefined) return undefined;
  return {
    model,
    ...sides(model, hole),
    stream: true,
    stream_options: { include_usage: true },
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(hole.stop?.length ? { stop: hole.stop } : {}),
  };
}

function sides(model: string, { before, after, way }: Hole): Record<string, unknown> {
  const family = way === 'marks' ? familyOf(model) : undefined;
  if (family === undefined) return { prompt: before, suffix: after };
  return { prompt: `${family.before}${before}${family.after}${after}${family.middle}` };
}

/** What all characters of a request are, for an estimate of its tokens. */
export const textOf = ({ hole, weigh }: Pick<ChatRequest, 'hole' | 'weigh'>): string =>
  weigh ?? (hole === undefined ? '' : hole.before + hole.after);

/** How likely each token of the weighed text is; empty when the reply does not say. */
export function weightsOf(reply: unknown): readonly TokenWeight[] {
  const choice = (reply as { choices?: readonly { logprobs?: unknown }[] } | null)?.choices?.[0];
  const { text_offset: offsets, token_logprobs: logprobs } = (choice?.logprobs ?? {}) as Record<string, unknown>;
  if (!Array.isArray(offsets) || !Array.isArray(logprobs)) return [];
  return offsets.flatMap((start: unknown, index) => {
    const logprob: unknown = logprobs[index];
    return typeof start === 'number' && typeof logprob === 'number' ? [{ start, logprob }] : [];
  });
}
