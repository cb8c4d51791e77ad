import type { Speech } from '../../../src/editor/panels/words.ts';

/** Speaks English, as VS Code does without a bundle. */
export const english: Speech = {
  locale: 'en',
  l10n: {
    t: ((message: string, ...values: (string | number)[]) =>
      message.replaceAll(/\{(\d+)\}/g, (hole, index: string) => String(values[Number(index)] ?? hole))) as Speech['l10n']['t'],
  },
};
