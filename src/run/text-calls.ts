/**
 * Calls of tools that a model wrote as text: our own blocks, and the forms that the well-known families of models are trained on and that servers
 * pass through where they do not read them. Only outside of quoted text (fences, blocks of changes, quotes), and only with names of tools that
 * were offered: what stands in a file is content.
 */

import type { ToolCall, ToolDefinition } from '../models/types.ts';
import { closingBracket, jsonIn } from '../text/index.ts';

export interface TextCalls {
  readonly calls: readonly ToolCall[];
  /** Something looks like a call of a tool and cannot be read as one. */
  readonly unclear: boolean;
}

interface Written {
  readonly name: string;
  /** JSON, possibly broken. */
  readonly arguments: string;
}

/** A form at a place in the text: what opens it, and what it says up to its end; undefined when it cannot be read. */
interface Form {
  readonly opens: RegExp;
  /** What opens it can be nothing else: also a call of a tool that was not offered counts, so that the model is told. */
  readonly anyName: boolean;
  /** `at`: after what opened it. */
  read(text: string, at: number, opened: RegExpExecArray): { readonly calls: readonly Written[]; readonly end: number } | undefined;
}

/** More marks than any real reply has are read as none. */
const mostMarks = 300;

export function textCalls(text: string, offered: readonly ToolDefinition[]): TextCalls {
  const names = offered.map(({ name }) => name);
  const calls: Written[] = [];
  let unclear = false;
  let at = 0;
  const whole = callsOfValue(jsonIn(text.trim()), names);
  if (whole !== undefined) return { calls: numbered(whole), unclear };
  const places = [...text.matchAll(opening)];
  if (places.length > mostMarks) return { calls: [], unclear: true };
  for (const opened of places) {
    if (opened.index < at) continue;
    const form = forms.find(({ opens }) => opens.test(opened[0]));
    if (form === undefined) at = endOfQuote(text, opened[0], opened.index);
    else {
      const start = opened.index + opened[0].length;
      const read = form.read(text, start, form.opens.exec(opened[0]) as RegExpExecArray);
      calls.push(...(read?.calls.filter(({ name }) => form.anyName || names.includes(name)) ?? []).map((call) => typed(call, offered)));
      unclear ||= read === undefined;
      at = read?.end ?? start;
    }
  }
  return { calls: numbered(calls), unclear: unclear || (calls.length === 0 && mentionsCall(text, names)) };
}

const numbered = (calls: readonly Written[]): readonly ToolCall[] => calls.map((call, index) => ({ id: `text-${index}`, ...call }));

/** Everything that may open a call or a quotation, at the places where it may stand. */
const opening =
  /^[ \t]{0,12}(?:`{3,40}|~{3,40})[^\n`~]{0,100}|^[ \t]{0,12}<{5,9} ?SEARCH|^[ \t]{0,12}>{1,3} [^\n]{0,2000}|<tool_call>|\[TOOL_CALLS\]|<function=[\w.:-]{1,64}>|<\|python_tag\|>|<｜tool▁call▁begin｜>|<(?:antml:)?invoke name="[\w.:-]{1,64}">|<\|tool_call_begin\|>|<\|channel\|>[^\n<]{0,40}to=[\w.:-]{1,64}[^\n]{0,40}?<\|message\|>/gm;

