import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

const root = path.join(import.meta.dirname, '..', '..', '..');
const folder = path.join(root, 'test-results', 'pages');

/** A picture for whoever wants to look; nothing is compared with it. */
export async function savePicture(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name.replaceAll(' ', '-')}.png`) });
}

/** One of the documentation: `npm run pictures` writes it there. */
export async function documentPicture(page: Page, name: string): Promise<void> {
  const file = path.join(process.env.TEAMWRIGHT_PICTURES === 'docs' ? path.join(root, 'docs', 'pictures') : folder, `${name}.png`);
  mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
}
