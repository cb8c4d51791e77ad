/**
 * Where language tools keep themselves, their packages and their caches, below the home or where a variable says. Nothing that holds a login
 * is named: of a folder with credentials only the parts without them.
 */
import type { Access } from './types.ts';

export interface ToolFolder {
  /** Relative to the home. */
  readonly path: string;
  readonly access: Access;
  /** The variable that names the folder when it is elsewhere, and the part of `path` it stands for. */
  readonly movedBy?: { readonly variable: string; readonly base: string };
  /** A settings file that people also keep logins in: shown only when its text has none of these words. */
  readonly unless?: RegExp;
}

const login = /token|passw|secret|credential|auth/i;

const below = (base: string, variable: string | undefined, read: string, discard = '', plain = ''): ToolFolder[] => {
  const movedBy = variable === undefined ? {} : { movedBy: { variable, base } };
  const of = (names: string, access: Access, more: object = {}): ToolFolder[] =>
    names
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => ({ path: name === '.' ? base : `${base}/${name}`, access, ...movedBy, ...more }));
  return [...of(read, 'read'), ...of(discard, 'discard'), ...of(plain, 'read', { unless: login })];
};

export const toolFolders: readonly ToolFolder[] = [
  // version managers of several languages
  ...below('.asdf', 'ASDF_DATA_DIR', '.'),
  ...below('.proto', 'PROTO_HOME', 'bin shims tools plugins'),
  ...below('.local/share', 'XDG_DATA_HOME', 'mise rtx fnm pnpm uv/python uv/tools pipx virtualenvs hatch pypoetry gem/ruby'),
  ...below('.nix-profile', undefined, '.'),
  ...below('.linuxbrew', undefined, '.'),
  // JavaScript
  ...below('.nvm', 'NVM_DIR', '.'),
  ...below('.volta', 'VOLTA_HOME', 'bin tools log'),
  ...below('.fnm', 'FNM_DIR', '.'),
  ...below('.nodenv', 'NODENV_ROOT', '.'),
  ...below('.n', 'N_PREFIX', '.'),
  ...below('n', undefined, 'bin lib n'),
  ...below('.npm-global', undefined, 'bin lib'),
  ...below('.npm-packages', undefined, 'bin lib'),
  ...below('.yarn', undefined, 'bin releases', 'berry'),
  ...below('.bun', 'BUN_INSTALL', 'bin', 'install'),
  ...below('.deno', 'DENO_INSTALL', 'bin'),
  // Python
  ...below('.pyenv', 'PYENV_ROOT', '.'),
  ...below('.rye', 'RYE_HOME', 'self shims py tools'),
  ...below('.virtualenvs', 'WORKON_HOME', '.'),
  ...below('.poetry', 'POETRY_HOME', '.'),
  ...below('.local', undefined, 'lib pipx'),
  ...['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', 'micromamba', '.conda/envs', '.conda/pkgs'].flatMap((base) =>
    below(base, undefined, '.'),
  ),
  // Go
  ...below('go', 'GOPATH', 'bin', 'pkg/mod pkg/sumdb'),
  ...below('sdk', undefined, '.'),
  ...below('.gvm', undefined, '.'),
  // Rust
  ...below('.cargo', 'CARGO_HOME', 'bin env', 'registry git', 'config config.toml'),
  ...below('.rustup', 'RUSTUP_HOME', '.'),
  // JVM
  ...below('.sdkman', 'SDKMAN_DIR', 'bin candidates contrib etc libexec src var'),
  ...below('.jenv', undefined, '.'),
  ...below('.jabba', undefined, '.'),
  ...below('.m2', undefined, 'wrapper', 'repository'),
  ...below('.gradle', 'GRADLE_USER_HOME', 'jdks', 'caches wrapper native', 'gradle.properties'),
  ...below('.ivy2', undefined, '', 'cache local'),
  ...below('.sbt', undefined, '', 'boot launchers'),
  // .NET, Ruby, PHP, Dart, Elixir, Haskell, OCaml, Julia
  ...below('.dotnet', 'DOTNET_ROOT', '.'),
  ...below('.nuget', undefined, '', 'packages'),
  ...below('.rbenv', 'RBENV_ROOT', '.'),
  ...below('.rvm', undefined, '.'),
  ...below('.gem', undefined, 'ruby specs'),
  ...below('.composer', undefined, 'vendor'),
  ...below('.pub-cache', undefined, 'bin global_packages', 'hosted git'),
  ...below('.mix', undefined, '.'),
  ...below('.hex', undefined, 'packages'),
  ...below('.ghcup', undefined, '.'),
  ...below('.cabal', undefined, 'bin store packages'),
  ...below('.stack', undefined, 'programs snapshots pantry'),
  ...below('.opam', 'OPAMROOT', '.'),
  ...below('.juliaup', undefined, '.'),
  ...below('.julia', undefined, 'juliaup packages artifacts registries environments', 'compiled scratchspaces'),
  // caches of tools, browsers and models
  ...below(
    '.cache',
    'XDG_CACHE_HOME',
    'ms-playwright puppeteer Cypress electron node-gyp torch huggingface/hub huggingface/datasets pypoetry/virtualenvs',
    'go-build node/corepack deno coursier uv zig bazelisk',
  ),
  ...['nltk_data', 'scikit_learn_data', '.keras/datasets', '.keras/models'].map((path) => ({ path, access: 'read' as const })),
  // settings of tools
  ...below('.config', 'XDG_CONFIG_HOME', 'go', '', 'pypoetry/config.toml pnpm/rc mise/config.toml'),
  ...['.tool-versions', '.node-version', '.python-version', '.ruby-version', '.asdfrc', '.yarnrc.yml'].map((path) => ({
    path,
    access: 'read' as const,
    unless: login,
  })),
];

/** Variables of the user that name folders (or lists of them) which the command reads. */
export const readVariables = [
  ...['GOROOT', 'JAVA_HOME', 'MAVEN_HOME', 'M2_HOME', 'GRADLE_HOME', 'ANDROID_HOME', 'GEM_HOME', 'GEM_PATH', 'PNPM_HOME', 'VIRTUAL_ENV'],
  ...['CONDA_PREFIX', 'NODE_PATH', 'PYTHONPATH', 'PYTHONHOME', 'LD_LIBRARY_PATH', 'PKG_CONFIG_PATH'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE'],
] as const;

/** Variables of the user that name caches. */
export const cacheVariables = ['GOCACHE', 'GOMODCACHE', 'UV_CACHE_DIR', 'DENO_DIR', 'COREPACK_HOME'] as const;

/** Where logins usually lie below a home: never shown, whatever a path or a variable says. */
export const keyFolders = [
  ...['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker', '.password-store', '.mozilla', '.thunderbird', '.pki'],
  ...['.local/share/keyrings', '.config/gcloud', '.config/gh', '.config/op', '.config/google-chrome', '.config/Code', '.terraform.d'],
  ...[
    '.vault-token',
    '.netrc',
    '.npmrc',
    '.pypirc',
    '.git-credentials',
    '.cargo/credentials',
    '.cargo/credentials.toml',
    '.m2/settings.xml',
  ],
] as const;
