/** Calls that visible tests make of what a change brings, with literals, and the same calls with other inputs. Pure. */
import type { ChangedFile } from '../steering-changes.ts';
import { type CodeText, codeTextOf } from './code-text.ts';
import { lineAt, startsOf } from './hard-coded.ts';
import { type Literal, literalAt } from './literals.ts';

/** A call as the test has it, and variants of it: expressions of the test's language, each with its arguments. */
export interface TriedCall {
  /** What is called, without a module in front of it. */
  readonly name: string;
  readonly visible: Expression;
  readonly variants: readonly Expression[];
}

export interface Expression {
  readonly callee: string;
  readonly args: readonly string[];
}

export const textOf = ({ callee, args }: Expression): string => `${callee}(${args.join(', ')})`;

/** Functions that changed files define, with the place where. */
export function definitionsIn(changed: readonly ChangedFile[]): ReadonlyMap<string, { readonly path: string; readonly line: number }> {
  const found = new Map<string, { path: string; line: number }>();
  for (const { path, after = '' } of changed) {
    const text = codeTextOf(path, after);
    if (!isTriedLanguage(text)) continue;
    const starts = startsOf(text.code);
    for (const { 1: name = '', index } of text.code.matchAll(defined[text.language]))
      found.set(name, { path, line: lineAt(starts, index) + 1 });
  }
  return found;
}

const isTriedLanguage = (text: CodeText | undefined): text is CodeText & { language: keyof typeof defined } =>
  text !== undefined && text.language in defined;

const mostCalls = 8;
const mostVariants = 6;
const longestCall = 400;

const defined = {
  javascript: /\b(?:function(?:\s{0,40}\*)?\s{0,40}|(?:const|let|var)\s{1,40}|exports\.)([A-Za-z_$][\w$]{0,80})/g,
  python: /^(?:async\s{1,40})?def\s{1,40}([A-Za-z_]\w{0,80})/gm,
} as const;

/** The calls that a test file makes of such functions with literals; none in other languages than JavaScript, TypeScript and Python. */
export function triedCalls(path: string, whole: string, names: ReadonlySet<string>): TriedCall[] {
  const text = codeTextOf(path, whole);
  if (!isTriedLanguage(text)) return [];
  const calls = new Map<string, Call>();
  for (const { 1: callee = '', index } of text.code.matchAll(/(?<![\w$.])((?:[A-Za-z_$][\w$]{0,60}\.)?[A-Za-z_$][\w$]{0,80})\(/g)) {
    const name = callee.slice(callee.indexOf('.') + 1);
    if (!names.has(name) || /\b(?:def|function|new)\s+$/.test(text.code.slice(Math.max(0, index - 12), index))) continue;
    const args = argumentsAt(text, index + callee.length)?.args;
    if (args === undefined || args.length === 0) continue;
    const call = { name, callee, args };
    if (sourceOf(call).length <= longestCall) calls.set(sourceOf(call), call);
  }
  const all = [...calls.values()];
  return spread(all).flatMap((call) => {
    const visible = { callee: call.callee, args: call.args.map(({ source }) => source) };
    const variants = variantsOf(call, all, text).filter((one) => !calls.has(textOf(one)));
    return variants.length === 0 ? [] : [{ name: call.name, visible, variants: variants.slice(0, mostVariants) }];
  });
}

/** A line that is nothing but a call of one of these names with literals, in the language of this path; undefined when it is not. */
export function callIn(path: string, line: string, names: ReadonlySet<string>): (Expression & { readonly name: string }) | undefined {
  const text = codeTextOf(path, line);
  if (!isTriedLanguage(text) || line.length > longestCall) return undefined;
  const name = /^[A-Za-z_$][\w$]{0,80}(?=\()/.exec(text.code)?.[0];
  if (name === undefined || !names.has(name)) return undefined;
  const found = argumentsAt(text, name.length);
  if (found === undefined || found.args.length === 0 || text.code.slice(found.end).trim() !== '') return undefined;
  return { name, callee: name, args: found.args.map(({ source }) => source) };
}

/** Not only the first of many: from the whole file. */
const spread = <T>(items: readonly T[]): T[] =>
  items.filter((_, at) => items.length <= mostCalls || at % Math.ceil(items.length / mostCalls) === 0);

interface Call {
  readonly name: string;
  readonly callee: string;
  readonly args: readonly Argument[];
}

interface Argument {
  readonly source: string;
  /** `name=` of Python. */
  readonly keyword: string;
  readonly literal: Literal;
}

const sourceOf = ({ callee, args }: Call): string => textOf({ callee, args: args.map(({ source }) => source) });

/** `end`: behind the bracket that closes them. Undefined when one of them is no literal, nor a name that one was given to just before. */
function argumentsAt(text: CodeText, open: number): { readonly args: Argument[]; readonly end: number } | undefined {
  const { code } = text;
  const args: Argument[] = [];
  let at = open + 1;
  for (;;) {
    at += /^\s*/.exec(code.slice(at, at + 200))?.[0].length ?? 0;
    if (code[at] === ')') return { args, end: at + 1 };
    const keyword = text.language === 'python' ? (/^[A-Za-z_]\w{0,60}\s*=(?!=)\s*/.exec(code.slice(at, at + 80))?.[0] ?? '') : '';
    at += keyword.length;
    const literal = literalAt(text, at);
    const name = literal === undefined ? /^[A-Za-z_$][\w$]{0,60}(?=\s*[,)])/.exec(code.slice(at, at + 80))?.[0] : undefined;
    const found = literal ?? (name === undefined ? undefined : assignedBefore(text, name, open));
    if (found === undefined) return undefined;
    args.push({ source: keyword + text.text.slice(found.from, found.end), keyword, literal: found });
    at = literal === undefined ? at + (name?.length ?? 0) : literal.end;
    at += /^\s*,?/.exec(code.slice(at, at + 200))?.[0].length ?? 0;
    if (args.length > 8 || !/[\s\S]/.test(code[at] ?? '')) return undefined;
    if (code[at] !== ')' && !/,\s*$/.test(code.slice(Math.max(0, at - 200), at))) return undefined;
  }
}

/** So far back, characters, a name is looked for. */
const near = 1_500;

function assignedBefore(text: CodeText, name: string, place: number): Literal | undefined {
  const from = Math.max(0, place - near);
  const assigned = new RegExp(String.raw`(?<![\w$.])${name.replaceAll('$', '\\$')}\s{0,20}(?::[^=\n]{0,40})?=(?!=)\s{0,20}`, 'g');
  const last = [...text.code.slice(from, place).matchAll(assigned)].at(-1);
  return last === undefined ? undefined : literalAt(text, from + last.index + last[0].length);
}

/** First the inputs of other calls, which are the kind of thing that goes in there, then small changes of each literal in turn. */
function variantsOf(call: Call, calls: readonly Call[], text: CodeText): Expression[] {
  const sources = call.args.map(({ source }) => source);
  const replaced = (at: number, source: string): Expression => ({ callee: call.callee, args: sources.with(at, source) });
  const others = calls.filter((one) => one !== call && one.name === call.name && one.args.length === call.args.length);
  const mixed =
    call.args.length < 2
      ? []
      : call.args.flatMap((arg, at) =>
          others
            .map((other) => other.args[at])
            .filter((one) => one?.keyword === arg.keyword && one.source !== arg.source)
            .slice(0, 2)
            .map((one) => replaced(at, one?.source ?? '')),
        );
  const changes = call.args.map(({ literal, keyword }, at) =>
    changesIn(literal, text).map(({ from, end, by }) =>
      replaced(at, keyword + text.text.slice(literal.from, from) + by + text.text.slice(end, literal.end)),
    ),
  );
  const unique = new Map([...mixed.slice(0, 3), ...inTurn(changes)].map((one) => [textOf(one), one]));
  unique.delete(sourceOf(call));
  return [...unique.values()];
}

function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => (at < list.length ? [list[at] as T] : []))).flat();
}

