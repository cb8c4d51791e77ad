/**
 * Writes an export: problem by problem, each run read when it is its turn, each row through the gate of redaction, to files that come under their
 * names only when they are whole. Killed at any moment and resumed, it ends with the same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorText, exportFailed, type Facts, isTeamwrightError, TeamwrightError, throwIfStopped } from '../../errors.ts';
import { replaceFile } from '../../process/index.ts';
import { sha256 } from '../../trace/index.ts';
import { generationName } from '../identity.ts';
import { dataCard } from './card.ts';
import { type ExportFiles, filesOf, openRowFiles, publishRows, sides } from './files.ts';
import { type ExportHead, type Progress, readProgress, writeProgress } from './progress.ts';
import { chosenProblems, type RunChoice, recordsOf } from './records.ts';
import { createRowGate, type Privacy } from './redact-row.ts';
import { heldBack } from './split.ts';
import { type Tally, tallyFrom } from './tally.ts';
import type { ExportFormat, Sample } from './types.ts';

export interface ExportOptions extends RunChoice {
  readonly format: ExportFormat;
  /** A folder, or a file that ends in `.jsonl`; absolute. */
  readonly out: string;
  /** Share of the requests held back for validation, from 0 to below 1. */
  readonly split: number;
  readonly seed: number;
  /** Goes on with an export that was cut short. */
  readonly resume?: boolean;
  /** Replaces an earlier export in the same place. */
  readonly force?: boolean;
  /** What redaction must know of this machine; undefined: nothing is redacted, and the card says so. */
  readonly privacy: Privacy | undefined;
  /** Name and version, for the card. */
  readonly program: string;
  /** Problems between two checkpoints at most. Default 50. */
  readonly checkpointEvery?: number;
  /** Told after each checkpoint. Must not throw. */
  readonly onProgress?: (done: number, total: number, rows: number) => void;
}

export interface ExportReport {
  readonly format: string;
  /** Absolute path and rows of each file. */
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  readonly card: string;
  readonly rows: number;
  readonly duplicates: number;
  readonly runs: number;
  /** Runs that were left out, because their record was changed after it was written. */
  readonly changed: number;
  readonly requests: number;
  /** Placeholders put in, by kind. */
  readonly replaced: Readonly<Record<string, number>>;
}

/** Rows wait in memory up to so many characters, or for so many problems; then they go to the disk, and a checkpoint with them. */
const waitingCharacters = 2_000_000;
const waitingProblems = 50;

/**
 * Rejects with `nothing-to-export` when no run fits the filter, with `export-unusable` when the place is taken (an export is there, or one that was cut short and `resume`
 * is not asked for), and with `export-failed` or `disk-full` when writing fails; what was written then serves `resume`.
 */
export async function exportRuns(options: ExportOptions, signal: AbortSignal): Promise<ExportReport> {
  const files = filesOf(options.out);
  // Dates may be said from now on (`7d`): which runs they mean was settled when the export began.
  const { since: _since, until: _until, ...filter } = options.filter;
  const settings = JSON.stringify([options.format.name, filter, options.split, options.seed, options.privacy !== undefined]);
  const earlier = await guarded(options, async () => earlierProgress(options, files, settings));
  const head = earlier?.head ?? { version: 1, settings, problems: await problemsOf(options, signal) };
  return await guarded(options, async () => {
    const written = await writeRows(options, files, head, earlier, signal);
    return await finish(options, files, head, written);
  });
}

async function guarded<T>({ out }: ExportOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isTeamwrightError(error) ? error : exportFailed(out, errorText(error), error);
  }
}

async function problemsOf(options: ExportOptions, signal: AbortSignal): Promise<ExportHead['problems']> {
  return (await chosenProblems(options, signal)).map((group) => ({ ...group, runIds: [...group.runIds] }));
}

const unusable = (path: string, why: Facts['export-unusable']['why']) => new TeamwrightError('export-unusable', { path, why });

/** What is there already, when this export goes on with it. */
function earlierProgress({ format, out, resume, force }: ExportOptions, files: ExportFiles, settings: string): Progress | undefined {
  const results = [...sides.map(files.rows), files.card, ...Object.keys(format.files ?? {}).map(files.extra)];
  if (force) {
    for (const file of [files.progress, ...sides.map(files.partial), ...results]) fs.rmSync(file, { force: true });
    return undefined;
  }
  const progress = readProgress(files.progress);
  if (progress === undefined) {
    const there = results.find((file) => fs.existsSync(file));
    if (there === undefined) return undefined;
    throw unusable(there, 'there-already');
  }
  if (!resume) throw unusable(out, 'cut-short');
  if (progress.head.settings === settings) return progress;
  throw unusable(out, 'other-settings');
}

interface Written {
  readonly tally: Tally;
  readonly replaced: Readonly<Record<string, number>>;
}

