/** The first source: one file over HTTP, resumed where an earlier try ended. */
import { bytesAt } from '../process/index.ts';
import { intoFile } from './into-file.ts';

export interface DownloadOptions {
  readonly url: string;
  readonly file: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** A source that does not begin to answer within this time is not there, ms. */
  readonly connectMs: number;
  /** Longest silence while bytes flow, ms. */
  readonly silenceMs: number;
  readonly onBytes: (done: number) => void;
}

/** Rejects with a plain reason; what arrived stays in `file` for the next try. */
export async function download(options: DownloadOptions, signal: AbortSignal): Promise<void> {
  const { file, bytes } = options;
  const have = await bytesAt(file);
  if (have === bytes) return;
  const silence = new AbortController();
  const watch = (ms: number, what: string) => setTimeout(() => silence.abort(new Error(`${what} within ${ms / 1000} s`)), ms);
  let timer = watch(options.connectMs, 'no answer');
  try {
    const response = await fetch(options.url, {
      headers: have > 0 && have < bytes ? { range: `bytes=${have}-` } : {},
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    const resumed = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true;
    let done = resumed ? have : 0;
    async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of body) {
        clearTimeout(timer);
        timer = watch(options.silenceMs, 'no byte');
        done += piece.length;
        if (done > bytes) throw new Error(`more than the expected ${bytes} bytes`);
        options.onBytes(done);
        yield piece;
      }
    }
    clearTimeout(timer);
    timer = watch(options.silenceMs, 'no byte');
    await intoFile(counted(response.body), file, { flags: resumed ? 'a' : 'w' });
    if (done !== bytes) throw new Error(`the connection ended after ${done} of ${bytes} bytes`);
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted) throw silence.signal.reason;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new Error(`${error instanceof Error ? error.message : error}${cause}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
