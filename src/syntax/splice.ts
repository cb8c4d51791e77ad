/**
 * A part that somebody wrote anew, put into its file: what was written may repeat the file around it, leave out the class, or hold what the part
 * newly needs. Nothing is taken that could mean two things; what is in doubt is said.
 */
import type { Node } from 'web-tree-sitter';
import type { Defined } from './definitions.ts';
import { type Imported, type Insertion, importedBy, importsInserted } from './imported.ts';
import { languageOf } from './languages.ts';
import { withTree } from './parser.ts';
import { around, importNodes, isWhole, type Piece, treeParts } from './parts.ts';
import { type File, type Found, homeOf, shortened, sorted } from './sorted.ts';
import type { Part, Span, Spliced } from './types.ts';
import { laid, type Manner, type Reading, readings, stringRows } from './written.ts';

/** `text` with `written` in place of the part; `part` is one of `partsOf` for the same text. */
export async function splicePart(path: string, text: string, part: Part, written: string): Promise<Spliced> {
  const language = languageOf(path);
  if (language === undefined) return { doubt: `No grammar reads ${path}.` };
  return withTree(language, text, async (root) => {
    const all = treeParts(root, language, text);
    const target = all.find((one) => one.start === part.start && one.end === part.end && one.name === part.name);
    if (target === undefined || !isWhole(target)) return { doubt: `${part.name} is not in the file as it is now.` };
    const file: File = { root, text, all, target, language };
    const result = await readings(
      written.replaceAll('\r\n', '\n'),
      target,
      text.slice(part.start, part.end).replaceAll('\r\n', '\n'),
      language,
      (reading) => spliced(reading, file),
    );
    if (result === undefined)
      return {
        doubt: `The code cannot be read as ${languageNames[language.grammar] ?? language.grammar}: it is not complete, or not closed.`,
      };
    return 'doubt' in result ? result : checked(result.text, file);
  });
}

const languageNames: Readonly<Record<string, string>> = {
  python: 'Python',
  typescript: 'TypeScript',
  tsx: 'JavaScript or TypeScript',
  go: 'Go',
  rust: 'Rust',
  java: 'Java',
};

/** Undefined: read in this way it holds nothing of what was asked for, so another way may be meant. */
function spliced(reading: Reading, file: File): Spliced | undefined {
  const found = sorted(reading, file);
  if (found.pieces.length === 0 && reading.scope.id !== reading.root.id) return undefined;
  const imports = newImports(found, file);
  const [doubt = doubtOf(found.pieces, file)] = found.doubts;
  return doubt === undefined ? { text: put(found, imports, reading, file) } : { doubt };
}

const bodies = (pieces: readonly Piece[]): number => pieces.filter(({ defined }) => defined.body !== null).length;

function doubtOf(pieces: readonly Piece[], { target }: File): string | undefined {
  const { name } = target;
  if (bodies(pieces) === 0) return `The code does not hold ${name}. Write ${name} with all of its code.`;
  if (bodies(pieces) < bodies(target.pieces))
    return `${name} has ${bodies(target.pieces)} definitions, and the code holds ${bodies(pieces)} of them. Write all.`;
  if (bodies(pieces) > bodies(target.pieces)) return `The code holds ${name} more than once. Write it once.`;
  const isOther = ({ defined }: Piece, n: number): boolean => {
    const own = target.pieces[n]?.defined;
    return own !== undefined && (own.form !== defined.form || own.kind !== defined.kind || goReceiver(own) !== goReceiver(defined));
  };
  if (pieces.length === target.pieces.length && pieces.some(isOther))
    return `Write ${name} in the form that it has in the file: ${shortened(target.pieces[0]?.defined.outer.text ?? '')}`;
  return undefined;
}

const goReceiver = ({ inner }: Defined): boolean => inner.type === 'method_declaration' && inner.childForFieldName('receiver') !== null;

// ---- put into the file

