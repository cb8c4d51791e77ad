/** The server's program is found from wherever the bundlers put our code: the command line's one file, and the pieces of the extension. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedCache, scriptedCache } from '../support/scripted-engine.ts';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;
let cache: ScriptedCache;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'teamwright bundle é '));
  cache = scriptedCache();
  writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
  await bundle({ entryPoints: { 'local-model-server': path.join(root, 'src/local-model/server/main.ts') }, format: 'esm' });
});
afterAll(() => {
  cache?.remove();
  rmSync(folder, { recursive: true, force: true });
});

function bundle(options: BuildOptions): Promise<unknown> {
  return build({
    bundle: true,
    platform: 'node',
    target: 'node22',
    outdir: folder,
    minify: true,
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    ...options,
  });
}

/** Starts a private server, asks it, and says what it answered. */
const use = (load: string): string => `
  const { ensureServer } = ${load};
  const server = await ensureServer('0.5b', { cacheDir: ${JSON.stringify(cache.dir)}, private: true }, new AbortController().signal);
  const body = JSON.stringify({ model: server.model, messages: [{ role: 'user', content: 'say found' }] });
  const headers = { authorization: 'Bearer ' + server.apiKey, 'content-type': 'application/json' };
  const reply = await (await fetch(server.url + '/chat/completions', { method: 'POST', headers, body })).json();
  console.log(reply.choices[0].message.content);
  await server.close();`;

async function run(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(folder, program)], { timeout: 60_000 });
  return stdout.trim();
}

const door = (): string => JSON.stringify(path.join(root, 'src/local-model/index.ts'));

test('in one file, as the command line is', async () => {
  const contents = `import { ensureServer as found } from ${door()};\n${use('{ ensureServer: found }')}`;
  await bundle({ stdin: { contents, resolveDir: root, sourcefile: 'one.ts' }, format: 'esm', entryNames: 'one' });
  expect(await run('one.js')).toBe('found');
});

test('in a piece beside others, as the extension is', async () => {
  const contents = use(`await import(${door()})`);
  writeFileSync(path.join(folder, 'pieces.entry.js'), contents);
  await bundle({
    entryPoints: { pieces: path.join(folder, 'pieces.entry.js') },
    format: 'esm',
    splitting: true,
    chunkNames: 'pieces-[hash]',
  });
  expect(readdirSync(folder).some((name) => /^pieces-\w+\.js$/.test(name))).toBe(true);
  expect(await run('pieces.js')).toBe('found');
});
