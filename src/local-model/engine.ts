/** The engine (node-llama-cpp and its binary for this machine) in the cache folder, away from every project. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { downloadFailed } from '../errors.ts';
import { isThere } from '../process/index.ts';
import { engineVersion, type Places } from './places.ts';
import type { OnProgress } from './progress.ts';
import { complaint, runTool } from './tool.ts';

/** Installed size, bytes. */
export const engineBytes = 90_000_000;

const platformPackages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/** The folder gets its final name only when the installation is whole. */
export const engineInstalled = (places: Places): Promise<boolean> =>
  isThere(path.join(places.engine, 'node_modules', 'node-llama-cpp', 'package.json'));

/** Call it under a lock. Rejects with `download-failed`. */
export async function installEngine(places: Places, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  if (await engineInstalled(places)) return;
  const platform = platformPackages[`${process.platform}-${process.arch}`];
  if (platform === undefined) {
    throw downloadFailed('The engine', [`There is no engine for ${process.platform} on ${process.arch}.`]);
  }
  onProgress({ stage: 'engine', text: `Installing the engine (node-llama-cpp ${engineVersion}, ${platform}) with npm` });
  const parent = path.dirname(places.engine);
  const folder = `${places.engine}.partial`;
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (name.endsWith('.partial')) await rm(path.join(parent, name), { recursive: true, force: true });
  }
  await mkdir(folder);
  await writeFile(path.join(folder, 'package.json'), '{"name": "teamwright-engine", "private": true}\n');
  // One command, and without the optional packages: they are the binaries of every other platform, 850 MB.
  const packages = [`node-llama-cpp@${engineVersion}`, `@node-llama-cpp/${platform}@${engineVersion}`];
  const options = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    const result = await runTool(['npm', 'install', ...options, ...packages], folder, {}, signal);
    if (result.ending === 'not-found') throw downloadFailed('The engine', ['npm is not installed.']);
    if (result.exitCode !== 0) throw downloadFailed('The engine', [`npm says: ${complaint(result)}`]);
    await rm(places.engine, { recursive: true, force: true });
    await rename(folder, places.engine);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
