/**
 * Our adapter against VS Code's own language model API: a provider registered here plays the model, and every message, part and error goes the
 * whole way through VS Code (two processes) to it and back.
 */
import assert from 'node:assert';
import process from 'node:process';
import * as vscode from 'vscode';
import { factsOf, nameOf } from '../../../src/editor/models/language-model/api.ts';
import { findLanguageModel, languageModelChoice, listLanguageModels } from '../../../src/editor/models/language-model/find.ts';
import { stopped, TeamwrightError } from '../../../src/errors.ts';
import type { ChatReply, ChatRequest } from '../../../src/models/types.ts';
import { type HostTest, runTests } from './suite.ts';

type Answer = (
  messages: readonly vscode.LanguageModelChatRequestMessage[],
  options: vscode.ProvideLanguageModelChatResponseOptions,
  say: (part: vscode.LanguageModelResponsePart) => void,
  token: vscode.CancellationToken,
) => Promise<void>;

const signal = new AbortController().signal;
const changed = new vscode.EventEmitter<void>();
let answer: Answer = async () => undefined;
let ids = ['talker'];

const provider: vscode.LanguageModelChatProvider = {
  onDidChangeLanguageModelChatInformation: changed.event,
  provideLanguageModelChatInformation: () =>
    ids.map((id) => ({
      id,
      name: `The ${id}`,
      family: 'scripted-70b',
      version: '2026-11',
      maxInputTokens: 9_000,
      maxOutputTokens: 1_000,
      capabilities: { toolCalling: true },
      // A model that the picker does not show is not offered to extensions by some versions.
      isUserSelectable: true,
    })),
  provideLanguageModelChatResponse: (_model, messages, options, progress, token) =>
    answer(messages, options, (part) => progress.report(part), token),
  provideTokenCount: async (_model, text) => (typeof text === 'string' ? text.length : 1),
};

const text = (value: string): vscode.LanguageModelTextPart => new vscode.LanguageModelTextPart(value);

async function open() {
  const chat = await findLanguageModel(vscode, 'teamwright-test/talker', signal);
  return { chat, ...languageModelChoice(vscode, chat, { prices: {}, strength: {} }, { justification: 'to test' }) };
}

async function ask(request: Partial<ChatRequest>, stop: AbortSignal = signal): Promise<ChatReply> {
  const { choice, close } = await open();
  try {
    return await choice.client.chat({ model: 'talker', messages: [{ role: 'user', content: 'hello' }], ...request }, undefined, stop);
  } finally {
    await close();
  }
}

