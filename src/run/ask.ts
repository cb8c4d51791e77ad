/**
 * One call of an agent to its model: budget before every attempt, retries, events, and the replies by place for a replay.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { failureOf, isTeamwrightError, type TeamwrightError, throwIfStopped } from '../errors.ts';
import { type Calibration, costOf, estimateRequestTokens, estimateToolTokens, retryDelay, usageOfFailure } from '../models/index.ts';
import type { ChatMessage, ChatReply, ChatRequest, Tier, ToolDefinition } from '../models/types.ts';
import { type HiddenSecrets, type PromptRedaction, promptRedaction } from '../redaction/index.ts';
import type { ImageTexts, RequestImage } from '../request/index.ts';
import { sha256 } from '../trace/index.ts';
import { withImages } from './images.ts';
import type { Meter } from './meter.ts';
import type { Past } from './past.ts';
import { withHints } from './prompts.ts';
import type { Steering } from './steering.ts';
import type { RunPorts, RunSettings } from './types.ts';

/**
 * An estimate may be low, and a budget must hold all the same: by a few per cent once the model's own counts have corrected it, by a third
 * before (a model that takes every digit for a token, on a file full of numbers).
 */
const estimateMargin = { corrected: 1.08, uncorrected: 1.35 };

export interface AskCall {
  /** Of the plan that is executed; absent when a designer asks. */
  readonly planHash?: string;
  /** Where in the plan this call stands; unique in the run and the same in a replay. */
  readonly place: string;
  readonly step: string;
  readonly agent: string;
  readonly tier: Tier;
  readonly messages: readonly ChatMessage[];
  /** Pictures of the request, for the opening; a model that takes none is not sent any. */
  readonly images?: readonly RequestImage[];
  /** In place of messages, which are empty then: see `ChatRequest`. */
  readonly hole?: ChatRequest['hole'];
  readonly weigh?: string;
  /** Temperature of repeated samples. The first call with a given prompt is asked at 0: the likeliest reply comes first. */
  readonly temperature: number;
  readonly maxTokens?: number;
  readonly tools?: readonly ToolDefinition[];
  readonly format?: ChatRequest['format'];
}

interface Prompt {
  readonly hash: string;
  readonly blob: string;
  /** Estimated, by no model's own count. */
  readonly textTokens: number;
  /** How often it was asked: the second sample of a prompt needs another seed than the first. */
  asked: number;
  /** What the server said when it was too long for the model: it stays so, however often it is asked. */
  tooLong?: TeamwrightError;
}

export interface Answer extends ChatReply {
  /** What the model did not see of what it was shown. */
  readonly hidden: HiddenSecrets;
}

export type Ask = (call: AskCall, signal: AbortSignal) => Promise<Answer>;

