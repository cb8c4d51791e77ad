/**
 * The local model's own process: `node local-model-server.js --engine DIR --file GGUF --model ID [--state FILE] [--port N] …`.
 * It speaks the OpenAI protocol on loopback, so that the product has one way to a model and a crash of the engine hurts nobody.
 */
import { readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../../errors.ts';
import { isAbsent, isAlive, replaceFile } from '../../process/index.ts';
import { createGenerator } from './generate.ts';
import { createModelServer } from './http.ts';
import { loadEngine } from './llama.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    file: { type: 'string' },
    model: { type: 'string' },
    /** LoRA weights, and the SHA-256 of the weights that they must have been trained on. */
    adapter: { type: 'string' },
    'trained-on': { type: 'string' },
    port: { type: 'string', default: '0' },
    /** Where to write pid and port once requests are answered. */
    state: { type: 'string' },
    context: { type: 'string', default: '8192' },
    slots: { type: 'string', default: '3' },
    threads: { type: 'string', default: '0' },
    /** Ends after this long without a request; 0: never. */
    'idle-ms': { type: 'string', default: '600000' },
    /** Ends when this process is gone. */
    'parent-pid': { type: 'string' },
  },
});

function required(name: 'engine' | 'file' | 'model'): string {
  const value = values[name];
  if (value !== undefined) return value;
  console.error(`--${name} is missing.`);
  process.exit(2);
}

// The token comes by environment: arguments are visible to every user of the machine.
const token = process.env.TEAMWRIGHT_SERVER_TOKEN;
delete process.env.TEAMWRIGHT_SERVER_TOKEN;

const modelId = required('model');
const idleMs = Number(values['idle-ms']);
const parentPid = values['parent-pid'] === undefined ? undefined : Number(values['parent-pid']);

/** Watches from the first moment: loading takes seconds in which the parent may die. */
if (parentPid !== undefined) {
  setInterval(() => {
    if (!isAlive(parentPid)) stop();
  }, 1000).unref();
}

let stopping = false;
let leave: (() => Promise<void>) | undefined;

/** The engine's native threads may be busy: whatever happens, the process is gone two seconds later. */
function stop(): void {
  if (stopping) return;
  stopping = true;
  removeState();
  setTimeout(() => process.exit(0), 2000).unref();
  void (leave?.() ?? Promise.resolve()).finally(() => process.exit(0));
}

function removeState(): void {
  if (values.state === undefined) return;
  try {
    const kept = JSON.parse(readFileSync(values.state, 'utf8')) as { pid?: number };
    if (kept.pid === process.pid) rmSync(values.state, { force: true });
  } catch (error) {
    if (!isAbsent(error)) console.error(error);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

let told = -1;
/** Whoever started this process hears how far it is, by per cent; they may be gone. */
function tellLoading(share: number): void {
  const percent = Math.floor(share * 100);
  if (percent === told || !process.connected) return;
  told = percent;
  process.send?.({ loading: share }, undefined, undefined, () => undefined);
}

const engine = await loadEngine({
  engineDir: required('engine'),
  modelFile: required('file'),
  adapter: values.adapter === undefined ? undefined : { file: values.adapter, trainedOn: values['trained-on'] },
  contextTokens: Number(values.context),
  slots: Number(values.slots),
  threads: Number(values.threads) || os.availableParallelism(),
  onLoading: tellLoading,
}).catch((error: unknown) => {
  // Uncaught it would be told behind a line of this program's text.
  console.error(`Error: ${errorText(error)}\n${error instanceof Error ? error.stack : ''}`);
  process.exit(1);
});
const generator = createGenerator(engine);

let lastUse = performance.now();
const server = createModelServer({
  modelId,
  generator,
  token,
  onUse: () => {
    lastUse = performance.now();
  },
  onStop: stop,
});

if (idleMs > 0) {
  setInterval(
    () => {
      if (!server.busy() && performance.now() - lastUse >= idleMs) stop();
    },
    Math.min(idleMs, 5000),
  ).unref();
}

leave = async () => {
  server.abort();
  server.http.closeAllConnections();
  await new Promise<void>((resolve) => server.http.close(() => resolve()));
};

server.http.listen(Number(values.port), '127.0.0.1', async () => {
  const { port } = server.http.address() as AddressInfo;
  if (values.state !== undefined) {
    await mkdir(path.dirname(values.state), { recursive: true });
    const { contextTokens } = generator;
    const state = { version: 2, pid: process.pid, port, token, model: modelId, startedAt: new Date().toISOString(), contextTokens };
    await replaceFile(values.state, JSON.stringify(state));
  }
  console.log(`Serving ${modelId} at http://127.0.0.1:${port}/v1`);
});
server.http.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
