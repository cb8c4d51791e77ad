/** One candidate under review: its hunks, what the user has said about each, and the way of these words to the trace. */
import type * as vscode from 'vscode';
import { type CandidateDiff, decideHunks } from '../../run/index.ts';
import type { EventOf } from '../../trace/events.ts';
import type { Badge } from '../../trace/index.ts';
import type { FileHunks, Hunk } from '../../workspace/hunk-types.ts';

export type Decision = EventOf<'hunk.decided'>['decision'];

export interface Word {
  readonly decision: Decision;
  readonly reason: string;
}

export interface Tally {
  readonly accepted: number;
  readonly rejected: number;
  readonly open: number;
  readonly total: number;
}

export interface Review {
  readonly runId: string;
  readonly candidate: string;
  /** Title of the tab. */
  readonly title: string;
  readonly diff: CandidateDiff;
  /** What the tests say of the candidate. */
  readonly badge: Badge;
  /** Tests that fail with it. */
  readonly failing: readonly string[];
  /** The workspace's folder as this window has it open, which may lead through a link. */
  readonly folder: string;
  /** Sides of the tab: what stands in the workspace, or the workspace as the run began (when the change has been applied). */
  readonly left: 'workspace' | 'base';
  readonly files: readonly FileHunks[];
  readonly hunks: readonly Hunk[];
  wordOn(hunk: Hunk): Word;
  tally(hunks?: readonly Hunk[]): Tally;
  /** Shown at once; resolves when it is on record, rejects (and shows what stood before) when it could not be put there. */
  decide(hunks: readonly Hunk[], decision: Decision, reason?: string): Promise<void>;
  /** Takes over words that are on record already. */
  recorded(hunks: readonly Hunk[], decision: Decision, reason?: string): void;
}

export type InTurn = <T>(runId: string, work: () => Promise<T>) => Promise<T>;

export interface ReviewPorts {
  readonly dataDir: string;
  readonly changed: vscode.EventEmitter<Review>;
  /** Hears that the run's trace has grown. */
  readonly touched: (runId: string) => void;
  /** One writer at a time for each run's trace. */
  readonly inTurn: InTurn;
}

const openWord: Word = { decision: 'open', reason: '' };

export function createReview(
  diff: CandidateDiff,
  shown: Pick<Review, 'title' | 'left' | 'folder' | 'badge' | 'failing'>,
  ports: ReviewPorts,
): Review {
  const words = new Map<string, Word>(diff.words.map(({ hunk, decision, reason }) => [hunk, { decision, reason }]));
  /** What the trace says, where it is not what is shown: a word on its way may still fail. */
  const onRecord = new Map(words);
  const hunks = diff.files.flatMap((file) => [...file.hunks]);

  const wordOn = (hunk: Hunk): Word => words.get(hunk.id) ?? openWord;
  const show = (some: readonly Hunk[], word: (hunk: Hunk) => Word): void => {
    for (const hunk of some) words.set(hunk.id, word(hunk));
    ports.changed.fire(review);
  };

  const review: Review = {
    runId: diff.runId,
    candidate: diff.candidate,
    diff,
    ...shown,
    files: diff.files,
    hunks,
    wordOn,
    tally: (some = hunks) => {
      const count = (decision: Decision): number => some.filter((hunk) => wordOn(hunk).decision === decision).length;
      return { accepted: count('accepted'), rejected: count('rejected'), open: count('open'), total: some.length };
    },
    decide: (some, decision, reason = '') => {
      const news = some.filter((hunk) => wordOn(hunk).decision !== decision || wordOn(hunk).reason !== reason);
      const word: Word = { decision, reason };
      show(news, () => word);
      const { runId, candidate } = diff;
      const said = news.map((hunk) => ({ candidate, path: hunk.path, hunk: hunk.id, decision, reason }));
      return ports.inTurn(runId, async () => {
        try {
          await decideHunks({ dataDir: ports.dataDir, runId }, said);
          for (const hunk of news) onRecord.set(hunk.id, word);
          ports.touched(runId);
        } catch (error) {
          // A later word stands; it speaks for itself.
          const own = news.filter((hunk) => wordOn(hunk) === word);
          show(own, (hunk) => onRecord.get(hunk.id) ?? openWord);
          throw error;
        }
      });
    },
    recorded: (some, decision, reason = '') => {
      for (const hunk of some) onRecord.set(hunk.id, { decision, reason });
      show(some, () => ({ decision, reason }));
    },
  };
  return review;
}

/** Work on one run after the other, whatever became of the work before; runs do not wait for each other. */
export function turns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (runId, work) => {
    const result = (last.get(runId) ?? Promise.resolve()).then(work, work);
    last.set(runId, result);
    return result;
  };
}
