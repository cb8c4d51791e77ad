/**
 * Finds out what a server can do with a model by a few tiny real calls: at most thirteen, each with a short prompt and a bounded reply, and one
 * or two more where a request has pictures.
 * A step that the server refuses or answers with nonsense is a "no"; a server that is away, full or locked ends the probe.
 */

import { isTeamwrightError } from '../errors.ts';
import { jsonIn } from '../text/index.ts';
import { hasMarks } from './completions.ts';
import { strengthOf } from './strength.ts';
import type { Capabilities, ChatReply, ChatRequest, ModelClient } from './types.ts';

/** Enough for the short answers asked for. */
const replyTokens = 200;
/** A model that thinks first and had no words left for an answer gets one more try with these. */
const thinkingTokens = 2_000;
const seedTokens = 48;

/** What is overridden is not probed. */
export async function probe(
  client: ModelClient,
  model: string,
  signal: AbortSignal,
  overrides: Partial<Capabilities> = {},
): Promise<Capabilities> {
  const ask: Ask = async (content, more) => {
    const request = { model, messages: [{ role: 'user', content }], temperature: 0, maxTokens: replyTokens, ...more } as const;
    const reply = await client.chat(request, undefined, signal);
    const speechless = reply.finish === 'length' && reply.text === '' && reply.toolCalls.length === 0;
    return speechless && more.seed === undefined ? client.chat({ ...request, maxTokens: thinkingTokens }, undefined, signal) : reply;
  };

  const needsPlain = overrides.usage === undefined || overrides.seed === undefined;
  const plain = needsPlain ? await ask(seedPrompt, seeded(7)) : undefined;
  const format = overrides.format ?? (await probeFormat(ask));
  const tools = overrides.tools ?? (await probeTools(ask));
  const seed = overrides.seed ?? (plain !== undefined && (await probeSeed(ask, plain)));
  const contextTokens = overrides.contextTokens ?? (await listed(client.contextTokens?.(model, signal), signal));
  const asksMore = overrides.infill === undefined || overrides.weighs === undefined;
  const completes = asksMore && (await listed(client.completes?.(signal), signal)) === true;
  const infill = overrides.infill ?? (completes ? await probeInfill(client, model, signal) : undefined);
  const weighs = overrides.weighs ?? (completes && (await probeWeighing(client, model, signal)));
  return {
    format,
    tools,
    usage: overrides.usage ?? plain?.usage.estimated === false,
    seed,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(infill === undefined ? {} : { infill }),
    ...(weighs ? { weighs } : {}),
    strength: overrides.strength ?? strengthOf(model),
  };
}

type Ask = (content: string, more: Partial<ChatRequest>) => Promise<ChatReply>;

/** Many servers list no models: that is no reason to stop. */
async function listed<T>(answer: Promise<T> | undefined, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isTeamwrightError(error) && !signal.aborted) return undefined;
    throw error;
  }
}

/** An unusual key that no model writes unless it is made to. */
const probeKey = 'lantern';
const probeSchema = {
  type: 'object',
  properties: { [probeKey]: { type: 'integer' } },
  required: [probeKey],
  additionalProperties: false,
} as const;

/** Asks for what an unconstrained model would answer with prose or a fence, and looks whether bare JSON came all the same. */
async function probeFormat(ask: Ask): Promise<Capabilities['format']> {
  const shaped = await tolerant(
    ask('Say hello, then name a number.', { format: { kind: 'json-schema', name: 'probe', schema: probeSchema } }),
  );
  const value = shaped && jsonObject(shaped.text);
  if (value && Number.isInteger(value[probeKey])) return 'json-schema';
  const prompt = 'Say hello in one short sentence. After it show the JSON object {"a": 1} in a Markdown code block.';
  const object = await tolerant(ask(prompt, { format: { kind: 'json-object' } }));
  return object && jsonObject(object.text) ? 'json-object' : 'none';
}

