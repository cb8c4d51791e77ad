/** One writer per run: the lock stands in the run's folder. */
import path from 'node:path';
import { runBusy } from '../errors.ts';
import { type Holder, type Lock, lockHolder, takeLock } from '../process/index.ts';

const lockOf = (dir: string): string => path.join(dir, 'lock');

/** Who writes the run in `dir`; undefined when nobody does. */
export const writerOf = (dir: string): Holder | undefined => lockHolder(lockOf(dir));

/** Throws `run-busy` when another living writer holds the run (this process included). */
export function lockRun(dir: string, runId: string): Lock {
  const taken = takeLock(lockOf(dir));
  if ('heldBy' in taken) throw runBusy(runId, taken.heldBy.pid);
  return taken;
}
