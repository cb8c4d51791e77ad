/**
 * The code of a source file with its comments and the insides of its strings blanked, everything at its own place. A lexer by regular
 * expression, not a parser: enough to tell code from what is only said. Pure, linear in the text.
 */
const languages = { javascript: /\.[cm]?[jt]sx?$/i, python: /\.pyi?$/i, go: /\.go$/i, rust: /\.rs$/i } as const;
export type CodeLanguage = keyof typeof languages;

export interface CodeText {
  readonly language: CodeLanguage;
  readonly text: string;
  /** As long as `text`. Blanked are comments and what stands between quotes; what is put into a template or an f-string is code. */
  readonly code: string;
  /** As long, too: only comments are blanked. */
  readonly spoken: string;
  /** Strings (and regular expressions of JavaScript) by the place where they begin. */
  readonly strings: ReadonlyMap<number, StringLiteral>;
}

export interface StringLiteral {
  /** Behind the closing quote. */
  readonly end: number;
  /** Between the quotes, as written. */
  readonly value: string;
}

/** Texts beyond this, and what is generated rather than written, are not looked at. */
const longestText = 200_000;

/** Undefined for languages that are not looked into, for types alone, and for texts too long. */
export function codeTextOf(path: string, text: string): CodeText | undefined {
  const language = (Object.keys(languages) as CodeLanguage[]).find((name) => languages[name].test(path));
  if (language === undefined || /\.d\.[cm]?ts$/i.test(path) || text.length > longestText) return undefined;
  const strings = new Map<number, StringLiteral>();
  const [parts, spoken]: [string[], string[]] = [[], []];
  let at = 0;
  for (const { 0: token, index, groups = {} } of text.matchAll(tokens[language])) {
    for (const one of [parts, spoken]) one.push(text.slice(at, index));
    at = index + token.length;
    spoken.push(groups.comment === undefined ? token : blank(token));
    if (groups.comment !== undefined) parts.push(blank(token));
    else {
      const [open, close] = [groups.open ?? token[0] ?? '', groups.close ?? ''];
      const value = token.slice(open.length, token.length - close.length);
      strings.set(index, { end: at, value });
      parts.push(open, isFilledIn(open) ? value.replace(said, blank) : blank(value), close);
    }
  }
  for (const one of [parts, spoken]) one.push(text.slice(at));
  return { language, text, code: parts.join(''), spoken: spoken.join(''), strings };
}

const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
const isFilledIn = (open: string): boolean => open === '`' || /^\w?f\w?["']/i.test(open);
/** Of a template or an f-string: what stands outside of braces. */
const said = /(?:^|\})[^{}]*(?:\{|$)/g;

const slashComment = String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))`;
const quoted = (quote: string): string => String.raw`(?:[^${quote}\\\n]|\\[^])*`;

/** A regular expression of JavaScript: a slash that stands behind no value, which it would divide. */
const expression = String.raw`(?<=(?:^|[\n(,=:[!&|?{;+*%~^<>-]|\b(?:return|typeof|case|in|of|void|throw|else|do|await|yield))[ \t]*)(?<open>\/)(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.){0,80}\]){1,300}(?<close>\/)`;

/** An unfinished comment or string ends with its line or the text: every token ends somewhere, so that reading never goes back. */
const tokens: { readonly [K in CodeLanguage]: RegExp } = {
  javascript: new RegExp(
    String.raw`${slashComment}|(?<open>")${quoted('"')}(?<close>"?)|(?<open>')${quoted("'")}(?<close>'?)|(?<open>${'`'})(?:[^${'`'}\\]|\\[^])*(?<close>${'`'}?)|${expression}`,
    'g',
  ),
  python: new RegExp(
    String.raw`(?<comment>#[^\n]*)|(?<open>\b[rbfu]{0,2}"""|""")(?:[^"\\]|\\[^]|"(?!""))*(?<close>(?:""")?)|(?<open>\b[rbfu]{0,2}'''|''')(?:[^'\\]|\\[^]|'(?!''))*(?<close>(?:''')?)|(?<open>\b[rbfu]{1,2}"|")${quoted('"')}(?<close>"?)|(?<open>\b[rbfu]{1,2}'|')${quoted("'")}(?<close>'?)`,
    'gi',
  ),
  go: new RegExp(
    String.raw`${slashComment}|(?<open>")${quoted('"')}(?<close>"?)|(?<open>${'`'})[^${'`'}]*(?<close>${'`'}?)|(?<open>')(?:[^'\\\n]|\\[^'\n]+|\\')(?<close>')`,
    'g',
  ),
  rust: new RegExp(
    String.raw`${slashComment}|(?<open>\bb?r(?<hashes>#*)")[^]*?(?<close>"\k<hashes>|$)|(?<open>b?")(?:[^"\\]|\\[^])*(?<close>"?)|(?<open>b?')(?:[^'\\\n]|\\[^'\n]+|\\')(?<close>')`,
    'g',
  ),
};
