/** A download that breaks off: when its failure is told, nobody writes to the file any more, and the next try knows how much is there. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { intoFile } from '../../src/local-model/into-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teamwright-into-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Pieces so small that the next is asked for while the one before is being written. */
async function* breakingOff(pieces: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < pieces; n += 1) yield Buffer.alloc(10_000, 1);
  throw new Error('broken off');
}

test('what was under way is written before the failure is told', async () => {
  for (let round = 0; round < 40; round += 1) {
    const file = join(folder, String(round));
    await expect(intoFile(breakingOff((round % 4) + 1), file, { flags: 'w' })).rejects.toThrow('broken off');
    const { size } = statSync(file);
    await sleep(10);
    expect(statSync(file).size).toBe(size);
  }
});

async function* saying(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

test('a file that cannot be opened is told as that; one that is whole is closed', async () => {
  await expect(intoFile(saying('one'), folder, { flags: 'w' })).rejects.toMatchObject({ code: 'EISDIR' });
  const file = join(folder, 'a');
  await intoFile(saying('one'), file, { flags: 'w' });
  await intoFile(saying('two'), file, { flags: 'a' });
  expect(readFileSync(file, 'utf8')).toBe('onetwo');
});
