/** Imports as the names they bind, and where a further one is put. */
import type { Node } from 'web-tree-sitter';
import type { Language } from './languages.ts';
import { importNodes, indentAt, leadStart, type TreePart } from './parts.ts';

/** A name that an import binds. Of the same name and origin one is enough; of another origin they exclude each other. */
export interface Imported {
  readonly name: string;
  readonly from: string;
  /** An import of this name alone. */
  readonly text: string;
}

const parts = (node: Node, type: RegExp): Node[] =>
  node.namedChildren.filter((child): child is Node => child !== null && type.test(child.type));
const fieldText = (node: Node, name: string): string => node.childForFieldName(name)?.text ?? '';

/** The names that an import binds; one without a name (`import './side-effect'`, `from a import *`) has ''. */
export function importedBy(node: Node, { grammar }: Language): readonly Imported[] {
  if (grammar === 'python') return pythonImports(node);
  if (grammar === 'go') return node.descendantsOfType('import_spec').flatMap((spec) => (spec === null ? [] : [goImport(spec)]));
  if (grammar === 'rust') return rustImports(node);
  if (grammar === 'java') return [javaImport(node)];
  return scriptImports(node);
}

function pythonImports(node: Node): readonly Imported[] {
  const from = fieldText(node, 'module_name');
  const names = node.childrenForFieldName('name').filter((name): name is Node => name !== null);
  const start = node.type === 'future_import_statement' ? 'from __future__ import ' : from === '' ? 'import ' : `from ${from} import `;
  if (names.length === 0) return [{ name: '', from: node.text, text: node.text }];
  return names.map((name) => {
    const own = name.type === 'aliased_import' ? fieldText(name, 'name') : name.text;
    return { name: name.type === 'aliased_import' ? fieldText(name, 'alias') : own, from: `${start}${own}`, text: `${start}${name.text}` };
  });
}

function javaImport(node: Node): Imported {
  const words = node.text.replace(';', '').trim().split(/[.\s]/);
  const last = words.at(-1) ?? '';
  return { name: last === '*' ? '' : last, from: node.text, text: node.text };
}

function goImport(spec: Node): Imported {
  const path = fieldText(spec, 'path');
  const own = path
    .slice(1, -1)
    .split('/')
    .findLast((word) => !/^v\d+$/.test(word));
  const alias = fieldText(spec, 'name');
  return { name: alias === '_' ? '' : alias || (own ?? path), from: path, text: spec.text };
}

function scriptImports(node: Node): readonly Imported[] {
  const end = node.text.trimEnd().endsWith(';') ? ';' : '';
  if (node.type !== 'import_statement') {
    const keyword = node.child(0)?.text ?? 'const';
    return parts(node, /^variable_declarator$/).flatMap((one) => {
      const call = fieldText(one, 'value');
      const pattern = one.childForFieldName('name');
      if (pattern?.type !== 'object_pattern') return [{ name: pattern?.text ?? '', from: call, text: `${keyword} ${one.text}${end}` }];
      return parts(pattern, /./).map((entry) => {
        const [key = '', name = key] = entry.text.split(':').map((word) => word.trim());
        return { name, from: `${call}.${key}`, text: `${keyword} { ${entry.text} } = ${call}${end}` };
      });
    });
  }
  const source = fieldText(node, 'source');
  const module = source.slice(1, -1).replace(/\.[cm]?[jt]sx?$/, '');
  const keyword = /^import\s+type\b/.test(node.text) ? 'import type' : 'import';
  const clause = parts(node, /^import_clause$/)[0];
  if (clause === undefined) return [{ name: '', from: node.text, text: node.text }];
  const made = (name: string, from: string, written: string): Imported => ({
    name,
    from: `${module} ${from}`,
    text: `${keyword} ${written} from ${source}${end}`,
  });
  return parts(clause, /./).flatMap((child) => {
    if (child.type === 'identifier') return [made(child.text, 'default', child.text)];
    if (child.type === 'namespace_import') return [made(child.text.replace(/^\*\s*as\s*/, ''), '*', child.text)];
    return parts(child, /^import_specifier$/).map((one) =>
      made(fieldText(one, 'alias') || fieldText(one, 'name'), fieldText(one, 'name'), `{ ${one.text} }`),
    );
  });
}

