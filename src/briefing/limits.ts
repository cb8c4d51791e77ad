/**
 * What a briefing may cost. Counts and bytes do the bounding, so that the same tree gives the same briefing; the time limit is only a
 * safety net for slow disks, and a briefing it cut short says so.
 */
export interface BriefingLimits {
  /** Wall clock for everything, ms. */
  readonly ms: number;
  /** UTF-8 bytes of file text in the whole briefing. */
  readonly textBytes: number;
  /** Files in the briefing. */
  readonly files: number;
  /** Paths taken from the workspace; the rest is counted, not looked at. */
  readonly listedFiles: number;
  /** Files and bytes read in search of the request's words. */
  readonly scannedFiles: number;
  readonly scannedBytes: number;
  /** A larger file is never read, bytes. */
  readonly fileBytes: number;
  /** UTF-8 bytes of AGENTS.md and its like. */
  readonly instructionBytes: number;
}

export const defaultLimits: BriefingLimits = {
  ms: 3000,
  textBytes: 24_000,
  files: 12,
  listedFiles: 200_000,
  scannedFiles: 4_000,
  scannedBytes: 24_000_000,
  fileBytes: 512_000,
  instructionBytes: 6_000,
};

export interface Deadline {
  /** Milliseconds left, at least 0. */
  left(): number;
  over(): boolean;
}

/** @param now monotonic clock, ms */
export function deadlineIn(ms: number, now: () => number): Deadline {
  const end = now() + ms;
  return { left: () => Math.max(0, end - now()), over: () => now() >= end };
}
