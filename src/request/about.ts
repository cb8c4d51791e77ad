import { namesIn } from './names.ts';

/** Before an item of a list: `- `, `* `, `3. `, `3) ` */
export const listMark = /^\s*(?:[-*•]|\d+[.)])\s+/;

/** A path, or code in backticks, and then a colon or a dash: what an item is about. */
const itemSubject = /^(?:\[[ xX]\]\s+)?(?:`([^`\s]+)`|([^\s`]+?))\s*(?::(?=\s|$)|\s[-–—]\s)/;

/**
 * The request without those items of its list that say first that they are about another file or function than this one. All of it where no item is
 * about this one. Pure.
 */
export function requestAbout(text: string, { path, name }: { readonly path: string; readonly name: string }): string {
  // Also what is said of the class that holds it.
  const names = [name, ...name.split(/\.|::|#/)];
  const isOwn = (subject: string): boolean =>
    subject === path || path.endsWith(`/${subject}`) || names.includes(subject.split('(', 1)[0] ?? '');
  const lines = text.split('\n');
  const subjects = lines.map(subjectOf);
  if (!subjects.some((subject) => subject !== undefined && isOwn(subject))) return text;
  // What stands deeper than an item belongs to it.
  let left: number | undefined;
  return lines
    .filter((line, at) => {
      const depth = line.length - line.trimStart().length;
      if (left !== undefined && line.trim() !== '' && depth > left) return false;
      const subject = subjects[at];
      left = subject === undefined || isOwn(subject) ? undefined : depth;
      return left === undefined;
    })
    .join('\n');
}

function subjectOf(line: string): string | undefined {
  const rest = line.replace(listMark, '');
  if (rest === line) return undefined;
  const [, code, word] = itemSubject.exec(rest) ?? [];
  const [named] = namesIn(code ?? word ?? '').paths;
  return named?.path ?? code;
}
