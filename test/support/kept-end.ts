/** Ends of records for tests that write records by hand: what is kept says of each what the program would have left. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { chainStart, linkOf } from '../../src/trace/chain.ts';

export const endFileOf = (dataDir: string, runId: string): string => join(dataDir, 'ends', `${runId}.json`);

/** The record in the run's folder is what a writer left that was killed right then, also in the middle of its last line. */
export function killedHere(dir: string): void {
  const written = readFileSync(join(dir, 'events.jsonl'));
  const whole = written.subarray(0, written.lastIndexOf(10) + 1);
  const last = whole.subarray(0, -1);
  const mark = { bytes: whole.length, link: whole.length === 0 ? chainStart : linkOf(last.subarray(last.lastIndexOf(10) + 1)) };
  const writing = whole.length === written.length ? mark : { bytes: written.length + 10, link: 'of what was not written' };
  const end = { v: 1, open: true, durable: mark, written: mark, writing };
  writeFileSync(endFileOf(dirname(dirname(dir)), basename(dir)), JSON.stringify(end));
}

/** As if no end had ever been kept in this data folder. */
export const beforeEndsWereKept = (dataDir: string): void => rmSync(join(dataDir, 'ends'), { recursive: true, force: true });
