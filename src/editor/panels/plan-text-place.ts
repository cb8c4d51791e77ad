/**
 * Where in a plan a position of its YAML text is. The text is being typed, so it is read with a mark at the position and with whatever the
 * reader makes of the rest: it goes on behind what is not finished. Pure.
 */
import * as yaml from 'yaml';
import { readDocument } from '../../plan/index.ts';

export interface TextPlace {
  /** Keys from the top; `[]` for an item of a list. */
  readonly path: readonly string[];
  /** Keys and plain values of the mapping the position is in; '' for values that are not plain. */
  readonly siblings: Readonly<Record<string, string>>;
  /** The key at the position, as far as it is written; it may stand among the siblings. */
  readonly key?: string;
  /** key: a key is being written; value: the value of the last key of `path` (or an item of its list). */
  readonly kind: 'key' | 'value';
  /** Names that stand in the text. */
  readonly agents: readonly string[];
  readonly steps: readonly string[];
}

/** A sign that no plan has, and that YAML takes for a letter. */
const mark = '\uE000';

/**
 * `line` and `character` count from 0. Undefined where nothing of a plan can stand: in a comment, in the indentation of something, in a text
 * that cannot be read.
 */
export function placeInText(text: string, line: number, character: number): TextPlace | undefined {
  const read = readDocument(marked(text.split('\n'), line, character) ?? '');
  if ('failed' in read) return undefined;
  const { document } = read;
  let found: Found | undefined;
  const steps = new Set<string>();
  yaml.visit(document, {
    Pair: (_role, { key, value }) => {
      if (textOf(key) === 'id') steps.add(textOf(value));
    },
    Scalar: (role, node, above) => {
      if (String(node.value).includes(mark)) found = placeOf(node, role === 'key', above);
    },
  });
  const agents = document.get('agents');
  const names = yaml.isMap(agents) ? agents.items.map(({ key }) => textOf(key)) : [];
  return found && { ...found, agents: names.filter((name) => name !== ''), steps: [...steps].filter((id) => id !== '') };
}

/** The text with the mark. A word that stands alone in its line is read as a key: what else it may be, its owner knows. */
function marked(lines: readonly string[], line: number, character: number): string | undefined {
  const current = lines[line];
  if (current === undefined) return undefined;
  const [before, after] = [current.slice(0, character), current.slice(character)];
  const isIndentation = before.trim() === '' && /^\s+\S/.test(after);
  if (isIndentation) return undefined;
  const word = /^[\w-]*/.exec(after)?.[0] ?? '';
  const rest = after.slice(word.length);
  const standsAlone = /^\s*(?:- +)*[\w-]*$/.test(before) && /^\s*(?:#.*)?$/.test(rest);
  // Right behind a colon the space is yet to come.
  const shown = `${before}${before.endsWith(':') ? ' ' : ''}${mark}${word}${standsAlone ? ':' : ''}${rest}`;
  // Of a text that ends inside quotes the reader loses the last sign.
  return `${lines.with(line, shown).join('\n')}\n`;
}

type Found = Omit<TextPlace, 'agents' | 'steps'>;

function placeOf(node: unknown, isKey: boolean, above: readonly unknown[]): Found {
  // Above a key is its own pair.
  const around = isKey ? above.slice(0, -1) : above;
  const path = around.flatMap((node) => (yaml.isPair(node) ? textOf(node.key) : yaml.isSeq(node) ? '[]' : []));
  if (!isKey && path.at(-1) === '[]') path.pop();
  const mapping = above.findLast((node) => yaml.isMap(node));
  // What is being written is none of them yet.
  const pairs = mapping?.items.filter(({ key, value }) => !isMarked(value) && !(isMarked(key) && textOf(value) === '')) ?? [];
  const siblings = Object.fromEntries(pairs.map(({ key, value }) => [textOf(key), textOf(value)]));
  return { path, siblings, ...(isKey ? { kind: 'key', key: textOf(node) } : { kind: 'value' }) };
}

const isMarked = (node: unknown): boolean => yaml.isScalar(node) && String(node.value).includes(mark);

/** What a plain value says, without the mark. */
const textOf = (node: unknown): string => (yaml.isScalar(node) && node.value !== null ? String(node.value).replace(mark, '') : '');
