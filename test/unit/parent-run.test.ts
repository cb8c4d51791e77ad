/** What a follow-up's page calls the run that it goes on from. */
import { expect, test } from 'vitest';
import { parentNameOf } from '../../src/editor/panels/parent-run.ts';
import { runUnknown } from '../../src/errors.ts';

type Arguments = Parameters<typeof parentNameOf>;
const runOf = (request?: object): Arguments[0] => ({ state: () => (request === undefined ? {} : { start: { request } }) }) as never;
const runs = (open: () => Promise<unknown>): Arguments[1] => ({ open }) as never;

test('it is asked again until the run has begun, and the other run is read once', async () => {
  let begun: object | undefined;
  let reads = 0;
  const handle: Arguments[0] = { state: () => ({ start: begun }) } as never;
  const name = parentNameOf(
    handle,
    runs(async () => {
      reads += 1;
      return runOf({ text: 'add a total' });
    }),
  );
  expect(await name()).toBeUndefined();
  begun = { request: { text: 'and round it', followsRun: 'r1' } };
  expect([await name(), await name()]).toEqual(['add a total', 'add a total']);
  expect(reads).toBe(1);
});

test('a run that is gone, or has no beginning, is named by its id; a fault of ours is no name', async () => {
  const handle = runOf({ text: 'and round it', followsRun: 'r1' });
  expect(
    await parentNameOf(
      handle,
      runs(() => Promise.reject(runUnknown('r1'))),
    )(),
  ).toBe('r1');
  expect(
    await parentNameOf(
      handle,
      runs(async () => runOf()),
    )(),
  ).toBe('r1');
  await expect(
    parentNameOf(
      handle,
      runs(() => Promise.reject(new TypeError('no'))),
    )(),
  ).rejects.toThrow('no');
});

test('a request that follows none has no other', async () => {
  expect(
    await parentNameOf(
      runOf({ text: 'x' }),
      runs(() => Promise.reject(new TypeError('not asked'))),
    )(),
  ).toBeUndefined();
});
