/** The runtime's front door: run a request on a workspace, propose a plan, replay, apply. */

export { applyRun, rejectRun, undoRun } from './apply.ts';
export { whyLook } from './approve-below.ts';
export { type CandidateDiff, candidateDiff, type RunReference } from './candidate-diff.ts';
export { giveConsent, hasConsent } from './consents.ts';
export { createRunControls } from './controls.ts';
export { replayRun } from './replay.ts';
export { troubleOfCode } from './rescue.ts';
export { type Resumable, readResumable } from './resume.ts';
export { chooseFence, fencedFor } from './run-fence.ts';
export { type ServerSettings, serversSchema } from './servers/settings.ts';
export { runSettings, runSettingsShape } from './settings.ts';
export { type PartTest, testPart } from './test-part.ts';
export { tidyUp } from './tidy.ts';
export {
  type ApproveBelow,
  defaultRunSettings,
  mostParallel,
  type Proposal,
  type ReviewAnswer,
  type RunResult,
  type RunSettings,
  type WorkspaceRun,
} from './types.ts';
export { decideHunks, giveVerdict } from './verdict.ts';
export { proposeOnWorkspace, runOnWorkspace } from './workspace-run.ts';
