import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText, isTeamwrightError } from '../errors.ts';
import { pickEnvironment } from './environment.ts';
import { type Entered, enterFence, inheritedFiles } from './fence/index.ts';
import { type Guard, startGuard } from './guard.ts';
import { type HeadTail, headTail } from './output.ts';
import { isAlive } from './owner.ts';
import { findProcesses, sendSignal, tagName, taskkill } from './processes.ts';
import { findProgram } from './program.ts';
import type { CommandEnding, CommandOptions, CommandResult, CommandSpec } from './types.ts';

const defaultOutputBytes = 256 * 1024;
/** A polite SIGTERM before SIGKILL when a limit or the user ends a command, ms. */
const graceMs = 250;
/** How long to look for processes that will not go, ms. */
const persistMs = 2000;

/**
 * Runs one command and ends everything it started. Never throws for what the command does or is; see `CommandResult.ending`.
 * Throws `temporary-folder-unusable`.
 * Not through execa: its promise waits for pipes that an escaped child keeps open, its kill misses such children, and its start costs more than
 * the process itself. On Windows cross-spawn finds `.cmd` shims.
 */
export async function runCommand(spec: CommandSpec, options: CommandOptions, signal: AbortSignal): Promise<CommandResult> {
  const started = performance.now();
  const outputBytes = spec.outputBytes ?? defaultOutputBytes;
  const stdout = headTail(outputBytes);
  const stderr = headTail(outputBytes);
  const finish = (ending: CommandEnding, exitCode: number | null = null, killedBy: string | null = null): CommandResult => ({
    ending,
    exitCode,
    signal: killedBy,
    stdout: stdout.text(),
    stderr: stderr.text(),
    droppedBytes: stdout.dropped + stderr.dropped,
    ms: performance.now() - started,
    fenced: options.fence !== undefined,
  });
  const refuse = (ending: CommandEnding, why: string): CommandResult => {
    stderr.add(Buffer.from(`${why}\n`));
    return finish(ending);
  };

  if (signal.aborted) return finish('stopped');
  const environment = pickEnvironment(options.environment ?? process.env, spec.env);
  if (!statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory()) return refuse('not-started', `No such folder: ${spec.cwd}`);
  const name = spec.argv[0] ?? '';
  const program = findProgram(name, spec.cwd, environment);
  if (program === undefined) return refuse('not-found', `No such program: ${name}`);

  let entered: Entered | undefined;
  let guard: Guard | undefined;
  let child: ChildProcess;
  const tag = `${process.env[tagName] === undefined ? '' : `${process.env[tagName]}.`}${randomUUID()}`;
  try {
    if (options.fence !== undefined) {
      const entry = enterFence(options.fence, { program, argv: spec.argv, cwd: realpathSync(spec.cwd), env: environment });
      if (typeof entry === 'string') return refuse('not-started', `The command needs its fence: ${entry}.`);
      entered = entry;
      child = startFenced(entry, spec);
    } else {
      if (process.platform !== 'win32') guard = startGuard(tag);
      child = await start(program, spec, environment, tag);
      if (child.pid !== undefined) guard?.watch(child.pid);
    }
  } catch (error) {
    entered?.leave();
    guard?.dismiss();
    // Of a temporary folder that cannot be used no other command will know better.
    if (isTeamwrightError(error)) throw error;
    return refuse('not-started', errorText(error));
  }

  const tree: Tree = { child, tag, namespace: entered === undefined ? undefined : followNamespace(child) };
  const end = await follow(child, spec, { stdout, stderr }, signal);
  if (end.reason !== 'exited') await askToLeave(tree);
  await endTree(tree);
  await pipesClosed(child);
  guard?.dismiss();
  entered?.leave();

  if (end.error !== undefined) return refuse('not-started', errorText(end.error));
  if (end.reason === 'exited' && tree.namespace?.stands === false)
    return refuse('not-started', 'The fence of the command did not come to stand.');
  const { code, killedBy } = outcome(end.code, end.signal, tree.namespace !== undefined);
  const ending = end.reason !== 'exited' ? end.reason : killedBy === null ? 'exited' : 'signal';
  return finish(ending, code, killedBy);
}

async function start(program: string, spec: CommandSpec, environment: Record<string, string>, tag: string): Promise<ChildProcess> {
  const stdio = [input(spec), 'pipe', 'pipe'] as const;
  const env = { ...environment, [tagName]: tag };
  const rest = spec.argv.slice(1);
  if (process.platform !== 'win32') {
    return spawn(program, rest, { cwd: spec.cwd, env, argv0: spec.argv[0], stdio: [...stdio], detached: true });
  }
  // Finds `npm.cmd` and its like, and quotes for them; Node alone refuses to start them without a shell.
  const { default: spawnOnWindows } = await import('cross-spawn');
  const windows = spawnOnWindows(program, rest, { cwd: spec.cwd, env, stdio: [...stdio], windowsHide: true });
  const end = (): boolean => windows.kill();
  process.once('exit', end);
  windows.once('exit', () => process.off('exit', end));
  return windows;
}

const input = (spec: CommandSpec): 'ignore' | 'pipe' => (spec.stdin === undefined && spec.onInput === undefined ? 'ignore' : 'pipe');

/** See `Entry` for the descriptors. Whatever else would be inherited becomes `/dev/null`. */
function startFenced(entry: Entered, spec: CommandSpec): ChildProcess {
  const stdio: ('ignore' | 'pipe' | number)[] = [input(spec), 'pipe', 'pipe', 'pipe', entry.order, 'pipe'];
  const nothing = openSync('/dev/null', 'r+');
  try {
    for (const file of inheritedFiles()) {
      while (stdio.length <= file) stdio.push('ignore');
      if (stdio[file] === 'ignore' && file > 2) stdio[file] = nothing;
    }
    return spawn(entry.file, [...entry.args], { cwd: '/', env: entry.env, stdio, detached: true });
  } finally {
    closeSync(nothing);
    entry.started();
  }
}

