/** Folders that hold installed packages: read by programs, seldom written. They may be linked when they are too large to copy. */
export const packageFolders: readonly string[] = ['node_modules', '.venv', 'venv', 'bower_components', '.yarn', 'Pods'];

/** Package folders only when git ignores them: the names are too common. */
export const ignoredPackageFolders: readonly string[] = ['vendor', 'env', 'deps', '.bundle', 'elm-stuff'];

/** Folders that builds write. Never linked: cloned, copied, or left out. */
export const builtFolders: readonly string[] = [
  'target',
  'dist',
  'build',
  'out',
  '.gradle',
  '_build',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.dart_tool',
  '.eggs',
  '.tox',
  '.nox',
  '.turbo',
];

/** Written by interpreters and tools while tests run; never part of a change. Patterns of gitignore. */
export const junk: readonly string[] = [
  '__pycache__/',
  '*.py[cod]',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.hypothesis/',
  '.coverage',
  '.nyc_output/',
  '.DS_Store',
  '*.egg-info/',
  '.teamwright-*.tmp',
];

/** Ignored single files that builds make and tests need. */
export const builtFiles = /\.(so|pyd|dylib|node)$|(^|\/)_version\.py$/;

/** Lock files, which libraries often ignore: without theirs a build would choose its packages anew, and need the network for that. */
export const lockFiles =
  /(^|\/)(Cargo\.lock|go\.(work|sum|work\.sum)|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|Gemfile\.lock|composer\.lock|mix\.lock|pubspec\.lock|Package\.resolved|packages\.lock\.json|gradle\.lockfile)$/;
