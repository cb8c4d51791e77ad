import ignore, { type Ignore } from 'ignore';
import type { FileScope } from './types.ts';

/**
 * Whether a path (relative to the workspace, in its normal form) may be written. Globs are read as in `.gitignore`: `src/**`, `src/` and
 * `src` all mean everything below, `*.md` means any folder, a leading slash anchors; `{a,b}` is understood as well. An empty `allow` allows nothing.
 * `deny` wins and ignores case, since some file systems do; `allow` is exact.
 */
export function scopeTest(scope: FileScope): (path: string) => boolean {
  const allow = matcher(scope.allow, false);
  const within = scope.within && matcher(scope.within, true);
  const deny = matcher(scope.deny, true);
  return (path) => {
    const composed = path.normalize('NFC');
    return allow.ignores(composed) && (within?.ignores(composed) ?? true) && !deny.ignores(composed);
  };
}

function matcher(globs: readonly string[], ignorecase: boolean): Ignore {
  const patterns = globs.flatMap(expandBraces).flatMap((glob) => {
    const plain = glob
      .trim()
      .normalize('NFC')
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '');
    if (plain === '' || plain.startsWith('!') || plain.startsWith('#')) return [];
    return plain === '.' ? ['**'] : [plain];
  });
  return ignore({ ignorecase }).add(patterns);
}

/** `src/*.{ts,tsx}` → `src/*.ts`, `src/*.tsx`. Nested braces are expanded too; at most 1,000 results. */
export function expandBraces(glob: string): string[] {
  let globs = [glob];
  for (let round = 0; round < 10 && globs.length < 1000; round++) {
    const next = globs.flatMap((one) => {
      const found = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(one);
      return found === null ? [one] : (found[2] ?? '').split(',').map((choice) => `${found[1]}${choice}${found[3]}`);
    });
    if (next.length === globs.length) return next;
    globs = next;
  }
  return globs;
}