async function writeRows(
  options: ExportOptions,
  files: ExportFiles,
  head: ExportHead,
  earlier: Progress | undefined,
  signal: AbortSignal,
): Promise<Written> {
  const { format, dataDir, privacy } = options;
  const last = earlier?.last;
  const tally = tallyFrom(last);
  const gate = privacy && createRowGate(privacy, last?.redaction);
  const replaced = (): Record<string, number> => added(last?.replaced ?? {}, gate?.replaced() ?? {});
  let done = last?.done ?? 0;
  if (last !== undefined && done === head.problems.length) return { tally, replaced: replaced() };

  fs.mkdirSync(files.folder, { recursive: true });
  const hashes = earlier?.hashes ?? new Set<string>();
  const requests = head.problems.map(({ requestHash }) => requestHash);
  const held = heldBack(requests, options.split, options.seed);
  const progress = writeProgress(files.progress, head, earlier !== undefined);
  const rows = openRowFiles(files, last?.bytes ?? {});
  let fresh: string[] = [];
  let waiting = { characters: 0, problems: 0 };
  const checkpoint = (): void => {
    const bytes = rows.sync();
    const redaction = gate?.memory() ?? { salt: '', numbers: {} };
    progress.checkpoint({ done, bytes, ...tally.now(), hashes: fresh, redaction, replaced: replaced() });
    fresh = [];
    waiting = { characters: 0, problems: 0 };
    options.onProgress?.(done, head.problems.length, tally.rows());
  };
  try {
    while (done < head.problems.length) {
      const { requestHash, runIds } = head.problems[done] as ExportHead['problems'][number];
      const side = held.has(requestHash) ? 'validation' : 'train';
      for await (const found of format.samples(recordsOf(dataDir, runIds, tally.run, signal))) {
        throwIfStopped(signal);
        const sample = gate === undefined ? found : await gate.clean(found);
        const hash = sha256(JSON.stringify(sample.texts)).slice(0, 24);
        if (hashes.has(hash)) {
          tally.duplicate();
          continue;
        }
        hashes.add(hash);
        fresh.push(hash);
        const line = lineOf(sample, format);
        rows.append(side, line);
        tally.row(side, sample);
        waiting.characters += line.length;
      }
      done += 1;
      waiting.problems += 1;
      if (waiting.characters >= waitingCharacters || waiting.problems >= (options.checkpointEvery ?? waitingProblems)) checkpoint();
    }
    checkpoint();
    return { tally, replaced: replaced() };
  } finally {
    rows.close();
    progress.close();
  }
}

/** One line of JSON. A loader takes a column's type from its first rows: a score that happens to be whole there must not make it one of integers. */
function lineOf({ from, texts, facts, counts = {} }: Sample, { bare }: ExportFormat): string {
  const ids = { request_id: from.problem, run_id: from.runId, generation: generationName(from.generations) };
  const ours = Object.entries(facts).map(([name, value]) => [name, factText(value)] as const);
  const plain = (values: object) => Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)] as const);
  // What names the row's format comes first, as readers expect it.
  const columns = bare ? [...ours, ...plain(texts)] : [...plain(texts), ...ours, ...plain(counts), ...plain(ids)];
  return `{${columns
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(',')}}\n`;
}

function factText(value: Sample['facts'][string]): string {
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : JSON.stringify(value);
  return Array.isArray(value) ? `[${value.map(factText).join(',')}]` : JSON.stringify(value);
}

async function finish(options: ExportOptions, files: ExportFiles, head: ExportHead, { tally, replaced }: Written): Promise<ExportReport> {
  const { format } = options;
  for (const side of sides) publishRows(files, side, tally.rows(side));
  for (const [name, text] of Object.entries(format.files ?? {})) await replaceFile(files.extra(name), text);
  const there = sides.filter((side) => side === 'train' || tally.rows(side) > 0);
  const requests = new Set(head.problems.map(({ requestHash }) => requestHash)).size;
  const { runs, changed, duplicates } = tally.now();
  await replaceFile(
    files.card,
    dataCard({
      format,
      program: options.program,
      rows: Object.fromEntries(there.map((side) => [path.basename(files.rows(side)), tally.rows(side)])),
      extraFiles: Object.keys(format.files ?? {}).map((name) => path.basename(files.extra(name))),
      runs,
      changed,
      requests,
      duplicates,
      filters: options.filterWords,
      split: options.split,
      seed: options.seed,
      generations: tally.generations(),
      kinds: tally.kinds(),
      replaced,
      redacted: options.privacy !== undefined,
    }),
  );
  // Last: until it is gone, --resume does the steps above again.
  fs.rmSync(files.progress, { force: true });
  return {
    format: format.name,
    files: there.map((side) => ({ path: files.rows(side), rows: tally.rows(side) })),
    card: files.card,
    rows: tally.rows(),
    duplicates,
    runs,
    changed,
    requests,
    replaced,
  };
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum = { ...a };
  for (const [name, times] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + times;
  return sum;
}
