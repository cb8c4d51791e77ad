/** Bodies of functions in blanked code, and whether one answers without looking at what it was given. */
import type { CodeText } from './code-text.ts';

interface Body {
  readonly from: number;
  readonly end: number;
}

/** The body that begins behind its head: up to the closing brace, or as far as it is indented. */
export function bodyAt({ code, language }: CodeText, from: number): Body {
  if (language === 'python') {
    const head = code.slice(code.lastIndexOf('\n', from - 1) + 1, from);
    const indented = /^[ \t]*/.exec(head)?.[0].length ?? 0;
    let at = code.indexOf('\n', from);
    while (at >= 0 && at < code.length) {
      const next = code.indexOf('\n', at + 1);
      const line = code.slice(at + 1, next < 0 ? code.length : next);
      if (line.trim() !== '' && line.length - line.trimStart().length <= indented) return { from, end: at };
      at = next;
    }
    return { from, end: code.length };
  }
  let depth = 1;
  const brace = /[{}]/g;
  brace.lastIndex = from;
  for (let found = brace.exec(code); found !== null; found = brace.exec(code)) {
    depth += found[0] === '{' ? 1 : -1;
    if (depth === 0) return { from, end: found.index };
  }
  return { from, end: code.length };
}

const constant = /^\(?(?:true|false|!0|!1|not (?:True|False)|-?\d[\w.]{0,20}|(?:Some\()?(?:[\w:]{0,20}\bOrdering::)?Equal\)?)\)?$/i;

/** Every way out gives the same constant, or what is compared with is not looked at. */
export function answersWithoutLooking(text: CodeText, head: string, { from, end }: Body): boolean {
  const body = text.code.slice(from, end);
  const results = [...body.matchAll(/\breturn\b([^;\n}]*)/g)].map(([, result = '']) => result.trim().replace(/\s+/g, ' '));
  if (text.language === 'rust' && results.length === 0) results.push(body.slice(body.lastIndexOf(';') + 1).trim());
  if (results.length === 0) return false;
  if (results.every((result) => constant.test(result) && result === results[0])) return true;
  const other = comparedWith(head);
  return (
    other !== undefined &&
    !/NotImplemented|\b(?:raise|throw|panic)/.test(body) &&
    !new RegExp(String.raw`(?<![\w$])${other.replaceAll('$', '\\$')}(?![\w$])`).test(body)
  );
}

/** The name of the last parameter, where the head is of a comparison of two. */
function comparedWith(head: string): string | undefined {
  const parameters = /\(([^()]*)\)[^()]*$/.exec(head)?.[1]?.split(',') ?? [];
  const own = /^\s*(?:&\s*(?:mut\s+)?)?self\b/.test(parameters[0] ?? '');
  const last = parameters.slice(own ? 1 : 0).at(-1);
  return /__(?:eq|ne)__|\b(?:equals?|isEqual|eq|ne)\b/i.test(head) ? /[A-Za-z_$][\w$]*/.exec(last ?? '')?.[0] : undefined;
}
