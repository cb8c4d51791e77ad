import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Speech } from '../../../src/editor/panels/words.ts';

const speaking = (locale: string, texts: Readonly<Record<string, string>>): Speech => ({
  locale,
  l10n: {
    t: ((message: string, ...values: (string | number)[]) =>
      (texts[message] ?? message).replaceAll(/\{(\d+)\}/g, (hole, index: string) =>
        String(values[Number(index)] ?? hole),
      )) as Speech['l10n']['t'],
  },
});

/** Speaks English, as VS Code does without a bundle. */
export const english: Speech = speaking('en', {});

/** Speaks German, as VS Code does with our bundle. */
export const german: Speech = speaking(
  'de',
  JSON.parse(readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'l10n', 'bundle.l10n.de.json'), 'utf8')) as Record<
    string,
    string
  >,
);
