import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../errors.ts';
import { pickEnvironment } from './environment.ts';
import { type Guard, startGuard } from './guard.ts';
import { type HeadTail, headTail } from './output.ts';
import { isAlive } from './owner.ts';
import { findProcesses, sendSignal, tagName, taskkill } from './processes.ts';
import { findProgram } from './program.ts';
import { containmentArguments, probeSandbox, sandboxArguments } from './sandbox.ts';
import type { CommandEnding, CommandOptions, CommandResult, CommandSpec } from './types.ts';

const defaultOutputBytes = 256 * 1024;
/** A polite SIGTERM before SIGKILL when a limit or the user ends a command, ms. */
const graceMs = 250;
/** How long to look for processes that will not go, ms. */
const persistMs = 2000;

/**
 * Runs one command and ends everything it started. Never throws for what the command does or is; see `CommandResult.ending`.
 * Not through execa: its promise waits for pipes that an escaped child keeps open, its kill misses such children, and its start costs more than
 * the process itself. On Windows cross-spawn finds `.cmd` shims.
 */
export async function runCommand(spec: CommandSpec, options: CommandOptions, signal: AbortSignal): Promise<CommandResult> {
  const started = performance.now();
  const outputBytes = spec.outputBytes ?? defaultOutputBytes;
  const stdout = headTail(outputBytes);
  const stderr = headTail(outputBytes);
  const finish = (
    ending: CommandEnding,
    exitCode: number | null = null,
    killedBy: string | null = null,
    sandboxed = false,
  ): CommandResult => ({
    ending,
    exitCode,
    signal: killedBy,
    stdout: stdout.text(),
    stderr: stderr.text(),
    droppedBytes: stdout.dropped + stderr.dropped,
    ms: performance.now() - started,
    sandboxed,
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

  const cage = await chooseCage(options, spec.cwd);
  if (typeof cage === 'string') return refuse('not-started', cage);
  if (signal.aborted) return finish('stopped');

  const tag = `${process.env[tagName] === undefined ? '' : `${process.env[tagName]}.`}${randomUUID()}`;
  const guard = cage.wrap === undefined && process.platform !== 'win32' ? startGuard(tag) : undefined;
  let child: ChildProcess;
  try {
    child = await start({ program, spec, environment, wrap: cage.wrap, tag });
  } catch (error) {
    guard?.dismiss();
    return refuse('not-started', errorText(error));
  }
  if (child.pid !== undefined) guard?.watch(child.pid);

  const end = await follow(child, spec, { stdout, stderr }, signal);
  const tree: Tree = { child, tag, caged: cage.wrap !== undefined, guard };
  if (end.reason !== 'exited') await askToLeave(tree);
  await endTree(tree);
  await pipesClosed(child);
  guard?.dismiss();

  if (end.error !== undefined) return refuse('not-started', errorText(end.error));
  const { code, killedBy } = outcome(end.code, end.signal, cage.wrap !== undefined);
  const ending = end.reason !== 'exited' ? end.reason : killedBy === null ? 'exited' : 'signal';
  return finish(ending, code, killedBy, cage.sandboxed);
}

interface Cage {
  readonly wrap: readonly string[] | undefined;
  readonly sandboxed: boolean;
}

/** A sentence when the command must not start. */
async function chooseCage(options: CommandOptions, cwd: string): Promise<Cage | string> {
  const { sandbox } = options;
  if (sandbox === undefined && options.containment === 'group') return { wrap: undefined, sandboxed: false };
  const probe = await probeSandbox();
  if (sandbox !== undefined && probe.sandbox) return { wrap: [...sandboxArguments(sandbox), '--chdir', cwd], sandboxed: true };
  if (sandbox?.required) return `The command needs a sandbox: ${probe.reason ?? 'none works here'}.`;
  if (probe.containment && options.containment !== 'group') return { wrap: [...containmentArguments(), '--chdir', cwd], sandboxed: false };
  return { wrap: undefined, sandboxed: false };
}

interface Start {
  readonly program: string;
  readonly spec: CommandSpec;
  readonly environment: Record<string, string>;
  readonly wrap: readonly string[] | undefined;
  readonly tag: string;
}

async function start({ program, spec, environment, wrap, tag }: Start): Promise<ChildProcess> {
  const input = spec.stdin === undefined ? 'ignore' : 'pipe';
  const rest = spec.argv.slice(1);
  if (process.platform === 'win32') {
    // Finds `npm.cmd` and its like, and quotes for them; Node alone refuses to start them without a shell.
    const { default: spawnOnWindows } = await import('cross-spawn');
    const windows = spawnOnWindows(program, rest, {
      cwd: spec.cwd,
      env: { ...environment, [tagName]: tag },
      stdio: [input, 'pipe', 'pipe'],
      windowsHide: true,
    });
    const end = (): boolean => windows.kill();
    process.once('exit', end);
    windows.once('exit', () => process.off('exit', end));
    return windows;
  }
  if (wrap === undefined) {
    return spawn(program, rest, {
      cwd: spec.cwd,
      env: { ...environment, [tagName]: tag },
      argv0: spec.argv[0],
      stdio: [input, 'pipe', 'pipe'],
      detached: true,
    });
  }
  // The tag is set inside, so that bubblewrap's own two processes do not carry it. Descriptor 3 tells the namespace's first process.
  const args = ['--info-fd', '3', ...wrap, '--setenv', tagName, tag, '--', program, ...rest];
  return spawn('bwrap', args, { cwd: '/', env: environment, stdio: [input, 'pipe', 'pipe', 'pipe'], detached: true });
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
    }
    const information = child.stdio[3] as Readable | undefined;
    information?.on('data', (chunk: Buffer) => {
      const pid = /"child-pid":\s*(\d+)/.exec(chunk.toString())?.[1];
      if (pid !== undefined) firstInside.set(child, Number(pid));
    });
  });
}

