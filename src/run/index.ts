/** The runtime's front door: run a request on a workspace, propose a plan, replay, apply. */
export { applyRun, type RunReference, undoRun } from './apply.ts';
export { type Replay, type ReplayOptions, replayRun } from './replay.ts';
export { rewardTerms, rewardWeights } from './reward.ts';
export { defaultRunSettings, type Proposal, type ReviewAnswer, type RunPorts, type RunResult, type RunSettings } from './types.ts';
export { proposeOnWorkspace, runOnWorkspace, type WorkspaceRun } from './workspace-run.ts';
