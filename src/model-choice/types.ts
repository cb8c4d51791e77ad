/** The ways to name a model, and what choosing models needs from the program it happens in. */
import type { ServeOptions } from '../local-model/index.ts';
import type { ModelChoice, ModelSet } from '../models/types.ts';
import type { EndpointSettings, ModelSettings } from './settings.ts';

/** Local servers that are found on their usual ports. */
export const localServerNames = ['ollama', 'lmstudio', 'llama-server', 'vllm'] as const;
export type LocalServerName = (typeof localServerNames)[number];

export type ModelReference =
  /** The model Teamwright brings itself; no size: the default one. */
  | { readonly kind: 'embedded'; readonly size?: string }
  /** A local server on its usual port. */
  | { readonly kind: 'local'; readonly server: LocalServerName; readonly model: string }
  /** Any OpenAI-compatible server. */
  | { readonly kind: 'url'; readonly baseUrl: string; readonly model: string }
  /** An endpoint named in the settings. */
  | { readonly kind: 'endpoint'; readonly endpoint: string; readonly model: string }
  /** A language model that VS Code offers: `vendor/name`. */
  | { readonly kind: 'vscode'; readonly model: string }
  /** A bare name: a model of the server that the environment names. */
  | { readonly kind: 'environment'; readonly model: string };

export const modelForms =
  'embedded, embedded:0.5b, ollama:NAME, lmstudio:NAME, llama-server:NAME, vllm:NAME, NAME@http://host:port/v1, ENDPOINT:NAME (an endpoint of the settings), or NAME (a model of OPENAI_BASE_URL)';

export interface ModelContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's data folder; what was found out about models is kept below it. */
  readonly dataDir: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Says something to the user. */
  readonly tell: (notice: ModelNotice) => void;
  readonly settings: ModelSettings;
  /** Where they are written, when that is a file. */
  readonly settingsFile?: string;
  /** The key that the user gave to an endpoint; undefined: none, and the environment is asked. Rejects with `bad-settings`. */
  readonly keyOf: (name: string, endpoint: EndpointSettings) => Promise<string | undefined>;
  readonly embedded: EmbeddedPorts;
  /** Finds a language model of VS Code; absent outside of it. */
  readonly vscodeModel?: (model: string, signal: AbortSignal) => Promise<Chosen>;
  /** Absolute; a key file in here is refused. */
  readonly workspace?: string;
  /** Ask the server again, whatever was found out before. */
  readonly probeAgain?: boolean;
  /** Pictures go along: whether a model looks at any is found out where nobody knows it yet. */
  readonly images?: boolean;
}

/** What the user should know while models are chosen. */
export type ModelNotice =
  /** Nobody named a model: this one was found on the machine, or is the embedded one. */
  | { readonly kind: 'unasked'; readonly reference: ModelReference }
  /** A few short calls, once for each model. */
  | { readonly kind: 'probing'; readonly model: string; readonly endpoint: string }
  /** A key that is not used, or at risk: a sentence. */
  | { readonly kind: 'key'; readonly warning: string };

export interface EmbeddedPorts {
  /** Sees to it that the model is set up, as far as the user agrees. Rejects with `local-model-missing`. */
  require(id: string, signal: AbortSignal): Promise<void>;
  /** How its server is started; the usual: one shared by all processes of the user. */
  readonly serve?: ServeOptions;
}

/** What the user asked for at the start of this run. */
export interface WantedModels {
  readonly model?: string;
  readonly strong?: string;
}

/** A model that a name stands for, ready to be asked. */
export interface Chosen {
  readonly choice: ModelChoice;
  /** The key that opens its server. */
  readonly secret?: string;
  close(): Promise<void>;
}

/** The models of one run, ready to be asked. */
export interface ChosenModels {
  readonly set: ModelSet;
  /** Exact values that must not reach a trace. */
  readonly secrets: readonly string[];
  close(): Promise<void>;
}
