/** What Node itself says of this process's threads. */

/** Threads beside this one that JavaScript has started. */
export const threads = (): number => (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;

/** Whether this thread has loaded SQLite. */
export const hasSqlite = (): boolean =>
  (process as unknown as { moduleLoadList: string[] }).moduleLoadList.some((name) => /\bsqlite$/.test(name));
