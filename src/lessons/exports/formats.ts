/** The formats, in the order lists show them. Adding one is a file beside this one and a line here; lists, quick picks and a test of the docs follow. */
import { atif } from './atif.ts';
import { designsSft } from './designs-sft.ts';
import { diffsDpo } from './diffs-dpo.ts';
import { grpo } from './grpo.ts';
import { kto } from './kto.ts';
import { openaiRft } from './openai-rft.ts';
import { plansDpo } from './plans-dpo.ts';
import { rolesSft } from './roles-sft.ts';
import type { ExportFormat } from './types.ts';

export const exportFormats: readonly ExportFormat[] = [designsSft, rolesSft, plansDpo, diffsDpo, kto, grpo, openaiRft, atif];

/** The one that is sent to an endpoint, not written: `sendRuns`. */
export const sentFormat: Pick<ExportFormat, 'name' | 'title'> = {
  name: 'otlp',
  title: (t) => t('OpenTelemetry GenAI spans to an OTLP endpoint'),
};
