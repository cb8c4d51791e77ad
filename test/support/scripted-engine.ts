/** A cache folder in which the embedded models look set up, with the scripted engine in place of the real one. */
import { closeSync, cpSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { localModels } from '../../src/local-model/index.ts';
import { placesIn } from '../../src/local-model/places.ts';

export interface ScriptedCache {
  readonly dir: string;
  remove(): void;
}

export function scriptedCache(): ScriptedCache {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'teamwright cache é '));
  const places = placesIn(dir);
  const library = path.join(places.engine, 'node_modules', 'node-llama-cpp');
  mkdirSync(library, { recursive: true });
  writeFileSync(path.join(library, 'package.json'), '{"name": "node-llama-cpp", "type": "module"}');
  cpSync(path.join(import.meta.dirname, '..', 'fixtures', 'scripted-engine'), path.join(library, 'dist'), { recursive: true });
  for (const model of localModels) {
    mkdirSync(path.dirname(places.weights(model)), { recursive: true });
    const file = openSync(places.weights(model), 'w');
    // A hole of the right size takes no space.
    ftruncateSync(file, model.bytes);
    closeSync(file);
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
