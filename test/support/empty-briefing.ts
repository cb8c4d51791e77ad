import type { Briefing } from '../../src/briefing/types.ts';

/** Of a folder without files, tests and repository. */
export const emptyBriefing: Briefing = {
  version: 1,
  languages: [],
  files: [],
  git: { kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] },
  fileCount: 0,
  leftOut: [],
  ms: 0,
};
