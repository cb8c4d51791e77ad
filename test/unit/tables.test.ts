/** What follows from tables of the sources is what they say. */
import { expect, test } from 'vitest';
import { compare, followers } from '../../scripts/tables.ts';

test.each(followers.map((follower) => [follower.file, follower.table, follower] as const))(
  '%s has the table of %s as it is (node scripts/tables.ts writes it)',
  (_file, _table, follower) => {
    const { now, must } = compare(follower);
    expect(now).toBe(must);
  },
);