function rustImports(node: Node): readonly Imported[] {
  const made = (path: string, name: string, alias = ''): Imported => ({
    name: alias || name,
    from: path,
    text: `use ${path}${alias === '' ? '' : ` as ${alias}`};`,
  });
  const expand = (at: Node, before: string): readonly Imported[] => {
    if (at.type === 'scoped_use_list') {
      const path = [before, fieldText(at, 'path')].filter((word) => word !== '').join('::');
      return parts(at.childForFieldName('list') ?? at, /./).flatMap((one) => expand(one, path));
    }
    if (at.type === 'use_list') return parts(at, /./).flatMap((one) => expand(one, before));
    const isAlias = at.type === 'use_as_clause';
    const [written, alias] = [isAlias ? fieldText(at, 'path') : at.text, isAlias ? fieldText(at, 'alias') : undefined];
    const path = [before, written === 'self' && before !== '' ? '' : written].filter((word) => word !== '').join('::');
    const name = path.split('::').at(-1) ?? path;
    return [made(path, name === '*' || alias === '_' ? '' : name, alias)];
  };
  const argument = node.childForFieldName('argument');
  return argument === null ? [{ name: '', from: node.text, text: node.text }] : expand(argument, '');
}

/** A text that is put into a file at a place. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Further imports, in the scope that the part sees: behind those that are there, or where the first would stand. */
export function importsInserted(texts: readonly string[], part: TreePart, root: Node, language: Language, text: string): Insertion[] {
  if (texts.length === 0) return [];
  const scope = scopeOfImports(part) ?? root;
  const first = texts.filter((one) => one.includes('__future__'));
  const all = importNodes(scope, language).filter(({ startIndex }) => startIndex < part.start);
  const last = all.at(-1);
  if (language.grammar === 'go') return goInserted(texts, last, root, text);
  const others = texts.filter((one) => !first.includes(one));
  if (last !== undefined) {
    const indent = indentAt(text, last.startIndex);
    const [top = last] = all;
    return [
      ...first.map((one) => ({ at: top.startIndex, text: `${one}\n${indent}` })),
      ...(others.length > 0 ? [{ at: lineEnd(text, last), text: others.map((one) => `\n${indent}${one}`).join('') }] : []),
    ];
  }
  const next = scope.namedChildren.find((child) => child !== null && !isHeader(child, scope));
  if (!next) return [{ at: 0, text: `${texts.join('\n')}\n\n` }];
  const at = leadStart(root, next.startIndex, text);
  const indent = indentAt(text, at);
  return [{ at, text: `${[...first, ...others].join(`\n${indent}`)}\n\n${indent}` }];
}

/** Some grammars take the line feed, or an end of a line without one, for the import's own. */
const lineEnd = (text: string, { startIndex, endIndex }: Node): number => startIndex + text.slice(startIndex, endIndex).trimEnd().length;

function goInserted(texts: readonly string[], last: Node | undefined, root: Node, text: string): Insertion[] {
  const list = last?.namedChildren.find((child) => child?.type === 'import_spec_list');
  if (list) {
    const at = text.lastIndexOf('\n', list.endIndex - 1);
    if (at > list.startIndex) return [{ at, text: texts.map((one) => `\n\t${one}`).join('') }];
  }
  const after = last ?? root.namedChildren.find((child) => child?.type === 'package_clause');
  return after ? [{ at: lineEnd(text, after), text: texts.map((one) => `${last ? '\n' : '\n\n'}import ${one}`).join('') }] : [];
}

/** A module inside a file of Rust sees its own imports. */
function scopeOfImports(part: TreePart): Node | undefined {
  for (let at = part.inside; at !== undefined; at = at.inside) {
    const [piece] = at.pieces;
    if (piece?.defined.inner.type === 'mod_item') return piece.defined.body ?? undefined;
  }
  return undefined;
}

/** What stands above the imports: comments, the text of a module, directives, the package. */
const isHeader = (node: Node, scope: Node): boolean =>
  /comment|^package_|^inner_attribute_item$|^hash_bang_line$/.test(node.type) ||
  (node.type === 'expression_statement' && node.firstNamedChild?.type === 'string' && scope.parent === null);
