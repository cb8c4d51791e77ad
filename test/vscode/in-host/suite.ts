/** Tests that run inside the extension host, where no test framework is: a test is a name and a function that throws. */
export interface HostTest {
  readonly name: string;
  run(): Promise<void> | void;
}

/** What the host hands out of its process. */
export interface HostReport {
  readonly results: readonly { readonly name: string; readonly error?: string }[];
  /** Facts that were measured, by name. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Facts that tests leave for the report. */
export const facts: Record<string, unknown> = {};
