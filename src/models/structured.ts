/**
 * A value of a given shape from any model: the server constrains the reply as far as it can, the schema stands in the prompt too
 * (llama.cpp does not show it to the model), what comes back is repaired, and one more question names what is still wrong.
 */
import * as z from 'zod';
import { isTeamwrightError } from '../errors.ts';
import { parseLenient } from './lenient.ts';
import type { Capabilities, ChatMessage, ChatReply, ChatRequest, JsonSchema } from './types.ts';

export type AskFormat = NonNullable<ChatRequest['format']>;

/** How the caller calls a model: its budget, its trace, its retries. */
export type AskStructured = (messages: readonly ChatMessage[], format: AskFormat | undefined) => Promise<ChatReply>;

export interface StructuredOptions {
  /** Name of the shape, for servers that want one: letters, digits, dashes. Default `answer`. */
  readonly name?: string;
  /** What the server is given to constrain by. Default: derived from the zod schema. */
  readonly jsonSchema?: JsonSchema;
  /** The schema stands in the prompt too. False: for a model that was trained on the shape, where the server constrains by it. Default true. */
  readonly shown?: boolean;
}

/** One question and what came of it; problems are empty when the reply was valid. */
export interface StructuredRound {
  readonly messages: readonly ChatMessage[];
  readonly reply: ChatReply;
  readonly problems: readonly string[];
}

export type Structured<T> =
  | { readonly ok: true; readonly value: T; readonly way: 'direct' | 'repaired' | 'reasked'; readonly rounds: readonly StructuredRound[] }
  | { readonly ok: false; readonly problems: readonly string[]; readonly rounds: readonly StructuredRound[] };

/** Longest part of a bad reply that is shown back to the model, in characters. */
const longestEcho = 6_000;

/**
 * At most two rounds (and one more call when the server refuses the format it was thought to have). A model that cannot do it is a
 * failure value; only what `ask` throws is thrown.
 */
export async function askStructured<T>(
  ask: AskStructured,
  schema: z.ZodType<T>,
  capabilities: Pick<Capabilities, 'format'>,
  messages: readonly ChatMessage[],
  options: StructuredOptions = {},
): Promise<Structured<T>> {
  const jsonSchema = options.jsonSchema ?? jsonSchemaOf(schema);
  let format = formatOf(capabilities.format, options.name ?? 'answer', jsonSchema);
  const rounds: StructuredRound[] = [];
  let asked = options.shown === false ? messages : withSchema(messages, JSON.stringify(jsonSchema));

  for (;;) {
    const reply = await ask(asked, format).catch((error: unknown) => {
      if (format === undefined || !isTeamwrightError(error, 'model-refused')) throw error;
      format = undefined;
      return ask(asked, undefined);
    });
    const parsed = parseLenient(reply.text, schema);
    const cut = reply.finish === 'length' && !(parsed.ok && parsed.way === 'direct');
    const problems = cut ? ['the reply was cut off at its token limit; write a shorter value'] : parsed.ok ? [] : parsed.problems;
    rounds.push({ messages: asked, reply, problems });
    if (parsed.ok && !cut) return { ok: true, value: parsed.value, way: rounds.length > 1 ? 'reasked' : parsed.way, rounds };
    if (rounds.length === 2) return { ok: false, problems, rounds };
    asked = [...asked, ...correction(reply.text, problems)];
  }
}

/** The draft-7 form that servers take, from what the model has to write (defaults may be left out). */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return rest;
}

function formatOf(kind: Capabilities['format'], name: string, schema: JsonSchema): AskFormat | undefined {
  if (kind === 'json-schema') return { kind, name, schema };
  return kind === 'json-object' ? { kind } : undefined;
}

/** The schema goes to the end of the system message: that is the shared part, which servers read only once. */
export function withSchema(messages: readonly ChatMessage[], schemaText: string): readonly ChatMessage[] {
  const note = `Reply with one JSON value and nothing else. It must match this schema:\n${schemaText}`;
  const [first, ...rest] = messages;
  if (first?.role === 'system') return [{ role: 'system', content: `${first.content}\n\n${note}` }, ...rest];
  return [{ role: 'system', content: note }, ...messages];
}

function correction(text: string, problems: readonly string[]): ChatMessage[] {
  const said: ChatMessage[] = text.trim() === '' ? [] : [{ role: 'assistant', content: text.slice(0, longestEcho) }];
  const list = problems.map((problem) => `- ${problem}`).join('\n');
  return [...said, { role: 'user', content: `That is not valid:\n${list}\nReply with the whole corrected JSON value and nothing else.` }];
}
