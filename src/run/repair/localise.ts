/**
 * Where the mistake may be: statements of the files in play, the most suspicious first. Pure. Four kinds of evidence are added up, each between
 * 0 and 1: whether a body is not written yet, how much the model is surprised by the statement (the entropy of EnSpec, arXiv 1802.06947), how the
 * failing and the passing tests ran over it (Ochiai), and whether a failure's message points at it.
 */
import type { LineRuns } from '../../feedback/types.ts';
import type { TokenWeight } from '../../models/types.ts';
import type { SourceShape, Statement } from '../../syntax/types.ts';

export interface SuspectFile {
  readonly path: string;
  readonly text: string;
  readonly shape: SourceShape;
  /** How likely its tokens are to the model; absent where no model says. */
  readonly weights?: readonly TokenWeight[];
  /** How many tests ran over each line, by line number; absent where the runner does not say. */
  readonly spectrum?: ReadonlyMap<number, LineRuns>;
  /** Lines that messages of failures point at, the innermost first. */
  readonly frames: readonly number[];
  /** Hardly to blame: nothing could be built or loaded, and what says so names other files; or it is what tests are written with. */
  readonly aside?: true;
}

export interface SuspectPlace {
  readonly path: string;
  readonly statement: Statement;
  /** Larger is more suspicious; only the order means something. */
  readonly suspicion: number;
  /** What speaks for it, the strongest first. */
  readonly because: readonly Evidence[];
  /** The model would write it again as it stands: left out, it comes back. */
  readonly expected?: true;
  /** Hardly to blame: no failing test ran over it, as far as a recorder or a failed build tells, or it is what tests are written with. */
  readonly aside?: true;
}

export const evidences = ['unwritten', 'surprise', 'spectrum', 'frame'] as const;
export type Evidence = (typeof evidences)[number];

/** A signature or an import is wrong far less often than what a function does, and failing tests run over those of every file that they load. */
const definitionShare = 0.1;
/** What no failing test ran over is hardly to blame: a case that should have been taken, or a line that a recorder misses. */
const asideShare = 0.1;
/**
 * A statement of which every token is the likeliest, and so is that it ends there, is what the model writes into its hole: on four modules at once all seven
 * such fills gave the text that stood there (docs/results.md).
 */
const expectedAt = Math.log(0.5);

export function suspects(files: readonly SuspectFile[], failingTests: number): readonly SuspectPlace[] {
  return files
    .flatMap((file) => placesOf(file, failingTests))
    .sort((a, b) => b.suspicion - a.suspicion || a.path.localeCompare(b.path) || a.statement.start - b.statement.start);
}

function placesOf(file: SuspectFile, failingTests: number): readonly SuspectPlace[] {
  const { path, shape } = file;
  const surprise = surprises(file);
  const { weights } = file;
  return shape.statements.map((statement) => {
    const evidence: Record<Evidence, number> = {
      unwritten: statement.stub ? 1 : 0,
      surprise: surprise.get(statement) ?? 0,
      spectrum: spectrumOf(statement, file, failingTests),
      frame: frameOf(statement, file),
    };
    const sum = evidences.reduce((all, kind) => all + evidence[kind], 0);
    const because = evidences.filter((kind) => evidence[kind] > 0).sort((a, b) => evidence[b] - evidence[a]);
    const aside = file.aside === true || (file.spectrum !== undefined && evidence.spectrum === 0);
    const share = (statement.role === 'definition' ? definitionShare : 1) * (aside ? asideShare : 1);
    return {
      ...{ path, statement, suspicion: sum * share, because },
      ...(weights !== undefined && isExpected(statement, weights) && { expected: true }),
      ...(aside && { aside: true }),
    };
  });
}

/** Mean of −log p over the statement's tokens, the largest of the file being 1. */
function surprises({ shape, weights }: SuspectFile): ReadonlyMap<Statement, number> {
  if (weights === undefined) return new Map();
  const means = new Map(
    shape.statements.map((statement) => {
      const own = weights.filter(({ start }) => start >= statement.start && start < statement.end);
      return [statement, own.length === 0 ? 0 : own.reduce((sum, { logprob }) => sum - logprob, 0) / own.length] as const;
    }),
  );
  const most = Math.max(...[...means].filter(([{ role }]) => role !== 'definition').map(([, mean]) => mean), Number.MIN_VALUE);
  return new Map([...means].map(([statement, mean]) => [statement, Math.min(1, mean / most)]));
}

function isExpected({ start, end }: Statement, weights: readonly TokenWeight[]): boolean {
  const own = weights.filter((weight) => weight.start >= start && weight.start <= end);
  return own.length > 0 && own.every(({ logprob }) => logprob >= expectedAt);
}

/** Ochiai: failing runs over it / √(failing runs × all runs over it). */
export const ochiai = ({ failing, passing }: LineRuns, failingTests: number): number =>
  failing === 0 ? 0 : failing / Math.sqrt(failingTests * (failing + passing));

/** The most of its lines. */
function spectrumOf(statement: Statement, { spectrum }: SuspectFile, failingTests: number): number {
  if (spectrum === undefined || failingTests === 0) return 0;
  const lines = Array.from({ length: statement.endLine - statement.line + 1 }, (_, index) => spectrum.get(statement.line + index));
  return Math.max(0, ...lines.map((runs) => (runs === undefined ? 0 : ochiai(runs, failingTests))));
}

/** The innermost frame counts fully, those further out less and less. */
function frameOf(statement: Statement, { frames }: SuspectFile): number {
  const depth = frames.findIndex((line) => line >= statement.line && line <= statement.endLine);
  return depth < 0 ? 0 : 1 / (1 + depth);
}

/** Lines of `path` that the message of a failure names: `path:12`, `path", line 12`, `(path:12:5)`. The first named is the innermost. */
export function framesIn(messages: readonly string[], path: string): readonly number[] {
  const found = new Set<number>();
  for (const message of messages) {
    for (let at = message.indexOf(path); at >= 0; at = message.indexOf(path, at + path.length)) {
      const line = /^"?(?::|, line )(\d{1,7})\b/.exec(message.slice(at + path.length, at + path.length + 24))?.[1];
      if (line !== undefined) found.add(Number(line));
    }
  }
  return [...found];
}