function put(found: Found, imports: readonly string[], reading: Reading, file: File): string {
  const { root, text, target, language } = file;
  const home = homeOf(target);
  const manner = (indent: string): Manner => ({ indent, ...mannerOf(file) });
  const own = manner(target.indent ?? '');
  const pieces = found.pieces.map((piece, n) =>
    composed(piece, found.pieces.length === target.pieces.length ? target.pieces[n] : undefined, reading, file, own),
  );
  const between = found.pieces.slice(1).map(({ start }, n) => blankLines(reading.text.slice(found.pieces[n]?.end ?? 0, start), own.indent));
  const whole = pieces.map((one, n) => `${one}${between[n] ?? ''}`).join('');
  const edits: (Insertion & { readonly until?: number })[] = [
    ...importsInserted(imports, target, root, language, text),
    { at: target.start, until: target.end, text: whole },
  ];
  const isObject = target.inside?.pieces[0]?.defined.inner.type === 'object';
  for (const { span, level, before } of found.extras) {
    const beside = level === 'member' ? target : home;
    const { indent } = manner(beside.indent ?? '');
    const lines = laid(reading, span, manner(indent)).join('\n');
    const gap = language.grammar === 'python' && indent === '' ? '\n\n\n' : '\n\n';
    if (before || (isObject && level === 'member'))
      edits.push({ at: beside.start, text: `${lines}${isObject && level === 'member' ? ',' : ''}${gap}${indent}` });
    else edits.push({ at: beside.end, text: `${gap}${indent}${lines}` });
  }
  const eol =
    /\r\n/.test(text.slice(target.start, target.end)) || (!text.slice(target.start, target.end).includes('\n') && /^[^\n]*\r\n/.test(text))
      ? '\r\n'
      : '\n';
  // Those at one place in the order in which they were written; the part itself is the last that ends there.
  return edits
    .map((edit, order) => ({ ...edit, order }))
    .sort((a, b) => b.at - a.at || (b.until ?? b.at) - (a.until ?? a.at) || b.order - a.order)
    .reduce((all, { at, until = at, text: inserted }) => `${all.slice(0, at)}${inserted.replaceAll('\n', eol)}${all.slice(until)}`, text);
}

const blankLines = (between: string, indent: string): string => `${'\n'.repeat(Math.max(1, between.split('\n').length - 1))}${indent}`;

function mannerOf({ root, text, target }: File): Omit<Manner, 'indent'> {
  const own = text.slice(target.start, target.end).replaceAll('\r\n', '\n').split('\n');
  const inText = stringRows(root);
  const firstRow = text.slice(0, target.start).split('\n').length - 1;
  const code = own.flatMap((line, n) => (n > 0 && !inText.has(firstRow + n) ? (/^[ \t]+(?=\S)/.exec(line)?.[0] ?? []) : []));
  const all = code.length > 0 ? code : text.split('\n').flatMap((line) => /^[ \t]+(?=\S)/.exec(line)?.[0] ?? []);
  const tabs = all.length === 0 ? undefined : all.filter((blanks) => blanks.startsWith('\t')).length > all.length / 2;
  const spaces = all.filter((blanks) => blanks.startsWith(' ')).map(({ length }) => length);
  return { tabs, width: spaces.length === 0 ? 4 : Math.max(1, Math.min(8, ...spaces)), old: new Set(own) };
}

/** Comments, decorators and what makes it public stay where the reply has none of them. */
function composed(piece: Piece, own: Piece | undefined, reading: Reading, { root, text }: File, manner: Manner): string {
  if (own === undefined) return laid(reading, piece, manner).join('\n');
  const prefix = prefixOf(own, piece, text);
  const before = leads(root, own, text);
  const after = leads(reading.root, piece, reading.text);
  const lost = (kind: Lead['kind']): boolean => before.some((lead) => lead.kind === kind) && !after.some((lead) => lead.kind === kind);
  if (prefix === '' && !lost('comment') && !lost('decoration')) return laid(reading, piece, manner).join('\n');
  const code = `${prefix}${laid(reading, { start: piece.codeStart, end: piece.end }, manner).join('\n')}`;
  if (after.length === 0) return `${text.slice(own.start, own.codeStart).replaceAll('\r\n', '\n')}${code}`;
  const kept = (kind: Lead['kind']): string[] =>
    lost(kind)
      ? before.filter((lead) => lead.kind === kind).map(({ start, end }) => text.slice(start, end).replaceAll('\r\n', '\n'))
      : after.filter((lead) => lead.kind === kind).map((lead) => laid(reading, lead, manner).join('\n'));
  return [...kept('comment'), ...kept('decoration'), code].join(`\n${manner.indent}`);
}

interface Lead extends Span {
  readonly kind: 'comment' | 'decoration';
}

