/** Our messages and tools as VS Code's language models take them. They know no system message: it stands before the user's next words. */
import type * as vscode from 'vscode';
import type { ChatImage, ChatMessage, ToolCall, ToolDefinition } from '../../../models/types.ts';
import type { LanguageModelApi } from './api.ts';

/** The shared beginning stays byte-identical: the system's words come first, in the same message as the user's first ones. */
export function toLanguageModel(api: LanguageModelApi, messages: readonly ChatMessage[]): vscode.LanguageModelChatMessage[] {
  const { LanguageModelChatMessage: Message, LanguageModelTextPart: Text, LanguageModelToolCallPart: Call } = api;
  const out: vscode.LanguageModelChatMessage[] = [];
  let system: string[] = [];
  let results: vscode.LanguageModelToolResultPart[] = [];

  /** Results of one turn's tool calls belong into one message of the user. */
  const flush = (): void => {
    if (results.length > 0) out.push(Message.User(results));
    if (system.length > 0) out.push(Message.User(system.join('\n\n')));
    results = [];
    system = [];
  };

  for (const message of messages) {
    if (message.role === 'system') {
      if (results.length > 0) flush();
      system.push(message.content);
      continue;
    }
    if (message.role === 'tool') {
      if (system.length > 0) flush();
      results.push(new api.LanguageModelToolResultPart(message.toolCallId, [new Text(message.content)]));
      continue;
    }
    if (message.role === 'assistant') {
      flush();
      const calls = (message.toolCalls ?? []).map((call) => new Call(call.id, call.name, inputOf(call)));
      const said = message.content === '' && calls.length > 0 ? [] : [new Text(message.content)];
      out.push(Message.Assistant([...said, ...calls]));
      continue;
    }
    const words = [...system, message.content].join('\n\n');
    system = [];
    flush();
    const { images = [] } = message;
    out.push(Message.User(images.length === 0 ? words : [new Text(words), ...images.map((image) => picturePart(api, image))]));
  }
  flush();
  return out;
}

function picturePart({ LanguageModelDataPart: Data }: LanguageModelApi, { dataUrl }: ChatImage): vscode.LanguageModelDataPart {
  const [head = '', content = ''] = dataUrl.split(',', 2);
  const [kind = ''] = head.slice('data:'.length).split(';', 1);
  return Data.image(Buffer.from(content, 'base64'), kind);
}

/** VS Code wants an object; what a model wrote may be none. */
function inputOf({ arguments: written }: ToolCall): object {
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { arguments: written };
}

export const toLanguageModelTools = (tools: readonly ToolDefinition[]): vscode.LanguageModelChatTool[] =>
  tools.map(({ name, description, parameters }) => ({ name, description, inputSchema: parameters }));

/** All that is sent, as one text: what tokens are counted of. */
export function asText(messages: readonly ChatMessage[], tools: readonly ToolDefinition[] | undefined): string {
  const calls = (message: ChatMessage): string =>
    message.role === 'assistant' ? (message.toolCalls ?? []).map((call) => call.name + call.arguments).join('\n') : '';
  return [...messages.map((message) => message.content + calls(message)), tools?.length ? JSON.stringify(tools) : ''].join('\n');
}
