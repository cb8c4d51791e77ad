/** The run that a follow-up goes on from, by the name that the user knows it by. */
import { requestTitle } from '../../request/index.ts';
import type { PanelsPorts, RunHandle } from '../flow-types.ts';

/** Undefined: it follows none. A run that is not on this machine any more is named by its id. */
export async function parentOf(handle: RunHandle, runs: PanelsPorts['runs']): Promise<string | undefined> {
  const runId = handle.state().start?.request.followsRun;
  if (runId === undefined) return undefined;
  try {
    const request = (await runs.open(runId)).state().start?.request;
    return request === undefined ? runId : requestTitle(request);
  } catch (error) {
    if ((error as { code?: string }).code === 'run-unknown') return runId;
    throw error;
  }
}