function leads(root: Node, { start, codeStart }: Piece, text: string): readonly Lead[] {
  const found: Lead[] = [];
  for (let at = start; at < codeStart; ) {
    if (/\s/.test(text[at] ?? '')) at++;
    else {
      let node: Node | null = root.descendantForIndex(at);
      while (node?.parent && node.parent.startIndex === at && node.parent.endIndex <= codeStart) node = node.parent;
      const end = Math.max(at + 1, Math.min(codeStart, node?.endIndex ?? codeStart));
      const own = text.slice(at, end).trimEnd();
      found.push({ kind: /comment/.test(node?.type ?? '') ? 'comment' : 'decoration', start: at, end: at + own.length });
      at = end;
    }
  }
  return found;
}

/** `export`, `pub`, `public`: left out in a reply it is still meant. */
function prefixOf(own: Piece, piece: Piece, text: string): string {
  const visible = (node: Node): Node | undefined =>
    node.children.find((child) => child !== null && /^(visibility_modifier|modifiers)$/.test(child.type)) ?? undefined;
  const { outer } = own.defined;
  const isExport = (node: Node): boolean => node.type === 'export_statement';
  if (isExport(outer) && !isExport(piece.defined.outer)) {
    const held = outer.childForFieldName('declaration') ?? outer.childForFieldName('value');
    return text.slice(own.codeStart, held?.startIndex ?? own.codeStart);
  }
  const words = visible(outer);
  return words && visible(piece.defined.outer) === undefined && words.endIndex > own.codeStart
    ? `${text.slice(own.codeStart, words.endIndex)} `
    : '';
}

/** Imports that the file does not have yet. */
function newImports({ imports, doubts }: Found, { root, target, language, all }: File): string[] {
  const scopes = [
    root,
    ...[...around(target.inside)].flatMap(({ pieces }) =>
      pieces.flatMap(({ defined }) => (defined.inner.type === 'mod_item' ? (defined.body ?? []) : [])),
    ),
  ];
  const known = scopes.flatMap((scope) => importNodes(scope, language)).flatMap((node) => importedBy(node, language));
  const isKnown = ({ name, from }: Imported): boolean => known.some((one) => one.name === name && one.from === from);
  return imports.flatMap((node) => {
    const names = importedBy(node, language);
    const fresh = names.filter((one) => !isKnown(one));
    for (const { name, from } of fresh) {
      if (name !== '' && (known.some((one) => one.name === name && one.from !== from) || all.some((one) => one.name === name)))
        doubts.push(`The code imports ${name} from another place than the file has it: ${shortened(node.text)}`);
    }
    return fresh.length === names.length && language.grammar !== 'go'
      ? fresh.length === 0
        ? []
        : [node.text.trimEnd()]
      : fresh.map((one) => one.text);
  });
}

// ---- the whole

/** The grammar must read the file as well as before, with every other part as it was. */
function checked(after: string, file: File): Promise<Spliced> {
  const { root, text, all, target, language } = file;
  return withTree(language, after, (newRoot): Spliced => {
    if (errors(newRoot) > errors(root))
      return { doubt: `With this code the file cannot be read any more: ${target.name} is not complete, or not closed.` };
    const outside = new Set(around(target.inside));
    const left = new Map<string, number>();
    const key = (name: string, own: string): string => `${name}\0${own.replaceAll('\r\n', '\n')}`;
    const parts = treeParts(newRoot, language, after);
    for (const { name, start, end } of parts)
      left.set(key(name, after.slice(start, end)), (left.get(key(name, after.slice(start, end))) ?? 0) + 1);
    for (const one of all) {
      if (outside.has(one) || [...around(one)].includes(target)) continue;
      const own = key(one.name, text.slice(one.start, one.end));
      const count = left.get(own) ?? 0;
      if (count === 0) return { doubt: `With this code ${one.name} would change as well.` };
      left.set(own, count - 1);
    }
    return parts.some(({ name }) => name === target.name) ? { text: after } : { doubt: `The code does not hold ${target.name}.` };
  });
}

function errors(root: Node): number {
  if (!root.hasError) return 0;
  let count = 0;
  const visit = (node: Node): void => {
    if (node.isError || node.isMissing) count++;
    if (node.hasError) for (const child of node.children) if (child !== null) visit(child);
  };
  visit(root);
  return count;
}
