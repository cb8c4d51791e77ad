/** The embedded model in a real VS Code: set up behind a notification, served from the extension host. */
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { localModel } from '../../src/local-model/index.ts';
import { placesIn } from '../../src/local-model/places.ts';
import { stopServer } from '../../src/local-model/serve.ts';
import { scriptedCache } from '../support/scripted-engine.ts';
import { scenesOfFile } from '../support/vscode-pages/scenes.ts';
import { requestAndApprove } from '../support/vscode-pages/steps.ts';
import { patience } from '../support/vscode-pages/workbench.ts';

const open = scenesOfFile();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A hub that sends zeros without an end. */
async function endlessHub(): Promise<{ readonly url: string; readonly ranges: readonly (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const { bytes } = localModel('1.5b');
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const from = /bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    response.writeHead(
      from === undefined ? 200 : 206,
      from === undefined ? {} : { 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` },
    );
    const timer = setInterval(() => response.write(Buffer.alloc(200_000)), 20);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges };
}

test('setting up shows bytes and speed, is cancelled by its button, and goes on where it was', async () => {
  const hub = await endlessHub();
  const cache = scriptedCache();
  closing.push(cache.remove);
  // A cache of its own in which nothing is set up.
  const bare = `${cache.dir}/bare`;
  const { workbench, window } = await open({ env: { HF_ENDPOINT: hub.url, TEAMWRIGHT_CACHE: bare } });
  const partial = placesIn(bare).partial(localModel('1.5b'));

  for (const round of [1, 2]) {
    const before = existsSync(partial) ? statSync(partial).size : 0;
    await workbench.command('Teamwright: Set Up the Embedded Model');
    await workbench.notification(/Setting up the embedded model.*\d+ (kB|MB) \/ 1\.1 GB, [\d.,]+ [kM]B\/s/s).waitFor({ timeout: patience });
    await workbench.press('Setting up the embedded model', 'Cancel');
    await workbench.notification('What arrived so far is kept').waitFor({ timeout: patience });
    expect(statSync(partial).size).toBeGreaterThan(before);
    expect(hub.ranges[round - 1]).toBe(before === 0 ? undefined : `bytes=${before}-`);
    await workbench.command('Notifications: Clear All Notifications');
  }
  expect(window.ownErrors).toEqual([]);
});

test('a run starts its server in a process of its own, and nothing but the model answers', async () => {
  const cache = scriptedCache();
  closing.push(cache.remove, () => stopServer('1.5b', { cacheDir: cache.dir }, new AbortController().signal));
  const { workbench, server, model, eventsOf, window } = await open({
    settings: { 'teamwright.models.worker': 'embedded', 'teamwright.models.strong': '' },
    env: { TEAMWRIGHT_CACHE: cache.dir },
  });
  await requestAndApprove(workbench);
  await expect
    .poll(() => server.processes().some(({ command }) => command.includes('local-model-server.js')), { timeout: patience })
    .toBe(true);
  // The scripted engine has nothing to say to a prompt: what counts is that it was asked, through VS Code's own executable.
  await expect
    .poll(async () => (await eventsOf('call.done')).map(({ servedModel }) => servedModel), { timeout: patience })
    .toContain('qwen2.5-coder-1.5b');
  expect(model.requests).toEqual([]);
  expect(window.ownErrors).toEqual([]);
});
