/** What a setup tells while it works. */
export interface SetupProgress {
  readonly stage: 'waiting' | 'engine' | 'download' | 'join' | 'done';
  /** A line for people: what is happening, from where. */
  readonly text: string;
  /** Bytes; both absent where nothing can be counted. */
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

export type OnProgress = (progress: SetupProgress) => void;
