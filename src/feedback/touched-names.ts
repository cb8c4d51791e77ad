/** What a change is about, in names: enough to tell whether a test has to do with it. By regular expression: no parser needed. */
import { changedLines } from '../text/index.ts';
import type { ChangedFile } from './steering-changes.ts';

/** A line that gives something a name: a function, a class, a type, a variable, a rule. */
const definition =
  /^\s*(?:(?:export|default|pub(?:\([^)]*\))?|public|private|protected|internal|static|final|abstract|async|override|virtual|inline|extern|unsafe|const)\s+)*(?:(?:def|class|function\*?|func|fn|struct|enum|trait|interface|type|impl|module|mod|let|const|var|val|object|record|macro_rules!)\s+(?:\([^)]{0,200}\)\s*)?([\p{L}_$][\p{L}\p{N}_$]*)|(?:exports|module\.exports|this|self)\.([\p{L}_$][\p{L}\p{N}_$]*)\s*=|([\p{L}_$][\p{L}\p{N}_$]*)\s*(?:\([^()]{0,200}\)\s*\{|[:=]\s*(?:async\s*)?(?:function\b|\([^()]{0,200}\)\s*=>|[\p{L}_$][\p{L}\p{N}_$]*\s*=>)))/u;

/** Names of files that say nothing of what is in them. */
const sayingNothing = /^(?:index|main|mod|lib|init|__init__|__main__|utils?|helpers?|common|types?|constants?|core|base|app|shared)$/i;

const longestText = 400_000;

/**
 * The names of what a change touches: the files it changes (those whose names say something), what is defined in its lines, and what stands
 * around them.
 */
export function touchedNames(files: readonly ChangedFile[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { path, before = '', after = '' } of files) {
    const stem = stemOf(path);
    if (stem !== undefined) names.add(stem);
    if (before.length + after.length > longestText) continue;
    const [old, now] = [before.split('\n'), after.split('\n')];
    for (const changed of changedLines(old, now)) {
      for (const [lines, [from, length]] of [
        [old, changed.before],
        [now, changed.after],
      ] as const) {
        for (const name of namesAround(lines, from, from + length)) names.add(name);
      }
    }
  }
  return names;
}

/** The name of a file where it says something of what is in it. */
export function stemOf(path: string): string | undefined {
  const stem = (path.replaceAll('\\', '/').split('/').at(-1) ?? '').split('.')[0] ?? '';
  return stem.length > 2 && !sayingNothing.test(stem) ? stem : undefined;
}

/** All that a text gives a name. */
export const definedNames = (text: string): ReadonlySet<string> =>
  new Set(text.length > longestText ? [] : text.split('\n').flatMap((line) => definedIn(line) ?? []));

/** What is defined in the lines, and the definitions that they stand in: each the nearest above with less indentation. */
function namesAround(lines: readonly string[], from: number, to: number): string[] {
  const names = lines.slice(from, to).flatMap((line) => definedIn(line) ?? []);
  const inside = lines.slice(from, Math.max(to, from + 1)).filter((line) => line.trim() !== '');
  let depth = Math.min(...inside.map(indentOf), Number.POSITIVE_INFINITY);
  for (let at = from - 1; at >= 0 && depth > 0; at -= 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || indentOf(line) >= depth) continue;
    depth = indentOf(line);
    const name = definedIn(line);
    if (name !== undefined) names.push(name);
  }
  return names.filter((name) => name.length > 1);
}

function definedIn(line: string): string | undefined {
  if (line.length > 2_000) return undefined;
  const found = definition.exec(line);
  const name = found?.[1] ?? found?.[2] ?? found?.[3];
  return name === undefined || /^(?:if|for|while|switch|catch|return|else|do|try|with|match|loop)$/.test(name) ? undefined : name;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** `adds[1-2]`, `adds #3`: a run of a test with other values. */
function withoutParameters(name: string): string {
  if (!name.endsWith(']')) return name.replace(/ #\d+$/, '').trim();
  const opening = name.indexOf('[', name.lastIndexOf(']', name.length - 2) + 1);
  return opening < 0 ? name : name.slice(0, opening).trim();
}

/** The lines of one test in the text of its file; undefined when it is not found there. `name`: as a report gives it. */
export function bodyOfTest(text: string, name: string): string | undefined {
  const whole = (name.split(/ > |::|(?<=\w)\.(?=test)/).at(-1) ?? name).trim();
  const last = withoutParameters(whole);
  if (last === '') return undefined;
  const at = text.indexOf(last);
  if (at < 0) return undefined;
  const lines = text.slice(text.lastIndexOf('\n', at) + 1).split('\n', 200);
  const depth = indentOf(lines[0] ?? '');
  const end = lines.findIndex((line, index) => index > 0 && line.trim() !== '' && indentOf(line) <= depth && !/^\s*[)\]}]/.test(line));
  return lines.slice(0, end < 0 ? lines.length : end).join('\n');
}

/** Whether one of the names stands in the text as a word. */
export function speaksOf(text: string, names: ReadonlySet<string>): boolean {
  for (const [word] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) if (names.has(word)) return true;
  return false;
}
