import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { isWithin } from '../files.ts';

const place = z.string().refine((path) => isAbsolute(path) || path.startsWith('~/'), 'must be an absolute path, or begin with ~/');

/** What a user allows the tests of a workspace beyond what every command has in its fence and every copy holds. Never read from the workspace itself. */
export const grantsSchema = z.strictObject({
  /** The network of this machine, in place of a loopback of its own. */
  network: z.boolean().default(false),
  /** User namespaces of its own, as the sandbox of a browser makes them. */
  namespaces: z.boolean().default(false),
  /** Files and folders that are seen, and those that are also written. */
  read: z.array(place).default([]),
  write: z.array(place).default([]),
  /** Names of variables that are handed on from the user's environment. */
  variables: z.array(z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a variable')).default([]),
  /** Files that look like secrets and that copies get all the same: patterns of gitignore, below the workspace. */
  secrets: z.array(z.string().min(1)).default([]),
});
export type Grants = z.infer<typeof grantsSchema>;

export const noGrants: Grants = grantsSchema.parse({});

/** By folder, as the user's settings hold them: for that workspace and the ones below it. */
export const grantsByFolderSchema = z.record(place, grantsSchema).default({});
export type GrantsByFolder = z.infer<typeof grantsByFolderSchema>;

/** What is allowed in a workspace (absolute): the grants of the nearest folder at or above it, paths in full. */
export function grantsFor(workspace: string, allowed: GrantsByFolder, home = homedir()): Grants {
  const full = (path: string): string => (path.startsWith('~/') ? join(home, path.slice(2)) : resolve(path));
  const [nearest] = Object.entries(allowed)
    .map(([folder, grants]) => ({ folder: full(folder), grants }))
    .filter(({ folder }) => isWithin(folder, workspace))
    .sort((a, b) => b.folder.length - a.folder.length);
  if (nearest === undefined) return noGrants;
  const { grants } = nearest;
  return { ...grants, read: grants.read.map(full), write: grants.write.map(full) };
}

/** The setting that allows in a workspace (absolute) what its tests wanted, as people paste it. */
export function allowText(
  workspace: string,
  wanted: readonly { readonly kind: 'network' | 'read' | 'write'; readonly what: string }[],
): string {
  const places = (kind: 'read' | 'write'): Partial<Record<typeof kind, string[]>> => {
    const all = wanted.filter((one) => one.kind === kind).map(({ what }) => what);
    return all.length === 0 ? {} : { [kind]: all };
  };
  const network = wanted.some(({ kind }) => kind === 'network') ? { network: true } : {};
  return JSON.stringify({ [workspace]: { ...network, ...places('read'), ...places('write') } });
}
