/**
 * Each role on its own replies only (Multiagent Finetuning, `systems.md` 11). First answers are kept when they match the outcome. Of critics (who
 * review or revise) both are kept, at half the weight: `kept`, where something right stayed right, and `fixed`, where something wrong was
 * recognised and became right.
 */
import { stepKindNamed } from '../../plan/index.ts';
import type { CallRecord, CandidateRecord, VerdictRecord } from '../record-schema.ts';
import { answerOf, trainingMessages } from './messages.ts';
import { sourceOf } from './teams.ts';
import type { ExportFormat, Sample } from './types.ts';

const criticWeight = 0.5;

interface Kept {
  readonly call: string | undefined;
  readonly label: 'kept' | 'fixed';
  readonly weight: number;
  readonly score: number;
}

export const rolesSft: ExportFormat = {
  name: 'roles-sft',
  title: (t) => t('supervised per role: first answers that match the outcome, critics that kept or fixed'),
  needs: 'a run that was solved',
  loading:
    'Conversational language modelling (`messages`): `SFTTrainer` of TRL, one model or adapter a `role`. `weight` is for sampling. Train on the last message only.',
  samples: async function* (records) {
    for await (const record of records) {
      if (record.reward.accepted === 0) continue;
      for (const kept of [...changes(record), ...notes(record)]) {
        const call = record.calls.findLast((one) => one.call === kept.call && one.reply !== undefined);
        const sample = call && rowOf(record, call, kept);
        if (sample) yield sample;
      }
    }
  },
};

function rowOf(record: VerdictRecord, call: CallRecord, { label, weight, score }: Kept): Sample | undefined {
  if (call.reply === undefined || call.messages.length === 0) return undefined;
  return {
    from: sourceOf(record),
    texts: { messages: [...trainingMessages(call.messages), answerOf(call.reply)] },
    facts: { role: call.role, agent: call.agent, label, weight, score },
  };
}

function changes({ candidates }: VerdictRecord): Kept[] {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  return candidates.flatMap((candidate): Kept[] => {
    if (!candidate.right) return [];
    const { call, score = 1 } = candidate;
    const before = byId.get(candidate.from);
    if (!stepKindNamed(candidate.kind)?.needsCandidates || before === undefined) return [{ call, label: 'kept', weight: 1, score }];
    return [{ call, label: before.right ? 'kept' : 'fixed', weight: criticWeight, score }];
  });
}

/** Notes of thinkers count as first answers: what was built on them came out right. A review is right when the tests bear it out. */
function notes(record: VerdictRecord): Kept[] {
  const byId = new Map(record.candidates.map((candidate) => [candidate.id, candidate]));
  return record.notes.flatMap((note): Kept[] => {
    const plan = record.plans[note.plan ?? -1];
    if (note.verdict === 'none') {
      const good = plan?.outcome?.solved === true || (record.result?.outcome === 'answered' && plan !== undefined);
      return good ? [{ call: note.call, label: 'kept', weight: 1, score: plan?.outcome?.score ?? 1 }] : [];
    }
    const about = byId.get(note.about ?? '');
    if (about === undefined) return [];
    if (note.verdict === 'approve' && about.right)
      return [{ call: note.call, label: 'kept', weight: criticWeight, score: about.score ?? 1 }];
    const mended = about.right ? undefined : mendedFrom(about, record.candidates);
    return note.verdict === 'reject' && mended ? [{ call: note.call, label: 'fixed', weight: criticWeight, score: mended.score ?? 1 }] : [];
  });
}

/** A right candidate that was made from this wrong one, through however many steps. */
function mendedFrom(wrong: CandidateRecord, candidates: readonly CandidateRecord[]): CandidateRecord | undefined {
  const below = new Set([wrong.id]);
  return candidates.find((candidate) => {
    if (!below.has(candidate.from)) return false;
    below.add(candidate.id);
    return candidate.right;
  });
}
