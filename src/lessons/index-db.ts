/**
 * The index over all runs: one SQLite file in the data folder, made from the traces and rebuildable from them at any time. A file that is
 * damaged or of another version is thrown away. Several processes may use it at once (write-ahead log, a writer waits for the other).
 */
import fs from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { indexUnusable, isTeamwrightError, throwIfStopped } from '../errors.ts';
import { changedBefore, eventsOnDisk, openKnownRun } from '../trace/index.ts';
import { queriesOf } from './index-queries.ts';
import { type IndexedRow, type RolesOfPlan, rolesIn, rowOf } from './index-row.ts';
import type { IndexFile, UpdateReport } from './index-types.ts';
import { inTransaction, isDamaged, loadSqlite } from './sqlite.ts';

/** Raised when a table or the meaning of a column changes. It is part of the file's name, so that two versions of the program do not fight. */
const indexVersion = 5;

/** How long a writer waits for another process's, ms. */
const busyMs = 10_000;
/** Runs read before they are written in one go. */
const batch = 64;

const tables = `
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, event_bytes INTEGER NOT NULL, event_changed_at INTEGER NOT NULL, record_changed INTEGER NOT NULL, started_at INTEGER NOT NULL,
  workspace TEXT NOT NULL, request_hash TEXT NOT NULL, problem TEXT NOT NULL, outcome TEXT, solved INTEGER NOT NULL, judged INTEGER NOT NULL,
  generation TEXT NOT NULL, team TEXT NOT NULL, calls INTEGER NOT NULL,
  input_tokens REAL NOT NULL, output_tokens REAL NOT NULL, usd REAL NOT NULL, seconds REAL NOT NULL,
  tests_fixed INTEGER NOT NULL, tests_broken INTEGER NOT NULL, applied INTEGER NOT NULL,
  hunks_accepted INTEGER NOT NULL, hunks_rejected INTEGER NOT NULL, four_gram REAL, no_revert REAL,
  performance REAL, complexity REAL, efficiency REAL, accepted REAL
) STRICT;
CREATE INDEX runs_by_problem ON runs (problem, started_at);
CREATE TABLE spend (
  run_id TEXT NOT NULL, model TEXT NOT NULL, role TEXT NOT NULL, calls INTEGER NOT NULL, failed INTEGER NOT NULL,
  input REAL NOT NULL, output REAL NOT NULL, cached REAL NOT NULL, usd REAL NOT NULL, ms REAL NOT NULL
) STRICT;
CREATE INDEX spend_by_run ON spend (run_id);
CREATE TABLE plans (run_id TEXT NOT NULL, team TEXT NOT NULL, approval TEXT NOT NULL, edited INTEGER NOT NULL) STRICT;
CREATE INDEX plans_by_run ON plans (run_id);
PRAGMA user_version = ${indexVersion};
`;

/** The index's files, for whoever deletes everything. */
export const indexFiles = (dataDir: string): string[] => ['', '-wal', '-shm'].map((ending) => `${indexFile(dataDir)}${ending}`);

const indexFile = (dataDir: string): string => path.join(dataDir, `runs.v${indexVersion}.sqlite`);

/**
 * Opens the index of the data folder, made when it is absent. It shows what the last `update` saw. Rejects with `index-unusable`. The caller
 * closes it.
 */
