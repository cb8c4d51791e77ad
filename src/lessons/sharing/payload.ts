/** What is shared of a run, by level: lines of JSON, redacted. The text is exactly what is sent (compressed), so that it can be read first. */

import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TeamwrightError } from '../../errors.ts';
import type { Redaction, RedactionReport } from '../../redaction/index.ts';
import { jsonIn } from '../../text/index.ts';
import type { VerdictRecord } from '../record-schema.ts';
import type { SharingLevel } from './types.ts';

export interface Payload {
  /** JSON Lines. */
  readonly text: string;
  /** Of the text: what an approval names. */
  readonly hash: string;
  readonly report: RedactionReport;
}

const payloadVersion = 1;

export async function payloadOf(record: VerdictRecord, level: SharingLevel, redaction: Redaction): Promise<Payload> {
  const lines = [
    { line: 'head', format: 'teamwright-share', version: payloadVersion, level, run: record.runId, program: record.program },
    ...linesOf(record, level),
  ];
  const text: string[] = [];
  for (const line of lines) text.push(JSON.stringify(await redaction.value(line)));
  return payloadFrom(`${text.join('\n')}\n`, redaction.report());
}

/**
 * A payload the user has changed. It goes through redaction again, so that what was added is looked at too: compare the texts to see whether
 * it still found something. Throws `payload-broken` when a line is no JSON.
 */
export async function editedPayload(text: string, redaction: Redaction): Promise<Payload> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new TeamwrightError('payload-broken', { why: 'empty' });
  const bad = lines.findIndex((line) => jsonIn(line) === undefined);
  if (bad >= 0) throw new TeamwrightError('payload-broken', { why: 'not-json', line: bad + 1 });
  return payloadFrom(`${await redaction.text(lines.join('\n'))}\n`, redaction.report());
}

const payloadFrom = (text: string, report: RedactionReport): Payload => ({ text, hash: sha256(text), report });

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** The same text gives the same bytes. */
export const packed = (text: string): Buffer => gzipSync(text, { level: 9 });
export const unpacked = (content: Buffer): string => gunzipSync(content).toString('utf8');

function linesOf(record: VerdictRecord, level: SharingLevel): object[] {
  switch (level) {
    case 'plans':
      return [{ line: 'run', ...plansOf(record) }];
    case 'diffs':
      return [{ line: 'run', ...plansOf(record), ...diffsOf(record) }];
    case 'everything': {
      const { calls, design, ...rest } = record;
      return [
        { line: 'run', ...rest },
        ...design.map((round) => ({ line: 'design', ...round })),
        ...calls.map((call) => ({ line: 'call', ...call })),
      ];
    }
  }
}

/** Plans and how well they did: no code, no request, no names of files. */
function plansOf(record: VerdictRecord): object {
  const { result } = record;
  return {
    version: record.version,
    designer: record.designer,
    models: Object.fromEntries(Object.entries(record.models).map(([tier, { model }]) => [tier, model])),
    generations: record.generations,
    languages: record.briefing?.languages ?? [],
    rounds: record.design.map(({ round, designer, valid, problems }) => ({ round, designer, valid, problems: problems.length })),
    plans: record.plans.map(({ round, hash, name, origin, difficulty, budget, text, approval, approvedBy, outcome }) => ({
      round,
      hash,
      name,
      origin,
      difficulty,
      budget,
      text,
      approval,
      approvedBy,
      outcome,
    })),
    candidates: record.candidates.map(({ id, step, kind, role, plan, tests, score, right }) => ({
      id,
      step,
      kind,
      role,
      plan,
      before: tests?.before,
      after: tests?.after,
      score,
      right,
    })),
    decision: record.verdict?.decision,
    hunks: countBy(record.hunks.map(({ decision }) => decision)),
    survival: record.survival.map(({ when, minutes, fourGram, noRevert }) => ({ when, minutes, fourGram, noRevert })),
    result: result && { outcome: result.outcome, before: result.before, after: result.after, tampering: result.tampering.length },
    spend: record.spend,
    reward: record.reward,
  };
}

/** The request, the change, and what the user said of it. */
function diffsOf(record: VerdictRecord): object {
  return {
    request: record.request,
    comments: record.plans.map(({ hash, reason, comment, edits }) => ({ hash, reason, comment, edits: edits?.sentences })),
    changes: record.candidates.map(({ id, changed, checks }) => ({ id, changed, checks })),
    patch: record.result?.patch,
    answer: record.result?.answer,
    decisions: record.hunks.map(({ path, hunk, decision, reason }) => ({ path, hunk, decision, reason })),
    verdict: record.verdict,
    standing: record.standing,
    failure: record.result?.failure,
  };
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
