/** The server's life, seen from outside: found when one runs, started when none does, stopped on request. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { errorText, isTeamwrightError, localModelFailed, localModelMissing, stopped } from '../errors.ts';
import { bytesAt, isAlive, readRecord, withLock } from '../process/index.ts';
import { requireAdapter } from './adapter.ts';
import { engineInstalled } from './engine.ts';
import { type LocalModel, localModel } from './models.ts';
import { defaultCacheDir, type Places, placesIn } from './places.ts';

export interface ServeOptions {
  /** Default: `defaultCacheDir()`. */
  readonly cacheDir?: string;
  /** A server of one's own, that ends with this process and on `close`; default: one shared by all processes. */
  readonly private?: boolean;
  /** 0: any free port. Taken only when a server is started. */
  readonly port?: number;
  /** A server without a request for this long ends, ms; 0: never. Default 10 minutes. Taken only when a server is started. */
  readonly idleMs?: number;
  /** Window of each conversation, tokens. Default 8192. */
  readonly contextTokens?: number;
  /** Conversations whose prompts are kept. Default 3. */
  readonly slots?: number;
  /** Default: all cores. */
  readonly threads?: number;
  /** The program to start; default: the one beside this file. */
  readonly program?: string;
  /** Told while a server that is started here loads its model: how much of it is loaded, 0 to 1. */
  readonly onLoading?: (share: number) => void;
}

export interface RunningServer {
  /** Base address of the OpenAI protocol, ends in `/v1`. */
  readonly url: string;
  /** Bearer token of the server. */
  readonly apiKey: string;
  /** The model's name in requests. */
  readonly model: string;
  readonly pid: number;
  /** Window of one conversation, tokens. */
  readonly contextTokens: number;
  /** Lets go. A shared server goes on until it is idle, a private one ends. */
  close(): Promise<void>;
}

const serverState = z.object({
  /** Raised when an older server cannot do what is asked of it now: it is left to end by itself. */
  version: z.literal(2),
  pid: z.number().int().positive(),
  port: z.number().int().positive(),
  token: z.string(),
  model: z.string(),
  startedAt: z.string(),
  contextTokens: z.number().int().positive(),
});

type ServerState = z.infer<typeof serverState>;

const pollMs = 100;
/** Loading the weights from a slow disk. */
const startMs = 180_000;
/** A machine under full load answers late; a server that is taken for dead would be started twice. */
const healthMs = 15_000;
/** A holder of a server says so once a minute, because its tests may take longer than the idle limit. */
const keepMs = 60_000;
/** How long a server that was asked to stop may take before it is killed. */
const graceMs = 5_000;
const defaultIdleMs = 10 * 60_000;

const loadingMessage = z.object({ loading: z.number().min(0).max(1) });

const readState = (file: string): Promise<ServerState | undefined> => readRecord(file, serverState);

function call(
  state: ServerState,
  route: string,
  init: { method?: string; headers?: Record<string, string> },
  signal: AbortSignal,
): Promise<Response> {
  const headers = { ...init.headers, authorization: `Bearer ${state.token}` };
  const limit = AbortSignal.timeout(healthMs);
  return fetch(`http://127.0.0.1:${state.port}${route}`, {
    method: init.method ?? 'GET',
    headers,
    signal: AbortSignal.any([signal, limit]),
  });
}

/** True when the very process of the state file answers: pids and ports are given to others later. */
async function isHealthy(state: ServerState, signal: AbortSignal): Promise<boolean> {
  if (!isAlive(state.pid)) return false;
  try {
    const response = await call(state, '/health', { headers: { 'x-teamwright-keep': '1' } }, signal);
    const body = (await response.json()) as { pid?: unknown; model?: unknown };
    return response.ok && body.pid === state.pid && body.model === state.model;
  } catch (error) {
    signal.throwIfAborted();
    // Refused, silent, or somebody else's answer: not our server.
    if (error instanceof Error) return false;
    throw error;
  }
}

function ownProgram(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? './server/main.ts' : './local-model-server.js', here));
}

async function requireSetup(model: LocalModel, places: Places): Promise<void> {
  if ((await bytesAt(places.weights(model))) !== model.bytes) throw localModelMissing(model.id, 'weights');
  if (!(await engineInstalled(places))) throw localModelMissing(model.id, 'engine');
  await requireAdapter(model, places);
}

/** The line that tells most of a log: the first error, else the last line. */
async function tellingLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => `(no log: ${errorText(error)})`);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /error/i.test(line) && !/^\s*(at|throw) /.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 400);
}

