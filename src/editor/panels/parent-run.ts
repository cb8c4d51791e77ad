/** The run that a follow-up goes on from, by the name that the user knows it by. */
import { isTeamwrightError } from '../../errors.ts';
import { requestTitle } from '../../request/index.ts';
import type { PanelsPorts, RunHandle } from '../flow-types.ts';

/**
 * What is asked each time a page is drawn; the other run is read once, when it is known which. Undefined: it follows none, or has not begun.
 */
export function parentNameOf(handle: RunHandle, runs: PanelsPorts['runs']): () => Promise<string | undefined> {
  let name: Promise<string> | undefined;
  return async () => {
    const runId = handle.state().start?.request.followsRun;
    if (runId === undefined) return undefined;
    name ??= nameOf(runId, runs);
    return name;
  };
}

/** A run that is not on this machine any more, or cannot be read, is named by its id. */
async function nameOf(runId: string, runs: PanelsPorts['runs']): Promise<string> {
  try {
    const request = (await runs.open(runId)).state().start?.request;
    return request === undefined ? runId : requestTitle(request);
  } catch (error) {
    if (!isTeamwrightError(error)) throw error;
    return runId;
  }
}