async function failure(thrown: Error): Promise<TeamwrightError> {
  answer = async () => {
    throw thrown;
  };
  try {
    await ask({});
  } catch (error) {
    if (error instanceof TeamwrightError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

const tests: readonly HostTest[] = [
  {
    name: 'the model is found, with what it can do and how much it reads',
    run: async () => {
      const names = (await listLanguageModels(vscode, { vendor: 'teamwright-test' }, signal)).map(nameOf);
      assert.deepStrictEqual(names, ['teamwright-test/talker']);
      const { chat, choice, close } = await open();
      await close();
      assert.deepStrictEqual(factsOf(chat).tools, true);
      assert.deepStrictEqual(choice.capabilities, {
        format: 'none',
        tools: true,
        usage: false,
        seed: false,
        contextTokens: 9_000,
        images: false,
        strength: 'strong',
      });
    },
  },
  {
    name: 'a reply streams, with tool calls, and is counted by the model',
    run: async () => {
      let seen: { roles: number[]; said: string; tools: unknown; options: unknown } | undefined;
      answer = async (messages, options, say) => {
        const parts = messages.flatMap((message) => [...message.content]);
        const said = parts.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '?')).join('|');
        seen = { roles: messages.map(({ role }) => role), said, tools: options.tools, options: options.modelOptions };
        say(text('I loo'));
        say(text('k.'));
        say(new vscode.LanguageModelToolCallPart('c1', 'read', { path: 'a.js' }));
      };
      const tools = [{ name: 'read', description: 'Reads.', parameters: { type: 'object', properties: { path: { type: 'string' } } } }];
      const reply = await ask({
        tools,
        temperature: 0.5,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Look.' },
        ],
      });
      assert.deepStrictEqual(
        { text: reply.text, toolCalls: reply.toolCalls, finish: reply.finish, servedModel: reply.servedModel },
        {
          text: 'I look.',
          toolCalls: [{ id: 'c1', name: 'read', arguments: '{"path":"a.js"}' }],
          finish: 'tool-calls',
          servedModel: 'talker (2026-11)',
        },
      );
      assert.deepStrictEqual(seen?.roles, [vscode.LanguageModelChatMessageRole.User]);
      assert.strictEqual(seen?.said, 'Be brief.\n\nLook.');
      assert.ok(JSON.stringify(seen?.tools).includes('"read"'));
      assert.deepStrictEqual(seen?.options, { temperature: 0.5 });
      assert.strictEqual(reply.usage.estimated, true);
      assert.ok(reply.usage.inputTokens > 'Be brief.\n\nLook.'.length, `${reply.usage.inputTokens} tokens`);
    },
  },
  {
    name: 'results of tool calls reach the model with their calls',
    run: async () => {
      let seen: unknown[] = [];
      answer = async (messages, _options, say) => {
        seen = messages.flatMap(({ role, content }) =>
          content.map((part) => {
            if (part instanceof vscode.LanguageModelToolCallPart) return [role, 'call', part.callId, part.name, part.input];
            if (part instanceof vscode.LanguageModelToolResultPart) {
              return [role, 'result', part.callId, part.content.map((each) => (each as vscode.LanguageModelTextPart).value).join('')];
            }
            return [role, 'text', part instanceof vscode.LanguageModelTextPart ? part.value : '?'];
          }),
        );
        say(text('done'));
      };
      await ask({
        messages: [
          { role: 'user', content: 'go' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'read', arguments: '{"path":"a.js"}' }] },
          { role: 'tool', toolCallId: 'c1', content: 'the file' },
        ],
      });
      assert.deepStrictEqual(seen, [
        [1, 'text', 'go'],
        [2, 'call', 'c1', 'read', { path: 'a.js' }],
        [1, 'result', 'c1', 'the file'],
      ]);
    },
  },
  {
    name: 'every code of VS Code, and the words of a provider, come out as our failures',
    run: async () => {
      const wanted: readonly (readonly [Error, string])[] = [
        [vscode.LanguageModelError.NoPermissions('no'), 'model-unauthorized'],
        [vscode.LanguageModelError.Blocked('quota exceeded'), 'model-unauthorized'],
        [vscode.LanguageModelError.NotFound('gone'), 'model-not-found'],
        [new Error('You have been rate limited: too many requests'), 'model-rate-limited'],
        [new Error('off_topic'), 'model-refused'],
        [new Error('Message exceeds token limit'), 'model-context-full'],
        [new Error('something odd'), 'model-server-error'],
      ];
      for (const [thrown, code] of wanted) {
        const error = await failure(thrown);
        assert.strictEqual(error.code, code, `${thrown.message}: ${error.message}`);
        assert.ok(error.message.includes(thrown.message), error.message);
      }
    },
  },
  {
    name: 'a failure in the middle keeps what came',
    run: async () => {
      answer = async (_messages, _options, say) => {
        say(text('half an ans'));
        // An error that is thrown at once overtakes the parts before it.
        await new Promise((resolve) => setTimeout(resolve, 500));
        throw new Error('socket hang up');
      };
      const error = await ask({}).catch((failed: unknown) => failed);
      assert.ok(error instanceof TeamwrightError);
      assert.strictEqual(error.code, 'model-half-stream', error.message);
      assert.strictEqual(error.spent.partialText, 'half an ans');
    },
  },
  {
    name: 'a stop reaches the provider, and nobody waits for it',
    run: async () => {
      const cancelled = Promise.withResolvers<void>();
      const stop = new AbortController();
      answer = async (_messages, _options, say, token) => {
        token.onCancellationRequested(() => cancelled.resolve());
        say(text('as far as'));
        setTimeout(() => stop.abort(stopped('Ann')), 100);
        await cancelled.promise;
      };
      const error = await ask({}, stop.signal).catch((failed: unknown) => failed);
      assert.ok(error instanceof TeamwrightError);
      assert.strictEqual(error.code, 'stopped', error.message);
      await cancelled.promise;
    },
  },
  {
    name: 'a model that went away is not there any more',
    run: async () => {
      const { choice, close } = await open();
      const away = new Promise((resolve) => vscode.lm.onDidChangeChatModels(resolve));
      ids = ['other'];
      changed.fire();
      await away;
      const call = choice.client.chat({ model: 'talker', messages: [{ role: 'user', content: 'hello' }] }, undefined, signal);
      const error = await call.catch((failed: unknown) => failed);
      await close();
      assert.ok(error instanceof TeamwrightError);
      assert.strictEqual(error.code, 'model-not-found', error.message);
    },
  },
];

/** Called by VS Code. */
export async function run(): Promise<void> {
  const registered = vscode.lm.registerLanguageModelChatProvider('teamwright-test', provider);
  try {
    await runTests(tests, process.env.TEAMWRIGHT_HOST_REPORT);
  } finally {
    registered.dispose();
  }
}
