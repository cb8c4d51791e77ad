/** From what a weak model wrote to a valid value, or to a list of what is wrong with it. */

import { jsonrepair } from 'jsonrepair';
import type * as z from 'zod';
import { errorText } from '../errors.ts';
import { closingBracket } from '../text/index.ts';
import { splitThinking } from './think.ts';

export type Lenient<T> =
  /** `direct`: the JSON parsed as written (a fence around it does not count); `repaired`: only after repair. */
  | { readonly ok: true; readonly value: T; readonly way: 'direct' | 'repaired' }
  | { readonly ok: false; readonly problems: readonly string[] };

const mostProblems = 8;
/** Places in a reply where a value may begin. */
const mostCandidates = 8;

/** Strips think blocks and fences, takes the first JSON value that fits the schema, repairs broken JSON. Never throws. */
export function parseLenient<T>(reply: string, schema: z.ZodType<T>): Lenient<T> {
  const text = splitThinking(reply.replace(/^\uFEFF/, '')).text.trim();
  if (text === '') return { ok: false, problems: ['the reply is empty'] };
  const candidates = candidatesOf(text);
  let problems: readonly string[] | undefined;
  for (const candidate of candidates) {
    const parsed = tryParse(candidate);
    if (!parsed.ok) continue;
    const checked = schema.safeParse(parsed.value);
    if (checked.success) return { ok: true, value: checked.data, way: 'direct' };
    problems ??= problemsOf(checked.error);
  }
  for (const candidate of candidates) {
    for (const value of repairs(candidate)) {
      const checked = schema.safeParse(value);
      if (checked.success) return { ok: true, value: checked.data, way: 'repaired' };
      problems ??= problemsOf(checked.error);
    }
  }
  return { ok: false, problems: problems ?? ['there is no JSON value in the reply'] };
}

/** The texts that may be the value, best first: the whole reply, fenced blocks, each outermost bracket pair, the open rest. */
function candidatesOf(text: string): string[] {
  const found = new Set<string>([text]);
  for (const fence of text.matchAll(/^[ \t]*(`{3,}(?!`)|~{3,}(?!~))[^\n]*\n([\s\S]*?)(?:\n[ \t]*\1|$(?![\s\S]))/gm))
    found.add((fence[2] ?? '').trim());
  let at = 0;
  while (found.size < mostCandidates) {
    const start = firstBracket(text, at);
    if (start < 0) break;
    const end = closingBracket(text, start) ?? text.length;
    found.add(text.slice(start, end));
    at = end;
  }
  found.delete('');
  return [...found];
}

function firstBracket(text: string, from: number): number {
  const offset = text.slice(from).search(/[{[]/);
  return offset < 0 ? -1 : from + offset;
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

function tryParse(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: errorText(error) };
  }
}

/** Values that a repair of the text may mean: repaired JSON, JSON in a string, and the same without one useless wrapper around it. */
function* repairs(text: string): Generator<unknown> {
  const parsed = tryParse(text);
  let value: unknown;
  if (parsed.ok) value = parsed.value;
  else if (/^[{[]/.test(text)) {
    try {
      value = JSON.parse(jsonrepair(text));
    } catch (error) {
      // Not JSON in any reading: there is nothing to offer, and the caller says so.
      if (error instanceof Error) return;
      throw error;
    }
  } else return;
  if (typeof value === 'string') {
    const inner = tryParse(value);
    if (!inner.ok) return;
    value = inner.value;
  }
  yield value;
  if (typeof value !== 'object' || value === null) return;
  const wrapped: unknown[] = Object.values(value);
  if (wrapped.length === 1) yield wrapped[0];
}

/** `steps.0.do: Invalid input: expected string`, the first few. */
export function problemsOf(error: z.ZodError): string[] {
  const problems = error.issues.map((issue) => `${issue.path.length === 0 ? 'the value' : issue.path.join('.')}: ${issue.message}`);
  const rest = problems.length - mostProblems;
  return rest > 0 ? [...problems.slice(0, mostProblems), `and ${rest} more`] : problems;
}
