/** Follow-up: new remarks on what a run handed over. */
import { notContinuable } from '../errors.ts';
import type { EventOf } from '../trace/events.ts';
import { fold } from '../trace/index.ts';
import type { RunWithPast } from './past.ts';
import { openEnded, readRecorded, requireUnchanged } from './recorded.ts';
import type { Continuation, WorkspaceRun } from './types.ts';

/** Characters of the earlier request that its follow-up repeats. */
const earlierCharacters = 1500;
/** Changed files that the briefing must show. */
const filesShown = 12;

/** Another request, whose candidates start from the candidate that the other run handed over. Rejects with `run-unknown`, `run-busy` or `not-continuable`. */
export async function followUp(run: WorkspaceRun, continues: Continuation): Promise<RunWithPast> {
  const recorded = await readRecorded(await openEnded(run.dataDir, continues.runId));
  requireUnchanged(recorded);
  const { runId, events } = recorded;
  const started = recorded.event('run.started');
  const taken = recorded.event('snapshot.taken');
  const finished = recorded.event('run.finished');
  const wanted = continues.candidate;
  const id = wanted ?? finished?.candidate;
  const made = events.findLast((event) => event.type === 'candidate.made' && event.candidate === id);
  const chosen = wanted === undefined ? finished?.snapshot : made?.type === 'candidate.made' ? made.snapshot : undefined;
  if (!started || !taken || !finished) throw notContinuable({ why: 'not-ended', runId });
  if (!chosen) {
    if (wanted === undefined) throw notContinuable({ why: 'no-change', runId, outcome: finished.outcome });
    throw notContinuable({ why: 'no-candidate', runId, candidate: wanted });
  }
  const tested = events.findLast((event) => event.type === 'candidate.tested' && event.candidate === id);
  const after = wanted === undefined ? finished.after : tested?.type === 'candidate.tested' ? tested.counts : undefined;
  const changed = made?.type === 'candidate.made' ? made.changed : [];
  const earlier = {
    request: [started.continues?.earlier?.request, started.request.text]
      .filter((text) => text !== undefined)
      .join('\n')
      .slice(-earlierCharacters),
    done: whatWasDone(changed, { before: finished.before, after }),
    targets:
      wanted === undefined ? finished.judgement?.targets : tested?.type === 'candidate.tested' ? tested.judgement?.targets : undefined,
  };
  return {
    ...run,
    past: {
      continues: { runId, how: 'follow-up', ...(wanted !== undefined && { candidate: wanted }), earlier },
      beginning: (now, workspace) => {
        if (workspace !== started.workspace) {
          throw notContinuable({ why: 'other-workspace', runId, workspace: started.workspace });
        }
        const isApplied = fold(events).standing.apply !== undefined || now.snapshot.tree === chosen.tree;
        return isApplied ? now : { snapshot: taken.snapshot, start: chosen, leftOut: now.leftOut, storedOtherwise: now.storedOtherwise };
      },
      // What the earlier run changed must be seen as it is now.
      about: {
        ...run.request,
        text: `${earlier.request}\n${run.request.text}`,
        files: [...new Set([...run.request.files, ...changed.slice(0, filesShown)])],
      },
    },
  };
}

function whatWasDone(changed: readonly string[], { before, after }: Pick<EventOf<'run.finished'>, 'before' | 'after'>): string {
  const tests = after
    ? ` Tests${before ? ` before: ${before.passed} passed, ${before.failed} failed;` : ''} after: ${after.passed} passed, ${after.failed} failed.`
    : '';
  return `Changed: ${changed.join(', ') || 'nothing'}. The files above are as they are after that change.${tests}`;
}