export function createAsk(
  ports: Pick<RunPorts, 'trace' | 'clock' | 'onDelta' | 'models' | 'secrets'>,
  meter: Meter,
  settings: RunSettings,
  calibration: Calibration,
  steering: Steering,
  past?: Past,
  imageTexts: ImageTexts = new Map(),
): Ask {
  const { trace, clock } = ports;
  const redact = promptRedaction(ports.secrets);
  /** By hash. Samples repeat a prompt: its words are stored and counted once. */
  const prompts = new Map<string, Prompt>();
  const promptOf = (model: string, { messages, ...bare }: Said, record: string | undefined): Prompt => {
    const isChat = bare.hole === undefined && bare.weigh === undefined;
    const text = record ?? JSON.stringify(isChat ? messages : bare);
    const hash = sha256(`${model}\0${text}`);
    const known = prompts.get(hash);
    if (known) return known;
    const prompt = { hash, blob: trace.blob(text), textTokens: estimateRequestTokens({ messages, ...bare }), asked: 0 };
    prompts.set(hash, prompt);
    return prompt;
  };

  return async (call, signal) => {
    if (steering.held) await steering.ready(signal);
    steering.reach(call.place);
    throwIfStopped(signal);
    const choice = ports.models[call.tier];
    const hints = steering.hintsFor(call.place, call.agent);
    const isChat = call.hole === undefined && call.weigh === undefined;
    const words = await redacted(isChat ? { messages: withHints(call.messages, hints) } : { ...call, messages: [] }, redact);
    const { hidden } = words;
    const images = isChat && choice.capabilities.images ? (call.images ?? []) : [];
    const { record, ...shown } = images.length === 0 ? { record: undefined } : withImages(words.said.messages, images, imageTexts);
    const said = { ...words.said, ...shown };
    const prompt = promptOf(choice.model, said, record);
    if (prompt.tooLong !== undefined) throw prompt.tooLong;
    const { hash: promptHash, textTokens, asked: occurrence } = prompt;
    prompt.asked += 1;
    const estimatedInputTokens = Math.ceil((textTokens + estimateToolTokens(call.tools)) * calibration.ratio(choice.model));

    for (let attempt = 1; ; attempt += 1) {
      if (steering.held) await steering.ready(signal);
      throwIfStopped(signal);
      const reservation = meter.reserve(
        Math.ceil(estimatedInputTokens * (calibration.knows(choice.model) ? estimateMargin.corrected : estimateMargin.uncorrected)),
        call.maxTokens ?? settings.replyTokens,
        choice.price,
      );
      const startedAt = clock();
      const common = { call: call.place, attempt, agent: call.agent };
      trace.emit({
        type: 'call.started',
        planHash: call.planHash,
        ...common,
        step: call.step,
        model: choice.model,
        endpoint: choice.client.endpoint,
        prompt: prompt.blob,
        promptHash,
        estimatedInputTokens,
        hints: hints.length === 0 ? undefined : [...hints],
      });
      // What was emitted in a turn is on the disk at its end: no kill leaves a call that a server has and no record tells of.
      await turn();
      const recorded = past?.clientFor?.(call.place, attempt, promptHash);
      try {
        const client = recorded ?? choice.client;
        const reply = await client.chat(
          {
            model: choice.model,
            ...said,
            temperature: occurrence === 0 ? 0 : call.temperature,
            seed: settings.seed * 1000 + occurrence,
            maxTokens: reservation.replyTokens,
            tools: call.tools,
            format: call.format,
          },
          ports.onDelta && ((delta) => ports.onDelta?.(call.place, call.agent, delta)),
          signal,
        );
        reservation.settle(reply.usage);
        // What a server counts for a picture says nothing of its words.
        if (images.length === 0) calibration.learn(choice.model, textTokens, reply.usage);
        trace.emit({
          type: 'call.done',
          ...common,
          servedModel: reply.servedModel,
          reply: trace.blob(JSON.stringify(reply)),
          finish: reply.finish,
          usage: reply.usage,
          usd: costOf(reply.usage, choice.price),
          ms: reply.ms,
          spend: meter.spend(),
        });
        return { ...reply, hidden };
      } catch (error) {
        if (isTeamwrightError(error, 'model-context-full')) prompt.tooLong = error;
        const usage = usageOfFailure(error);
        reservation.settle(usage);
        const delay = attempt < settings.attempts && !signal.aborted ? retryDelay(error, attempt, () => 0.5) : undefined;
        trace.emit({
          type: 'call.failed',
          ...common,
          failure: failureOf(error),
          usage,
          willRetry: delay !== undefined,
          ms: clock() - startedAt,
          spend: meter.spend(),
        });
        throwIfStopped(signal);
        if (delay === undefined) throw error;
        // A recorded failure has been waited for already.
        if (!recorded) await sleep(delay, undefined, { signal }).catch(() => throwIfStopped(signal));
      }
    }
  };
}

/** What a call tells its model. */
type Said = Pick<ChatRequest, 'messages' | 'hole' | 'weigh'>;

/** What the model itself said stays as it was said. */
async function redacted({ messages, hole, weigh }: Said, redact: PromptRedaction): Promise<{ said: Said; hidden: HiddenSecrets }> {
  if (hole !== undefined) {
    const { texts, hidden } = await redact([hole.before, hole.after]);
    return { said: { messages, hole: { ...hole, before: texts[0] ?? '', after: texts[1] ?? '' } }, hidden };
  }
  if (weigh !== undefined) {
    const { texts, hidden } = await redact([weigh]);
    return { said: { messages, weigh: texts[0] ?? '' }, hidden };
  }
  const { texts, hidden } = await redact(messages.map(({ role, content }) => (role === 'assistant' ? '' : content)));
  return {
    said: { messages: messages.map((message, n) => (message.role === 'assistant' ? message : { ...message, content: texts[n] ?? '' })) },
    hidden,
  };
}
