/** Literals in the code of a file: strings, numbers, and lists, tuples and tables made of nothing else. */
import type { CodeText } from './code-text.ts';

export interface Literal {
  readonly from: number;
  /** Behind it. */
  readonly end: number;
  /** The strings and numbers in it, in order; a table's keys among them. */
  readonly scalars: readonly string[];
  /** What a list, tuple or table holds; keys and values of a table in turn. */
  readonly items: readonly Literal[];
  readonly isTable: boolean;
}

const deepest = 6;
const mostItems = 300;

const number = /-?(?:0x[\da-f_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?)(?:n|[iuf](?:8|16|32|64|128|size))?(?![\w.])/iy;
const constant = /(?:true|false|null|nil|undefined|None|True|False)\b/y;
const name = /[A-Za-z_$][\w$]{0,80}(?=\s*:(?!:))/y;
/** What may stand in front of a literal without changing what it says, a call with its bracket. */
const wrapping =
  /(?:&(?:mut\b)?|vec!|\*?(?:\[(?:\d*|\.{3})\]\*?)+[\w.]+(?=\{)|map\[[\w.]+\][\w.[\]]+(?=\{)|(?:new\s+)?(?:Map|Set|HashMap::from|BTreeMap::from|HashSet::from)(?=\()|(?<call>(?:Some|Ok|String::from|String|Number|BigInt|Object\.freeze|list|tuple|set|frozenset|dict|str|int|float)\())\s*/y;
const following = /\.(?:to_string|to_owned|into|as_str)\(\)|\s+as\s+(?:const|\w\d+)/y;
const gap = /\s*/y;

function match(pattern: RegExp, code: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(code) ?? undefined;
}

const after = (pattern: RegExp, code: string, at: number): number => at + (match(pattern, code, at)?.[0].length ?? 0);

/** The literal that begins at a place (or behind spaces there); undefined when it is none. */
export function literalAt(text: CodeText, start: number, depth = 0): Literal | undefined {
  const { code, strings } = text;
  const at = after(gap, code, start);
  if (depth > deepest) return undefined;
  const wrapper = match(wrapping, code, at);
  if (wrapper !== undefined && wrapper[0] !== '') {
    const inner = literalAt(text, at + wrapper[0].length, depth + 1);
    if (inner === undefined || wrapper.groups?.call === undefined) return inner && { ...inner, from: at };
    const close = after(gap, code, inner.end);
    return code[close] === ')' ? { ...inner, from: at, end: close + 1 } : undefined;
  }
  const string = strings.get(at);
  if (string !== undefined) return one(at, after(following, code, string.end), string.value);
  const digits = match(number, code, at)?.[0];
  if (digits !== undefined) return one(at, after(following, code, at + digits.length), numberIn(digits));
  const word = match(constant, code, at)?.[0];
  if (word !== undefined) return one(at, at + word.length, /^(?:null|nil|None|undefined)$/.test(word) ? 'null' : word.toLowerCase());
  return '[({'.includes(code[at] ?? ' ') ? group(text, at, depth) : undefined;
}

const one = (from: number, end: number, value: string): Literal => ({ from, end, scalars: [value], items: [], isTable: false });

const numberIn = (digits: string): string =>
  String(
    Number(digits.replaceAll('_', '').replace(/(?:n|[iuf](?:8|16|32|64|128|size))$/i, (suffix) => (/^-?0x/i.test(digits) ? suffix : ''))),
  );

function group(text: CodeText, from: number, depth: number): Literal | undefined {
  const { code } = text;
  const items: Literal[] = [];
  let isTable = false;
  let at = after(gap, code, from + 1);
  while (!closing.has(code[at] ?? ')')) {
    const key = match(name, code, at)?.[0];
    const item = key === undefined ? literalAt(text, at, depth + 1) : one(at, at + key.length, key);
    if (item === undefined || items.length >= mostItems) return undefined;
    items.push(item);
    at = after(gap, code, item.end);
    if (code[at] === ':') {
      isTable = true;
      at = after(gap, code, at + 1);
    } else if (code[at] === ',') at = after(gap, code, at + 1);
    else if (!closing.has(code[at] ?? ' ')) return undefined;
  }
  return at >= code.length ? undefined : { from, end: at + 1, scalars: items.flatMap(({ scalars }) => scalars), items, isTable };
}

const closing: ReadonlySet<string> = new Set([']', ')', '}']);

/** Key and value by key and value: of a table, or of a list of pairs. */
export function entriesOf({ items, isTable }: Literal): readonly (readonly [Literal, Literal])[] {
  const pairs = isTable ? items.flatMap((key, at) => (at % 2 === 0 ? [[key, items[at + 1]]] : [])) : items.map((item) => item.items);
  return pairs.flatMap(([key, value, more]) =>
    key !== undefined && value !== undefined && more === undefined ? [[key, value] as const] : [],
  );
}

/** Every literal of a text, those inside others too. */
export function literalsIn(text: CodeText): Literal[] {
  const found: Literal[] = [];
  let covered = 0;
  for (const { index } of text.code.matchAll(beginning)) {
    if (index < covered) continue;
    const literal = literalAt(text, index);
    if (literal === undefined) continue;
    const all = (one: Literal): Literal[] => [one, ...one.items.flatMap(all)];
    found.push(...all(literal));
    covered = literal.end;
  }
  return found;
}

/** Where one may begin; a digit inside a name, or an index, is none. */
const beginning = /["'`/[({]|(?<![\w$.])(?:-(?=\d)|\d|[bruf]{1,2}["']|(?:true|false|null|nil|undefined|None|True|False)\b)/gi;
