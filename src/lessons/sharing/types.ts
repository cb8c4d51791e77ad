/** Words of sharing: what is shared, where it goes, and what became of it. */
import * as z from 'zod';

/** What is shared of a run. Each level holds what the one before it holds. */
export const sharingLevels = ['plans', 'diffs', 'everything'] as const;
export type SharingLevel = (typeof sharingLevels)[number];

/** Where it goes: the user's own data set, or an endpoint that takes `PUT <url>/<id>.jsonl.gz` and `DELETE` of the same. */
export const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('endpoint'), url: z.string() }),
  z.strictObject({ kind: z.literal('hugging-face'), repository: z.string(), hubUrl: z.string() }),
]);
export type SharingTarget = z.infer<typeof targetSchema>;

/** The user's word for one workspace. */
export const consentSchema = z.strictObject({
  level: z.enum(sharingLevels),
  target: targetSchema,
  /** When it was given, milliseconds since the epoch. */
  since: z.number(),
});
export type Consent = z.infer<typeof consentSchema>;

/** Why nothing may be sent now, in a sentence; undefined when it may. Asked again before every single upload. */
export type SharingGate = (workspace: string) => Promise<string | undefined>;

/** Keys for the targets, asked for when they are needed and never kept. */
export type TokenOf = (target: SharingTarget) => Promise<string | undefined>;

export type ItemStatus = 'waiting' | 'refused' | 'shared' | 'deleting' | 'deleted' | 'removed';

/** One payload on its way, or where it came to. */
export interface SharedItem {
  /** From the run, the level and the content: the same payload is the same item. */
  readonly id: string;
  readonly runId: string;
  readonly workspace: string;
  readonly level: SharingLevel;
  readonly target: SharingTarget;
  /** Of the file that is sent, compressed. */
  readonly bytes: number;
  readonly sha256: string;
  readonly status: ItemStatus;
  readonly queuedAt: number;
  readonly sharedAt?: number;
  readonly deletedAt?: number;
  readonly attempts: number;
  /** Not before this time, after a failure that may pass. */
  readonly retryAt?: number;
  /** What went wrong last. */
  readonly problem?: string;
  /** What the target answered: a commit, an address. */
  readonly receipt?: string;
}

/** An upload that failed may have arrived all the same; only one that was never tried, or whose deletion is confirmed, is nowhere else. */
export const mayBeOutThere = ({ status, attempts }: SharedItem): boolean => status !== 'deleted' && attempts > 0;

/** The file as it is sent. */
export interface Upload {
  readonly id: string;
  readonly content: Buffer;
  readonly sha256: string;
}

/** How an attempt ended when it did not succeed. */
export interface UploadFailure {
  readonly problem: string;
  /** Worth another attempt; `afterMs` when the target asked for a time. */
  readonly again: boolean;
  readonly afterMs?: number;
}

export type UploadResult = { readonly receipt: string } | UploadFailure;
