/** Languages by file ending, and the package manager by its lock file. */
import type { Briefing } from './types.ts';

const endings: Readonly<Record<string, string>> = {
  TypeScript: 'ts mts cts tsx',
  JavaScript: 'js mjs cjs jsx',
  Python: 'py pyi',
  Go: 'go',
  Rust: 'rs',
  Java: 'java',
  Kotlin: 'kt kts',
  'C#': 'cs',
  C: 'c h',
  'C++': 'cc cpp cxx hpp hh hxx',
  Ruby: 'rb rake',
  PHP: 'php',
  Swift: 'swift',
  Scala: 'scala sc',
  Dart: 'dart',
  Elixir: 'ex exs',
  Erlang: 'erl hrl',
  Haskell: 'hs',
  Clojure: 'clj cljs cljc',
  Lua: 'lua',
  Perl: 'pl pm',
  R: 'r',
  Julia: 'jl',
  Zig: 'zig',
  'Objective-C': 'm mm',
  Shell: 'sh bash zsh',
  PowerShell: 'ps1',
  SQL: 'sql',
  Vue: 'vue',
  Svelte: 'svelte',
  HTML: 'html htm',
  CSS: 'css scss sass less',
};

const byEnding = new Map(Object.entries(endings).flatMap(([name, list]) => list.split(' ').map((ending) => [ending, name] as const)));

export function languageOf(path: string): string | undefined {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? undefined : byEnding.get(path.slice(dot + 1).toLowerCase());
}

/** Sums files and bytes by language, most bytes first. */
export function countLanguages(files: Iterable<{ readonly path: string; readonly bytes: number }>): Briefing['languages'] {
  const totals = new Map<string, { files: number; bytes: number }>();
  for (const { path, bytes } of files) {
    const name = languageOf(path);
    if (name === undefined) continue;
    const total = totals.get(name) ?? { files: 0, bytes: 0 };
    totals.set(name, { files: total.files + 1, bytes: total.bytes + bytes });
  }
  return [...totals]
    .map(([name, total]) => ({ name, ...total }))
    .sort((a, b) => b.bytes - a.bytes || b.files - a.files || (a.name < b.name ? -1 : 1));
}

/** What a summary names: at most four, and none that would round to nothing beside others. `share` is of all bytes, 0 to 1. */
export function mainLanguages(counted: Briefing['languages']): { readonly name: string; readonly share: number }[] {
  const total = counted.reduce((sum, { bytes }) => sum + bytes, 0);
  const shares = counted.map(({ name, bytes }) => ({ name, share: total === 0 ? 0 : bytes / total }));
  return shares.filter(({ share }, index) => index === 0 || share >= 0.005).slice(0, 4);
}

/** First match wins; lock files before manifests. The second column is the language it serves. */
const managers: readonly (readonly [file: string, manager: string, language: string])[] = [
  ['pnpm-lock.yaml', 'pnpm', 'js'],
  ['yarn.lock', 'yarn', 'js'],
  ['bun.lock', 'bun', 'js'],
  ['bun.lockb', 'bun', 'js'],
  ['package-lock.json', 'npm', 'js'],
  ['npm-shrinkwrap.json', 'npm', 'js'],
  ['deno.lock', 'deno', 'js'],
  ['uv.lock', 'uv', 'Python'],
  ['poetry.lock', 'poetry', 'Python'],
  ['pdm.lock', 'pdm', 'Python'],
  ['Pipfile.lock', 'pipenv', 'Python'],
  ['Cargo.lock', 'cargo', 'Rust'],
  ['go.sum', 'go', 'Go'],
  ['composer.lock', 'composer', 'PHP'],
  ['Gemfile.lock', 'bundler', 'Ruby'],
  ['mix.lock', 'mix', 'Elixir'],
  ['pubspec.lock', 'pub', 'Dart'],
  ['pom.xml', 'maven', 'Java'],
  ['build.gradle', 'gradle', 'Java'],
  ['build.gradle.kts', 'gradle', 'Kotlin'],
  ['Cargo.toml', 'cargo', 'Rust'],
  ['go.mod', 'go', 'Go'],
  ['deno.json', 'deno', 'js'],
  ['package.json', 'npm', 'js'],
  ['Pipfile', 'pipenv', 'Python'],
  ['pyproject.toml', 'pip', 'Python'],
  ['requirements.txt', 'pip', 'Python'],
  ['setup.py', 'pip', 'Python'],
  ['composer.json', 'composer', 'PHP'],
  ['Gemfile', 'bundler', 'Ruby'],
];

/** The package manager of the workspace's top folder; where several are at home, that of the language with most bytes. */
export function packageManagerOf(has: (path: string) => boolean, languages: Briefing['languages']): string | undefined {
  const found = managers.filter(([file]) => has(file));
  const main = languages[0]?.name;
  const language = main === 'TypeScript' || main === 'JavaScript' || main === 'Vue' || main === 'Svelte' ? 'js' : main;
  return (found.find((entry) => entry[2] === language) ?? found[0])?.[1];
}
