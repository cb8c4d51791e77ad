/**
 * Absolute paths of the user's project in variables and words of a command: in a copy they lead into the copy. Else tests would see the user's own files in place
 * of the change.
 */
import { realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative, sep } from 'node:path';
import { isWithin, pickEnvironment } from '../process/index.ts';
import type { TestCommand } from './types.ts';

/** A project and its copy, both from their top. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** `root` is the copy of `workspace`; `top` the copy of what the workspace is a folder of, where that is copied too. */
export function moveOf(workspace: string | undefined, root: string, top: string): Move | undefined {
  const inside = relative(top, root);
  if (workspace === undefined || workspace === root || !workspace.endsWith(inside)) return undefined;
  const from = inside === '' ? workspace : workspace.slice(0, -inside.length - 1);
  return { from, to: top };
}

/** Variables of the user that say where code lies. What names tools and caches stays: those are not copied. */
const ofCode = ['PYTHONPATH', 'NODE_PATH', 'LD_LIBRARY_PATH', 'PKG_CONFIG_PATH', 'GOFLAGS', 'RUSTFLAGS', 'CFLAGS', 'CXXFLAGS', 'LDFLAGS'];

/** The variables of the user that are others in the copy. */
export function movedVariables(environment: Readonly<Record<string, string | undefined>>, move: Move): Record<string, string> {
  const picked = pickEnvironment(environment);
  return Object.fromEntries(
    ofCode.flatMap((name) => {
      const value = picked[name];
      const there = value === undefined ? value : moved(value, move);
      return there === undefined || there === value ? [] : [[name, there]];
    }),
  );
}

export function movedCommand(command: TestCommand, move: Move): TestCommand {
  const { argv, shell, before, env } = command;
  const there = (text: string): string => moved(text, move);
  return {
    ...command,
    ...(argv && { argv: argv.map(there) }),
    ...(shell !== undefined && { shell: there(shell) }),
    ...(before !== undefined && { before: there(before) }),
    ...(env && { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, there(value)])) }),
  };
}

/** A path, a list of paths, or a text with paths in it. A path may lead into the project through a link. */
function moved(text: string, move: Move): string {
  return text
    .split(delimiter)
    .map((part) => throughLinks(part, move) ?? inText(part, move))
    .join(delimiter);
}

function throughLinks(path: string, { from, to }: Move): string | undefined {
  if (!isAbsolute(path)) return undefined;
  try {
    const real = realpathSync(path);
    return isWithin(from, real) ? join(to, relative(from, real)) : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function inText(text: string, { from, to }: Move): string {
  const parts = text.split(from);
  return parts.reduce((done, next, index) => {
    const isWhole = next === '' || next.startsWith(sep) || /^['"\s,;]/.test(next);
    const isStart = /(?:^|['"\s=,]|-[IL])$/.test(parts[index - 1] ?? '');
    return done + (isWhole && isStart ? to : from) + next;
  });
}