async function probeTools(ask: Ask): Promise<boolean> {
  const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
  const tools = [{ name: 'weather', description: 'Gives the weather of a city', parameters: city }];
  const reply = await tolerant(ask('What is the weather in Paris? Use the tool.', { tools }));
  return reply?.toolCalls.some((call) => call.name === 'weather' && jsonObject(call.arguments) !== undefined) ?? false;
}

/** A hole that only a model which sees both sides fills rightly. */
async function probeInfill(client: ModelClient, model: string, signal: AbortSignal): Promise<Capabilities['infill']> {
  const ways = ['suffix', ...(hasMarks(model) ? (['marks'] as const) : [])] as const;
  const sides = { before: 'def add(a, b):\n    return ', after: '\n\n\nassert add(2, 3) == 5\n', stop: ['\n'] };
  for (const way of ways) {
    const request = { model, messages: [], temperature: 0, maxTokens: 16, hole: { ...sides, way } };
    const reply = await tolerant(client.chat(request, undefined, signal), absent);
    if (reply !== undefined && /^\s*(a \+ b|b \+ a)\s*$/.test(reply.text)) return way;
  }
  return undefined;
}

async function probeWeighing(client: ModelClient, model: string, signal: AbortSignal): Promise<boolean> {
  const reply = await tolerant(
    client.chat({ model, messages: [], weigh: 'def add(a, b):\n    return a + b\n' }, undefined, signal),
    absent,
  );
  return (reply?.weights ?? []).length > 5;
}

/** 64 × 64 pixels, green on the left and purple on the right: nobody guesses both. */
const twoColours =
  'iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQMAAACQp+OdAAAABlBMVEUAlgCAAKDMwtMXAAAAGElEQVR42mNgYGBg+P///3+GUcYog3QGAPTk/wGUWZIiAAAAAElFTkSuQmCC';

/** Whether the model sees a picture: some servers take one and leave it out. Undefined: the server failed, and may answer another time. */
export async function probeImages(client: ModelClient, model: string, signal: AbortSignal): Promise<boolean | undefined> {
  const images = [{ dataUrl: `data:image/png;base64,${twoColours}`, tokens: 85 }];
  const content = 'Which two colours does this picture show? Answer with the two words.';
  const messages = [{ role: 'user', content, images }] as const;
  for (const maxTokens of [replyTokens, thinkingTokens]) {
    const chat = client.chat({ model, messages, temperature: 0, maxTokens }, undefined, signal);
    const reply = await tolerant(chat, new Set([...absent].filter((code) => code !== 'model-server-error'))).catch((error: unknown) => {
      if (isTeamwrightError(error, 'model-server-error')) return 'failed' as const;
      throw error;
    });
    if (reply === 'failed') return undefined;
    if (reply === undefined) return false;
    if (reply.text !== '' || reply.finish !== 'length') return /green/i.test(reply.text) && /purple|violet|magenta/i.test(reply.text);
  }
  return false;
}

const seeded = (seed: number): Partial<ChatRequest> => ({ temperature: 1, seed, maxTokens: seedTokens });
const seedPrompt = 'Invent the name of a planet and describe it in one sentence.';

/** The same seed must repeat the reply, another one must change it. */
async function probeSeed(ask: Ask, first: ChatReply): Promise<boolean> {
  const again = await tolerant(ask(seedPrompt, seeded(7)));
  if (again === undefined || said(again) !== said(first) || said(first) === '') return false;
  // One other seed may draw the same few words by chance; two hardly.
  for (const seed of [8, 9]) {
    const other = await tolerant(ask(seedPrompt, seeded(seed)));
    if (other !== undefined && said(other) !== said(first)) return true;
  }
  return false;
}

const said = (reply: ChatReply): string => reply.reasoning + reply.text;

const inconclusive = new Set(['model-refused', 'model-bad-reply', 'model-server-error', 'model-half-stream', 'model-context-full']);

/** A server that only chats has no such address, or not for this key. */
const absent = new Set([...inconclusive, 'model-not-found', 'model-unauthorized']);

async function tolerant(reply: Promise<ChatReply>, codes = inconclusive): Promise<ChatReply | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (isTeamwrightError(error) && codes.has(error.code)) return undefined;
    throw error;
  }
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  const value = jsonIn(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
