/**
 * How hard requests of a kind prove in a workspace, beyond how they look: after each run the predicted difficulty has the target d − 0.1 when it was
 * solved and d + 0.1 when not (MaAS, arXiv 2502.04180; DAAO, arXiv 2509.11079). Pure; plain numbers, kept as JSON.
 */

export interface Hardship {
  /** Runs that taught it. */
  readonly runs: number;
  /** Added to the difficulty that a request has by its looks, 0 to 1; below 0: such requests are easier than they look. */
  readonly harder: number;
}

const step = 0.1;
/** What always succeeds makes a team one size smaller, and what always fails two sizes larger; further off it would take too long to come back. */
const bounds = { least: -0.2, most: 0.6 };

export function afterRequest(before: Hardship | undefined, solved: boolean): Hardship {
  const { runs, harder } = before ?? { runs: 0, harder: 0 };
  const target = harder + (solved ? -step : step);
  return { runs: runs + 1, harder: Math.min(bounds.most, Math.max(bounds.least, target)) };
}