interface Change {
  readonly from: number;
  readonly end: number;
  readonly by: string;
}

function changesIn(literal: Literal, text: CodeText): Change[] {
  const { from, end, items, isTable } = literal;
  const own = ofItems(literal, text);
  if (items.length > 0) return inTurn([own, ...items.filter((_, at) => !isTable || at % 2 === 1).map((item) => changesIn(item, text))]);
  const string = text.strings.get(from);
  if (string !== undefined) {
    if (string.end !== end || /[\\${]/.test(string.value)) return [];
    const open = text.text.slice(from, text.text.indexOf(string.value, from));
    const close = text.text.slice(from + open.length + string.value.length, end);
    return otherTexts(string.value).map((value) => ({ from, end, by: open + value + close }));
  }
  const source = text.text.slice(from, end);
  if (/^-?\d+(?:\.\d+)?$/.test(source)) return otherNumbers(source).map((by) => ({ from, end, by }));
  return [];
}

function ofItems({ from, end, items, isTable }: Literal, { text }: CodeText): Change[] {
  if (isTable || items.length < 2 || text[from] !== '[' || text[end - 1] !== ']') return [];
  const sources = items.map((item) => text.slice(item.from, item.end));
  const [first = '', last = ''] = [sources[0], sources.at(-1)];
  const list = (values: readonly string[]): Change => ({ from, end, by: `[${values.join(', ')}]` });
  return [list(sources.slice(0, -1)), list([...sources, first]), list([last, ...sources.slice(1, -1), first])];
}

function otherNumbers(source: string): string[] {
  const value = Number(source);
  const float = source.includes('.');
  const others = float ? [value + 0.5, value + 1.25, value * 2] : [value + 1, value + 2, value > 2 ? value - 1 : value + 3];
  return others.filter((one) => one !== value).map((one) => (float && Number.isInteger(one) ? one.toFixed(1) : String(one)));
}

/** A word may be a key, a date or a unit: what is no such thing any more tells nothing. So digits stay digits, and words stay words. */
function otherTexts(value: string): string[] {
  if (/^\p{L}[\p{L}_.:/@-]*$/u.test(value)) return [];
  const places = [...value.matchAll(/\d/g)].map(({ index }) => index);
  const words = value.split(' ');
  const letters = [...value];
  const found =
    places.length > 0
      ? [...new Set([places[0] ?? 0, places.at(-1) ?? 0])].flatMap((at) =>
          [1, 2].map((more) => value.slice(0, at) + (((Number(value[at]) + more - 1) % 9) + 1) + value.slice(at + 1)),
        )
      : words.length > 1
        ? [[...words.slice(1), words[0]].join(' '), words.slice(0, -1).join(' '), `${value} ${words[0]}`]
        : letters.length > 1
          ? [[...letters.slice(1), letters[0]].join(''), letters.slice(0, -1).join(''), value + letters[0]]
          : [];
  return found.filter((one) => one !== value);
}
