/** Qwen2.5's chat template (ChatML), as tokens: text from outside can never become a control token. */
import type { Token } from './llama.ts';

export interface TemplateMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

type Tokenize = (text: string, specialTokens: boolean) => Token[];

/** What the publisher's own template says when there is no system message. */
const defaultSystem = 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.';

/** The prompt up to where the assistant begins to speak. */
export function renderPrompt(messages: readonly TemplateMessage[], tokenize: Tokenize): Token[] {
  const start = tokenize('<|im_start|>', true);
  const end = [...tokenize('<|im_end|>', true), ...tokenize('\n', false)];
  const withSystem: readonly TemplateMessage[] =
    messages[0]?.role === 'system' ? messages : [{ role: 'system', content: defaultSystem }, ...messages];
  const turns = withSystem.flatMap(({ role, content }) => {
    const speaker = role === 'tool' ? 'user' : role;
    const text = role === 'tool' ? `<tool_response>\n${content}\n</tool_response>` : content;
    return [...start, ...tokenize(`${speaker}\n${text}`, false), ...end];
  });
  return [...turns, ...start, ...tokenize('assistant\n', false)];
}
