/**
 * Secrets as they stand in real files, made up by a seeded generator. None is real, and none is written down: every one is put together when
 * it is needed, so that a scanner of this repository finds nothing.
 */
export interface Planted {
  readonly kind: string;
  /** Must not be in the redacted text, in any form. */
  readonly secret: string;
  readonly text: string;
  /** Where it was planted: `env file`, `JSON in JSON`, … */
  readonly place: string;
}

type Random = () => number;

/** mulberry32 */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const alphanumeric = lower + upper + digits;
const hexadecimal = `${digits}abcdef`;
const urlSafe = `${alphanumeric}_-`;

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

function some(random: Random, alphabet: string, length: number): string {
  let text = '';
  for (let at = 0; at < length; at++) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** Random as real ones are: with letters of both cases and digits in it. */
function random62(random: Random, length: number): string {
  for (;;) {
    const text = some(random, alphanumeric, length);
    if (/\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text)) return text;
  }
}

const encode = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const base64 = (value: string): string => Buffer.from(value).toString('base64');
const bytes = (random: Random, length: number): string =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256))).toString('base64');

/** A password as people or generators make them. */
function password(random: Random): string {
  const word = pick(random, ['winter', 'Falcon', 'orange', 'Tr0ub4dor', 'hunter', 'Sommer', 'dragon', 'koala']);
  return pick(random, [
    () => `${word}${some(random, digits, 3)}${pick(random, ['!', '#', '$', '*', '_'])}`,
    () => `${random62(random, 6)}-${random62(random, 6)}-${random62(random, 6)}`,
    () => random62(random, 16),
    () => `${pick(random, ['!', '#', '@', '$'])}${some(random, lower, 5)}${some(random, digits, 2)}`,
    () => `${some(random, lower, 4)}${some(random, digits, 2)}@${some(random, upper, 3)}`,
  ])();
}

interface Kind {
  readonly kind: string;
  readonly make: (random: Random) => string;
  /** Texts around it that only this kind has; the general places otherwise. */
  readonly places?: Readonly<Record<string, (secret: string, random: Random) => string>>;
  /** Name of a variable that would hold it. */
  readonly name?: string;
}

const pem =
  (label: string, head = 'MII') =>
  (random: Random): string => {
    const body = `${head}${bytes(random, 400).replaceAll('=', '')}`;
    const lines = body.match(/.{1,64}/g)?.join('\n') ?? '';
    return `-----BEGIN ${label}PRIVATE KEY-----\n${lines}\n-----END ${label}PRIVATE KEY-----`;
  };

const keyPlaces: Kind['places'] = {
  'key file': (secret) => `${secret}\n`,
  'string in code': (secret) => `const pem = ${JSON.stringify(secret)};\n`,
  template: (secret) => `export const key = \`\n${secret}\n\`;\n`,
  'JSON in JSON': (secret) => JSON.stringify({ arguments: JSON.stringify({ path: 'id', content: `${secret}\n` }) }),
  'YAML block': (secret) => `tls:\n  key: |\n${secret.replace(/^/gm, '    ')}\n`,
  diff: (secret) => `@@ -0,0 +1,9 @@\n${secret.replace(/^/gm, '+')}\n`,
};

/** The places of a value that only its name makes a secret. */
const named = (name: string, camel: string): Kind['places'] => ({
  'env file': (secret) => `PORT=3000\n${name}=${secret}\nDEBUG=1\n`,
  'env file, quoted': (secret) => `${name}="${secret}"\n`,
  shell: (secret) => `$ export ${name}='${secret}' && npm start\n`,
  'JSON settings': (secret) => JSON.stringify({ port: 3000, [camel]: secret, retries: 2 }, undefined, 2),
  code: (secret) => `const client = connect({\n  ${camel}: '${secret}',\n  timeout: 2000,\n});\n`,
  python: (secret) => `client = Client(host, ${name.toLowerCase()}="${secret}")\n`,
  'python settings': (secret) => `${name} = "${secret}"\n`,
  YAML: (secret) => `service:\n  ${name.toLowerCase()}: "${secret}"\n`,
  'JSON in JSON': (secret) => JSON.stringify({ result: JSON.stringify({ [camel]: secret }) }),
  'JSON in JSON in JSON': (secret) =>
    JSON.stringify({ reply: JSON.stringify({ arguments: JSON.stringify({ content: `${name}=${secret}\n` }) }) }),
  diff: (secret) => `--- a/.env\n+++ b/.env\n@@ -1 +1 @@\n-${name}=\n+${name}=${secret}\n`,
  docker: (secret) => `FROM node:24\nENV ${name}=${secret}\nRUN npm ci\n`,
  'cluster manifest': (secret) => `kind: Secret\ndata:\n  env: ${base64(`${name}=${secret}\n`)}\n`,
});

