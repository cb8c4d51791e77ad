import ignore, { type Ignore } from 'ignore';

/**
 * Whether a path (relative to the workspace, in its normal form) matches one of the globs. They are read as in `.gitignore`: `src/**`, `src/` and
 * `src` all mean everything below, `*.md` means any folder, a leading slash anchors; `{a,b}` is understood as well. Letters count as written.
 * No globs match nothing.
 */
export function globTest(globs: readonly string[]): (path: string) => boolean {
  const matcher = matcherOf(globs);
  return (path) => matcher.ignores(path.normalize('NFC'));
}

function matcherOf(globs: readonly string[]): Ignore {
  const patterns = globs.flatMap(expandBraces).flatMap((glob) => {
    const plain = glob
      .trim()
      .normalize('NFC')
      .replaceAll('\\', '/')
      .replace(/^(\.\/)+/, '');
    if (plain === '' || plain.startsWith('!') || plain.startsWith('#')) return [];
    return plain === '.' ? ['**'] : [plain];
  });
  return ignore({ ignorecase: false }).add(patterns);
}

/** `src/*.{ts,tsx}` → `src/*.ts`, `src/*.tsx`. Nested braces are expanded too; at most 1,000 results. */
export function expandBraces(glob: string): string[] {
  let globs = [glob];
  for (let round = 0; round < 10 && globs.length < 1000; round++) {
    const next = globs.flatMap((one) => {
      const found = [...one.matchAll(/\{([^{}]*)\}/g)].find(([, choices = '']) => choices.includes(','));
      if (found === undefined) return [one];
      const [before, after] = [one.slice(0, found.index), one.slice(found.index + found[0].length)];
      return (found[1] ?? '').split(',').map((choice) => `${before}${choice}${after}`);
    });
    if (next.length === globs.length) return next;
    globs = next;
  }
  return globs;
}
