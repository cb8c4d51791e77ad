/** Every reason that the runtime gives for a step that did nothing has words of the screen. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { skipWords } from '../../src/editor/panels/skip-words.ts';
import { conditions } from '../../src/plan/index.ts';
import { noTests } from '../../src/trace/events.ts';

/** Marks what was translated. */
const l10n = { t: (text: string | { message: string }, ...values: unknown[]) => `«${String(text)}»${values.join()}` } as never;

test('each text that a step returns, and those around the steps', () => {
  const files = globSync('src/run/steps/*.ts', { cwd: path.join(import.meta.dirname, '../..') });
  const returned = files.flatMap((file) => [
    ...readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8').matchAll(/^ +(?:if .*)?return '([^']+ [^']+)';$/gm),
  ]);
  expect(returned.length).toBeGreaterThan(8);
  const reasons = [...returned.map(([, reason = '']) => reason), noTests, 'not reached', 'skipped by the user', 'coder was dropped'];
  for (const condition of conditions) reasons.push(`${condition} holds already`, `${condition} does not hold`);
  expect(reasons.filter((reason) => !skipWords(reason, l10n).startsWith('«'))).toEqual([]);
});

test('a reason of another program stays as it is', () => {
  expect(skipWords('the moon is full', l10n)).toBe('the moon is full');
  expect(skipWords('toString', l10n)).toBe('toString');
});
