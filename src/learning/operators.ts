/** What a schedule chooses from: units of work that a plan can name. What an attempt is called in an outcome bank says what was done; this says what was chosen. */

/** `place`: one place written anew. `changes`: a round of small changes without a model. `draft`: whole files. Any other kind of step by its own name. */
export type Operator = 'place' | 'changes' | 'draft' | (string & {});

/** Small changes are tried in rounds: one alone is nothing that a plan would name. */
export const changesInRound = 30;