/** The places of a token that its own look gives away. */
const general = (name: string): NonNullable<Kind['places']> => ({
  ...named(
    name,
    name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  ),
  prose: (secret) => `I replaced the key ${secret} in the settings, so the tests should pass now.\n`,
  header: (secret) => `> GET /v1/models HTTP/1.1\n> Authorization: Bearer ${secret}\n> Accept: */*\n`,
  'curl command': (secret) => `curl -H "Authorization: Bearer ${secret}" https://api.acme.dev/v1/things\n`,
  'test output': (secret) => `AssertionError: expected 401 to be 200\n    at call (client.js:12:9) { key: '${secret}' }\n`,
  'address query': (secret) => `GET https://api.acme.dev/v1/things?key=${encodeURIComponent(secret)}&page=2\n`,
  comment: (secret) => `// TODO remove before release: ${secret}\n`,
  'line break in JSON': (secret) => JSON.stringify({ content: `first line\n${secret}\nlast line` }),
  'array in code': (secret) => `const keys = ["${secret}"];\n`,
});

const p = (...parts: string[]): string => parts.join('');

const kinds: readonly Kind[] = [
  { kind: 'aws-access-key', name: 'AWS_ACCESS_KEY_ID', make: (r) => p('AK', 'IA', some(r, upper + digits, 16)) },
  { kind: 'aws-secret-key', make: (r) => some(r, `${alphanumeric}/+`, 40), places: named('AWS_SECRET_ACCESS_KEY', 'secretAccessKey') },
  {
    kind: 'github-token',
    name: 'GITHUB_TOKEN',
    make: (r) => p(pick(r, ['gh', 'gh']), pick(r, ['p', 'o', 's', 'u']), '_', random62(r, 36)),
  },
  { kind: 'github-fine-grained', name: 'GH_PAT', make: (r) => p('github', '_pat_', random62(r, 22), '_', random62(r, 59)) },
  { kind: 'gitlab-token', name: 'GITLAB_TOKEN', make: (r) => p('gl', 'pat-', some(r, urlSafe, 19), random62(r, 3)) },
  {
    kind: 'slack-token',
    name: 'SLACK_TOKEN',
    make: (r) => p('xo', 'xb-', some(r, digits, 12), '-', some(r, digits, 12), '-', random62(r, 24)),
  },
  {
    kind: 'slack-webhook',
    name: 'SLACK_WEBHOOK',
    make: (r) => p('https://hooks.', 'slack.com/services/T', some(r, upper, 8), '/B', some(r, upper, 8), '/', random62(r, 24)),
  },
  { kind: 'npm-token', name: 'NPM_TOKEN', make: (r) => p('np', 'm_', random62(r, 36)) },
  {
    kind: 'npmrc-auth',
    make: (r) => random62(r, 40),
    places: {
      npmrc: (s) => `registry=https://npm.acme.dev/\n//npm.acme.dev/:_authToken=${s}\n`,
      'npmrc, old': (s) => `_auth=${s}\n`,
      'JSON in JSON': (s) => JSON.stringify({ result: JSON.stringify({ content: `//npm.acme.dev/:_authToken=${s}\n` }) }),
    },
  },
  { kind: 'pypi-token', name: 'PYPI_TOKEN', make: (r) => p('pypi', '-AgEIcHlwaS5vcmc', some(r, urlSafe, 80)) },
  { kind: 'openai-key', name: 'OPENAI_API_KEY', make: (r) => p('s', 'k-', pick(r, ['', 'proj-']), random62(r, 48)) },
  { kind: 'anthropic-key', name: 'ANTHROPIC_API_KEY', make: (r) => p('sk-', 'ant-api03-', some(r, urlSafe, 93), 'AA') },
  { kind: 'huggingface-token', name: 'HF_TOKEN', make: (r) => p('h', 'f_', some(r, lower + upper, 34)) },
  { kind: 'google-key', name: 'GOOGLE_API_KEY', make: (r) => p('AI', 'za', some(r, urlSafe, 35)) },
  { kind: 'google-oauth-secret', name: 'GOOGLE_CLIENT_SECRET', make: (r) => p('GOC', 'SPX-', some(r, urlSafe, 28)) },
  { kind: 'groq-key', name: 'GROQ_API_KEY', make: (r) => p('gs', 'k_', random62(r, 52)) },
  { kind: 'xai-key', name: 'XAI_API_KEY', make: (r) => p('xa', 'i-', random62(r, 80)) },
  { kind: 'openrouter-key', name: 'OPENROUTER_API_KEY', make: (r) => p('sk-', 'or-v1-', some(r, hexadecimal, 64)) },
  { kind: 'stripe-key', name: 'STRIPE_KEY', make: (r) => p(pick(r, ['s', 'r']), 'k_', 'live_', random62(r, 24)) },
  { kind: 'sendgrid-key', name: 'SENDGRID_API_KEY', make: (r) => p('S', 'G.', some(r, alphanumeric, 22), '.', some(r, alphanumeric, 43)) },
  { kind: 'twilio-key', name: 'TWILIO_KEY', make: (r) => p('S', 'K', some(r, hexadecimal, 32)) },
  { kind: 'mailgun-key', name: 'MAILGUN_KEY', make: (r) => p('ke', 'y-', some(r, hexadecimal, 32)) },
  { kind: 'telegram-token', name: 'TELEGRAM_TOKEN', make: (r) => p(some(r, '123456789', 9), ':', 'AA', some(r, urlSafe, 33)) },
  { kind: 'discord-token', name: 'DISCORD_TOKEN', make: (r) => p('M', random62(r, 23), '.', random62(r, 6), '.', random62(r, 27)) },
  { kind: 'digitalocean-token', name: 'DO_TOKEN', make: (r) => p('do', 'p_v1_', some(r, hexadecimal, 64)) },
  { kind: 'shopify-token', name: 'SHOPIFY_TOKEN', make: (r) => p('shp', 'at_', some(r, hexadecimal, 32)) },
  { kind: 'databricks-token', name: 'DATABRICKS_TOKEN', make: (r) => p('da', 'pi', some(r, hexadecimal, 32)) },
  { kind: 'grafana-token', name: 'GRAFANA_TOKEN', make: (r) => p('gl', 'sa_', random62(r, 32), '_', some(r, hexadecimal, 8)) },
  { kind: 'vault-token', name: 'VAULT_TOKEN', make: (r) => p('hv', 's.', some(r, urlSafe, 94)) },
  { kind: 'docker-token', name: 'DOCKER_TOKEN', make: (r) => p('dckr', '_pat_', some(r, alphanumeric, 27)) },
  { kind: 'figma-token', name: 'FIGMA_TOKEN', make: (r) => p('fi', 'gd_', some(r, alphanumeric, 43)) },
  { kind: 'linear-key', name: 'LINEAR_API_KEY', make: (r) => p('lin', '_api_', random62(r, 40)) },
  { kind: 'notion-token', name: 'NOTION_TOKEN', make: (r) => p('nt', 'n_', some(r, digits, 11), random62(r, 35)) },
  { kind: 'tailscale-key', name: 'TAILSCALE_KEY', make: (r) => p('ts', 'key-auth-', random62(r, 16), '-', random62(r, 32)) },
  { kind: 'airtable-token', name: 'AIRTABLE_TOKEN', make: (r) => p('pa', 't', random62(r, 14), '.', some(r, hexadecimal, 64)) },
  {
    kind: 'jwt',
    name: 'SESSION_TOKEN',
    make: (r) => p(encode({ alg: 'HS256', typ: 'JWT' }), '.', encode({ sub: some(r, digits, 10), name: 'x' }), '.', some(r, urlSafe, 43)),
  },
  { kind: 'rsa-key', make: pem('RSA '), places: keyPlaces },
  { kind: 'openssh-key', make: pem('OPENSSH ', 'b3BlbnNzaC1rZXktdjEAAAAA'), places: keyPlaces },
  { kind: 'pkcs8-key', make: pem(''), places: keyPlaces },
  { kind: 'generic-api-key', make: (r) => random62(r, 32), places: named('ACME_API_KEY', 'apiKey') },
  { kind: 'generic-hex-secret', make: (r) => some(r, hexadecimal, 40), places: named('SESSION_SECRET', 'sessionSecret') },
  { kind: 'generic-token', make: (r) => some(r, urlSafe, 24), places: named('ACCESS_TOKEN', 'accessToken') },
  { kind: 'password', make: password, places: named('DB_PASSWORD', 'password') },
  {
    kind: 'password-option',
    make: password,
    places: {
      'command line': (s) => `$ deploy --user ops --password '${s}' --region eu\n`,
      'command line, =': (s) => `Running: mysqladmin --password=${s.replaceAll('$', '-')} ping\n`,
    },
  },
  {
    kind: 'database-url',
    make: password,
    places: {
      postgres: (s) => `DATABASE_URL=postgres://app:${encodeURIComponent(s)}@db.acme.internal:5432/app\n`,
      mongodb: (s) => `await connect("mongodb+srv://app:${encodeURIComponent(s)}@cluster0.mongodb.net/app?retryWrites=true");\n`,
      redis: (s) => `{"url":"redis://:${encodeURIComponent(s)}@cache:6379/0","ttl":60}`,
      amqp: (s) => `broker: amqp://svc:${encodeURIComponent(s)}@mq:5672/vhost\n`,
      'JSON in JSON': (s) => JSON.stringify({ a: JSON.stringify({ url: `mysql://root:${encodeURIComponent(s)}@127.0.0.1/x` }) }),
    },
  },
  {
    kind: 'connection-string',
    make: (r) => `${random62(r, 10)}!`,
    places: {
      ado: (s) => `Server=tcp:acme.database.windows.net,1433;User ID=app;Password=${s};Encrypt=True;\n`,
      pwd: (s) => `"Data Source=db;Initial Catalog=app;Uid=app;Pwd=${s};"\n`,
    },
  },
  {
    kind: 'azure-storage-key',
    make: (r) => bytes(r, 64),
    places: {
      'connection string': (s) => `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${s};EndpointSuffix=core.windows.net\n`,
    },
  },
  {
    kind: 'azure-sas',
    make: (r) => encodeURIComponent(bytes(r, 32)),
    places: { address: (s) => `https://acme.blob.core.windows.net/c/f?sv=2023-01-03&se=2027-01-01&sig=${s}\n` },
  },
  {
    kind: 'url-credentials',
    make: password,
    places: {
      'git remote': (s) => `origin\thttps://ci:${encodeURIComponent(s)}@git.acme.dev/app.git (fetch)\n`,
      proxy: (s) => `http_proxy=http://ann:${encodeURIComponent(s)}@proxy.acme.dev:8080\n`,
    },
  },
  {
    kind: 'basic-auth',
    make: (r) => base64(`svc:${password(r)}`),
    places: {
      header: (s) => `Authorization: Basic ${s}\n`,
      code: (s) => `headers: { authorization: 'Basic ${s}' },\n`,
      'JSON in JSON': (s) => JSON.stringify({ log: JSON.stringify({ headers: { Authorization: `Basic ${s}` } }) }),
    },
  },
  { kind: 'curl-user', make: password, places: { 'command line': (s) => `curl -u ann:${s} https://acme.dev/\n` } },
  {
    kind: 'netrc',
    make: (r) => random62(r, 14),
    places: {
      netrc: (s) => `machine git.acme.dev\n  login ann\n  password ${s}\n`,
      'one line': (s) => `machine git.acme.dev login ann password ${s}\n`,
    },
  },
  {
    kind: 'password-hash',
    make: (r) => p('$2', 'b$12$', some(r, alphanumeric, 53)),
    places: { 'database dump': (s) => `INSERT INTO users VALUES (1, 'ann', '${s}');\n`, htpasswd: (s) => `ann:${s}\n` },
  },
  {
    kind: 'docker-login',
    make: (r) => base64(`ann:${password(r)}`),
    places: { 'config.json': (s) => JSON.stringify({ auths: { 'docker.acme.dev': { auth: s } } }, undefined, 2) },
  },
  {
    kind: 'bearer-token',
    make: (r) => random62(r, 40),
    places: {
      header: (s) => `authorization: Bearer ${s}\n`,
      code: (s) => `fetch(url, { headers: { Authorization: \`Bearer ${s}\` } });\n`,
    },
  },
  {
    kind: 'signed-address',
    make: (r) => some(r, hexadecimal, 64),
    places: { address: (s) => `https://acme.s3.amazonaws.com/f?X-Amz-Expires=900&X-Amz-Signature=${s}\n` },
  },
];

