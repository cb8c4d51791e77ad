/** `password = …`, `api_key: …`: values that are secrets because of the name they are given. Pure. */
import { isPlaceholderWord, isTemplate } from './fillers.ts';

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
/** A quoted value, or one without quotes. */
const value = `(?:[bru]{1,2}(?=["']))?(?:"([^"\\n]{1,2000})"|'([^'\\n]{1,2000})'|\`([^\`\\n]{1,2000})\`|([^\\s"'\`,;(){}\\[\\]<>|&]{4,2000}))`;
const quotedNext = '(?=[ \\t]{0,3}["\'`])';
/** `=`, `:`, `=>`, `==`; and before a quoted value `,`, `||`, `??`, `).toBe(`; and the edge of a table. */
const sign = `(:?=>?|={2,3}|:|\\|(?= )|,${quotedNext}|(?:\\|\\||\\?\\?|or)${quotedNext}|\\)\\.(?:toBe|toEqual|toStrictEqual|equal|eql|is)\\()`;
/** What may stand between: the end of a quotation or an index, accessors (`{ get; set; }`), a type. */
const between = `["'\`]?\\]?[ \\t]{0,20}(?:\\{[^{}\\n]{0,40}\\}[ \\t]{0,3})?(?::[ \\t]{0,3}&?(?:'static )?\\w{1,20}[ \\t]{0,3}(?==))?`;

/** Group 1: the end of the name; 2: the sign; 3 to 6: the value in double, single or backward quotes, or bare. */
const assignments: readonly RegExp[] = [
  new RegExp(`(${stem}${ending})${between}${sign}[ \\t]{0,20}${value}`, 'gi'),
  // The name, then `value` or `default`, on the same line or the next.
  new RegExp(`(${stem}${ending})["'\`]?,?\\s{0,20}\\{?\\s{0,20}["']?(?:value|default)["']?[ \\t]{0,3}([:=])[ \\t]{0,3}${value}`, 'gi'),
  new RegExp(`(${stem}${ending})(>)()()()([^<>\\s]{4,2000})(?=</)`, 'gi'),
];

/** Every value in the text that its name makes a secret. */
export function assignedSecrets(text: string): AssignedSecret[] {
  const found: AssignedSecret[] = [];
  for (const pattern of assignments) {
    for (const match of overlapping(text, pattern)) {
      const [whole, last = '', by = '', double, single, back, bare] = match;
      const name = wholeNameAt(text, match.index, last);
      if (name === undefined) continue;
      const quoted = bare === undefined;
      const value = bare || double || single || back || '';
      const tight = by === '=' && whole.startsWith(`${last}=`);
      if (!isSecretValue({ name, value, quoted, tight, markup: by === '>' })) continue;
      const end = match.index + whole.length - (quoted ? 1 : 0);
      found.push({ start: end - value.length, end, value });
    }
  }
  return found;
}

/** Every match, also one that begins in the value of another: `key = environment.KEY || "…"`. */
function* overlapping(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const next = match.index + (match[1]?.length ?? 1);
    yield match;
    pattern.lastIndex = next;
  }
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

interface Assigned {
  readonly name: string;
  readonly value: string;
  readonly quoted: boolean;
  /** No blank around the `=`. */
  readonly tight: boolean;
  /** Between tags. */
  readonly markup: boolean;
}

function isSecretValue({ name, value, quoted, tight, markup }: Assigned): boolean {
  const kind = kindOf(name);
  if (quoted || markup) return judge(kind, value, true);
  // Without quotes it may be code. `DB_PASSWORD=word` is none: there, a plain word is a password too.
  const settings = tight && /^[A-Z0-9_]{3,}$/.test(name);
  if (settings && kind === 'password') return value.length >= 4 && !isTemplate(value) && !isPlaceholderWord(value) && !looksLikeCode(value);
  if (/^[$@#&!%]/.test(value) || (kind !== 'password' && isNameWithNumber(value))) return false;
  return judge(kind, value, false);
}

/** `x509Authentication`, `base64Key`: a name of a program, in the place where code has names. Random letters change their case more often. */
function isNameWithNumber(value: string): boolean {
  if (!/^[A-Za-z_$]+(?:\d{1,4}[A-Za-z_$]*){0,2}$/.test(value)) return false;
  const words = value.split(/[\d_$]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).filter((word) => word !== '');
  return isWordLike(words.join('-')) && (value.length < 20 || words.join('').length / words.length >= 4.5);
}

function judge(kind: Kind, value: string, quoted: boolean): boolean {
  if (isTemplate(value) || isPlaceholderWord(value) || looksLikeCode(value)) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/].filter((each) => each.test(value)).length;
  switch (kind) {
    case 'password':
      if (/\s/.test(value)) return false;
      if (isWordLike(value)) return false;
      if (quoted) return value.length >= 6 && classes >= 2 && /[\d\W_]/.test(value);
      return value.length >= 6 && classes >= 2 && (/\d/.test(value) || (value.length >= 16 && entropy(value) >= 3.5));
    case 'key':
      if (/\s/.test(value) || isWordLike(value)) return false;
      return /\d/.test(value)
        ? value.length >= 12 && /[A-Za-z]/.test(value) && entropy(value) >= (value.length >= 20 ? 3 : 3.2)
        : value.length >= 20 && /[a-z]/.test(value) && /[A-Z]/.test(value) && entropy(value) >= 3.8;
    case 'loose':
      if (/\s/.test(value) || isWordLike(value)) return false;
      return value.length >= 16 && classes >= 2 && /\d/.test(value) && entropy(value) >= 3.4;
  }
}

/** A name, a call, a path or an expression stands there, no value. */
function looksLikeCode(value: string): boolean {
  return (
    /^(?:process\.|import\.|os\.|env\.|self\.|this\.|config\.|settings\.|secrets?\.|vars?\.|options\.|args\.|params\.|props\.|req(?:uest)?\.|await |new )/.test(
      value,
    ) ||
    /\$\{|\{\{|%[sd(]|\(\)|=>|::/.test(value) ||
    /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/.test(value) ||
    /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|https?:\/\/[^@]*$|urn:)/.test(value)
  );
}

/** Words joined by anything: `current-password`, `newPassword`, `TOKEN_EXPIRED`, `next_token_2`. */
function isWordLike(value: string): boolean {
  const words = value.split(/[-_.:/ ]|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
  // Random letters change their case more often than words do.
  const isRandom = value.length >= 20 && value.length / words.length < 4 && !/[-_. ]/.test(value);
  return (
    !isRandom &&
    words.every((word) => /^(?:[A-Z]?[a-z]{1,20}|[A-Z]{1,20}|\d{1,2}|[vV]\d)$/.test(word) && !/^[^aeiouyAEIOUY]{5,}$/.test(word))
  );
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
