/**
 * Which files are secrets, by name: the one answer for copies, prompts and edits. What looks like a secret is never shown to a model nor
 * written by one, and stays in the workspace when git does not track it. Tracked files are carried except the clear ones, since tests often
 * need tracked certificates, `.env.test` and the like. Patterns see names without a backup's ending (`.env.bak`, `id_rsa~`).
 */

/** Names that are made to be shown: examples of settings, public keys. */
const shown = /\.(?:example|sample|template|tmpl|dist|defaults?|schema)(?:\.\w{1,8})?$|\.pub$/i;

/** Source and prose about secrets is no secret: `secrets.ts`, `kubeconfig.go`, `keyboard.key.ts`. */
const code =
  /\.(?:[cm]?[jt]sx?|vue|svelte|pyi?|go|rs|java|kts?|scala|groovy|rb|php|cs|fs|vb|[ch]|cc|[ch]pp|hh|mm?|swift|dart|ex|exs|erl|hs|ml|clj|lua|pl|r|jl|sh|ps1|sql|html?|s?css|less|md|mdx|rst|adoc)$/i;

const backup = /(?:~|\.(?:bak|backup|old|orig|save|copy|sw[a-p]|\d{1,2}))$/i;

const any = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'), 'i');

const clear = any(
  /^\.env(?:\.(?:local|production|prod|staging|live)|\..*\.local)?$/,
  /^\.dev\.vars(?:\..*)?$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
  /^[._]netrc$/,
  /^\.(?:pgpass|my\.cnf|mylogin\.cnf|git-credentials|htpasswd|htdigest|pypirc|dockercfg|s3cfg|boto|edgerc|databrickscfg|sentryclirc|terraformrc|tfrc|msmtprc)$/,
  /^(?:terraform\.rc|rclone\.conf|sftp-config\.json|wp-config\.php|local\.settings\.json|credentials\.tfrc\.json)$/,
  /^(?:.*[._-])?vault[-_]?(?:token|pass(?:word|wd)?)(?:\.\w{1,8})?$/,
  /^(?:gha-creds-.*|(?:.*[._-])?credentials|service[-_]?accounts?.*|client[-_]?secrets?.*|google-services-key|.*firebase-adminsdk.*|sa|(?:.*[._-])?(?:gcp|gcloud|service|sa|private|signing)[-_]?key)\.json$/,
  /\.(?:p12|pfx|pkcs12|jks|jceks|bks|keystore|kdbx?|ppk|pvk|agekey|keychain(?:-db)?)$/,
);

/** As clear, but known as material of tests too; see `testMaterial`. */
const clearOutsideTests = any(/\.(?:pem|key|p8|ovpn|tfstate|tfvars(?:\.json)?)$/, /kubeconfig/, /^appsettings\..+\.json$/);

const likely = any(
  /^\.env(?:[._-].*|rc)?$/,
  /^(?:env|.*\.env)(?:\.(?:local|production|prod|staging|live))$|\.env$|^\.flaskenv$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?![a-z])/,
  /\.(?:asc|gpg|pgp)$/,
  /^(?:.*[._-])?(?:secrets?|credentials?|passwords?|passwd|api[-_]?keys?|access[-_]?keys?|tokens?)\.(?:json|ya?ml|toml|ini|txt|xml|properties|conf|cfg|csv|db|enc|ya?ml\.enc)$/,
  /^\.?credentials$|^\.(?:tokens?|secrets?|passwords?|api[-_]?keys?)$/,
  /^(?:auth\.json|\.\w{1,20}_history)$/,
);

/** Folders of keys: everything in them, tracked or not. */
const secretFolders =
  /(?:^|\/)(?:\.ssh|\.gnupg|\.kube|\.gcloud|\.config\/gcloud|\.terraform\.d|\.password-store)\/|(?:^|\/)(?:\.aws\/(?:credentials|config|sso\/.*|cli\/.*)|\.docker\/config(?:\.json)?|\.(?:cargo|gem)\/credentials(?:\.toml)?|\.streamlit\/secrets\.toml|\.m2\/settings(?:-security)?\.xml|\.config\/gh\/hosts\.ya?ml)$/i;

/** Folders whose data files are likely secrets. */
const likelyFolders = /(?:^|\/)(?:\.azure|\.aws|\.docker|\.secrets?|secrets?)\//i;

/** Folders in which tracked keys are test material. */
const testMaterial = /(?:^|\/)(?:tests?|specs?|fixtures?|examples?|mocks?|__tests__|testdata|docs?)\//i;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Files that are secret only when they hold a token; see `holdsToken`. */
const byContent = /^(?:\.npmrc|\.yarnrc(?:\.yml)?|gradle\.properties|settings\.xml|nuget\.config|pip\.conf|\.condarc|database\.ya?ml)$/i;

export function mayHoldToken(path: string): boolean {
  return byContent.test(nameOf(path));
}

const literals: readonly RegExp[] = [
  /(?:_authToken|_password|_auth|npmAuthToken|npmAuthIdent|password|passphrase|token|secret)[ \t]{0,20}[=:][ \t]{0,20}["']?(?!\$\{|<%|["'\s])\S/i,
  /<(?:password|passphrase|privateKey)>(?!\$?\{)[^<\s]/i,
  /password"?\s{1,20}value="(?!%)[^"]/i,
  /:\/\/[^\s/:@$]{1,200}:(?!\$)[^\s/@]{1,200}@/,
];

/** True for settings of a package manager or a database with a literal token or password (a reference to an environment variable is none). */
export function holdsToken(text: string): boolean {
  return literals.some((pattern) => pattern.test(text));
}

/** True for a name, relative with forward slashes, that stands for a secret; of a tracked file only when it is a clear one. */
export function isSecretName(path: string, tracked: boolean): boolean {
  if (secretFolders.test(path)) return true;
  const name = nameOf(path).replace(backup, '');
  if (shown.test(name)) return false;
  if (code.test(name) && !/^(?:\.env|wp-config\.php$)/i.test(name)) return false;
  if (clear.test(name)) return true;
  if (!tracked) return clearOutsideTests.test(name) || likely.test(name) || likelyFolders.test(path);
  return clearOutsideTests.test(name) && !testMaterial.test(path);
}

/** True for what no model gets to see: secrets by name, and files that may hold one or are a certificate. Errs on the side of yes. */
export function isNeverShown(path: string): boolean {
  return isSecretName(path, false) || isSecretName(path, true) || mayHoldToken(path) || /\.(?:crt|cer|der)$/i.test(path);
}

/** Certificates and public keys have these endings too: in a folder of packages only the text tells. */
export function mayBePublic(path: string): boolean {
  return /\.(?:pem|key)$/i.test(path);
}

export function holdsPrivateKey(text: string): boolean {
  return text.includes('PRIVATE KEY');
}
