/**
 * The texts of the editor, found in the sources: `node scripts/l10n.ts` writes the English bundle and names what the German one lacks or
 * has too much. A text is the literal first argument of `l10n.t(…)` (or of a bare `t(…)` taken from it). The tables of the core that screens show
 * (step kinds, conditions, export formats, words of the pages) hold such texts too.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(import.meta.dirname, '..');

export interface FoundTexts {
  /** Sorted. */
  readonly texts: readonly string[];
  /** Calls whose text cannot be read from the source, as `file:line`. */
  readonly unreadable: readonly string[];
}

export function findTexts(): FoundTexts {
  const files = [
    'src/extension.ts',
    ...globSync(
      [
        'src/editor/**/*.{ts,tsx}',
        'src/webviews/strings.ts',
        'src/plan/**/*.ts',
        'src/trace/badge.ts',
        'src/request/images.ts',
        'src/lessons/exports/*.ts',
      ],
      { cwd: root },
    ),
  ];
  const texts = new Set<string>();
  const unreadable: string[] = [];
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && isTranslation(node.expression)) {
        const found = literals(node.arguments[0]);
        if (found === undefined) unreadable.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
        else for (const text of found) texts.add(text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { texts: [...texts].sort(), unreadable };
}

/** `l10n.t`, `api.l10n.t`, `words.t` (of a sentence about a plan), and `t` alone. */
function isTranslation(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 't';
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 't') return false;
  const owner = callee.expression;
  return (
    (ts.isIdentifier(owner) && ['l10n', 'words'].includes(owner.text)) ||
    (ts.isPropertyAccessExpression(owner) && owner.name.text === 'l10n')
  );
}

/** The texts an argument can stand for: a literal, or a choice between literals. */
function literals(argument: ts.Expression | undefined): string[] | undefined {
  if (argument === undefined) return undefined;
  if (ts.isStringLiteralLike(argument)) return [argument.text];
  if (ts.isParenthesizedExpression(argument)) return literals(argument.expression);
  if (!ts.isConditionalExpression(argument)) return undefined;
  const [yes, no] = [literals(argument.whenTrue), literals(argument.whenFalse)];
  return yes && no && [...yes, ...no];
}

export const bundleFile = (language: string): string =>
  path.join(root, 'l10n', language === 'en' ? 'bundle.l10n.json' : `bundle.l10n.${language}.json`);

export function readBundle(language: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(bundleFile(language), 'utf8')) as Record<string, string>;
}

/** `{0}`, `{name}` and `$(icon)` of a text, sorted: a translation must have the same. */
export const placeholders = (text: string): string[] => (text.match(/\{\w+\}|\$\([\w~-]+\)/g) ?? []).sort();

if (import.meta.main) {
  const { texts, unreadable } = findTexts();
  writeFileSync(bundleFile('en'), `${JSON.stringify(Object.fromEntries(texts.map((text) => [text, text])), null, 2)}\n`);
  const german = readBundle('de');
  const missing = texts.filter((text) => german[text] === undefined);
  const surplus = Object.keys(german).filter((text) => !texts.includes(text));
  console.log(`${texts.length} texts; German lacks ${missing.length} and has ${surplus.length} that nobody uses.`);
  for (const text of missing) console.log(`lacks: ${JSON.stringify(text)}`);
  for (const text of surplus) console.log(`unused: ${JSON.stringify(text)}`);
  for (const place of unreadable) console.log(`not a literal: ${place}`);
  process.exitCode = missing.length + unreadable.length === 0 ? 0 : 1;
}
