/**
 * OpenTelemetry GenAI spans (semantic conventions for generative AI, 1.41) to an OTLP/HTTP endpoint: a run is one trace with a span for the team,
 * one for the work of each agent in a step, one for each model call and one for each tool. Ids follow from the run, so a server that gets a span
 * twice can tell. The OpenTelemetry packages are loaded when an export begins.
 */
import type { Attributes, AttributeValue, HrTime } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { errorText, exportFailed, stopped, throwIfStopped } from '../../errors.ts';
import { rewardOf } from '../../learning/index.ts';
import { sha256 } from '../../trace/index.ts';
import { generationName } from '../identity.ts';
import type { CallRecord, RecordedMessage, VerdictRecord } from '../record-schema.ts';

/** A span as data, before the OpenTelemetry packages see it. Times in milliseconds since the epoch. */
export interface GenAiSpan {
  /** Unique in the run; ids are made of it. */
  readonly key: string;
  readonly parent?: string;
  readonly name: string;
  /** `client`: a request to a model server. */
  readonly kind: 'internal' | 'client';
  readonly start: number;
  readonly end: number;
  readonly error?: string;
  /** Values that are ours or numbers; they are sent as they are. */
  readonly facts: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Values with text; every string is redacted before it is sent. */
  readonly texts: Readonly<Record<string, unknown>>;
}

const teamKey = 'team';

/** Pure. The team's span first, then each agent's with its calls and tools. */
export function genAiSpans(record: VerdictRecord): GenAiSpan[] {
  const end = record.finishedAt ?? Math.max(record.startedAt, ...record.calls.map(({ startedAt, endedAt }) => endedAt ?? startedAt));
  const team = record.plans.findLast(({ approval }) => approval === 'approved')?.name ?? record.designer;
  const { outcome } = record.result ?? {};
  const root: GenAiSpan = {
    key: teamKey,
    name: `invoke_workflow ${team}`,
    kind: 'internal',
    start: record.startedAt,
    end,
    error: outcome === 'failed' ? (record.result?.failure?.code ?? 'failed') : undefined,
    facts: {
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': team,
      'gen_ai.conversation.id': record.runId,
      'teamwright.generation': generationName(record.generations),
      'teamwright.problem': record.problem,
      ...(outcome === undefined ? {} : { 'teamwright.outcome': outcome }),
      'teamwright.reward': rewardOf(record.reward),
      ...Object.fromEntries(
        Object.entries(record.reward)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [`teamwright.reward.${name}`, value as number]),
      ),
      'gen_ai.usage.input_tokens': record.spend.inputTokens,
      'gen_ai.usage.output_tokens': record.spend.outputTokens,
    },
    texts: { 'teamwright.request': record.request.text, 'teamwright.workspace': record.workspace },
  };
  const works = Map.groupBy(record.calls, (call) => `${call.plan ?? 'design'}/${call.step}/${call.agent}`);
  return [root, ...[...works].flatMap(([key, calls]) => workSpans(key, calls, record.runId))];
}

function workSpans(key: string, calls: readonly CallRecord[], runId: string): GenAiSpan[] {
  const [first] = calls;
  if (first === undefined) return [];
  const inner = calls.flatMap((call) => callSpans(call, key));
  return [
    {
      key,
      parent: teamKey,
      name: `invoke_agent ${first.agent}`,
      kind: 'internal',
      start: Math.min(...inner.map(({ start }) => start)),
      end: Math.max(...inner.map(({ end }) => end)),
      facts: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': first.agent,
        'gen_ai.conversation.id': runId,
        'teamwright.role': first.role,
        'teamwright.step': first.step,
        'teamwright.step.kind': first.kind,
      },
      texts: {},
    },
    ...inner,
  ];
}

