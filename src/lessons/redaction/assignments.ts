/** `password = …`, `api_key: …`: values that are secrets because of the name they are given. Pure. */
import { isTemplate } from './patterns.ts';

export interface AssignedSecret {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** A name ends like one of these, wherever in it they begin (`dbpassword`). */
const anywhere = [
  'pass(?:word|wd|phrase|code)',
  'secret',
  'token',
  '(?:api|access|auth|private|secret|signing|encryption|master|account|shared|service|storage|license|webhook|session|hmac|aes|jwt|client|consumer|app|application|deploy|publish)[_.-]?key',
  'credentials?',
  'connection[_-]?string',
];
/** These are so short that they must be a word of the name of their own (`user_pass`, `dbPin`). */
const asWord = ['pass', 'pwd', 'auth', 'authorization', 'salt', 'pin', 'cookie', 'sas', 'dsn', 'key'];

const ending = '(?:[_-]?(?:value|base64|hex|prod|production|dev|test|live|v\\d|\\d{1,3})){0,2}';
const stem = `(?:${[...anywhere, ...asWord].join('|')})`;
const longStem = new RegExp(`(?:${anywhere.join('|')})${ending}$`, 'i');
const typed = '(?::[ \\t]{0,3}(?:string|str)[ \\t]{0,3})?';
const sign = `(:?=>?|:|,(?=[ \\t]{0,3}["']))`;
const value = `(?:[bru]{1,2}(?=["']))?(?:"([^"\\n]{1,2000})"|'([^'\\n]{1,2000})'|\`([^\`\\n]{1,2000})\`|([^\\s"'\`,;(){}\\[\\]<>|&]{4,2000}))`;
const assignment = new RegExp(`(${stem}${ending})["'\`]?\\]?[ \\t]{0,20}${typed}${sign}[ \\t]{0,20}${value}`, 'gi');

/** Every value in the text that its name makes a secret. */
export function assignedSecrets(text: string): AssignedSecret[] {
  const found: AssignedSecret[] = [];
  for (const match of text.matchAll(assignment)) {
    const [whole, last = '', by = '', double, single, back, bare] = match;
    const name = wholeNameAt(text, match.index, last);
    if (name === undefined) continue;
    const value = double ?? single ?? back ?? bare ?? '';
    const quoted = bare === undefined;
    if (!isSecretValue(name, value, quoted, by, text, match.index - (name.length - last.length))) continue;
    const end = match.index + whole.length - (quoted ? 1 : 0);
    found.push({ start: end - value.length, end, value });
  }
  return found;
}

/** The name that ends with `last` at this place; undefined when a short word is only the tail of another (`compass`). */
function wholeNameAt(text: string, at: number, last: string): string | undefined {
  const before = /[A-Za-z0-9_.-]{0,60}$/.exec(text.slice(Math.max(0, at - 60), at))?.[0] ?? '';
  return isName(before, last) ? before + last : undefined;
}

function isName(before: string, last: string): boolean {
  if (longStem.test(last)) return true;
  return before === '' || /[_.-]$/.test(before) || (/^[A-Z]/.test(last) && /[a-z0-9]$/.test(before));
}

/** Whether a string under this key of a JSON object is a secret. */
export function isSecretField(key: string, value: string): boolean {
  const last = fieldEnd.exec(key);
  return last !== null && isName(key.slice(0, last.index), last[0]) && judge(kindOf(key), value, true);
}

const fieldEnd = new RegExp(`${stem}${ending}$`, 'i');

type Kind = 'password' | 'key' | 'loose';

/** How sure a name makes us: a password may look like anything; a key looks random; a `salt`, `cookie` or `auth` only counts when it looks very random. */
function kindOf(name: string): Kind {
  if (/(?:pass(?:word|wd|phrase|code)?|pwd)(?:[_-]?(?:value|prod|production|dev|test|live|\d{1,3}))*$/i.test(name)) return 'password';
  if (!longStem.test(name)) return 'loose';
  return 'key';
}

function isSecretValue(name: string, value: string, quoted: boolean, sign: string, text: string, at: number): boolean {
  const kind = kindOf(name);
  if (quoted) return sign === ',' ? kind !== 'password' && judge('loose', value, true) : judge(kind, value, true);
  // Without quotes it may be code: only a line that looks like a settings file lets a plain word pass for a password.
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const settingsLine = /^[ \t+-]{0,3}(?:export[ \t]{1,3}|set[ \t]{1,3}|ENV[ \t]{1,3}|-[ \t]{1,3})?$/.test(text.slice(lineStart, at));
  const shouted = /^[A-Z0-9_]{3,}$/.test(name) && sign === '=';
  if (settingsLine && shouted && kind === 'password')
    return value.length >= 4 && !isTemplate(value) && !isPlaceholderWord(value) && !looksLikeCode(value);
  return judge(kind, value, false);
}

function judge(kind: Kind, value: string, quoted: boolean): boolean {
  if (isTemplate(value) || isPlaceholderWord(value) || looksLikeCode(value)) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/].filter((each) => each.test(value)).length;
  switch (kind) {
    case 'password':
      if (/\s/.test(value)) return false;
      if (isWordLike(value)) return false;
      return quoted ? value.length >= 6 && classes >= 2 && /[\d\W_]/.test(value) : value.length >= 6 && classes >= 2 && /\d/.test(value);
    case 'key':
      if (/\s/.test(value) || isWordLike(value)) return false;
      return value.length >= 12 && /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) >= (value.length >= 20 ? 3 : 3.2);
    case 'loose':
      if (/\s/.test(value) || isWordLike(value)) return false;
      return value.length >= 16 && classes >= 2 && /\d/.test(value) && entropy(value) >= 3.4;
  }
}

/** `your-api-key`, `changeme`, `REDACTED`: said in the place of a value. */
function isPlaceholderWord(value: string): boolean {
  return /^(?:.{0,12}(?:changeme|change[-_]me|redacted|placeholder|example|dummy|fake|sample|your[-_ ]|my[-_]|insert[-_]|todo|replace|undefined|null|none|true|false|\.\.\.|…|\*\*\*).{0,40})$/i.test(
    value,
  );
}

/** A name, a call, a path or an expression stands there, no value. */
function looksLikeCode(value: string): boolean {
  return (
    /^(?:process\.|import\.|os\.|env\.|self\.|this\.|config\.|settings\.|secrets?\.|vars?\.|options\.|args\.|params\.|props\.|req(?:uest)?\.|await |new |\$|@|#|&|!)/.test(
      value,
    ) ||
    /\$\{|\{\{|%[sd(]|\(\)|=>|::/.test(value) ||
    /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/.test(value) ||
    /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|https?:\/\/[^@]*$)/.test(value)
  );
}

/** Words joined by anything: `current-password`, `newPassword`, `TOKEN_EXPIRED`, `next_token_2`. */
function isWordLike(value: string): boolean {
  const words = value.split(/[-_.:/ ]|(?<=[a-z])(?=[A-Z])/);
  return words.every((word) => /^(?:[A-Z]?[a-z]{1,20}|[A-Z]{1,20}|\d{1,2}|v\d)$/.test(word) && !/^[^aeiouyAEIOUY]{5,}$/.test(word));
}

/** Bits per character (Shannon). */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const total = [...text].length;
  let bits = 0;
  for (const count of counts.values()) bits -= (count / total) * Math.log2(count / total);
  return bits;
}