/** `perKind` of every kind, spread over its places. */
export function plantedSecrets(seed: number, perKind: number): Planted[] {
  const random = seeded(seed);
  return kinds.flatMap(({ kind, make, places, name }) => {
    const all = Object.entries(places ?? general(name ?? 'API_KEY'));
    const start = Math.floor(random() * all.length);
    return Array.from({ length: perKind }, (_, index) => {
      const secret = make(random);
      const [place, wrap] = all[(start + index) % all.length] as [string, (secret: string, random: Random) => string];
      return { kind, secret, text: wrap(secret, random), place };
    });
  });
}

/** Other languages and file forms than those the patterns were made with: what was found at first sight is told in `docs/privacy.md`. */
const otherPlaces: Readonly<Record<string, (name: string, secret: string) => string>> = {
  toml: (name, s) => `[service]\n${name.toLowerCase()} = "${s}"\n`,
  properties: (name, s) => `app.${name.toLowerCase().replaceAll('_', '.')}=${s}\n`,
  xml: (name, s) => `<add key="${name}" value="${s.replaceAll('&', '&amp;')}" />\n`,
  'xml element': (name, s) => `<${camel(name)}>${s}</${camel(name)}>\n`,
  java: (name, s) => `private static final String ${name} = "${s}";\n`,
  go: (name, s) => `var ${camel(name)} = "${s}"\ncfg := Config{${camel(name)}: "${s}"}\n`,
  'c#': (name, s) => `public string ${camel(name)} { get; set; } = "${s}";\n`,
  ruby: (name, s) => `config.${name.toLowerCase()} = '${s}'\nopts = { :${name.toLowerCase()} => '${s}' }\n`,
  php: (name, s) => `$config['${name.toLowerCase()}'] = '${s}';\ndefine('${name}', '${s}');\n`,
  terraform: (name, s) => `variable "${name.toLowerCase()}" {\n  default = "${s}"\n}\n`,
  'terraform, set': (name, s) => `  ${name.toLowerCase()}  = "${s}"\n`,
  'cluster secret': (name, s) => `data:\n  ${name.toLowerCase()}: ${base64(s)}\n`,
  'cluster env': (name, s) => `        - name: ${name}\n          value: "${s}"\n`,
  'JSON env list': (name, s) => JSON.stringify([{ name, value: s }]),
  workflow: (name, s) => `      env:\n        ${name}: ${s}\n`,
  systemd: (name, s) => `[Service]\nEnvironment="${name}=${s}"\n`,
  'docker run': (name, s) => `docker run -e ${name}=${s} -p 80:80 acme/app\n`,
  'log, key=value': (name, s) => `level=debug msg="connecting" ${name.toLowerCase()}=${s} attempt=1\n`,
  'python dict': (name, s) => `settings = {'${name.toLowerCase()}': '${s}', 'debug': True}\n`,
  'python print': (name, s) => `{'headers': {'X-${name.replaceAll('_', '-')}': '${s}'}}\n`,
  'header line': (name, s) => `X-${name.replaceAll('_', '-')}: ${s}\n`,
  rust: (name, s) => `const ${name}: &str = "${s}";\nlet ${name.toLowerCase()} = "${s}".to_string();\n`,
  typed: (name, s) => `const ${camel(name)}: string = "${s}";\n`,
  'fallback in code': (name, s) => `const ${camel(name)} = process.env.${name} || '${s}';\n`,
  'python fallback': (name, s) => `${name} = os.environ.get("${name}", "${s}")\n`,
  'set item': (name, s) => `localStorage.setItem('${camel(name)}', '${s}');\n`,
  'markdown table': (name, s) => `| ${name} | ${s} |\n`,
  'yaml, plain': (name, s) => `${name.toLowerCase()}: ${s}\n`,
  powershell: (name, s) => `$env:${name} = "${s}"\n`,
  'windows set': (name, s) => `set ${name}=${s}\r\n`,
  assertion: (name, s) => `expect(client.${camel(name)}).toBe('${s}')\n`,
  'url form': (name, s) => `grant_type=client&${name.toLowerCase()}=${encodeURIComponent(s)}&scope=all\n`,
};

