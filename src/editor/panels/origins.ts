import type { PlanOrigin } from '../../trace/events.ts';
import type { Localise } from './words.ts';

/** Where a plan comes from, in words. */
export function originText(origin: PlanOrigin, l10n: Localise): string {
  const words: Record<PlanOrigin, string> = {
    solo: l10n.t('one coder is enough until shown otherwise'),
    library: l10n.t('a team from the library'),
    model: l10n.t('designed by the model for this request'),
    'model-repaired': l10n.t('designed by the model, repaired'),
    'model-reasked': l10n.t('designed by the model at the second attempt'),
    'fallback-library': l10n.t("a team from the library, because the model's design was not valid"),
    file: l10n.t('from your file'),
    'user-edit': l10n.t('yours'),
  };
  return words[origin] ?? origin;
}
