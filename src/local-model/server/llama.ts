/**
 * The part of node-llama-cpp (3.22) that the server uses. It is not a dependency of ours: the engine is installed into the user's cache
 * folder and loaded from there by path.
 */
import { pathToFileURL } from 'node:url';
import { adapterProblem } from '../adapter.ts';

/** An opaque number of the model's vocabulary. */
export type Token = number;

export interface LlamaSequence {
  readonly contextSize: number;
  readonly nextTokenIndex: number;
  readonly contextTokens: readonly Token[];
  eraseContextTokenRanges(ranges: readonly { start: number; end: number }[]): Promise<void>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]): Promise<void>;
  evaluate(tokens: readonly Token[], options: EvaluateOptions): AsyncGenerator<Token, void, void>;
  controlledEvaluate(tokens: readonly WeighedToken[]): Promise<readonly (undefined | { readonly next: Weights })[]>;
  saveStateToFile(file: string): Promise<{ fileSize: number }>;
  loadStateFromFile(file: string, options: { acceptRisk: true }): Promise<void>;
  clearHistory(): Promise<void>;
}

export interface EvaluateOptions {
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly grammarEvaluationState?: unknown;
}

/** A token, and what is to be known of the one that may follow it. */
export type WeighedToken =
  | Token
  | [
      token: Token,
      options: {
        generateNext: { logits: { filter: { tokens: readonly Token[]; includeTop: 1 } }; totalLogitWeight: true };
      },
    ];

export interface Weights {
  readonly logits?: ReadonlyMap<Token, number>;
  /** Sum of `exp(logit - largest logit)` over the vocabulary. */
  readonly totalLogitWeight?: number;
}

export interface LlamaModel {
  /** The marks around a hole, where the model was trained on any. */
  readonly tokens: { readonly infill: Readonly<Record<'prefix' | 'middle' | 'suffix', Token | null>> };
  tokenize(text: string, specialTokens?: boolean): Token[];
  detokenize(tokens: readonly Token[], specialTokens?: boolean, lastTokens?: readonly Token[]): string;
  isEogToken(token: Token): boolean;
  createContext(options: {
    contextSize: number;
    sequences: number;
    batchSize: number;
    threads: number;
    lora?: { adapters: { filePath: string }[] };
  }): Promise<{ getSequence(): LlamaSequence }>;
}

interface Llama {
  loadModel(options: { modelPath: string; gpuLayers?: number; onLoadProgress?: (share: number) => void }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: unknown): Promise<unknown>;
  dispose(): Promise<void>;
}

interface LlamaModule {
  getLlama(options: { gpu: false; build: 'never'; progressLogs: false; maxThreads: number; logLevel: string }): Promise<Llama>;
  LlamaGrammarEvaluationState: new (options: { model: LlamaModel; grammar: unknown }) => unknown;
}

export interface Engine {
  readonly model: LlamaModel;
  readonly sequences: readonly LlamaSequence[];
  /** A fresh grammar state per reply. The schema is in the engine's own dialect (see `schema.ts`). */
  grammarFor(schema: unknown): Promise<unknown>;
  dispose(): Promise<void>;
}

export interface EngineOptions {
  /** Folder whose `node_modules` holds node-llama-cpp. */
  readonly engineDir: string;
  readonly modelFile: string;
  /** LoRA weights; they must say that they were trained on the weights of this SHA-256. */
  readonly adapter?: { readonly file: string; readonly trainedOn: string | undefined };
  readonly contextTokens: number;
  readonly slots: number;
  readonly threads: number;
  /** How much of the model is loaded, 0 to 1. */
  readonly onLoading?: (share: number) => void;
}

/** Most tokens the engine evaluates at once. */
const batchTokens = 256;

export async function loadEngine(options: EngineOptions): Promise<Engine> {
  const entry = pathToFileURL(`${options.engineDir}/node_modules/node-llama-cpp/dist/index.js`).href;
  const library = (await import(entry)) as LlamaModule;
  const { adapter } = options;
  if (adapter !== undefined) await requireFitting(adapter);
  const llama = await library.getLlama({ gpu: false, build: 'never', progressLogs: false, maxThreads: options.threads, logLevel: 'error' });
  const model = await llama.loadModel({
    modelPath: options.modelFile,
    ...(options.onLoading && { onLoadProgress: options.onLoading }),
  });
  const context = await model.createContext({
    contextSize: options.contextTokens,
    sequences: options.slots,
    batchSize: batchTokens,
    threads: options.threads,
    ...(adapter && { lora: { adapters: [{ filePath: adapter.file }] } }),
  });
  const grammars = new Map<string, unknown>();
  return {
    model,
    sequences: Array.from({ length: options.slots }, () => context.getSequence()),
    async grammarFor(schema) {
      const key = JSON.stringify(schema);
      const grammar = grammars.get(key) ?? (await llama.createGrammarForJsonSchema(schema));
      grammars.set(key, grammar);
      return new library.LlamaGrammarEvaluationState({ model, grammar });
    },
    dispose: () => llama.dispose(),
  };
}

/** Whoever starts the server has looked already; the file may be another one since. Rejects with a sentence. */
async function requireFitting({ file, trainedOn }: NonNullable<EngineOptions['adapter']>): Promise<void> {
  const problem = await adapterProblem(file, trainedOn);
  if (problem === 'foreign') throw new Error(`${file} was trained on other weights than these; train the designer anew.`);
  if (problem !== undefined) throw new Error(`${file} holds no LoRA weights that can be read; train the designer anew.`);
}