const camel = (name: string): string => name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Secrets that only their name gives away, in places of other languages. */
export function elsewhereSecrets(seed: number, perKind: number): Planted[] {
  const random = seeded(seed);
  const values: readonly [string, string, (random: Random) => string][] = [
    ['API key', 'ACME_API_KEY', (r) => random62(r, 32)],
    ['hexadecimal secret', 'SESSION_SECRET', (r) => some(r, hexadecimal, 40)],
    ['token', 'ACCESS_TOKEN', (r) => random62(r, 24)],
    ['password', 'DB_PASSWORD', password],
  ];
  return Object.entries(otherPlaces).flatMap(([place, wrap]) =>
    Array.from({ length: perKind }, (_, index) => {
      const [, name, make] = values[index % values.length] as (typeof values)[number];
      const secret = make(random);
      return { kind: place, secret, text: wrap(name, secret), place };
    }),
  );
}

/** What no pattern can know: reported apart, and not counted in the recall that is promised. */
export function hardSecrets(seed: number, perKind: number): Planted[] {
  const random = seeded(seed);
  const hard: readonly Kind[] = [
    {
      kind: 'random text without a name',
      make: (r) => random62(r, 32),
      places: { prose: (s) => `Use ${s} to log in.\n`, code: (s) => `connect("${s}");\n` },
    },
    {
      kind: 'word as password in code',
      make: (r) => pick(r, ['swordfish', 'letmein', 'trustno', 'monkey']),
      places: { code: (s) => `login({ password: '${s}' });\n` },
    },
    {
      kind: 'secret in two halves',
      make: (r) => random62(r, 32),
      places: { code: (s) => `const apiKey = '${s.slice(0, 8)}' +\n  '${s.slice(8)}';\n` },
    },
    {
      kind: 'passphrase of words',
      make: (r) => `${pick(r, ['correct', 'blue'])} horse battery staple`,
      places: { code: (s) => `passphrase: '${s}',\n` },
    },
  ];
  return hard.flatMap(({ kind, make, places }) => {
    const all = Object.entries(places ?? {});
    return Array.from({ length: perKind }, (_, index) => {
      const secret = make(random);
      const [place, wrap] = all[index % all.length] as [string, (secret: string, random: Random) => string];
      return { kind, secret, text: wrap(secret, random), place };
    });
  });
}

/** Whether a redacted text still tells the secret: as it is, in any encoding it may have been planted in, or a large part of it. */
export function tells(redacted: string, { secret }: Pick<Planted, 'secret'>): boolean {
  const texts = [redacted, ...decodings(redacted)];
  const parts = secret.includes('\n') ? secret.split('\n').filter((line) => line.length > 40) : pieces(secret);
  return texts.some((text) => parts.some((part) => text.includes(part)));
}

/** Two thirds of a secret, from anywhere in it, are as good as the whole. */
function pieces(secret: string): string[] {
  const length = Math.max(Math.min(secret.length, 6), Math.ceil((secret.length * 2) / 3));
  return Array.from({ length: secret.length - length + 1 }, (_, at) => secret.slice(at, at + length));
}

function decodings(text: string): string[] {
  const found: string[] = [];
  let last = text;
  for (let depth = 0; depth < 3; depth++) {
    last = last.replace(/\\(["\\/nrt])/g, (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter);
    found.push(last);
  }
  found.push(text.replace(/%[2-7][0-9A-Fa-f]/g, (sequence) => decodeURIComponent(sequence)));
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) found.push(Buffer.from(run, 'base64').toString('utf8'));
  return found;
}
