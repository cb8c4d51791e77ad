/** Documented exit codes of the command line. */
export const exitCodes = {
  done: 0,
  testsStillFail: 1,
  badUse: 2,
  budget: 3,
  stopped: 4,
  environment: 5,
  unproven: 6,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
