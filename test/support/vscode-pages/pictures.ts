/** Pictures of the real thing. An ordinary run leaves them in `test-results/`; `npm run pictures` writes those of the documentation. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const root = resolve(import.meta.dirname, '../../..');
const folder = process.env.TEAMWRIGHT_PICTURES === 'docs' ? join(root, 'docs', 'pictures') : join(root, 'test-results', 'pictures');

/** Gives the size of the file in bytes. */
export async function picture(page: Page, name: string): Promise<number> {
  const file = join(folder, `${name}.png`);
  mkdirSync(dirname(file), { recursive: true });
  // Neither a blinking cursor nor a turning wheel.
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  return statSync(file).size;
}
