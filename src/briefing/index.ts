/** The briefing's front door: facts about a workspace for one request, gathered without a model, bounded in bytes and time. */
export { brief, type Tests } from './brief.ts';
export { changedFiles } from './changed-files.ts';
export { hasTests } from './has-tests.ts';
export { mainLanguages } from './languages.ts';
export { wordsOf } from './lexical.ts';
export { wordsInFailure } from './query.ts';
export { renderBriefing } from './render.ts';
export { gitState } from './survey.ts';
