/** What code under test prints costs no more than its length: each text is normalised in a child that is ended when it takes too long. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { hostile } from '../support/normalise-hostile.ts';

const child = fileURLToPath(new URL('../support/normalise-hostile.ts', import.meta.url));

test.each(Object.keys(hostile))('200 kB of %s are normalised in well under a second', async (name) => {
  const { stdout } = await promisify(execFile)(process.execPath, [child, name], { timeout: 10_000, killSignal: 'SIGKILL' });
  expect(stdout).toMatch(/^\d+$/);
  expect(Number(stdout)).toBeLessThan(700);
});
