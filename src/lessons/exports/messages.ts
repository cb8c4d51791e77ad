/** Transcripts as training text. Every message becomes role and content, so that all rows of an export have one shape. */
import { designPrompt, sketchOf } from '../../design/index.ts';
import { parsePlan } from '../../plan/index.ts';
import type { CallRecord, RecordedMessage, VerdictRecord } from '../record-schema.ts';
import type { TrainingMessage } from './types.ts';

/** Tool calls and their results as the text protocol of models without native calls writes them. */
export function trainingMessages(messages: readonly RecordedMessage[]): TrainingMessage[] {
  const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name] as const)));
  return messages.map(({ role, content, toolCalls, toolCallId }): TrainingMessage => {
    if (role === 'tool') return { role: 'user', content: `Result of ${names.get(toolCallId ?? '') ?? 'the tool'}:\n${content}` };
    return { role, content: withTools(content, toolCalls ?? []) };
  });
}

function withTools(text: string, calls: readonly { readonly name: string; readonly arguments: string }[]): string {
  const blocks = calls.map((call) => `\`\`\`tool\n{"tool": ${JSON.stringify(call.name)}, "arguments": ${call.arguments || '{}'}}\n\`\`\``);
  return [text, ...blocks].filter((part) => part !== '').join('\n');
}

/** What the model answered: its thoughts where it had any, then its text and its tool calls. */
export function answerOf(reply: NonNullable<CallRecord['reply']>): TrainingMessage {
  return { role: 'assistant', content: thoughtful(reply.reasoning, withTools(reply.text, reply.toolCalls)) };
}

/** Thoughts stand before the answer in the one form that every reader of ours takes out again. */
export const thoughtful = (reasoning: string, text: string): string =>
  reasoning.trim() === '' ? text : `<think>\n${reasoning.trim()}\n</think>\n\n${text}`;

/** What the designer `model` would be asked for this run, before anything failed; undefined when its briefing is lost. */
export function designQuestion({ request, briefing }: VerdictRecord): readonly TrainingMessage[] | undefined {
  const asked = briefing && designPrompt({ request, briefing, failures: [] });
  return asked?.map(({ role, content }) => ({ role: role === 'system' ? role : 'user', content }));
}

/** A plan as the designer's answer: the JSON of its sketch; undefined for a plan that has none, or cannot be read. */
export function teamText(plan: string): string | undefined {
  const { plan: value } = parsePlan(plan);
  const sketch = value && sketchOf(value);
  return sketch && JSON.stringify(sketch);
}
