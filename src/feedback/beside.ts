/**
 * What failing tests wanted of the folders beside their project: a copy has beside it only those that the user lets tests read. A guess from foreign
 * text, like what tests wanted beyond their fence. Looks what is there, and opens nothing.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Wanted } from './types.ts';

interface Place {
  /** Top of the copy, and folder in which its tests ran. */
  readonly top: string;
  readonly cwd: string;
  /** Top of the project that it is a copy of. */
  readonly project: string;
}

const mostNamed = 5;
const mostLooked = 300;

/** Paths that lead up, and the files whose folder they may lead up from. */
const leadingUp = /(?:\.\.\/){1,8}[\w@.-]{1,80}/g;
const files = /[\w@.-]{1,80}(?:\/[\w@.-]{1,80}){1,12}\.\w{1,6}\b/g;

/** `text`: what the tests printed, and the messages of their failures; paths of the copy may be relative to it. */
export function wantedBeside(text: string, { top, cwd, project }: Place): Wanted[] {
  const [copies, beside] = [dirname(top), dirname(project)];
  if (dirname(beside) === beside) return [];
  const absolute = text.split(copies + sep).slice(1, mostLooked);
  const names = new Set(absolute.flatMap((rest) => /^[\w@ .-]{1,80}?(?=[/\\'"`:,;()\s]|$)/.exec(rest)?.[0] ?? []));
  const folders = new Set([cwd, top, ...(text.match(files) ?? []).slice(0, mostLooked).map((file) => join(top, dirname(file)))]);
  for (const path of new Set((text.match(leadingUp) ?? []).slice(0, mostLooked)))
    for (const folder of folders) {
      const [up, name, ...further] = relative(top, resolve(folder, path)).split(sep);
      if (up === '..' && name !== undefined && name !== '..' && further.length === 0) names.add(name);
    }
  return [...names]
    .filter(
      (name) => !name.startsWith('.') && name !== basename(project) && existsSync(join(beside, name)) && !existsSync(join(copies, name)),
    )
    .slice(0, mostNamed)
    .map((name) => ({ kind: 'read', what: join(beside, name) }));
}
