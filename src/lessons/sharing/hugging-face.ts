/** A data set of the user's own at Hugging Face: one file per payload, put there and taken out by commits. The library is loaded when needed. */
import { attempt, uploadFailure } from './endpoint.ts';
import { fileNameOf } from './target.ts';
import type { SharingTarget, Upload, UploadResult } from './types.ts';

type DataSet = Extract<SharingTarget, { kind: 'hugging-face' }>;

const limitMs = 120_000;
const pathOf = (id: string): string => `data/${fileNameOf(id)}`;

export function commitUpload(target: DataSet, upload: Upload, token: string | undefined, signal: AbortSignal): Promise<UploadResult> {
  const content = new Blob([new Uint8Array(upload.content)], { type: 'application/gzip' });
  return commitTo(target, `Add ${upload.id}`, { operation: 'addOrUpdate', path: pathOf(upload.id), content }, token, signal);
}

/** The file is gone from the data set as it is now; its history keeps it until the owner squashes or deletes that. */
export async function commitDelete(target: DataSet, id: string, token: string | undefined, signal: AbortSignal): Promise<UploadResult> {
  const result = await commitTo(target, `Delete ${id}`, { operation: 'delete', path: pathOf(id) }, token, signal);
  // What is not there any more is deleted.
  return 'problem' in result && /^the target answered 404|does not exist|EntryNotFound/i.test(result.problem)
    ? { receipt: 'not there' }
    : result;
}

type Operation =
  | { readonly operation: 'addOrUpdate'; readonly path: string; readonly content: Blob }
  | { readonly operation: 'delete'; readonly path: string };

async function commitTo(
  target: DataSet,
  title: string,
  operation: Operation,
  token: string | undefined,
  signal: AbortSignal,
): Promise<UploadResult> {
  if (token === undefined) return { problem: 'there is no token for the data set: set HF_TOKEN.', again: false };
  if (!token.startsWith('hf_')) return { problem: 'the token is not one of Hugging Face: it must begin with hf_.', again: false };
  const { commit, HubApiError } = await import('./hub.ts');
  return await attempt(signal, limitMs, async (stop) => {
    try {
      const done = await commit({
        repo: { type: 'dataset', name: target.repository },
        operations: [operation],
        title,
        accessToken: token,
        hubUrl: target.hubUrl,
        abortSignal: stop,
        // Plain uploads speak to the hub and its storage only.
        useXet: false,
      });
      return { receipt: done?.commit.oid ?? 'committed' };
    } catch (error) {
      if (!(error instanceof HubApiError)) throw error;
      return uploadFailure(error.statusCode, error.message.slice(0, 300), null);
    }
  });
}
