/** Which files of the workspace a file imports, by regular expression: good enough to find neighbours, no parser needed. */
import { baseName, type FileTree, folderOf, joinPath } from './tree.ts';

/** `main`: its entry, as its manifest names it. */
export interface Package {
  readonly folder: string;
  readonly main?: string;
}

/** The packages of the workspace by the name others import them under (`@acme/cart` → `packages/cart`). */
export type Packages = ReadonlyMap<string, Package>;

type Language = 'js' | 'python' | 'go' | 'rust' | 'java' | 'c' | 'ruby';

const families: Readonly<Record<string, Language>> = {
  ...{ js: 'js', mjs: 'js', cjs: 'js', jsx: 'js', ts: 'js', mts: 'js', cts: 'js', tsx: 'js', vue: 'js', svelte: 'js' },
  ...{ py: 'python', pyi: 'python', go: 'go', rs: 'rust', java: 'java', kt: 'java', scala: 'java', rb: 'ruby' },
  ...{ c: 'c', h: 'c', cc: 'c', cpp: 'c', cxx: 'c', hpp: 'c', hh: 'c' },
};

function familyOf(path: string): Language | undefined {
  return families[path.slice(path.lastIndexOf('.') + 1)];
}

/** Only so much of a file is searched for imports; they stand at its top. */
const searched = 60_000;
const mostImports = 200;

/** Files that `path` imports, in order of appearance, each once, never itself. */
export function importsOf(path: string, text: string, tree: FileTree, packages: Packages): string[] {
  const family = familyOf(path);
  if (family === undefined) return [];
  const found = new Set<string>();
  for (const group of resolvers[family](path, text.slice(0, searched), tree, packages)) {
    for (const file of group) if (file !== path) found.add(file);
    if (found.size > mostImports) break;
  }
  return [...found];
}

type Resolver = (path: string, text: string, tree: FileTree, packages: Packages) => Iterable<readonly string[]>;

