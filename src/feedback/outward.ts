/** Go and Rust: modules and crates that a project takes from a folder by its path. Some of these paths mean another place in a copy than in the project. Pure. */
import { posix } from 'node:path';

/** Files that name such folders, in the folder of a test command. */
export const pathManifests = ['go.mod', 'go.work', 'Cargo.toml', '.cargo/config.toml'];

const patterns: Readonly<Record<string, RegExp>> = {
  'go.mod': /=>[ \t]*((?:\.{1,2})?\/[^\s"]*|\.{1,2})/g,
  'go.work': /(?:^|=>|use)[ \t]*((?:\.{1,2})?\/[^\s"()]*|\.{2})/gm,
  'Cargo.toml': /\bpath[ \t]*=[ \t]*"([^"\n]+)"/g,
  '.cargo/config.toml': /\bpaths?[ \t]{0,8}=[ \t]{0,8}\[?\s{0,8}"([^"\n]+)"/g,
};

/**
 * In sentences: what `manifest` (relative to the workspace) leads to that a copy does not have, or that is not the copy's. `workspace`: absolute; `depth`: how many folders
 * above it are copied too; `isThere`: whether a copy has something at a path, relative to it.
 */
export function outwardPaths(
  manifest: string,
  text: string,
  workspace: string,
  depth: number,
  isThere: (path: string) => boolean,
): string[] {
  const name = pathManifests.find((one) => manifest === one || manifest.endsWith(`/${one}`)) ?? '';
  const folder = posix.dirname(name === '.cargo/config.toml' ? posix.dirname(manifest) : manifest);
  const named = [...text.replace(/(?:^|\s)(?:\/\/|#).*$/gm, '').matchAll(patterns[name] ?? /$^/g)].flatMap(([, path]) => path ?? []);
  return [...new Set(named)].flatMap((path) => {
    if (path === workspace || path.startsWith(`${workspace}/`))
      return [
        `${manifest} leads to ${path} by its full path: tests use your own files there, not the change; a path relative to ${manifest} would not.`,
      ];
    const target = posix.normalize(posix.join(folder, path));
    const levels = /^(?:\.\.(?:\/|$))*/.exec(target)?.[0].match(/\.\./g)?.length ?? 0;
    if (path.startsWith('/') || levels <= depth || isThere(target)) return [];
    return [
      `${manifest} leads to ${path}, outside of the project: a copy has none beside it, so what needs it cannot be built and tested there unless your settings allow tests to read it.`,
    ];
  });
}
