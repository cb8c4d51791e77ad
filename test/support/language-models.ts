/**
 * VS Code's language model API (1.120 types, behaviour as read from the extension host of 1.139) with scripted models behind it: what the
 * scripted server is for HTTP. Everything else of `vscode` is not here.
 */
import { EventEmitter } from 'node:events';
import type * as vscode from 'vscode';

export class TextPart {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}
export class ToolCallPart {
  readonly callId: string;
  readonly name: string;
  readonly input: object;
  constructor(callId: string, name: string, input: object) {
    this.callId = callId;
    this.name = name;
    this.input = input;
  }
}
export class ToolResultPart {
  readonly callId: string;
  readonly content: readonly unknown[];
  constructor(callId: string, content: readonly unknown[]) {
    this.callId = callId;
    this.content = content;
  }
}
/** Not in the published types; VS Code sends it all the same. */
export class ThinkingPart {
  readonly value: string | readonly string[];
  constructor(value: string | readonly string[]) {
    this.value = value;
  }
}
export class DataPart {
  readonly data: Uint8Array;
  readonly mimeType: string;
  constructor(data: Uint8Array, mimeType: string) {
    this.data = data;
    this.mimeType = mimeType;
  }
  static image(data: Uint8Array, mimeType: string): DataPart {
    return new DataPart(data, mimeType);
  }
}

class ChatMessage {
  /** 1: user, 2: assistant. */
  readonly role: 1 | 2;
  readonly content: readonly unknown[];
  constructor(role: 1 | 2, content: string | readonly unknown[]) {
    this.role = role;
    this.content = typeof content === 'string' ? [new TextPart(content)] : content;
  }
  static User(content: string | readonly unknown[]): ChatMessage {
    return new ChatMessage(1, content);
  }
  static Assistant(content: string | readonly unknown[]): ChatMessage {
    return new ChatMessage(2, content);
  }
}

export class LanguageModelError extends Error {
  readonly code: string;
  constructor(message: string | undefined, code = '', cause?: unknown) {
    super(message, { cause });
    this.name = 'LanguageModelError';
    this.code = code;
  }
  static NoPermissions = (message?: string): LanguageModelError => new LanguageModelError(message, 'NoPermissions');
  static Blocked = (message?: string): LanguageModelError => new LanguageModelError(message, 'Blocked');
  static NotFound = (message?: string): LanguageModelError => new LanguageModelError(message, 'NotFound');
}

interface Token {
  readonly isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

class CancellationTokenSource {
  readonly #events = new EventEmitter();
  #cancelled = false;
  disposed = false;
  readonly token: Token;
  constructor() {
    const events = this.#events;
    const cancelled = (): boolean => this.#cancelled;
    this.token = {
      get isCancellationRequested() {
        return cancelled();
      },
      onCancellationRequested: (listener) => {
        events.on('cancel', listener);
        return { dispose: () => void events.off('cancel', listener) };
      },
    };
  }
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#events.emit('cancel');
  }
  dispose(): void {
    this.disposed = true;
    this.#events.removeAllListeners();
  }
}

export interface SeenRequest {
  readonly messages: readonly ChatMessage[];
  readonly options: vscode.LanguageModelChatRequestOptions;
  readonly token: Token;
}

/** Answers a request: the parts of the reply, one after the other; throw to fail, at the start or midway. */
export type Answer = (request: SeenRequest, index: number) => AsyncIterable<unknown> | Iterable<unknown> | Promise<Iterable<unknown>>;

export interface ScriptedModel {
  readonly vendor: string;
  readonly id: string;
  readonly family?: string;
  readonly version?: string;
  readonly name?: string;
  readonly maxInputTokens?: number;
  /** Undefined: VS Code does not tell. */
  readonly images?: boolean;
  readonly tools?: boolean;
  readonly pricing?: string;
  readonly answer?: Answer;
  /** Default: a token for four characters. */
  readonly countTokens?: (text: string) => Promise<number>;
}

export interface ScriptedLanguageModels {
  /** The fields of `vscode`. */
  readonly api: {
    readonly lm: {
      selectChatModels(selector?: vscode.LanguageModelChatSelector): Promise<unknown[]>;
      onDidChangeChatModels(listener: () => void): { dispose(): void };
    };
    readonly CancellationTokenSource: typeof CancellationTokenSource;
    readonly LanguageModelChatMessage: typeof ChatMessage;
    readonly LanguageModelDataPart: typeof DataPart;
    readonly LanguageModelTextPart: typeof TextPart;
    readonly LanguageModelToolCallPart: typeof ToolCallPart;
    readonly LanguageModelToolResultPart: typeof ToolResultPart;
    readonly LanguageModelError: typeof LanguageModelError;
  };
  readonly requests: SeenRequest[];
  readonly selections: (vscode.LanguageModelChatSelector | undefined)[];
  /** Other models from now on; objects given out before go stale. */
  change(models: readonly ScriptedModel[]): void;
  /** What `canSendRequest` says. */
  allowed: boolean | undefined;
}

export function languageModels(first: readonly ScriptedModel[]): ScriptedLanguageModels {
  let models = first;
  const changes = new EventEmitter();
  const requests: SeenRequest[] = [];
  const selections: (vscode.LanguageModelChatSelector | undefined)[] = [];

  const chatOf = (model: ScriptedModel): object => {
    const there = (): void => {
      if (!models.includes(model)) throw LanguageModelError.NotFound(`Language model '${model.id}' is unknown.`);
    };
    return Object.freeze({
      id: model.id,
      vendor: model.vendor,
      family: model.family ?? model.id,
      version: model.version ?? '1',
      name: model.name ?? model.id,
      maxInputTokens: model.maxInputTokens ?? 64_000,
      pricing: model.pricing,
      ...(model.tools === undefined
        ? {}
        : { capabilities: { supportsImageToText: model.images ?? false, supportsToolCalling: model.tools } }),
      countTokens: async (text: string) => {
        there();
        return model.countTokens === undefined ? Math.ceil(text.length / 4) : await model.countTokens(text);
      },
      sendRequest: async (messages: readonly ChatMessage[], options: vscode.LanguageModelChatRequestOptions = {}, token: Token) => {
        there();
        const request = { messages, options, token };
        requests.push(request);
        const parts = await (model.answer ?? (() => [new TextPart('OK')]))(request, requests.length - 1);
        const stream = (async function* () {
          yield* parts;
        })();
        return { stream };
      },
    });
  };

  return {
    api: {
      lm: {
        selectChatModels: async (selector) => {
          selections.push(selector);
          return models
            .filter(
              (model) =>
                (selector?.vendor === undefined || selector.vendor === model.vendor) &&
                (selector?.id === undefined || selector.id === model.id) &&
                (selector?.family === undefined || selector.family === (model.family ?? model.id)),
            )
            .map(chatOf);
        },
        onDidChangeChatModels: (listener) => {
          changes.on('change', listener);
          return { dispose: () => void changes.off('change', listener) };
        },
      },
      CancellationTokenSource,
      LanguageModelChatMessage: ChatMessage,
      LanguageModelDataPart: DataPart,
      LanguageModelTextPart: TextPart,
      LanguageModelToolCallPart: ToolCallPart,
      LanguageModelToolResultPart: ToolResultPart,
      LanguageModelError,
    },
    requests,
    selections,
    change: (next) => {
      models = next;
      changes.emit('change');
    },
    allowed: true,
  };
}
