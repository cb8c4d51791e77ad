/**
 * The environment of a child process is picked, not inherited: what a language's tools need to find themselves, and nothing that is a secret
 * or that changes how Node or Electron start.
 */

type Environment = Readonly<Record<string, string | undefined>>;

const allowedNames = new Set(
  [
    // where things are
    'PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP',
    // how the user's programs behave: tests see what they see in the user's own terminal
    'TERM COLORTERM NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE CI NODE_ENV',
    // Windows cannot start programs without these
    'SYSTEMROOT SYSTEMDRIVE COMSPEC PATHEXT WINDIR APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432',
    'USERPROFILE HOMEDRIVE HOMEPATH USERNAME OS NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE',
    // JavaScript
    'NVM_DIR NVM_BIN VOLTA_HOME PNPM_HOME BUN_INSTALL DENO_DIR COREPACK_HOME NODE_EXTRA_CA_CERTS NODE_PATH',
    // Python
    'VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYENV_ROOT PYENV_VERSION PYTHONPATH PYTHONHOME UV_CACHE_DIR POETRY_HOME',
    // Go, Rust, JVM, .NET, Ruby, native code
    'GOPATH GOROOT GOCACHE GOMODCACHE GOFLAGS GOPROXY GONOSUMDB GOSUMDB GOPRIVATE GOTOOLCHAIN GO111MODULE CGO_ENABLED',
    'CARGO_HOME RUSTUP_HOME RUSTUP_TOOLCHAIN RUSTFLAGS JAVA_HOME MAVEN_HOME M2_HOME GRADLE_HOME GRADLE_USER_HOME SDKMAN_DIR ANDROID_HOME',
    'DOTNET_ROOT GEM_HOME GEM_PATH RBENV_ROOT LD_LIBRARY_PATH PKG_CONFIG_PATH CC CXX CFLAGS CXXFLAGS LDFLAGS',
    // reaching the outside, where the sandbox lets it
    'HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE',
  ]
    .join(' ')
    .split(' '),
);

const allowedPrefixes = ['LC_', 'XDG_', 'FNM_', 'ASDF_', 'MISE_'];
const secretName = /key|token|secret|passw|credential|auth|cookie|session/i;
const secretValue = /:\/\/[^/\s@:]*:[^/\s@]+@|-----BEGIN/;

/** Set for every command: no prompts, and no compiled Python left behind (a stale .pyc hides a same-second edit). */
const fixed = { PYTHONDONTWRITEBYTECODE: '1', GIT_TERMINAL_PROMPT: '0' } as const;

/** Names compare without case, as Windows has `Path`. `extra` wins and is not filtered: the caller named it. */
export function pickEnvironment(from: Environment, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || !isAllowed(name) || secretValue.test(value)) continue;
    picked[name] = value;
  }
  return { ...picked, ...fixed, ...extra };
}

function isAllowed(name: string): boolean {
  const upper = name.toUpperCase();
  if (secretName.test(upper) && upper !== 'XDG_SESSION_TYPE') return false;
  return allowedNames.has(upper) || allowedPrefixes.some((prefix) => upper.startsWith(prefix));
}
