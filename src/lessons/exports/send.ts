/** Sends runs as OpenTelemetry spans, run by run, and remembers which were taken, so that a crash loses none and sends none on purpose twice. */
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { TeamwrightError, throwIfStopped } from '../../errors.ts';
import type { VerdictRecord } from '../record-schema.ts';
import { parsedText } from '../record-texts.ts';
import { type GenAiSpan, genAiSpans, openSpanSender } from './otlp.ts';
import { chosenProblems, type RunChoice, readRecord } from './records.ts';
import { createRowGate, type Privacy, type RowGate } from './redact-row.ts';
import { sourceOf } from './teams.ts';

export interface SendOptions extends RunChoice {
  /** The whole address: `http://host:4318/v1/traces`. */
  readonly endpoint: string;
  /** Where it is remembered which runs this endpoint has taken; absolute. */
  readonly progress: string;
  /** Sends runs again that were sent before. */
  readonly force?: boolean;
  readonly privacy: Privacy | undefined;
  readonly version: string;
  readonly onProgress?: (done: number, total: number, rows: number) => void;
}

export interface SendReport {
  readonly endpoint: string;
  readonly runs: number;
  /** Runs that were left out, because their record was changed after it was written. */
  readonly changed: number;
  readonly spans: number;
  /** Runs the endpoint had already. */
  readonly earlier: number;
  readonly replaced: Readonly<Record<string, number>>;
}

const sentSchema = z.strictObject({ endpoint: z.string(), runId: z.string() });

/** Rejects with `address-invalid`, with `nothing-to-export` when no run fits, and with `export-failed` when the server does not take them. */
export async function sendRuns(options: SendOptions, signal: AbortSignal): Promise<SendReport> {
  const endpoint = checkedEndpoint(options.endpoint);
  const runIds = (await chosenProblems(options, signal)).flatMap((problem) => problem.runIds);
  if (options.force) fs.rmSync(options.progress, { force: true });
  const sent = readSent(options.progress, endpoint);
  const gate = options.privacy && createRowGate(options.privacy, undefined);
  const sender = await openSpanSender(endpoint, options.version);
  fs.mkdirSync(path.dirname(options.progress), { recursive: true });
  const log = fs.openSync(options.progress, 'a', 0o600);
  let [runs, changed] = [0, 0];
  let spans = 0;
  try {
    for (const [index, runId] of runIds.entries()) {
      throwIfStopped(signal);
      const record = sent.has(runId) ? undefined : await readRecord(options.dataDir, runId);
      if (record === 'changed') changed += 1;
      else if (record !== undefined) {
        const clean = await cleanSpans(record, gate);
        await sender.send(runId, clean, signal);
        fs.writeSync(log, `${JSON.stringify({ endpoint, runId })}\n`);
        fs.fdatasyncSync(log);
        runs += 1;
        spans += clean.length;
      }
      options.onProgress?.(index + 1, runIds.length, spans);
    }
    return { endpoint, runs, changed, spans, earlier: runIds.filter((runId) => sent.has(runId)).length, replaced: gate?.replaced() ?? {} };
  } finally {
    fs.closeSync(log);
    await sender.close();
  }
}

function checkedEndpoint(text: string): string {
  const invalid = (why: 'no-address' | 'no-http') => new TeamwrightError('address-invalid', { address: text, of: 'spans', why });
  if (!URL.canParse(text)) throw invalid('no-address');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid('no-http');
  return url.href;
}

async function cleanSpans(record: VerdictRecord, gate: RowGate | undefined): Promise<readonly GenAiSpan[]> {
  const spans = genAiSpans(record);
  if (gate === undefined) return spans;
  const named = spans.map(({ name, facts, texts }) => ({ name, facts, texts }));
  const { spans: clean } = (await gate.redact({ from: sourceOf(record), texts: { spans: named } })) as { spans: typeof named };
  return spans.map((span, index) => ({ ...span, ...clean[index] }));
}

/** Runs this endpoint has taken. A line that a crash cut off is taken out, so that the next one stands by itself. */
function readSent(file: string, endpoint: string): Set<string> {
  const sent = new Set<string>();
  if (!fs.existsSync(file)) return sent;
  const text = fs.readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) fs.truncateSync(file, Buffer.byteLength(whole));
  for (const line of whole.split('\n')) {
    const parsed = parsedText(line === '' ? undefined : line, sentSchema);
    if (parsed?.endpoint === endpoint) sent.add(parsed.runId);
  }
  return sent;
}
