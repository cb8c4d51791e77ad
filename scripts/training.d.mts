export class TrainingUnavailable extends Error {}
/** The environment's Python, installed first when it is not there. Throws `TrainingUnavailable` with a sentence. */
export function setup(): string;
export function environment(): NodeJS.ProcessEnv;