const forms: readonly Form[] = [
  {
    // Ours. One that is no JSON still counts as a call.
    opens: /^[ \t]*(`{3,40}|~{3,40})(?:tool|tool_call|tool_code)\s*$/,
    anyName: true,
    read: (text, at, [, marks = '']) => {
      const { body, end } = fenced(text, at, marks);
      return { calls: callsOfValue(jsonIn(body)) ?? [{ name: '(unreadable)', arguments: body.trim() }], end };
    },
  },
  {
    // The JSON that many models write in a fence; below the path of such a file it is that file.
    opens: /^[ \t]*(`{3,40}|~{3,40})json\s*$/,
    anyName: false,
    read: (text, at, [, marks = '']) => {
      const { body, end } = fenced(text, at, marks);
      return { calls: isFile(text, at) ? [] : (callsOfValue(jsonIn(body)) ?? []), end };
    },
  },
  {
    // Qwen and Hermes; Qwen's coders and GLM write tags instead of JSON.
    opens: /^<tool_call>$/,
    anyName: true,
    read: (text, at) => {
      const glm = /^\s*([\w.-]{1,64})\s*(?=<arg_key>)/.exec(text.slice(at, at + 200));
      if (glm !== null) return tagged(text, at + glm[0].length, glm[1] ?? '', '</tool_call>', argKeys);
      const inner = /^\s*<function=([\w.:-]{1,64})>/.exec(text.slice(at, at + 200));
      if (inner !== null) return tagged(text, at + inner[0].length, inner[1] ?? '', '</function>', parameterTags);
      return ofJson(text, at, /^\s*<\/tool_call>/);
    },
  },
  {
    // Mistral: a list, or a name before its arguments.
    opens: /^\[TOOL_CALLS\]$/,
    anyName: true,
    read: (text, at) => {
      const named = /^\s{0,8}([\w.:-]{1,64})(?:\[CALL_ID\]\w{0,64})?(?:\[ARGS\])?\s{0,8}(?=\{)/.exec(text.slice(at, at + 300));
      return named === null ? ofJson(text, at) : ofArguments(text, at + named[0].length, named[1] ?? '');
    },
  },
  {
    // Llama: arguments as JSON, or Qwen's tags.
    opens: /^<function=([\w.:-]{1,64})>$/,
    anyName: true,
    read: (text, at, [, name = '']) =>
      /^\s*\{/.test(text.slice(at, at + 100))
        ? ofArguments(text, at, name, /^\s*<\/function>/)
        : tagged(text, at, name, '</function>', parameterTags),
  },
  { opens: /^<\|python_tag\|>$/, anyName: true, read: (text, at) => ofJson(text, at) },
  {
    // DeepSeek: a name and its arguments, in a fence or without.
    opens: /^<｜tool▁call▁begin｜>$/,
    anyName: true,
    read: (text, at) => {
      const named = /^(?:function<｜tool▁sep｜>)?([\w.:-]{1,64})(?:<｜tool▁sep｜>)?\s{0,4}(?:```json\s{0,4})?(?=\{)/.exec(
        text.slice(at, at + 300),
      );
      return named === null
        ? undefined
        : ofArguments(text, at + named[0].length, named[1] ?? '', /^\s{0,4}(?:```\s{0,4})?<｜tool▁call▁end｜>/);
    },
  },
  {
    // Anthropic.
    opens: /^<(antml:)?invoke name="([\w.:-]{1,64})">$/,
    anyName: true,
    read: (text, at, [, prefix = '', name = '']) => tagged(text, at, name, `</${prefix}invoke>`, namedParameters),
  },
  {
    // Kimi: `functions.name:0`.
    opens: /^<\|tool_call_begin\|>$/,
    anyName: true,
    read: (text, at) => {
      const named = /^\s*([\w.-]{1,64})(?::\d{1,4})?\s*<\|tool_call_argument_begin\|>\s*(?=\{)/.exec(text.slice(at, at + 300));
      return named === null ? undefined : ofArguments(text, at + named[0].length, named[1] ?? '', /^\s*<\|tool_call_end\|>/);
    },
  },
  {
    // OpenAI's open models.
    opens: /^<\|channel\|>[^\n<]{0,40}to=([\w.:-]{1,64})[^\n]{0,40}?<\|message\|>$/,
    anyName: true,
    read: (text, at, [, name = '']) => ofArguments(text, at, name),
  },
];

const parameterTags = /<parameter=([\w.-]{1,64})>([\s\S]*?)<\/parameter>/g;
const namedParameters = /<(?:antml:)?parameter name="([\w.-]{1,64})"[^>\n]{0,40}>([\s\S]*?)<\/(?:antml:)?parameter>/g;
const argKeys = /<arg_key>([\w.-]{1,64})<\/arg_key>\s{0,4}<arg_value>([\s\S]*?)<\/arg_value>/g;

/** `functions.read` is `read`. */
const plain = (name: string): string => name.replace(/^(?:functions?|tools?|default_api|repo_browser)[.:]/, '');

/** A call or a list of calls in JSON. */
function ofJson(text: string, at: number, closing?: RegExp): ReturnType<Form['read']> {
  const value = jsonAt(text, at);
  const calls = value && callsOfValue(jsonIn(value.text));
  return calls === undefined || value === undefined
    ? undefined
    : { calls, end: value.end + (closing?.exec(text.slice(value.end, value.end + 100))?.[0].length ?? 0) };
}

function ofArguments(text: string, at: number, name: string, closing?: RegExp): ReturnType<Form['read']> {
  const value = jsonAt(text, at);
  if (value === undefined || jsonIn(value.text) === undefined) return undefined;
  const end = value.end + (closing?.exec(text.slice(value.end, value.end + 100))?.[0].length ?? 0);
  return { calls: [{ name: plain(name), arguments: value.text }], end };
}

/**
 * Parameters in tags, up to the end of the call; one line feed after a tag and one before the next belong to the tags. A value that holds a tag of the form can be read in two ways, and so is not.
 */
function tagged(text: string, at: number, name: string, closing: string, parameters: RegExp): ReturnType<Form['read']> {
  const close = text.indexOf(closing, at);
  if (close < 0) return undefined;
  const body = text.slice(at, close);
  const found = [...body.matchAll(parameters)];
  const rest = found.reduce((left, [whole]) => left.replace(whole, () => ''), body).trim();
  const fields = found.map(([, key = '', value = '']) => [key, value.replace(/^\n/, '').replace(/\n$/, '')] as const);
  const twice = new Set(fields.map(([key]) => key)).size < fields.length;
  if (rest !== '' || twice || found.some(([, , value = '']) => /<(?:parameter|function|arg_key|invoke)\b/.test(value))) return undefined;
  return { calls: [{ name: plain(name), arguments: JSON.stringify(Object.fromEntries(fields)) }], end: close + closing.length };
}

/** Tags hold texts; where a tool takes no text, what is written is a number or the like. */
function typed(call: Written, offered: readonly ToolDefinition[]): Written {
  const properties = (offered.find(({ name }) => name === call.name)?.parameters.properties ?? {}) as Readonly<Record<string, unknown>>;
  const given = jsonIn(call.arguments);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return call;
  const fields = Object.entries(given).map(([key, value]) => {
    const takesText = !(key in properties) || JSON.stringify(properties[key]).includes('"string"');
    return [key, typeof value === 'string' && !takesText ? (jsonIn(value) ?? value) : value];
  });
  return { ...call, arguments: JSON.stringify(Object.fromEntries(fields)) };
}

/** The first JSON value after white space: brackets in strings do not count. */
function jsonAt(text: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let start = from;
  while (/\s/.test(text[start] ?? '')) start++;
  if (text[start] !== '{' && text[start] !== '[') return undefined;
  const end = closingBracket(text, start);
  return end === undefined ? undefined : { text: text.slice(start, end), end };
}

const fieldsOfCall = new Set(['id', 'type', 'name', 'tool', 'function', 'arguments', 'parameters', 'input', 'args']);

/** Undefined for a value that is no call and no list of them. With `names`, only those count. */
function callsOfValue(value: unknown, names?: readonly string[]): readonly Written[] | undefined {
  if (Array.isArray(value)) {
    const calls = value.map((one) => callsOfValue(one, names));
    return value.length > 0 && calls.every((one) => one !== undefined) ? calls.flat() : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  if (!Object.keys(fields).every((name) => fieldsOfCall.has(name))) return undefined;
  if (typeof fields.function === 'object' && fields.function !== null) return callsOfValue(fields.function, names);
  const name = [fields.name, fields.tool, fields.function].find((one) => typeof one === 'string');
  const given = fields.arguments ?? fields.parameters ?? fields.input ?? fields.args ?? {};
  if (typeof name !== 'string' || (names !== undefined && !names.includes(plain(name)))) return undefined;
  return [{ name: plain(name), arguments: typeof given === 'string' ? given : JSON.stringify(given) }];
}

function isFile(text: string, at: number): boolean {
  const above =
    text
      .slice(0, at)
      .split('\n')
      .slice(0, -1)
      .findLast((line) => line.trim() !== '') ?? '';
  return /^(?:#{1,6} |\*\*)?`?[\w./()-]{1,200}\.jsonl?[`*:]{0,4}$/i.test(above.trim());
}

/** What stands in a fence that was opened before `at`, up to the line that closes it or to the end. */
function fenced(text: string, at: number, marks: string): { readonly body: string; readonly end: number } {
  const close = new RegExp(`^[ \\t]*${marks[0]}{${marks.length},}[ \\t]*$`, 'm').exec(text.slice(at));
  if (close === null) return { body: text.slice(at), end: text.length };
  return { body: text.slice(at, at + close.index), end: at + close.index + close[0].length };
}

/** Where quoted text ends: a fence at its closing marks, a block of changes at its last mark, a quoted line at its end. */
function endOfQuote(text: string, opened: string, index: number): number {
  const start = index + opened.length;
  const marks = /^[ \t]*(`{3,40}|~{3,40})/.exec(opened)?.[1];
  if (marks === undefined && !opened.includes('SEARCH')) return start;
  if (marks !== undefined) return fenced(text, start, marks).end;
  const close = /^[ \t]*>{5,9} ?REPLACE/m.exec(text.slice(start));
  return close === null ? text.length : start + close.index + close[0].length;
}

/** Marks of a call, or the name of a tool beside an open bracket, that no form could be read from. */
function mentionsCall(text: string, names: readonly string[]): boolean {
  if (/<\/?tool_call>|\[TOOL_CALLS\]|<function=|<\|python_tag\|>|tool▁call|invoke name=/.test(text)) return true;
  return names.some((name) => text.includes(`"${name}"`)) && /"(?:arguments|parameters|input|tool)"/.test(text);
}
