/** The strict reading of a trace: a whole one has no damage, and every text it names is there. */
import { errorText } from '../../src/errors.ts';
import { openBlobs } from '../../src/trace/blobs.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { describeDamage, readTrace } from '../../src/trace/reader.ts';

/** Fields of events that name blobs. */
const blobFields = ['briefing', 'team', 'prompt', 'reply', 'result', 'report', 'text', 'patch', 'answer'] as const;
const hashPattern = /^[0-9a-f]{64}$/;

/** The sha256 of every text the event names. */
export function blobsOf(event: TraceEvent): string[] {
  const fields = event as unknown as Record<string, unknown>;
  const plans = event.type === 'plan.proposed' ? [event, ...(event.alternatives ?? [])].map(({ plan }) => plan) : [];
  const seen = event.type === 'briefing.done' ? (event.seen ?? []) : [];
  return [...blobFields.map((field) => fields[field]), ...plans, ...seen].filter(
    (value): value is string => typeof value === 'string' && hashPattern.test(value),
  );
}

/** Everything that is wrong with the run in `dir`, one sentence each; empty when it is whole. */
export async function verifyTrace(dir: string): Promise<string[]> {
  const { events, damage } = await readTrace(dir);
  const problems = [...describeDamage(damage), ...damage.oddities.map((oddity) => `line ${oddity.line}: ${oddity.kind}: ${oddity.detail}`)];
  const blobs = openBlobs(dir);
  for (const hash of new Set(events.flatMap(blobsOf))) {
    try {
      await blobs.read(hash);
    } catch (error) {
      problems.push(errorText(error));
    }
  }
  return problems;
}
