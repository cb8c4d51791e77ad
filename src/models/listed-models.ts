/** The answer of `/v1/models`, with what some servers add to it. */
import * as z from 'zod';

export interface ListedModel {
  readonly id: string;
  /** Context window, where the server tells it. */
  readonly contextTokens: number | undefined;
  /** Of a server that is known to complete texts as well as to chat. */
  readonly completes: boolean;
}

/** How vLLM, SGLang, llama.cpp, Ollama, LM Studio and our own server sign the models they list. */
const completing = new Set(['vllm', 'sglang', 'llamacpp', 'library', 'organization_owner', 'teamwright']);

const tokens = z.number().int().positive().optional().catch(undefined);

const listSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      owned_by: z.string().optional().catch(undefined),
      /** vLLM. */
      max_model_len: tokens,
      /** OpenRouter, Groq. */
      context_length: tokens,
      context_window: tokens,
      /** Mistral, LM Studio. */
      max_context_length: tokens,
      /** llama-server, when it tells what it was started with (`n_ctx_train` is what the model could do). */
      meta: z.object({ n_ctx: tokens }).optional().catch(undefined),
    }),
  ),
});

/** Undefined when the body is no list of models. */
export function listedModels(body: unknown): ListedModel[] | undefined {
  return listSchema.safeParse(body).data?.data.map((entry) => ({
    id: entry.id,
    contextTokens: entry.max_model_len ?? entry.context_length ?? entry.context_window ?? entry.max_context_length ?? entry.meta?.n_ctx,
    completes: completing.has(entry.owned_by ?? ''),
  }));
}