const resolvers: Readonly<Record<Language, Resolver>> = {
  *js(path, text, tree, packages) {
    for (const match of text.matchAll(/\b(?:from|import|require|mock)\s*(?:\(\s*)?['"]([^'"\n]{1,200})['"]/g)) {
      yield resolveJs(path, match[1] ?? '', tree, packages);
    }
  },

  *python(path, text, tree) {
    for (const match of text.matchAll(/^[ \t]*from[ \t]+([.\w]+)[ \t]+import(?=[ \t(])([ \t]*\([^()]*\)|[^\n#;]+)/gm)) {
      const [, from = '', names = ''] = match;
      const module = from.replace(/^\.+/, '');
      const dots = from.slice(0, from.length - module.length);
      const inner = names
        .replace(/[()\\\n]/g, ' ')
        .split(',')
        .map((name) => /^\s*(\w+)/.exec(name)?.[1] ?? '')
        .filter((name) => name !== '');
      const base = module.split('.').join('/');
      for (const name of inner) yield pythonModule(path, dots, base === '' ? name : `${base}/${name}`, tree);
      if (base !== '') yield pythonModule(path, dots, base, tree);
    }
    for (const match of text.matchAll(/^[ \t]*import[ \t]+([\w., \t]+)/gm)) {
      for (const part of (match[1] ?? '').split(',')) {
        const module = /^\s*([\w.]+)/.exec(part)?.[1];
        if (module !== undefined) yield pythonModule(path, '', module.split('.').join('/'), tree);
      }
    }
  },

  *go(path, text, tree) {
    const blocks = [...text.matchAll(/^import\s*\(([^)]*)\)/gm)].map((match) => match[1] ?? '');
    const single = [...text.matchAll(/^import\s+(?:[\w.]+\s+)?("[^"\n]+")/gm)].map((match) => match[1] ?? '');
    for (const match of [...blocks, ...single].join('\n').matchAll(/"([^"\n]+)"/g)) {
      const segments = (match[1] ?? '').split('/');
      if (!segments[0]?.includes('.') && segments.length < 2) continue; // the standard library
      for (let from = 1; from < segments.length; from += 1) {
        const files = tree.inFolder(segments.slice(from).join('/')).filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'));
        if (files.length === 0) continue;
        yield files.slice(0, 20);
        break;
      }
    }
    // A test sees the rest of its package without an import.
    if (path.endsWith('_test.go')) yield tree.inFolder(folderOf(path)).filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'));
  },

  *rust(path, text, tree) {
    const folder = folderOf(path);
    const name = baseName(path);
    const own = /^(?:mod|lib|main)\.rs$/.test(name) ? folder : `${folder}/${name.slice(0, -3)}`;
    const sourceAt = path.lastIndexOf('src/');
    const crate = sourceAt === -1 ? undefined : path.slice(0, sourceAt + 3);
    const module = (base: string, segments: readonly string[]): string[] => {
      for (let length = segments.length; length > 0; length -= 1) {
        const stem = joinPath(base, segments.slice(0, length).join('/'));
        if (stem === undefined) continue;
        const found = [`${stem}.rs`, `${stem}/mod.rs`].filter((file) => tree.has(file));
        if (found.length > 0) return found;
      }
      return [];
    };
    for (const match of text.matchAll(/^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;/gm)) yield module(own, [match[1] ?? '']);
    for (const match of text.matchAll(/^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?use[ \t]+((?:\w+::)*\w+)/gm)) {
      const [head = '', ...rest] = (match[1] ?? '').split('::');
      if (head === 'crate' && crate !== undefined) yield module(crate, rest);
      else if (head === 'super') yield module(/^(?:mod|lib|main)\.rs$/.test(name) ? folderOf(folder) : folder, rest);
      else if (head === 'self') yield module(own, rest);
      else {
        // Another crate of the workspace, or this one seen from its tests.
        const crates = [head.replaceAll('_', '-'), head].flatMap((crateName) => tree.endingWith(`${crateName}/src/lib.rs`));
        const top = path.startsWith('tests/') && tree.has('src/lib.rs') ? ['src/lib.rs'] : [];
        const nearby = /^(.*)\/tests\/[^/]*$/.exec(path)?.[1];
        const beside = nearby !== undefined && tree.has(`${nearby}/src/lib.rs`) ? [`${nearby}/src/lib.rs`] : [];
        if (/^(?:std|core|alloc)$/.test(head)) continue;
        for (const lib of new Set([...crates.slice(0, 1), ...beside, ...top])) {
          const inner = module(folderOf(lib), rest);
          yield inner.length > 0 ? inner : [lib];
        }
      }
    }
  },

  *java(path, text, tree) {
    for (const match of text.matchAll(/^import\s+(?:static\s+)?([\w.]+)/gm)) {
      const segments = (match[1] ?? '').split('.');
      for (const length of [segments.length, segments.length - 1]) {
        const found = ['java', 'kt', 'scala'].flatMap((ending) => tree.endingWith(`${segments.slice(0, length).join('/')}.${ending}`));
        if (length < 2 || found.length === 0) continue;
        yield found;
        break;
      }
    }
    // The class a test is named after needs no import in the same package.
    const subject = /^(\w+?)(?:Tests?|IT|Spec)\.(java|kt|scala)$/.exec(baseName(path));
    const inPackage = /src\/test\/\w+\/(.*)$/.exec(folderOf(path))?.[1];
    if (subject !== null) yield tree.endingWith(`${inPackage === undefined ? '' : `${inPackage}/`}${subject[1]}.${subject[2]}`).slice(0, 2);
  },

  *c(path, text, tree) {
    for (const match of text.matchAll(/^[ \t]*#[ \t]*include[ \t]+["<]([^">\n]+)[">]/gm)) {
      const near = joinPath(folderOf(path), match[1] ?? '');
      const headers = near !== undefined && tree.has(near) ? [near] : tree.endingWith(match[1] ?? '').slice(0, 2);
      // The declarations and, beside them, the definitions.
      yield headers.flatMap((header) => [
        header,
        ...['c', 'cc', 'cpp'].map((ending) => header.replace(/\.\w+$/, `.${ending}`)).filter(tree.has),
      ]);
    }
  },

  *ruby(path, text, tree) {
    for (const match of text.matchAll(/^[ \t]*require(_relative)?[ \t(]+['"]([^'"\n]+)['"]/gm)) {
      const wanted = `${(match[2] ?? '').replace(/\.rb$/, '')}.rb`;
      const near = joinPath(folderOf(path), wanted);
      if (near !== undefined && tree.has(near)) yield [near];
      else if (match[1] === undefined) yield tree.endingWith(wanted).slice(0, 1);
    }
  },
};

const jsEndings = ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue', 'svelte', 'json'];

/** A module path without regard to its ending: `./cart.js` may be `cart.ts`, `./cart` may be `cart/index.ts`. */
function jsFile(stem: string, tree: FileTree): string[] {
  if (tree.has(stem)) return [stem];
  const bare = stem.replace(/\.[cm]?jsx?$/, '');
  const tries = [bare, stem].flatMap((base) => [
    ...jsEndings.map((ending) => `${base}.${ending}`),
    ...jsEndings.map((ending) => `${base}/index.${ending}`),
  ]);
  return tries.filter((path) => tree.has(path)).slice(0, 1);
}

function resolveJs(path: string, specifier: string, tree: FileTree, packages: Packages): string[] {
  if (specifier.startsWith('.')) {
    const stem = joinPath(folderOf(path), specifier);
    if (stem === undefined) return [];
    const found = stem === '' ? [] : jsFile(stem, tree);
    // `require('..')` in a folder of tests means the package around it.
    return found.length > 0 ? found : entryOf([...packages.values()].find(({ folder }) => folder === stem) ?? { folder: stem }, tree);
  }
  const segments = specifier.split('/');
  const nameLength = specifier.startsWith('@') ? 2 : 1;
  const known = packages.get(segments.slice(0, nameLength).join('/'));
  if (known !== undefined) {
    const inner = segments.slice(nameLength).join('/');
    return inner === '' ? entryOf(known, tree) : firstOf(known.folder, [inner, `src/${inner}`, `lib/${inner}`], tree);
  }
  // Path aliases of bundlers and tsconfig: `@/lib/cart`, `~/lib/cart`, `#lib/cart`, `src/lib/cart`.
  const alias = /^(?:[@~]\/|#\/?)(.+)$/.exec(specifier)?.[1] ?? (segments.length > 1 && !specifier.startsWith('@') ? specifier : undefined);
  if (alias === undefined) return [];
  const bare = alias.replace(/\.[cm]?[jt]sx?$/, '');
  const found = jsEndings.flatMap((ending) => [...tree.endingWith(`${bare}.${ending}`), ...tree.endingWith(`${bare}/index.${ending}`)]);
  return nearest(path, found).slice(0, 1);
}

/** What importing a package means, where its manifest names nothing that is there. */
const entryOf = ({ folder, main }: Package, tree: FileTree): string[] =>
  firstOf(folder, [...(main === undefined ? [] : [main]), 'src/index', 'index', 'lib/index', 'src/main', 'src'], tree);

function firstOf(folder: string, stems: readonly string[], tree: FileTree): string[] {
  for (const stem of stems) {
    const path = joinPath(folder, stem);
    const found = path ? jsFile(path, tree) : [];
    if (found.length > 0) return found;
  }
  return [];
}

function pythonModule(path: string, dots: string, module: string, tree: FileTree): string[] {
  const forms = [`${module}.py`, `${module}/__init__.py`];
  if (dots !== '') {
    const folder = joinPath(folderOf(path), '../'.repeat(dots.length - 1));
    return folder === undefined ? [] : forms.map((form) => joinPath(folder, form) ?? '').filter(tree.has);
  }
  const beside = forms.map((form) => joinPath(folderOf(path), form) ?? '').filter(tree.has);
  return beside.length > 0 ? beside : nearest(path, forms.flatMap(tree.endingWith)).slice(0, 1);
}

/** Those that share most folders with `path` first; equal ones by name. */
function nearest(path: string, candidates: readonly string[]): string[] {
  const parts = path.split('/');
  const shared = (other: string): number => {
    const others = other.split('/');
    let count = 0;
    while (count < parts.length - 1 && parts[count] === others[count]) count += 1;
    return count;
  };
  return [...new Set(candidates)].sort((a, b) => shared(b) - shared(a) || a.length - b.length || (a < b ? -1 : 1));
}

/** A file that mostly passes on what others define; importing it means importing them. */
export function isBarrel(path: string): boolean {
  return /(?:^|\/)(?:index\.[cm]?[jt]sx?|__init__\.py|mod\.rs|lib\.rs)$/.test(path);
}