/** Starts a server and waits until it answers. On a stop, or when it fails, nothing of it is left. */
async function start(
  model: LocalModel,
  places: Places,
  stateFile: string,
  options: ServeOptions,
  signal: AbortSignal,
): Promise<ServerState> {
  await requireSetup(model, places);
  const logFile = places.serverLog(model);
  // A private server keeps its state elsewhere, and may be the first one on this machine.
  for (const file of [stateFile, logFile]) await mkdir(path.dirname(file), { recursive: true });
  await rm(stateFile, { force: true });
  const number = (name: string, value: number | undefined): string[] => (value === undefined ? [] : [`--${name}`, String(value)]);
  const adapter = places.adapter(model);
  const args = [
    ...['--engine', places.engine, '--file', places.weights(model), '--model', model.id, '--state', stateFile],
    ...(adapter === undefined ? [] : ['--adapter', adapter, '--trained-on', model.sha256]),
    ...number('idle-ms', options.idleMs ?? defaultIdleMs),
    ...number('port', options.port),
    ...number('context', options.contextTokens),
    ...number('slots', options.slots),
    ...number('threads', options.threads),
    ...number('parent-pid', options.private === true ? process.pid : undefined),
  ];
  const log = openSync(logFile, 'w', 0o600);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ELECTRON_RUN_AS_NODE: '1',
    TEAMWRIGHT_SERVER_TOKEN: randomBytes(24).toString('base64url'),
  };
  delete env.NODE_OPTIONS;
  // Its own session: Ctrl-C at the terminal of whoever started it must not end a server that others use.
  const child = spawn(process.execPath, [options.program ?? ownProgram(), ...args], {
    cwd: places.root,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env,
    windowsHide: true,
  });
  closeSync(log);
  child.unref();
  child.channel?.unref();
  options.onLoading?.(0);
  child.on('message', (message) => {
    const told = loadingMessage.safeParse(message);
    if (told.success) options.onLoading?.(told.data.loading);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, killedBy) => resolve(`it ended with ${code ?? killedBy}`));
  });
  const failure: { text?: string } = {};
  void ended.then((text) => {
    failure.text = text;
  });
  const giveUp = performance.now() + startMs;
  try {
    while (failure.text === undefined) {
      signal.throwIfAborted();
      const state = await readState(stateFile);
      if (state?.pid === child.pid && state !== undefined && (await isHealthy(state, signal))) return state;
      if (performance.now() > giveUp) throw localModelFailed(model.id, `it did not answer within ${startMs / 1000} s.`, logFile);
      await sleep(pollMs, undefined, { signal });
    }
    throw localModelFailed(model.id, `${failure.text}. ${await tellingLine(logFile)}`, logFile);
  } catch (error) {
    if (failure.text === undefined) child.kill('SIGKILL');
    await rm(stateFile, { force: true });
    throw error;
  } finally {
    // It goes on by itself.
    if (child.connected) child.disconnect();
  }
}

async function endServer(state: ServerState, stateFile: string): Promise<void> {
  const patient = AbortSignal.timeout(healthMs);
  // A server that does not take the request is killed below.
  await call(state, '/shutdown', { method: 'POST' }, patient).catch(() => undefined);
  const giveUp = performance.now() + graceMs;
  while (isAlive(state.pid) && performance.now() < giveUp) await sleep(50);
  if (isAlive(state.pid)) process.kill(state.pid, 'SIGKILL');
  if ((await readState(stateFile))?.pid === state.pid) await rm(stateFile, { force: true });
}

/**
 * A server for the model that answers requests. Rejects with `local-model-missing` (run `setup` first), `local-model-failed` or `stopped`.
 * A server that dies later shows as `model-unreachable` to the caller, who may call this again.
 */
export async function ensureServer(modelId: string, options: ServeOptions, signal: AbortSignal): Promise<RunningServer> {
  const model = localModel(modelId);
  const places = placesIn(options.cacheDir ?? defaultCacheDir());
  const isPrivate = options.private === true;
  const stateFile = isPrivate
    ? path.join(os.tmpdir(), `teamwright-server-${process.pid}-${randomBytes(4).toString('hex')}.json`)
    : places.serverState(model);
  const find = async (): Promise<ServerState> => {
    const running = isPrivate ? undefined : await readState(stateFile);
    if (running !== undefined && (await isHealthy(running, signal))) return running;
    return start(model, places, stateFile, options, signal);
  };
  try {
    const state = isPrivate ? await find() : await withLock(places.lock(`server-${model.id}`), find, () => {}, signal);
    return hold(state, stateFile, isPrivate);
  } catch (error) {
    if (signal.aborted && !isTeamwrightError(error)) throw stopped('request');
    throw error;
  }
}

function hold(state: ServerState, stateFile: string, isPrivate: boolean): RunningServer {
  const keep = setInterval(() => {
    // Has its own limit, and never rejects for a signal that does not fire.
    void isHealthy(state, new AbortController().signal);
  }, keepMs);
  keep.unref();
  return {
    url: `http://127.0.0.1:${state.port}/v1`,
    apiKey: state.token,
    model: state.model,
    pid: state.pid,
    contextTokens: state.contextTokens,
    async close() {
      clearInterval(keep);
      if (isPrivate) await endServer(state, stateFile);
    },
  };
}

/** The running shared server of a model; undefined when there is none. */
export async function findServer(
  modelId: string,
  options: { cacheDir?: string },
  signal: AbortSignal,
): Promise<{ url: string; apiKey: string; pid: number } | undefined> {
  const state = await readState(placesIn(options.cacheDir ?? defaultCacheDir()).serverState(localModel(modelId)));
  if (state === undefined || !(await isHealthy(state, signal))) return undefined;
  return { url: `http://127.0.0.1:${state.port}/v1`, apiKey: state.token, pid: state.pid };
}

/** Stops the shared server of a model, also in the middle of a request. False when none was running. */
export async function stopServer(modelId: string, options: { cacheDir?: string }, signal: AbortSignal): Promise<boolean> {
  const stateFile = placesIn(options.cacheDir ?? defaultCacheDir()).serverState(localModel(modelId));
  const state = await readState(stateFile);
  if (state === undefined) return false;
  if (!(await isHealthy(state, signal))) {
    await rm(stateFile, { force: true });
    return false;
  }
  await endServer(state, stateFile);
  return true;
}