function callSpans(call: CallRecord, parent: string): GenAiSpan[] {
  const key = `${call.call}#${call.attempt}`;
  const end = call.endedAt ?? call.startedAt;
  const chat: GenAiSpan = {
    key,
    parent,
    name: `chat ${call.model}`,
    kind: 'client',
    start: call.startedAt,
    end,
    error: call.failure?.code,
    facts: {
      'gen_ai.operation.name': 'chat',
      // Every adapter speaks this protocol; whose server answered is the user's affair.
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': call.model,
      'gen_ai.agent.name': call.agent,
      ...(call.servedModel ? { 'gen_ai.response.model': call.servedModel } : {}),
      ...(call.reply ? { 'gen_ai.response.finish_reasons': [call.reply.finish] } : {}),
      'gen_ai.usage.input_tokens': call.inputTokens,
      'gen_ai.usage.output_tokens': call.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': call.cachedInputTokens,
      'teamwright.call': call.call,
      'teamwright.usd': call.usd,
    },
    texts: {
      'gen_ai.input.messages': call.messages.map(messageParts),
      ...(call.reply ? { 'gen_ai.output.messages': [outputParts(call.reply)] } : {}),
    },
  };
  let at = end;
  const tools = call.tools.map(({ tool, arguments: given, ok, result, ms }, index): GenAiSpan => {
    const start = at;
    at += ms;
    return {
      key: `${key}/tool/${index}`,
      parent,
      name: `execute_tool ${tool}`,
      kind: 'internal',
      start,
      end: at,
      error: ok ? undefined : 'tool_failed',
      facts: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool, 'gen_ai.tool.type': 'function' },
      texts: { 'gen_ai.tool.call.arguments': given, 'gen_ai.tool.call.result': result },
    };
  });
  return [chat, ...tools];
}

const textPart = (content: string) => ({ type: 'text', content });
const callPart = ({ id, name, arguments: given }: { id: string; name: string; arguments: string }) => ({
  type: 'tool_call',
  id,
  name,
  arguments: given,
});

function messageParts({ role, content, toolCalls = [], toolCallId }: RecordedMessage): object {
  if (role === 'tool') return { role, parts: [{ type: 'tool_call_response', id: toolCallId, response: content }] };
  return { role, parts: [...(content === '' ? [] : [textPart(content)]), ...toolCalls.map(callPart)] };
}

function outputParts({ text, reasoning, toolCalls, finish }: NonNullable<CallRecord['reply']>): object {
  const thoughts = reasoning === '' ? [] : [{ type: 'reasoning', content: reasoning }];
  return { role: 'assistant', parts: [...thoughts, textPart(text), ...toolCalls.map(callPart)], finish_reason: finish };
}

export interface SpanSender {
  /** Resolves when the server has taken the spans of this run. Rejects with `export-failed`, or `stopped` while it waits for the server. */
  send(runId: string, spans: readonly GenAiSpan[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** `url` is the whole address of the traces endpoint (`http://host:4318/v1/traces`); headers come from OTEL_EXPORTER_OTLP_HEADERS. */
export async function openSpanSender(url: string, version: string): Promise<SpanSender> {
  const [{ OTLPTraceExporter }, { resourceFromAttributes }, api] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/api'),
  ]);
  const exporter = new OTLPTraceExporter({ url });
  const resource = resourceFromAttributes({ 'service.name': 'teamwright', 'service.version': version });
  const readable = (runId: string, span: GenAiSpan): ReadableSpan => {
    const traceId = sha256(runId).slice(0, 32);
    const idOf = (key: string): string => sha256(`${runId}\0${key}`).slice(0, 16);
    const context = (key: string) => ({ traceId, spanId: idOf(key), traceFlags: api.TraceFlags.SAMPLED });
    return {
      name: span.name,
      kind: span.kind === 'client' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL,
      spanContext: () => context(span.key),
      parentSpanContext: span.parent === undefined ? undefined : context(span.parent),
      startTime: hrTime(span.start),
      endTime: hrTime(span.end),
      duration: hrTime(span.end - span.start),
      status: span.error === undefined ? { code: api.SpanStatusCode.UNSET } : { code: api.SpanStatusCode.ERROR },
      attributes: attributesOf(span),
      links: [],
      events: [],
      ended: true,
      resource,
      instrumentationScope: { name: 'teamwright', version },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  };
  return {
    send: async (runId, spans, signal) => {
      throwIfStopped(signal);
      await new Promise<void>((fulfil, reject) => {
        const stop = (): void => reject(stopped('request'));
        signal.addEventListener('abort', stop, { once: true });
        const sent = spans.map((span) => readable(runId, span));
        exporter.export(sent, ({ code, error }) => {
          signal.removeEventListener('abort', stop);
          if (code === 0) fulfil();
          else reject(exportFailed(url, errorText(error ?? 'the server did not take the spans'), error));
        });
      });
    },
    close: () => exporter.shutdown(),
  };
}

const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

function attributesOf({ facts, texts, error }: GenAiSpan): Attributes {
  const texted = Object.entries(texts).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return {
    ...(Object.fromEntries(Object.entries(facts)) as Record<string, AttributeValue>),
    ...Object.fromEntries(texted),
    ...(error === undefined ? {} : { 'error.type': error }),
  };
}
