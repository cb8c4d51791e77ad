/** Files of what was learned: what a process has read or written is not checked again, and whatever else lies there is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { jsonOf, readDerived, writeDerived } from '../../src/lessons/derived.ts';

const schema = z.object({ since: z.number(), runs: z.array(z.object({ runId: z.string() })) });
const emptyFrom = (since: number): z.infer<typeof schema> => ({ since, runs: [] });
const now = 1_000;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'derived-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (): string => path.join(folder, 'below', 'kept.json');
const read = () => readDerived(file(), schema, emptyFrom, () => now);

test('what was written is the same again, also for a program that reads it anew', async () => {
  const content = { since: 3, runs: [{ runId: 'a' }, { runId: 'b' }] };
  await writeDerived(file(), schema, content);
  expect((await read()).stored).toBe(content);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(content);
  const anew = z.object({ ...schema.shape });
  expect(await readDerived(file(), anew, emptyFrom, () => now)).toEqual({ stored: content, damaged: false });
});

test('what another process wrote is read, of the same length too; what is torn is forgotten, and what is gone begins anew', async () => {
  await writeDerived(file(), schema, { since: 3, runs: [{ runId: 'a' }] });
  writeFileSync(file(), JSON.stringify({ since: 3, runs: [{ runId: 'z' }] }));
  expect((await read()).stored.runs).toEqual([{ runId: 'z' }]);
  writeFileSync(file(), '{"since":3,"runs":[{"runId":');
  expect(await read()).toEqual({ stored: emptyFrom(now), damaged: true });
  writeFileSync(file(), '{"since":"3","runs":[]}');
  expect(await read()).toEqual({ stored: emptyFrom(now), damaged: true });
  rmSync(file());
  expect(await read()).toEqual({ stored: emptyFrom(0), damaged: false });
});

test('it is worded as JSON.stringify words it, also with parts that were worded before', () => {
  const plain = fc.anything({ withBigInt: false, withDate: false, withMap: false, withSet: false, withTypedArray: false, maxDepth: 6 });
  fc.assert(
    fc.property(fc.array(plain), plain, (kept, added) => {
      const [before, after] = [{ runs: kept }, { lately: added, runs: [...kept, added] }];
      expect(jsonOf(before)).toBe(JSON.stringify(before));
      expect(jsonOf(after)).toBe(JSON.stringify(after));
    }),
  );
});
