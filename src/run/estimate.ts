/** What the analyser needs to know about this workspace and these models. Marked as estimates wherever they are shown. */

import { narrowed } from '../feedback/index.ts';
import { estimateTokens } from '../models/index.ts';
import type { ModelChoice, ModelSet } from '../models/types.ts';
import type { AnalysisFacts } from '../plan/index.ts';
import type { RunFacts } from './context.ts';
import { tokensOfImages } from './images.ts';
import type { RunSettings } from './types.ts';

/** The parts of a prompt around the shared one: system message, brief, answer format. */
const frameTokens = 120;
const noteTokens = 150;
const shortestReply = 120;
/** Turns an agent with tools is likely to need at most. */
const likelyTurns = 12;

/** Tokens per second. Local: measured with the embedded model on two cores (`docs/local-model.md`); remote: a cautious guess. */
const localSpeed = { read: 35, write: 12 };
const remoteSpeed = { read: 2000, write: 50 };

/** `shared` is the part of the prompt that all agents read; counting it takes long enough to be done once a run. */
export function estimateFacts(
  shared: string,
  { request, briefing, baseline, recalled = [] }: RunFacts,
  models: ModelSet,
  settings: RunSettings,
): AnalysisFacts {
  const part = narrowed(briefing.test, baseline);
  const longest = Math.max(0, ...briefing.files.filter((file) => !file.isTest).map((file) => estimateTokens(file.text)));
  return {
    promptTokens:
      estimateTokens(shared) + tokensOfImages(request.images, models) + recalled.reduce((sum, { tokens }) => sum + tokens, frameTokens),
    replyTokens: Math.min(settings.replyTokens, Math.max(shortestReply, longest)),
    noteTokens,
    turns: models.worker.capabilities.strength === 'strong' ? likelyTurns : 1,
    tokensPerSecond: { worker: speedOf(models.worker), strong: speedOf(models.strong) },
    prices: { worker: models.worker.price, strong: models.strong.price },
    testSeconds: (part ?? baseline ?? { ms: 0 }).ms / 1000,
    wholeSuiteSeconds: part && baseline ? baseline.ms / 1000 : 0,
    parallel: settings.parallel,
  };
}

function speedOf({ price }: ModelChoice): { read: number; write: number } {
  return price.known && price.output === 0 ? localSpeed : remoteSpeed;
}
