/** node:sqlite, loaded only when an index is opened: neither the command line's start nor the extension's activation pays for it. */
import type { DatabaseSync } from 'node:sqlite';

type Sqlite = typeof import('node:sqlite');
let loading: Promise<Sqlite> | undefined;

/** The module is marked experimental and says so on standard error; only that one sentence is kept back. */
export function loadSqlite(): Promise<Sqlite> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Sqlite> {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (String(warning).includes('SQLite is an experimental feature')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return await import('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Everything in one transaction, or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

const corrupt = 11;
const notDatabase = 26;

/** The file is damaged or no database at all. */
export function isDamaged(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && [corrupt, notDatabase].includes(code & 0xff);
}
