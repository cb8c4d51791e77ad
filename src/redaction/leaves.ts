/**
 * JSON values, and texts that are JSON, taken apart into their strings and put together again. What is no JSON is one string. So a secret
 * never reaches over the edge of a string, names of fields are known for their values, and a document comes out as a document. Pure.
 */
import { jsonIn } from '../text/index.ts';

export interface Leaf {
  readonly text: string;
  /** The field it is the value of. */
  readonly key: string | undefined;
}

/** `next` gives the replaced leaves one by one, in the order in which they were taken. */
export interface Taken<T> {
  readonly leaves: readonly Leaf[];
  rebuild(next: () => string): T;
}

/** Documents nested deeper in strings are looked at as plain text. */
const deepest = 6;

/** A plain JSON value; field names are leaves too. */
export function takeValue(value: unknown, key?: string): Taken<unknown> {
  if (typeof value === 'string') return takeText(value, key);
  if (Array.isArray(value)) return joined(value.map((item) => takeValue(item, key)));
  if (typeof value !== 'object' || value === null) return { leaves: [], rebuild: () => value };
  const named = pairName(value);
  const fields = Object.entries(value).map(([name, item]) => ({
    name: takePlain(name, undefined),
    item: takeValue(item, name === 'value' && named !== undefined ? named : name),
  }));
  return {
    leaves: fields.flatMap(({ name, item }) => [...name.leaves, ...item.leaves]),
    rebuild: (next) =>
      Object.fromEntries(
        fields.map(({ name, item }) => {
          const newName = name.rebuild(next);
          return [newName, item.rebuild(next)];
        }),
      ),
  };
}

/** `{"name": "password", "value": "…"}`: the value belongs to that name. */
function pairName(value: object): string | undefined {
  const { name, key } = value as { name?: unknown; key?: unknown };
  return typeof name === 'string' ? name : typeof key === 'string' ? key : undefined;
}

function joined<T>(parts: readonly Taken<T>[]): Taken<T[]> {
  return { leaves: parts.flatMap(({ leaves }) => leaves), rebuild: (next) => parts.map((part) => part.rebuild(next)) };
}

const takePlain = (text: string, key: string | undefined): Taken<string> => ({ leaves: [{ text, key }], rebuild: (next) => next() });

/** A text; its layout stays as it is. */
export function takeText(text: string, key?: string, depth = 0): Taken<string> {
  if (depth >= deepest || !/[{[]/.test(text) || !text.includes('"')) return takePlain(text, key);
  if (isDocument(text)) return takeDocument(text, key, depth);
  if (!text.includes('\n')) return takePlain(text, key);
  return takeLines(text, key, depth);
}

function isDocument(text: string): boolean {
  if (!/^\s*[{[]/.test(text) || !/[}\]]\s*$/.test(text)) return false;
  return jsonIn(text) !== undefined;
}

/** Lines that are documents by themselves (JSON Lines, logs) between lines that are not. */
function takeLines(text: string, key: string | undefined, depth: number): Taken<string> {
  const parts: Taken<string>[] = [];
  let plain: string[] = [];
  const finish = (): void => {
    if (plain.length > 0) parts.push(takePlain(plain.join('\n'), key));
    plain = [];
  };
  for (const line of text.split('\n')) {
    if (line.includes('"') && isDocument(line)) {
      finish();
      parts.push(takeDocument(line, key, depth));
    } else plain.push(line);
  }
  finish();
  const all = joined(parts);
  return { leaves: all.leaves, rebuild: (next) => all.rebuild(next).join('\n') };
}

interface Frame {
  readonly object: boolean;
  /** The key that an array or object stands under. */
  readonly outer: string | undefined;
  key: string | undefined;
  /** Value of a field `name` or `key` before. */
  pair: string | undefined;
}

/** The strings of a document; everything between them stays. */
function takeDocument(text: string, outer: string | undefined, depth: number): Taken<string> {
  const parts: { readonly raw: string; readonly content: string; readonly taken: Taken<string> }[] = [];
  const between: string[] = [];
  const stack: Frame[] = [];
  let done = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    const mark = match[0];
    const frame = stack.at(-1);
    if (mark === '{' || mark === '[') {
      stack.push({ object: mark === '{', outer: keyOf(frame) ?? outer, key: undefined, pair: undefined });
      continue;
    }
    if (mark === '}' || mark === ']') {
      stack.pop();
      continue;
    }
    const content = JSON.parse(mark) as string;
    between.push(text.slice(done, match.index));
    done = match.index + mark.length;
    const isKey = frame?.object === true && /^\s*:/.test(text.slice(done, done + 20));
    if (isKey && frame !== undefined) frame.key = content;
    parts.push({ raw: mark, content, taken: isKey ? takePlain(content, undefined) : takeText(content, keyOf(frame) ?? outer, depth + 1) });
    if (!isKey && frame?.object === true && (frame.key === 'name' || frame.key === 'key')) frame.pair = content;
  }
  const rest = text.slice(done);
  return {
    leaves: parts.flatMap(({ taken }) => taken.leaves),
    rebuild: (next) => {
      let output = '';
      parts.forEach(({ raw, content, taken }, at) => {
        const changed = taken.rebuild(next);
        output += between[at] + (changed === content ? raw : JSON.stringify(changed));
      });
      return output + rest;
    },
  };
}

function keyOf(frame: Frame | undefined): string | undefined {
  if (frame === undefined) return undefined;
  if (!frame.object) return frame.outer;
  return frame.key === 'value' && frame.pair !== undefined ? frame.pair : frame.key;
}
