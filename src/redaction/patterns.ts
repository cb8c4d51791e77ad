/**
 * Secrets that are known by their own look: prefixes of token makers, key blocks, credentials in addresses and headers. Every pattern is
 * bounded, so that a long line costs no more than its length. Group 1, where there is one, is the part that goes.
 */
import { isPlaceholderWord, isTemplate } from './fillers.ts';

export interface SecretPattern {
  readonly kind: string;
  readonly pattern: RegExp;
  /** A last look at what was found; false: it is none. */
  readonly accept?: (found: string) => boolean;
}

/** What stands before and after a token: nothing that could belong to it. */
const token = (body: string): RegExp => new RegExp(`(?<![A-Za-z0-9_])(?:${body})(?![A-Za-z0-9_])`, 'g');

const hasDigit = (text: string): boolean => /\d/.test(text);
const mixed = (text: string): boolean => hasDigit(text) && /[A-Za-z]/.test(text);

const notTemplate = (text: string): boolean => !isTemplate(text);

export const secretPatterns: readonly SecretPattern[] = [
  {
    kind: 'private-key',
    // With its end, or (cut off) as far as its lines go. No dash in between: the next key is another one.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,."'()@<>]{0,20000}-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----|(?:[\s+"',]{1,20}(?:\\[nr])?[A-Za-z0-9+/=]{16,100}){1,400})/g,
    accept: (found) => found.length > 80,
  },
  { kind: 'putty-key', pattern: /Private-Lines: \d{1,4}\r?\n(?:[A-Za-z0-9+/=]{1,80}\r?\n){1,200}/g },
  { kind: 'age-key', pattern: token('AGE-SECRET-KEY-1[A-Z0-9]{50,70}') },
  { kind: 'jwt', pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,2000}/g },

  { kind: 'aws-access-key', pattern: token('(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}') },
  { kind: 'github-token', pattern: token('gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255}') },
  {
    kind: 'gitlab-token',
    pattern:
      /(?<![A-Za-z0-9_])gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_-]{20,128}(?:\.[0-9a-z]{1,12}){0,3}(?![A-Za-z0-9_-])/g,
  },
  { kind: 'slack-token', pattern: /(?<![A-Za-z0-9_])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}/g, accept: hasDigit },
  { kind: 'slack-webhook', pattern: /https:\/\/hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]{20,200}/g },
  {
    kind: 'discord-webhook',
    pattern: /https:\/\/(?:canary\.|ptb\.)?discord(?:app)?\.com\/api\/webhooks\/\d{15,22}\/[A-Za-z0-9_-]{40,100}/g,
  },
  { kind: 'teams-webhook', pattern: /https:\/\/[a-z0-9-]{1,63}\.webhook\.office\.com\/webhookb2\/[A-Za-z0-9@/_-]{40,300}/g },
  { kind: 'npm-token', pattern: token('npm_[A-Za-z0-9]{36}') },
  { kind: 'npmrc-auth', pattern: /(?<![A-Za-z0-9]):?_(?:authToken|auth|password)[ \t]{0,3}=[ \t]{0,3}"?([^\s"'$]{8,400})/g },
  { kind: 'pypi-token', pattern: /(?<![A-Za-z0-9_])pypi-AgE[A-Za-z0-9_-]{40,400}/g },
  { kind: 'rubygems-token', pattern: token('rubygems_[a-f0-9]{48}') },
  { kind: 'docker-token', pattern: /(?<![A-Za-z0-9_])dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,60}/g },
  { kind: 'anthropic-key', pattern: /(?<![A-Za-z0-9_])sk-ant-[A-Za-z0-9_-]{20,200}/g },
  {
    kind: 'openai-key',
    pattern: /(?<![A-Za-z0-9_-])sk-(?:proj-|svcacct-|admin-|None-|or-v1-)?[A-Za-z0-9_-]{20,200}(?![A-Za-z0-9_-])/g,
    accept: mixed,
  },
  { kind: 'huggingface-token', pattern: token('(?:hf|api_org)_[A-Za-z0-9]{30,60}') },
  { kind: 'google-key', pattern: /(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g },
  {
    kind: 'google-oauth',
    pattern: /(?<![A-Za-z0-9_-])(?:GOCSPX-[A-Za-z0-9_-]{20,40}|ya29\.[A-Za-z0-9_-]{20,400}|1\/\/0[A-Za-z0-9_-]{30,200})/g,
  },
  { kind: 'groq-key', pattern: token('gsk_[A-Za-z0-9]{40,60}') },
  {
    kind: 'model-service-key',
    pattern: /(?<![A-Za-z0-9_-])(?:xai|pplx|csk|fw|nvapi|r8|esecret|tgp_v1)[-_][A-Za-z0-9_-]{32,120}(?![A-Za-z0-9_-])/g,
    accept: mixed,
  },
  { kind: 'stripe-key', pattern: token('(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,150}|whsec_[A-Za-z0-9+/=]{24,80}') },
  { kind: 'sendgrid-key', pattern: /(?<![A-Za-z0-9_])SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}/g },
  { kind: 'twilio-key', pattern: token('SK[0-9a-f]{32}') },
  { kind: 'mailgun-key', pattern: /(?<![A-Za-z0-9_-])key-[0-9a-f]{32}(?![A-Za-z0-9])/g },
  { kind: 'mailchimp-key', pattern: token('[0-9a-f]{32}-us\\d{1,2}') },
  { kind: 'telegram-token', pattern: /(?<![A-Za-z0-9_:])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g },
  {
    kind: 'discord-token',
    pattern: /(?<![A-Za-z0-9_-])[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])/g,
    accept: mixed,
  },
  { kind: 'digitalocean-token', pattern: token('do[opr]_v1_[a-f0-9]{64}') },
  { kind: 'shopify-token', pattern: token('shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}') },
  { kind: 'square-token', pattern: /(?<![A-Za-z0-9_-])(?:sq0[a-z]{3}-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9_-]{56,64})(?![A-Za-z0-9_-])/g },
  { kind: 'databricks-token', pattern: token('dapi[a-f0-9]{32}(?:-\\d)?') },
  { kind: 'grafana-token', pattern: /(?<![A-Za-z0-9_])(?:glc_[A-Za-z0-9+/]{32,400}={0,2}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})/g },
  { kind: 'vault-token', pattern: /(?<![A-Za-z0-9_])hv[sbr]\.[A-Za-z0-9_-]{24,300}(?![A-Za-z0-9_-])/g },
  { kind: 'terraform-token', pattern: /(?<![A-Za-z0-9_])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,75}/g },
  { kind: 'linear-key', pattern: token('lin_(?:api|oauth)_[A-Za-z0-9]{32,128}') },
  { kind: 'notion-token', pattern: token('ntn_[A-Za-z0-9]{40,60}|secret_[A-Za-z0-9]{43}'), accept: mixed },
  { kind: 'figma-token', pattern: /(?<![A-Za-z0-9_])fig[dor]_[A-Za-z0-9_-]{36,200}/g },
  { kind: 'tailscale-key', pattern: /(?<![A-Za-z0-9_])tskey-[a-z]{2,20}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{16,60}/g },
  { kind: 'airtable-token', pattern: /(?<![A-Za-z0-9_])pat[A-Za-z0-9]{14}\.[a-f0-9]{64}(?![A-Za-z0-9])/g },
  { kind: 'atlassian-token', pattern: /(?<![A-Za-z0-9_])ATATT3[A-Za-z0-9_=-]{60,260}/g },
  { kind: 'newrelic-key', pattern: token('NRAK-[A-Z0-9]{27}') },
  { kind: 'sentry-token', pattern: /(?<![A-Za-z0-9_])sntry[su]_[A-Za-z0-9_=+/-]{40,400}/g },
  { kind: 'planetscale-token', pattern: /(?<![A-Za-z0-9_])pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,64}/g },
  { kind: 'supabase-key', pattern: /(?<![A-Za-z0-9_])(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,60})(?![A-Za-z0-9])/g },
  { kind: 'doppler-token', pattern: /(?<![A-Za-z0-9_])dp\.(?:st|pt|ct|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}/g },
  { kind: 'vercel-token', pattern: token('vc[piark]_[A-Za-z0-9]{20,60}'), accept: mixed },
  { kind: 'cloudflare-token', pattern: token('cf(?:k|ut|at)_[A-Za-z0-9]{40}[0-9a-f]{8}') },
  { kind: 'onepassword-token', pattern: /(?<![A-Za-z0-9_])ops_ey[A-Za-z0-9+/=]{100,1300}/g },
  {
    kind: 'password-hash',
    pattern:
      /\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}|argon2(?:id|i|d)\$[A-Za-z0-9$=,+/]{30,200}|6\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}|apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22})/g,
  },

  {
    kind: 'url-credentials',
    pattern: /[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/([^\s/?#:@"'`<>{}\\]{0,200}:[^\s/?#@"'`<>\\]{1,300})@(?=[A-Za-z0-9[{$%.-])/g,
    accept: isCredentials,
  },
  { kind: 'url-credentials', pattern: /https?:\/\/([A-Za-z0-9_-]{20,255})@[A-Za-z0-9-]{1,63}\./g, accept: mixed },
  { kind: 'auth-header', pattern: /\b[Bb]asic[ \t]{1,3}([A-Za-z0-9+/_-]{8,400}={0,2})/g, accept: isBasic },
  {
    kind: 'auth-header',
    pattern: /\b(?:[Bb]earer|BEARER|[Tt]oken)[ \t]{1,3}([A-Za-z0-9._~+/-]{16,4000}={0,2})/g,
    accept: (found) => mixed(found) && notTemplate(found) && !isPlainWords(found),
  },
  { kind: 'netrc', pattern: /\b(?:login|account)[ \t\n]{1,4}\S{1,100}[ \t\n]{1,4}password[ \t\n]{1,4}(\S{1,200})/g, accept: notTemplate },
  {
    kind: 'pgpass',
    pattern: /^[a-z0-9.*-]{1,100}:(?:\d{2,5}|\*):[A-Za-z0-9_*-]{1,60}:[A-Za-z0-9_-]{1,60}:([^\s:]{4,100})$/gm,
    accept: notTemplate,
  },
  {
    kind: 'curl-user',
    pattern: /\bcurl\b[^\n]{0,300}?[ \t](?:-u|--user)[ =]{0,2}["']?([^\s"':]{1,100}:[^\s"']{3,200})/g,
    accept: (found) => notTemplate(found.slice(found.indexOf(':') + 1)),
  },
  {
    kind: 'command-option',
    pattern:
      /[ \t"'](?:--(?:password|passwd|passphrase|token|api-?key|secret|auth-token|access-token|client-secret|secret-key)|-p(?=['"]))(?:=|[ \t]{1,3})["']?([^\s"'`<>{}[\]|;&()-][^\s"'`<>|;&()]{3,300})/g,
    accept: isOptionValue,
  },
  { kind: 'azure-key', pattern: /\b(?:AccountKey|SharedAccessKey|SharedSecret)=([A-Za-z0-9+/]{20,100}={0,2})/g },
  { kind: 'azure-sas', pattern: /[?&](?:amp;)?sig=([A-Za-z0-9%+/]{20,100}(?:%3D|=){0,2})/g },
  {
    kind: 'connection-string',
    pattern: /\b(?:Password|Pwd)[ \t]?=[ \t]?([^;\s"'`<>{}$]{3,128})(?=;|["'\s]|$)/gi,
    accept: isConnectionValue,
  },
  {
    kind: 'signed-url',
    pattern:
      /[?&](?:X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature|access_token|auth_token|api_?key|client_secret|token)=([A-Za-z0-9._~%+/-]{16,2000})/gi,
    accept: mixed,
  },
];

/** `user:password` where a password is to be seen: not a port, not a template on its own. */
function isCredentials(found: string): boolean {
  const password = found.slice(found.indexOf(':') + 1);
  return password.length >= 2 && !isTemplate(password) && !isPlaceholderWord(password) && !/^pass(?:word|wd)?$/i.test(password);
}

function isBasic(found: string): boolean {
  const text = Buffer.from(found, 'base64').toString('utf8');
  return /^[\x20-\x7e]{0,200}:[\x20-\x7e]{0,200}$/.test(text) && text.length > 3;
}

/** `token some-dashed-words`, `bearer path/to/something`: words and no value. */
function isPlainWords(found: string): boolean {
  return found.split(/[-_./~+]/).every((word) => /^(?:[A-Z]?[a-z]*|[A-Z]+|\d{1,4})$/.test(word));
}

function isOptionValue(found: string): boolean {
  return !isTemplate(found) && (hasDigit(found) || /[^A-Za-z]/.test(found)) && !isPlainWords(found);
}

/** `Password=abc;` beside other settings of a connection; `password=value` alone is an assignment, and judged as one. */
function isConnectionValue(found: string): boolean {
  return !isTemplate(found) && hasDigit(found) && /[A-Za-z]/.test(found);
}
