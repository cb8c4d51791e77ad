/** Grammars, loaded when the first file of their language is read. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Language as Grammar, Node, Parser as TreeParser } from 'web-tree-sitter';
import type { Language } from './languages.ts';

/** Beside the bundle; in a checkout they lie in the packages they come from. */
const bundled = join(import.meta.dirname, 'grammars');
const packaged = createRequire(import.meta.url);

const runtime = (): Promise<Uint8Array> =>
  readFile(join(bundled, 'web-tree-sitter.wasm')).catch(() => readFile(packaged.resolve('web-tree-sitter/web-tree-sitter.wasm')));

function grammarFile(name: string): Promise<Uint8Array> {
  const file = `tree-sitter-${name}.wasm`;
  return readFile(join(bundled, file)).catch(() =>
    readFile(join(dirname(packaged.resolve('@vscode/tree-sitter-wasm/package.json')), 'wasm', file)),
  );
}

let started: Promise<typeof import('web-tree-sitter')> | undefined;
const grammars = new Map<string, Promise<Grammar>>();

async function start(): Promise<typeof import('web-tree-sitter')> {
  const library = await import('web-tree-sitter');
  await library.Parser.init({ wasmBinary: await runtime() });
  return library;
}

async function parserFor({ grammar }: Language): Promise<TreeParser> {
  started ??= start();
  const { Parser, Language: loader } = await started;
  const loaded = grammars.get(grammar) ?? grammarFile(grammar).then((bytes) => loader.load(bytes));
  grammars.set(grammar, loaded);
  const parser = new Parser();
  parser.setLanguage(await loaded);
  return parser;
}

/** Gives `use` the root of the text's tree; the tree is gone afterwards. */
export async function withTree<T>(language: Language, text: string, use: (root: Node) => T | Promise<T>): Promise<T> {
  const parser = await parserFor(language);
  const tree = parser.parse(text);
  try {
    if (tree === null) throw new Error(`The ${language.grammar} grammar gave no tree.`);
    return await use(tree.rootNode);
  } finally {
    tree?.delete();
    parser.delete();
  }
}
