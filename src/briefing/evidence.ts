/** Why a file matters, added up. Every kind of evidence counts once for a file, with its strongest weight. */
import type { RelevanceReason } from './types.ts';

/** The one table of weights. A file's score is the sum of what holds for it; ties go to the path that sorts first. */
export const weights = {
  /** The user points at it. */
  selected: 100,
  diagnostic: 80,
  /** The request names its path; divided by the root of how many files go by that name. */
  namedPath: 70,
  /** A failing test's stack goes through it; × 0.85 for each frame further out. A test's own frames say little: every failure has them. */
  stackFrame: 60,
  testFrame: 8,
  /** It defines an identifier of the request; less when many files do. */
  definesName: 45,
  /** A failing test imports it: the fault is more likely here than in the test. */
  importedByFailingTest: 45,
  failingTest: 40,
  /** It has the failing test's name: `cart.ts` for `cart.test.ts`. */
  counterpart: 15,
  /** × BM25 score between 0 and 1. */
  lexical: 25,
  /** Neighbours of files with better evidence. */
  imported: 12,
  importer: 8,
  testImporter: 14,
  smallWorkspace: 1,
} as const;

export const frameDecay = 0.85;
/** Words in prose and in tests say less about where the work is than words in code. */
export const lexicalShare = { prose: 0.5, test: 0.8, code: 1 } as const;

export interface Focus {
  readonly line: number;
  readonly weight: number;
}

export interface Evidence {
  add(path: string, reason: RelevanceReason, weight: number): void;
  /** A line worth showing when the file does not fit. */
  focus(path: string, line: number, weight: number): void;
  score(path: string): number;
  focusOf(path: string): readonly Focus[];
  /** Best first. */
  ranked(): readonly { readonly path: string; readonly score: number; readonly reasons: readonly RelevanceReason[] }[];
}

export function gatherEvidence(): Evidence {
  const found = new Map<string, Map<RelevanceReason, number>>();
  const lines = new Map<string, Focus[]>();
  const sum = (reasons: ReadonlyMap<RelevanceReason, number> | undefined): number =>
    [...(reasons?.values() ?? [])].reduce((total, weight) => total + weight, 0);
  return {
    add: (path, reason, weight) => {
      const reasons = found.get(path) ?? new Map<RelevanceReason, number>();
      reasons.set(reason, Math.max(reasons.get(reason) ?? 0, weight));
      found.set(path, reasons);
    },
    focus: (path, line, weight) => lines.set(path, [...(lines.get(path) ?? []), { line, weight }]),
    score: (path) => sum(found.get(path)),
    focusOf: (path) => lines.get(path) ?? [],
    ranked: () =>
      [...found]
        .map(([path, reasons]) => ({
          path,
          score: Math.round(sum(reasons) * 100) / 100,
          reasons: [...reasons].sort((a, b) => b[1] - a[1]).map(([reason]) => reason),
        }))
        .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1)),
  };
}
