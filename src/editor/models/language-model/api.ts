/** The part of VS Code that the adapter of its language models uses, and what it finds at run time beyond the published types. */
import type * as vscode from 'vscode';
import * as z from 'zod';

export type LanguageModelApi = Pick<
  typeof vscode,
  | 'lm'
  | 'CancellationTokenSource'
  | 'LanguageModelChatMessage'
  | 'LanguageModelDataPart'
  | 'LanguageModelTextPart'
  | 'LanguageModelToolCallPart'
  | 'LanguageModelToolResultPart'
>;

/** VS Code 1.139 tells these of a model although its types (1.120) do not name them; other versions may not. */
const unpublished = z.object({
  capabilities: z
    .object({ supportsToolCalling: z.boolean().optional().catch(undefined), supportsImageToText: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  /** A provider's own words, such as `1x` for one premium request. */
  pricing: z.string().optional().catch(undefined),
});

export interface ModelFacts {
  /** Undefined when VS Code does not say. */
  readonly tools: boolean | undefined;
  readonly images: boolean | undefined;
  readonly pricing: string | undefined;
}

export function factsOf(chat: vscode.LanguageModelChat): ModelFacts {
  const found = unpublished.safeParse({ ...chat }).data;
  const { supportsToolCalling: tools, supportsImageToText: images } = found?.capabilities ?? {};
  return { tools, images, pricing: found?.pricing?.trim() || undefined };
}

/** `copilot/gpt-4o`: how models of VS Code are named in settings, after `vscode:`. */
export const nameOf = ({ vendor, id }: Pick<vscode.LanguageModelChat, 'vendor' | 'id'>): string => `${vendor}/${id}`;
