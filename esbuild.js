// Bundles the programs into dist/. Written through a temporary name, so that a program started meanwhile never reads half a file.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** Programs, and threads of programs: name in dist/ → entry. One that is not written yet is left out. */
const programs = {
  'local-model-server': 'src/local-model/server/main.ts',
  'run-index': 'src/lessons/index-worker.ts',
};

const exportedNames = (text) => [
  ...[...text.matchAll(/^export (?:class|const|function|async function) (\w+)/gm)].map(([, name]) => name),
  ...[...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list.split(',').map((item) => item.trim().split(' as ').at(-1))),
];
/**
 * The hub's library can store files in pieces through a second service (Xet), with hash functions of its own (40 kB). We hand over one small file
 * and never ask for it.
 */
const leaveOutXet = {
  name: 'leave-out-xet',
  setup({ onLoad }) {
    onLoad({ filter: /@huggingface[\\/]xetchunk-wasm[\\/].*\.js$/ }, ({ path: file }) => {
      const names = new Set([...exportedNames(readFileSync(file, 'utf8')).filter(Boolean), 'createChunker']);
      return { contents: [...names].map((name) => `export class ${name} {}`).join('\n'), loader: 'js' };
    });
  },
};

/** The library for servers of agents checks structured results with a validator of its own (120 kB). We read their texts only, and hand it one that does nothing. */
const leaveOutValidator = {
  name: 'leave-out-validator',
  setup({ onLoad }) {
    onLoad({ filter: /@modelcontextprotocol[\\/]sdk[\\/].*[\\/]ajv-provider\.js$/ }, () => ({
      contents: 'export class AjvJsonSchemaValidator {}',
      loader: 'js',
    }));
  },
};

const root = import.meta.dirname;
const entryPoints = Object.fromEntries(Object.entries(programs).filter(([, entry]) => existsSync(path.join(root, entry))));

/** What all bundles share. The build of `yaml` for browsers is the same without its debug output for Node. */
const common = {
  alias: { yaml: path.join(root, 'node_modules', 'yaml', 'browser', 'index.js') },
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  minify: true,
  legalComments: 'none',
  sourcemap: 'external',
  metafile: true,
  write: false,
  logLevel: 'warning',
};

/** Dependencies in CommonJS ask for `require`. */
const requireLine = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const programBundles = {
  ...common,
  entryPoints,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  banner: { js: requireLine },
  plugins: [leaveOutXet, leaveOutValidator],
};

/** The command line: what every command needs is `cli.js`; what only some commands load is in pieces beside it. */
const cliBundle = {
  ...programBundles,
  entryPoints: { cli: 'src/cli.ts' },
  splitting: true,
  chunkNames: 'cli-[hash]',
  // Who wants a queue installs them: with them it would be twice as large.
  external: ['bullmq', 'ioredis'],
};

/**
 * The extension: what activation needs is `extension.js` and small; everything named by an `import()` is in pieces beside it that are read at
 * their first use. Reading one bundle of a megabyte would cost each start of VS Code some 30 ms.
 */
const extensionBundle = {
  ...common,
  entryPoints: { extension: 'src/extension.ts' },
  platform: 'node',
  target: 'node24',
  format: 'esm',
  splitting: true,
  chunkNames: 'extension-[hash]',
  external: ['vscode'],
  banner: programBundles.banner,
  plugins: [leaveOutXet, leaveOutValidator],
};

/** The pages of the editor, for the browser inside it: one script and one style sheet for all of them. */
const pageBundle = {
  ...common,
  outdir: 'dist/webviews',
  entryPoints: { pages: 'src/webviews/main.tsx' },
  platform: 'browser',
  target: 'chrome140',
  format: 'iife',
  tsconfig: 'src/webviews/tsconfig.json',
  define: { 'process.env.NODE_ENV': '"production"' },
};

const results = await Promise.all([programBundles, cliBundle, extensionBundle, pageBundle].map((options) => esbuild.build(options)));
const metafile = {
  inputs: Object.assign({}, ...results.map((result) => result.metafile.inputs)),
  outputs: Object.assign({}, ...results.map((result) => result.metafile.outputs)),
};

/** The pieces that do not ask for it go without; the line stays as an empty one, so that source maps fit. */
function withoutIdleRequire(file) {
  const rest = file.text.startsWith(requireLine) ? file.text.slice(requireLine.length) : undefined;
  if (rest === undefined || /\brequire\b/.test(rest)) return file;
  const contents = Buffer.from(rest);
  metafile.outputs[path.relative(root, file.path).split(path.sep).join('/')].bytes = contents.length;
  return { path: file.path, contents };
}

// Code that runs beside a project's tests, in their own process: taken as it is.
const guards = path.join('src', 'feedback', 'guards');
const guardFiles = readdirSync(path.join(root, guards), { recursive: true }).filter((name) => /\.\w+$/.test(name));
/** Grammars that read source text; the runtime is of the library's own version. */
const grammars = {
  'web-tree-sitter.wasm': path.join('web-tree-sitter', 'web-tree-sitter.wasm'),
  ...Object.fromEntries(
    ['python', 'typescript', 'tsx', 'go', 'rust', 'java']
      .map((language) => `tree-sitter-${language}.wasm`)
      .map((name) => [name, path.join('@vscode', 'tree-sitter-wasm', 'wasm', name)]),
  ),
};

for (const folder of ['webviews', 'guards', path.join('guards', 'python'), path.join('guards', 'rust'), 'grammars'])
  mkdirSync(path.join(root, 'dist', folder), { recursive: true });
for (const file of [
  ...results.flatMap((result) => result.outputFiles).map(withoutIdleRequire),
  // Data that is read when it is asked for: not a part of any bundle.
  { path: path.join(root, 'dist', 'prices.json'), contents: readFileSync(path.join(root, 'src', 'models', 'prices.json')) },
  ...guardFiles.map((name) => ({
    path: path.join(root, 'dist', 'guards', name),
    contents: readFileSync(path.join(root, guards, name)),
  })),
  ...Object.entries(grammars).map(([name, from]) => ({
    path: path.join(root, 'dist', 'grammars', name),
    contents: readFileSync(path.join(root, 'node_modules', from)),
  })),
  { path: path.join(root, 'dist', 'meta.json'), contents: JSON.stringify(metafile) },
]) {
  const temporary = `${file.path}.${process.pid}.tmp`;
  // A script is started by its name.
  writeFileSync(temporary, file.contents, file.path.endsWith('.sh') ? { mode: 0o755 } : {});
  renameSync(temporary, file.path);
}

// Pieces of an earlier build are named by their content: nobody asks for them any more.
const longestCommandMs = 3 * 3600 * 1000;
const isPacking = ['pack', 'publish'].includes(process.env.npm_command ?? '');
const current = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
for (const name of readdirSync(path.join(root, 'dist'))) {
  const file = path.join(root, 'dist', name);
  if (current.has(name) || !/^(?:extension|cli)[-.].*js(\.map)?$/.test(name)) continue;
  // A command that was started before this build may still load a piece of its own. What is packed holds no such pieces.
  if (name.startsWith('cli-') && !isPacking && Date.now() - statSync(file).mtimeMs < longestCommandMs) continue;
  rmSync(file);
}
