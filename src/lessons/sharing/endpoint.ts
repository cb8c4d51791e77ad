/** An HTTPS endpoint of the user's choice: `PUT <url>/<id>.jsonl.gz` keeps a payload, `DELETE` of the same address takes it back. */
import { errorText } from '../../errors.ts';
import { fileNameOf } from './target.ts';
import type { Upload, UploadFailure, UploadResult } from './types.ts';

/** Slower lines than this are cut and tried again. */
const leastBytesPerSecond = 20_000;
const answerMs = 30_000;

export async function putToEndpoint(url: string, upload: Upload, token: string | undefined, signal: AbortSignal): Promise<UploadResult> {
  const limit = answerMs + (upload.content.length / leastBytesPerSecond) * 1000;
  return await attempt(signal, limit, async (stop) => {
    const response = await fetch(`${url}/${fileNameOf(upload.id)}`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/gzip',
        // The same payload under the same name is the same thing, however often it comes.
        'idempotency-key': upload.id,
        'x-content-sha256': upload.sha256,
        ...authorization(token),
      },
      body: new Uint8Array(upload.content),
      redirect: 'manual',
      signal: stop,
    });
    return await read(response, [200, 201, 204], `${response.status} ${url}/${fileNameOf(upload.id)}`);
  });
}

export async function deleteAtEndpoint(url: string, id: string, token: string | undefined, signal: AbortSignal): Promise<UploadResult> {
  return await attempt(signal, answerMs, async (stop) => {
    const response = await fetch(`${url}/${fileNameOf(id)}`, {
      method: 'DELETE',
      headers: authorization(token),
      redirect: 'manual',
      signal: stop,
    });
    // What is not there any more is deleted.
    return await read(response, [200, 202, 204, 404, 410], `${response.status}`);
  });
}

const authorization = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** A failure of the network may pass; that the caller stops is no failure of the target, and is thrown. */
export async function attempt(
  signal: AbortSignal,
  limitMs: number,
  work: (stop: AbortSignal) => Promise<UploadResult>,
): Promise<UploadResult> {
  const late = AbortSignal.timeout(Math.ceil(limitMs));
  try {
    return await work(AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) return { problem: `no answer within ${Math.ceil(limitMs / 1000)} seconds`, again: true };
    const cause = error instanceof Error && error.cause !== undefined ? `: ${errorText(error.cause)}` : '';
    return { problem: `${errorText(error)}${cause}`, again: true };
  }
}

async function read(response: Response, good: readonly number[], receipt: string): Promise<UploadResult> {
  // Read to the end, so that the connection is free; what a foreign server says is cut short.
  const said = (await response.text()).slice(0, 300).replace(/\s+/g, ' ').trim();
  if (good.includes(response.status)) return { receipt };
  return uploadFailure(response.status, said, response.headers.get('retry-after'));
}

/** 408, 425, 429 and 5xx may pass; everything else is a no. */
export function uploadFailure(status: number, said: string, retryAfter: string | null): UploadFailure {
  const again = [408, 425, 429].includes(status) || status >= 500;
  const redirected =
    status >= 300 && status < 400 ? ' It sends elsewhere; nothing was sent there. Name the other address when it is meant.' : '';
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return {
    problem: `the target answered ${status}${said === '' ? '' : `: ${said}`}.${redirected}`.replace('..', '.'),
    again,
    ...(again && Number.isFinite(seconds) && seconds >= 0 ? { afterMs: seconds * 1000 } : {}),
  };
}
