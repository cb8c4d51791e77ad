import { type ExecFileException, execFile } from 'node:child_process';
import { throwIfStopped } from '../errors.ts';
import { pickEnvironment } from '../process/index.ts';
import { type BoundedAnswer, notAsked } from '../workspace/index.ts';

/** Runs one program that only reads, without a shell; never throws for what it does. Rejects with `stopped` when the signal fires. */
export async function askProgram(
  argv: readonly string[],
  cwd: string,
  limits: { readonly ms: number; readonly bytes: number },
  signal: AbortSignal,
): Promise<BoundedAnswer> {
  throwIfStopped(signal);
  if (limits.ms <= 0) return notAsked;
  const [program = '', ...rest] = argv;
  const answer = await new Promise<BoundedAnswer>((resolve) => {
    const child = execFile(
      program,
      rest,
      {
        cwd,
        env: pickEnvironment(process.env),
        encoding: 'buffer',
        maxBuffer: limits.bytes,
        timeout: Math.ceil(limits.ms),
        // Nothing of it is to be kept.
        killSignal: 'SIGKILL',
        signal,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        // The time may be up when the program has just ended well: Node lets go of its output then, and calls that no error.
        const cut = error === null && child.stdout?.readableEnded === false;
        resolve({ ending: cut ? 'too-long' : endingOf(error), exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') });
      },
    );
    child.stdin?.end();
  });
  throwIfStopped(signal);
  return answer;
}

function endingOf(error: ExecFileException | null): BoundedAnswer['ending'] {
  if (error === null) return 'done';
  // Node types this code as a number or a string by turns.
  if (String(error.code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'too-much';
  if (error.killed) return 'too-long';
  return typeof error.code === 'number' ? 'failed' : 'not-found';
}
