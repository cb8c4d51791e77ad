import { globSync } from 'tinyglobby';
import { textAtNow } from '../process/index.ts';

/** A folder of the workspace that a test command is looked for in. */
export interface Folder {
  readonly root: string;
  /** Relative to the workspace, '' is its top. */
  readonly folder: string;
  /** Absolute. */
  readonly path: string;
  readonly isTop: boolean;
}

export const isInside = (folder: string, other: string): boolean => other === '' || folder === other || folder.startsWith(`${other}/`);

/** Text of a file without its byte order mark, with plain line feeds; undefined where there is none. */
export const textOf = (path: string): string | undefined =>
  textAtNow(path)
    ?.replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');

const ignored = [
  '**/node_modules/**',
  '**/.git/**',
  '**/.venv/**',
  '**/venv/**',
  '**/target/**',
  '**/dist/**',
  '**/build/**',
  '**/vendor/**',
];

/** A few levels deep: enough to tell the kind of tests, cheap on a huge repository. */
export function findFiles(root: string, patterns: string[]): string[] {
  return globSync(patterns, { cwd: root, ignore: ignored, deep: 4, onlyFiles: true, followSymbolicLinks: false }).sort();
}