/** First process of each command's PID namespace, as seen from outside: when it is gone, so is all of the namespace. */
const firstInside = new WeakMap<ChildProcess, number>();

interface Tree {
  readonly child: ChildProcess;
  readonly tag: string;
  readonly caged: boolean;
  readonly guard: Guard | undefined;
}

/** SIGTERM to the command's own processes, and a moment to tidy up. */
async function askToLeave({ child, tag, caged }: Tree): Promise<void> {
  if (process.platform === 'win32' || child.pid === undefined) return;
  const tagged = process.platform === 'linux' ? await findProcesses(tag, undefined) : [-child.pid];
  for (const pid of caged ? tagged : [...tagged, -child.pid]) sendSignal(pid, 'SIGTERM');
  const until = performance.now() + graceMs;
  while (performance.now() < until && child.exitCode === null && child.signalCode === null) await sleep(10);
}

/** SIGKILL to everything, again and again until nothing is left. */
async function endTree({ child, tag, caged }: Tree): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null) await taskkill(pid);
    return;
  }
  const until = performance.now() + persistMs;
  const root = (): number | undefined => (child.exitCode === null && child.signalCode === null ? pid : undefined);
  if (caged) {
    // Our own direct child, in a group of its own: killing it kills the namespace.
    if (root() !== undefined) sendSignal(-pid, 'SIGKILL');
    const first = firstInside.get(child);
    if (first !== undefined) {
      while (isAlive(first) && performance.now() < until) {
        sendSignal(first, 'SIGKILL');
        await sleep(2);
      }
      return;
    }
  }
  sendSignal(-pid, 'SIGKILL');
  for (;;) {
    const left = await findProcesses(tag, root());
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

/** A shell, and bubblewrap, report a death by signal n as exit code 128 + n. */
function outcome(code: number | null, killedBy: string | null, caged: boolean): { code: number | null; killedBy: string | null } {
  if (!caged || code === null || code <= 128) return { code, killedBy };
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? { code, killedBy } : { code: null, killedBy: name };
}
