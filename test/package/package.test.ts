/** What users install: exactly these files, and small. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { toolEnvironment } from '../../scripts/bootstrap.mjs';

const root = resolve(import.meta.dirname, '../..');

test('the package holds these files and no other', async () => {
  const listed = execFileSync('vsce', ['ls', '--no-dependencies'], { cwd: root, encoding: 'utf8', env: toolEnvironment() });
  const files = listed
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('>'))
    // Named by their content.
    .filter((line) => !/^dist\/extension-\w+\.js$/.test(line))
    .sort();
  await expect(`${files.join('\n')}\n`).toMatchFileSnapshot('contents.txt');
});

test('the package is small', () => {
  expect(statSync(inject('vsix')).size).toBeLessThanOrEqual(2_000_000);
});
