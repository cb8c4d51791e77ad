/**
 * Which files are secrets, by name. Copies go to agents, so what looks like a secret stays in the workspace unless `.worktreeinclude`
 * names it. Untracked files are judged strictly; tracked files are carried except the clear ones, since tests often need
 * tracked certificates and the like.
 */

/** Names that are made to be shown. */
const shown = /\.(example|sample|template|dist|defaults?|schema)$/i;

const clear = [
  /^\.env$/i,
  /^\.env\.(local|production|prod|staging|live)$/i,
  /^\.env\..*\.local$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/i,
  /^\.(netrc|pgpass|git-credentials|htpasswd|pypirc)$/i,
  /^(gha-creds-.*|credentials|service-account.*|client_secret.*|google-services-key)\.json$/i,
  /\.(p12|pfx|jks|keystore|kdbx|ppk)$/i,
];

const likely = [
  /^\.env\./i,
  /\.env$/i,
  /^\.envrc$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)\b(?!.*\.pub$)/i,
  /\.(pem|key)$/i,
  /^secrets?\.(json|ya?ml|toml)$/i,
];

const wholePaths = [/(^|\/)\.aws\/(credentials|config)$/i, /(^|\/)\.(docker|kube)\/config(\.json)?$/i, /(^|\/)\.ssh\//i];

/** Folders in which tracked keys are test material. */
const testMaterial = /(^|\/)(tests?|specs?|fixtures?|examples?|mocks?|__tests__|testdata|docs?)\//i;

/** Files that are secret only when they hold a token; see `holdsToken`. */
const byContent = /^(\.npmrc|\.yarnrc(\.yml)?)$/i;

export function mayHoldToken(path: string): boolean {
  return byContent.test(path.slice(path.lastIndexOf('/') + 1));
}

/** True for an npm or yarn settings file with a literal token or password (a reference to an environment variable is none). */
export function holdsToken(text: string): boolean {
  return /(_authToken|_password|_auth|npmAuthToken|npmAuthIdent)\s*[=:]\s*["']?(?!\$\{)[^\s"']+/i.test(text);
}

export function isSecretName(path: string, tracked: boolean): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (shown.test(name)) return false;
  if (wholePaths.some((pattern) => pattern.test(path)) || clear.some((pattern) => pattern.test(name))) return true;
  if (!tracked) return likely.some((pattern) => pattern.test(name));
  return /\.(pem|key)$/i.test(name) && !testMaterial.test(path);
}

/** Pathspecs that find every tracked file `isSecretName` could name. */
export const secretPathspecs: readonly string[] = [
  '*.env',
  '.env*',
  'id_*',
  '.netrc',
  '.pgpass',
  '.git-credentials',
  '.htpasswd',
  '.pypirc',
  '*.json',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.ppk',
  '*.pem',
  '*.key',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
]
  .filter((glob) => glob !== '*.json')
  .concat(['credentials.json', 'service-account*.json', 'client_secret*.json', 'gha-creds-*.json', 'google-services-key.json'])
  .map((glob) => `:(top,glob,icase)**/${glob}`)
  .concat([
    ':(top,glob,icase)**/.aws/*',
    ':(top,glob,icase)**/.docker/config*',
    ':(top,glob,icase)**/.kube/config*',
    ':(top,glob,icase)**/.ssh/**',
  ]);
