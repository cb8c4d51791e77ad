/** Setting up the embedded model from the editor: progress, cancel and going on, a source that fails. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { setUpEmbedded } from '../../src/editor/models/embedded.ts';
import { createModels } from '../../src/editor/models/index.ts';
import type { ModelsHost } from '../../src/editor/models/ports.ts';
import { stopped } from '../../src/errors.ts';
import { localModel } from '../../src/local-model/index.ts';
import { placesIn } from '../../src/local-model/places.ts';
import { modelsHost } from '../support/models-host.ts';
import { scriptedCache } from '../support/scripted-engine.ts';

/** A hub of our own: sends zeros without an end, or what `answers` says. The catalogue reads its address when it is loaded. */
const hub = await vi.hoisted(async () => {
  const { createServer: create } = await import('node:http');
  const state = { ranges: [] as (string | undefined)[], status: 200 };
  const server = create((request, response) => {
    state.ranges.push(request.headers.range);
    if (state.status !== 200) return void response.writeHead(state.status).end();
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const total = 491_400_064;
    response.writeHead(from > 0 ? 206 : 200, from > 0 ? { 'content-range': `bytes ${from}-${total - 1}/${total}` } : {});
    const timer = setInterval(() => response.write(Buffer.alloc(1_000_000)), 20);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  process.env.HF_ENDPOINT = `http://127.0.0.1:${port}`;
  return { state, close: () => server.close().closeAllConnections() };
});

const folder = mkdtempSync(join(tmpdir(), 'teamwright-set-up-'));
afterAll(() => {
  hub.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  hub.state.ranges.length = 0;
  hub.state.status = 200;
});

function open(cacheDir: string, options: Parameters<typeof modelsHost>[0] = {}) {
  const double = modelsHost(options);
  const models = createModels(double.host, { env: {}, dataDir: folder, clock: Date.now, serve: { cacheDir } });
  return { double, models, setUp: models.commands['teamwright.models.setUpEmbedded'] as (size?: string) => Promise<boolean> };
}

describe('setting up', () => {
  test('shows bytes and speed, can be cancelled, and goes on where it was', async () => {
    const cacheDir = join(folder, 'cancelled é');
    const { double, setUp } = open(cacheDir);
    double.cancelAt('/s');
    expect(await setUp('0.5b')).toBe(false);
    const reports = double.shown.find(({ kind }) => kind === 'progress')?.lines ?? [];
    expect(reports.at(-1)).toMatch(
      /^Downloading Qwen2\.5-Coder-0\.5B-Instruct Q4_K_M from 127\.0\.0\.1:\d+: [\d.]+ (MB|kB) \/ 491 MB, [\d.]+ (MB|kB)\/s$/,
    );
    expect(double.said()).toContain('What arrived so far is kept');
    const kept = statSync(placesIn(cacheDir).partial(localModel('0.5b'))).size;
    expect(kept).toBeGreaterThan(1_000_000);
    expect(double.failures).toEqual([]);

    double.cancelAt('/s');
    expect(await setUp('0.5b')).toBe(false);
    expect(hub.state.ranges).toEqual([undefined, `bytes=${kept}-`]);
    expect(statSync(placesIn(cacheDir).partial(localModel('0.5b'))).size).toBeGreaterThan(kept);
  });

  test('twice at once is one download', async () => {
    const { double, setUp } = open(join(folder, 'twice'));
    double.cancelAt('/s');
    expect(await Promise.all([setUp('0.5b'), setUp('0.5b')])).toEqual([false, false]);
    expect(hub.state.ranges).toHaveLength(1);
    expect(double.shown.filter(({ kind }) => kind === 'progress')).toHaveLength(1);
  });

  test('who waits for a set-up that somebody else began can be stopped at once; the other goes on', async () => {
    const { double } = open(join(folder, 'waiting'));
    const closing = new AbortController();
    const ports = { host: double.host, env: {}, dataDir: folder, clock: Date.now, closing: closing.signal, setUps: new Map() };
    const host: ModelsHost = { ...ports, serve: { cacheDir: join(folder, 'waiting') } };
    const first = setUpEmbedded(host, '0.5b', closing.signal);
    while (hub.state.ranges.length === 0) await sleep(10);
    const stop = new AbortController();
    const second = setUpEmbedded(host, '0.5b', stop.signal);
    stop.abort(stopped('the user'));
    const late = sleep(1500).then(() => 'still waiting');
    expect(await Promise.race([second.catch((error) => error.code), late])).toBe('stopped');
    expect(await Promise.race([first, sleep(100).then(() => 'going on')])).toBe('going on');
    closing.abort(stopped('the closing of the window'));
    await expect(first).rejects.toMatchObject({ code: 'stopped' });
  });

  test('ends with the window', async () => {
    const { models, setUp } = open(join(folder, 'closed'));
    const work = setUp('0.5b');
    while (hub.state.ranges.length === 0) await sleep(10);
    models.dispose();
    await expect(work).rejects.toMatchObject({ code: 'stopped' });
  });

  test('what is there already is found, and said', async () => {
    const cache = scriptedCache();
    try {
      const { double, setUp } = open(cache.dir);
      expect(await setUp()).toBe(true);
      expect(double.said()).toContain('The embedded model is set up.');
      expect(hub.state.ranges).toEqual([]);
    } finally {
      cache.remove();
    }
  });

  test('is refused in Restricted Mode: nothing is fetched and no process is started', async () => {
    const cacheDir = join(folder, 'restricted');
    await expect(open(cacheDir, { trusted: false }).setUp('0.5b')).rejects.toMatchObject({
      message: expect.stringContaining('Restricted'),
    });
    expect(existsSync(cacheDir)).toBe(false);
    expect(hub.state.ranges).toEqual([]);
  });

  test('an unknown size is refused with those that there are', async () => {
    await expect(open(join(folder, 'size')).setUp('9b')).rejects.toMatchObject({
      code: 'local-model-unknown',
      facts: { known: expect.arrayContaining([expect.stringContaining('0.5b')]) },
    });
  });
});