/** What a fenced command has told of itself. */
interface Namespace {
  /** Its first process, as seen from outside: when that is gone, all of the namespace is. */
  first: number | undefined;
  /** The command itself was reached. */
  stands: boolean;
}

function followNamespace(child: ChildProcess): Namespace {
  const namespace: Namespace = { first: undefined, stands: false };
  (child.stdio[3] as Readable | undefined)?.on('data', (chunk: Buffer) => {
    const id = /\d+/.exec(chunk.toString())?.[0];
    if (id !== undefined) namespace.first ??= Number(id);
  });
  (child.stdio as (Readable | undefined)[])[5]?.on('data', () => {
    namespace.stands = true;
  });
  return namespace;
}

interface End {
  readonly reason: 'exited' | 'wall-limit' | 'idle-limit' | 'stopped';
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: unknown;
}

/** Collects output until the process exits or must end. Leaves no timer and no listener on the signal. */
function follow(child: ChildProcess, spec: CommandSpec, buffers: Record<'stdout' | 'stderr', HeadTail>, signal: AbortSignal): Promise<End> {
  return new Promise((resolve) => {
    let lastOutput = Date.now();
    let idle: NodeJS.Timeout | undefined;
    const settle = (end: End): void => {
      clearTimeout(wall);
      clearTimeout(idle);
      signal.removeEventListener('abort', stop);
      resolve(end);
    };
    const stop = (): void => settle({ reason: 'stopped', code: null, signal: null });
    const wall = setTimeout(() => settle({ reason: 'wall-limit', code: null, signal: null }), spec.wallMs);
    const { idleMs } = spec;
    if (idleMs !== undefined) {
      const check = (): void => {
        const silent = Date.now() - Math.max(lastOutput, spec.lastActivity?.() ?? 0);
        if (silent >= idleMs) settle({ reason: 'idle-limit', code: null, signal: null });
        else idle = setTimeout(check, Math.max(1, idleMs - silent));
      };
      idle = setTimeout(check, idleMs);
    }
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', (error) => settle({ reason: 'exited', code: null, signal: null, error }));
    child.once('exit', (code, killedBy) => settle({ reason: 'exited', code, signal: killedBy }));

    for (const name of ['stdout', 'stderr'] as const) {
      const decoder = spec.onOutput === undefined ? undefined : new StringDecoder('utf8');
      child[name]?.on('data', (chunk: Buffer) => {
        lastOutput = Date.now();
        buffers[name].add(chunk);
        if (decoder !== undefined) spec.onOutput?.(decoder.write(chunk), name);
      });
    }
    if (spec.stdin !== undefined) {
      // A command that does not read its input closes the pipe early; that is its right.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(spec.stdin);
    } else if (spec.onInput !== undefined && child.stdin !== null) {
      child.stdin.on('error', () => undefined);
      spec.onInput(child.stdin);
    }
  });
}

interface Tree {
  readonly child: ChildProcess;
  readonly tag: string;
  /** Of a fenced command. */
  readonly namespace: Namespace | undefined;
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** SIGTERM to the command's own processes, and a moment to tidy up. */
async function askToLeave({ child, tag, namespace }: Tree): Promise<void> {
  if (process.platform === 'win32' || child.pid === undefined) return;
  if (namespace !== undefined) {
    // Its first process passes it on to all others; until the command was reached it is deaf to it.
    if (namespace.first !== undefined) sendSignal(namespace.first, 'SIGTERM');
  } else {
    const tagged = process.platform === 'linux' ? await findProcesses(tag, undefined) : [];
    for (const pid of [...tagged, -child.pid]) sendSignal(pid, 'SIGTERM');
  }
  const until = performance.now() + graceMs;
  while (performance.now() < until && isRunning(child)) await sleep(10);
}

/** SIGKILL to everything, again and again until nothing is left. */
async function endTree({ child, tag, namespace }: Tree): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null) await taskkill(pid);
    return;
  }
  const until = performance.now() + persistMs;
  if (namespace !== undefined) {
    // The child ends by itself only once the namespace is gone. When it was killed, the namespace may be there for a moment more.
    while (
      (isRunning(child) || (namespace.first !== undefined && child.signalCode !== null && isAlive(namespace.first))) &&
      performance.now() < until
    ) {
      sendSignal(namespace.first ?? -pid, 'SIGKILL');
      await sleep(2);
    }
    if (isRunning(child)) sendSignal(-pid, 'SIGKILL');
    return;
  }
  sendSignal(-pid, 'SIGKILL');
  for (;;) {
    const left = await findProcesses(tag, isRunning(child) ? pid : undefined);
    if (left.length === 0 || performance.now() > until) return;
    for (const one of left) sendSignal(one, 'SIGKILL');
    await sleep(5);
  }
}

/** Waits until what was printed has been read. With the tree gone this is at once; a stranger holding the pipe is not waited for. */
async function pipesClosed(child: ChildProcess): Promise<void> {
  const streams = child.stdio.filter((stream): stream is Readable | Writable => stream != null);
  const open = (): boolean => streams.some((stream) => !stream.closed);
  const until = performance.now() + 1000;
  if (open()) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, until - performance.now());
      child.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  for (const stream of streams) stream.destroy();
}

/** The shell that starts a fenced command tells of its death by signal n as exit code 128 + n. */
function outcome(code: number | null, killedBy: string | null, fenced: boolean): { code: number | null; killedBy: string | null } {
  if (!fenced || code === null || code <= 128) return { code, killedBy };
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? { code, killedBy } : { code: null, killedBy: name };
}
