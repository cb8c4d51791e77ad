/** Splitting a bench over machines. */
import { benchUnusable } from '../errors.ts';

export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

/** `2/4`. Throws `bench-unusable`. */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim());
  const shard = { index: Number(match?.[1]), of: Number(match?.[2]) };
  if (match === null || shard.of < 1 || shard.index < 1 || shard.index > shard.of) {
    throw benchUnusable({ why: 'shard', text });
  }
  return shard;
}

/** Every n-th item, beginning with the i-th: all shards together are the whole list, each item once, sizes differ by at most one. */
export function takeShard<T>(items: readonly T[], shard: Shard): T[] {
  return items.filter((_, place) => place % shard.of === shard.index - 1);
}
