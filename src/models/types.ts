/**
 * The vocabulary for talking to a language model. Every adapter (OpenAI-compatible server, VS Code's language models, the recorded
 * replies of a replay) implements `ModelClient`; nothing else in the project knows a wire protocol.
 */

import type { ExtraFields } from './extra-fields.ts';

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** The arguments as the model wrote them: JSON text, possibly broken. */
  readonly arguments: string;
  /** What else the server said of it, and wants back. */
  readonly extra?: ExtraFields;
}

/** A picture beside the words of a message. */
export interface ChatImage {
  /** `data:image/png;base64,…` */
  readonly dataUrl: string;
  /** An estimate, by its size in pixels. */
  readonly tokens: number;
}

export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string; readonly images?: readonly ChatImage[] }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls?: readonly ToolCall[]; readonly extra?: ExtraFields }
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string };

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

export interface ChatRequest {
  readonly model: string;
  /** The shared part comes first and stays byte-identical between calls, so that servers can reuse it. */
  readonly messages: readonly ChatMessage[];
  /** 0 to 2. */
  readonly temperature?: number;
  /** Upper limit of the reply, in tokens. */
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly tools?: readonly ToolDefinition[];
  /** Asks the server to constrain the reply; which form is sent depends on the model's capabilities. */
  readonly format?: { readonly kind: 'json-object' } | { readonly kind: 'json-schema'; readonly name: string; readonly schema: JsonSchema };
  /** Fills this hole in place of a chat: `messages` are empty then. Only where the capabilities name a way. */
  readonly hole?: Hole;
  /** Weighs this text in place of a chat, and writes nothing. Only where the capabilities say so. */
  readonly weigh?: string;
}

/** A place in a text that the model fills, with nothing of a chat around it. */
export interface Hole {
  readonly before: string;
  readonly after: string;
  /** Who puts the model's marks around both sides: the server, or we. */
  readonly way: NonNullable<Capabilities['infill']>;
  /** The filling ends before any of these. */
  readonly stop?: readonly string[];
}

/** How likely a token of a text is, after all that stands before it. */
export interface TokenWeight {
  /** Where it begins in the text, UTF-16 units. */
  readonly start: number;
  /** Natural logarithm. */
  readonly logprob: number;
}

/** Tokens of one call. `estimated` is true when the server reported none and our own estimate stands in. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens` that the server read from its cache; 0 when unknown. */
  readonly cachedInputTokens: number;
  readonly estimated: boolean;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'filter' | 'unknown';

export interface ChatReply {
  /** The answer, without think blocks. */
  readonly text: string;
  /** What the model thought aloud (think blocks, reasoning fields); empty when none. */
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  /** What a server may want back with the tool calls. */
  readonly extra?: ExtraFields;
  readonly finish: FinishReason;
  readonly usage: Usage;
  /** Of the text that was to be weighed. */
  readonly weights?: readonly TokenWeight[];
  /** The model name the server says has answered. */
  readonly servedModel: string;
  /** Milliseconds from sending to the last byte. */
  readonly ms: number;
}

/** What arrives while a reply streams. */
export interface ChatDelta {
  readonly text?: string;
  readonly reasoning?: string;
  readonly preparing?: Preparing;
}

/** What goes on before the first word, where the server tells. */
export interface Preparing {
  readonly doing: 'loading' | 'reading';
  /** How much of the model is loaded, or of the prompt is read: 0 to 1. */
  readonly share: number;
}

/**
 * One server. `chat` makes exactly one attempt: it never retries (the runtime does, so that budgets count every attempt), and rejects
 * with a `TeamwrightError` whose code starts with `model-` (or `stopped`).
 */
export interface ModelClient {
  /** Names the endpoint for people: `embedded`, `ollama`, `https://host/v1`. */
  readonly endpoint: string;
  chat(request: ChatRequest, onDelta: ((delta: ChatDelta) => void) | undefined, signal: AbortSignal): Promise<ChatReply>;
  listModels(signal: AbortSignal): Promise<readonly string[]>;
  /** The context window in tokens, where the server tells it. Rejects like `listModels`. */
  contextTokens?(model: string, signal: AbortSignal): Promise<number | undefined>;
  /** Whether the server shows by its list of models that it completes texts as well: one that only chats is not asked to. Rejects like `listModels`. */
  completes?(signal: AbortSignal): Promise<boolean>;
}

/** What a server can do with a model. Probed once per endpoint and model, then kept. */
export interface Capabilities {
  /** It was trained to design teams: it is asked in a few words, since it has learned what the others are told. */
  readonly designs?: true;
  readonly format: 'json-schema' | 'json-object' | 'none';
  /** Native tool calls. */
  readonly tools: boolean;
  /** The server reports tokens. */
  readonly usage: boolean;
  /** Same seed and prompt give the same reply, and other seeds other ones, where the server honours seeds. */
  readonly seed: boolean;
  /** Context window in tokens; undefined when unknown. */
  readonly contextTokens?: number;
  /** How a hole in a text can be filled; undefined: it cannot. */
  readonly infill?: 'suffix' | 'marks';
  /** Tells how likely the tokens of a text are. */
  readonly weighs?: boolean;
  /** Looks at pictures. Undefined: nobody has asked yet; it is asked when a request has some. */
  readonly images?: boolean;
  /** Weak models get the one-shot form with whole files; strong ones may use tools and search/replace edits. */
  readonly strength: 'weak' | 'strong';
}

/** USD per million tokens. Zero for local models. `known` is false when no price was found (then estimates say so). */
export interface Price {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly known: boolean;
}

export type Tier = 'worker' | 'strong';

/** A model that a tier stands for. */
export interface ModelChoice {
  readonly client: ModelClient;
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly price: Price;
}

export type ModelSet = Readonly<Record<Tier, ModelChoice>>;
