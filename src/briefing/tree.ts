/** The paths of a workspace with the questions relevance asks of them. Built once; everything about files' contents is elsewhere. */

export interface FileTree {
  /** Relative, forward slashes, sorted by code unit. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  /**
   * Paths that are `suffix` or end with `/suffix`, sorted; ignoring case only when no path has the exact case.
   * `cart.ts` finds `src/cart.ts`.
   */
  endingWith(suffix: string): readonly string[];
  /** Files directly in a folder; '' is the top. */
  inFolder(folder: string): readonly string[];
}

export function fileTree(sorted: readonly string[]): FileTree {
  const all = new Set(sorted);
  let byName: Map<string, string[]> | undefined;
  let byFolder: Map<string, string[]> | undefined;
  return {
    paths: sorted,
    has: (path) => all.has(path),
    endingWith: (suffix) => {
      byName ??= Map.groupBy(sorted, (path) => baseName(path).toLowerCase());
      const named = byName.get(baseName(suffix).toLowerCase()) ?? [];
      const exact = named.filter((path) => path === suffix || path.endsWith(`/${suffix}`));
      if (exact.length > 0) return exact;
      const lower = suffix.toLowerCase();
      return named.filter((path) => path.toLowerCase() === lower || path.toLowerCase().endsWith(`/${lower}`));
    },
    inFolder: (folder) => {
      byFolder ??= Map.groupBy(sorted, folderOf);
      return byFolder.get(folder) ?? [];
    },
  };
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** '' for a file at the top. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** The name without its endings; what begins with a dot keeps it. */
export function withoutEndings(name: string): string {
  const dot = name.indexOf('.', 1);
  return dot === -1 ? name : name.slice(0, dot);
}

/** The name without its endings and without what marks a test: `cart.test.ts`, `test_cart.py` and `CartTest.java` give `cart`, `Cart`. */
export function stemOf(path: string): string {
  return withoutEndings(baseName(path)).replace(
    /^test[_-](?=.)|(?<=.)[_-](?:test|spec)s?$|(?<=[a-z0-9])Tests?$|(?<=[a-z0-9])(?:Spec|IT)$/g,
    '',
  );
}

/** Resolves `.` and `..`; undefined when the path leaves the workspace. */
export function joinPath(folder: string, relative: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${folder}/${relative}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