export async function openIndexFile(dataDir: string): Promise<IndexFile> {
  const file = indexFile(dataDir);
  const { DatabaseSync } = await loadSqlite();
  let database = openDatabase(DatabaseSync, dataDir);

  const update = async (signal?: AbortSignal): Promise<UpdateReport> => {
    try {
      return await bringUpToDate(database, dataDir, signal);
    } catch (error) {
      if (!isDamaged(error)) throw tell(error);
      startAgain();
      return await bringUpToDate(database, dataDir, signal);
    }
  };
  const startAgain = (): void => {
    database.close();
    removeFiles(dataDir);
    database = openDatabase(DatabaseSync, dataDir);
  };
  const tell = (error: unknown): unknown =>
    isTeamwrightError(error) || !('errcode' in Object(error)) ? error : indexUnusable(file, error);

  return {
    update,
    ...queriesOf(() => database),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

type Database = typeof DatabaseSync;

function openDatabase(DatabaseClass: Database, dataDir: string): DatabaseSync {
  try {
    return prepared(DatabaseClass, dataDir);
  } catch (error) {
    if (!isDamaged(error) && !(error instanceof OtherVersion)) throw indexUnusable(indexFile(dataDir), error);
    removeFiles(dataDir);
    return prepared(DatabaseClass, dataDir);
  }
}

/** Somebody put another file in our place. */
class OtherVersion extends Error {}

function prepared(DatabaseClass: Database, dataDir: string): DatabaseSync {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = indexFile(dataDir);
  // It names workspaces and teams: for its owner only, from the first byte on.
  fs.closeSync(fs.openSync(file, 'a', 0o600));
  const database = new DatabaseClass(file, { timeout: busyMs });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;');
    inTransaction(database, () => {
      const version = database.prepare('PRAGMA user_version').get()?.user_version;
      const { count } = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
      if (version === 0 && count === 0) database.exec(tables);
      else if (version !== indexVersion) throw new OtherVersion(`it has version ${version}`);
    });
    const [check] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
    if (check !== 'ok') throw new OtherVersion(String(check));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function removeFiles(dataDir: string): void {
  for (const file of indexFiles(dataDir)) fs.rmSync(file, { force: true });
}

async function bringUpToDate(database: DatabaseSync, dataDir: string, signal: AbortSignal | undefined): Promise<UpdateReport> {
  const onDisk = await eventsOnDisk(dataDir);
  const known = new Map<string, { readonly bytes: number; readonly changedAt: number }>();
  for (const row of database.prepare('SELECT run_id, event_bytes, event_changed_at FROM runs').iterate()) {
    known.set(String(row.run_id), { bytes: Number(row.event_bytes), changedAt: Number(row.event_changed_at) });
  }
  const gone = [...known.keys()].filter((runId) => !onDisk.has(runId));
  const changed = [...onDisk].filter(([runId, { bytes, changedAt }]) => {
    const before = known.get(runId);
    return before?.bytes !== bytes || before.changedAt !== changedAt;
  });
  const write = writerOf(database);
  if (gone.length > 0) inTransaction(database, () => gone.forEach(write.remove));
  const rolesOfPlan = rememberedRoles();
  const unreadable: { runId: string; why: string }[] = [];
  for (let start = 0; start < changed.length; start += batch) {
    if (signal) throwIfStopped(signal);
    const rows: { runId: string; row: IndexedRow | undefined }[] = [];
    for (const [runId, events] of changed.slice(start, start + batch)) {
      try {
        rows.push({ runId, row: await readRow(dataDir, runId, { onDisk: events, isThere: (other) => onDisk.has(other) }, rolesOfPlan) });
      } catch (error) {
        if (!isTeamwrightError(error, 'trace-unreadable')) throw error;
        // Deleted while we looked.
        if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') rows.push({ runId, row: undefined });
        else unreadable.push({ runId, why: error.message });
      }
    }
    inTransaction(database, () => {
      for (const { runId, row } of rows) {
        write.remove(runId);
        if (row) write.add(row);
      }
    });
  }
  const { count } = database.prepare('SELECT count(*) AS count FROM runs').get() as { count: number };
  return { read: changed.length - unreadable.length, removed: gone.length, runs: count, unreadable };
}

type Roles = (readBlob: (sha256: string) => Promise<string>) => RolesOfPlan;

async function readRow(
  dataDir: string,
  runId: string,
  facts: Pick<Parameters<typeof rowOf>[2], 'onDisk' | 'isThere'>,
  rolesOfPlan: Roles,
): Promise<IndexedRow | undefined> {
  const run = openKnownRun(dataDir, runId);
  const { events, damage } = await run.read();
  return await rowOf(run.runId, events, {
    ...facts,
    recordChanged: changedBefore(damage) !== undefined,
    rolesOfPlan: rolesOfPlan(run.readBlob),
  });
}

/** The same few plans stand in most runs: each text is read once. */
function rememberedRoles(): Roles {
  const known = new Map<string, Readonly<Record<string, string>>>();
  return (readBlob) => async (plan) => {
    const remembered = known.get(plan);
    if (remembered) return remembered;
    let roles: Readonly<Record<string, string>>;
    try {
      roles = rolesIn(await readBlob(plan));
    } catch (error) {
      // A text lost in a power cut: its agents go by their names.
      if (!isTeamwrightError(error, 'trace-unreadable')) throw error;
      roles = {};
    }
    known.set(plan, roles);
    return roles;
  };
}

function writerOf(database: DatabaseSync): { add(row: IndexedRow): void; remove(runId: string): void } {
  const insert = (table: string, columns: readonly string[]) =>
    database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((column) => `:${column}`).join(', ')})`);
  const columns = database
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all('runs')
    .map(({ name }) => String(name));
  const addRun = insert('runs', columns);
  const addSpend = insert('spend', ['run_id', 'model', 'role', 'calls', 'failed', 'input', 'output', 'cached', 'usd', 'ms']);
  const addPlan = insert('plans', ['run_id', 'team', 'approval', 'edited']);
  const removals = ['runs', 'spend', 'plans'].map((table) => database.prepare(`DELETE FROM ${table} WHERE run_id = ?`));
  return {
    add: ({ run, spend, plans }) => {
      addRun.run(run);
      const runId = run.run_id as string;
      for (const line of spend) addSpend.run({ run_id: runId, ...line });
      for (const plan of plans) addPlan.run({ run_id: runId, team: plan.team, approval: plan.approval, edited: plan.edited ? 1 : 0 });
    },
    remove: (runId) => {
      for (const removal of removals) removal.run(runId);
    },
  };
}
