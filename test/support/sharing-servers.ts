/** Real HTTP servers that play the targets of sharing: an endpoint, and the parts of the Hugging Face hub that its library calls. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
}

/** What the server does with one upload: keep it, refuse it, cut the line, be silent, keep it and be gone before the answer. */
export type Behaviour =
  | 'keep'
  | 'cut'
  | 'silent'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly keepThen: () => void | Promise<void> };

export interface SharingServer {
  readonly url: string;
  /** Everything that was asked for, in order. */
  readonly calls: readonly SeenCall[];
  /** What is kept, by name, as it came. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The text of a kept file. */
  text(name: string): string;
  close(): Promise<void>;
}

async function serve(
  handle: (call: SeenCall, body: Buffer, request: IncomingMessage, response: ServerResponse) => Promise<void>,
  files: Map<string, Buffer>,
): Promise<SharingServer> {
  const calls: SeenCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, bytes: body.length };
      calls.push(call);
      await handle(call, body, request, response);
    })().catch((error) => {
      // A client that left in the middle is no failure of the server.
      if (!request.destroyed) throw error;
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    files,
    text: (name) => gunzipSync(files.get(name) ?? Buffer.alloc(0)).toString('utf8'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `behaviour` of the uploads in turn; the last one stays. */
export function startEndpoint(behaviours: readonly Behaviour[] = ['keep'], token?: string): Promise<SharingServer> {
  const files = new Map<string, Buffer>();
  let uploads = 0;
  return serve(async (call, body, request, response) => {
    const name = call.path.split('/').at(-1) ?? '';
    const answer = (status: number, headers: Readonly<Record<string, string>> = {}): void =>
      void response.writeHead(status, headers).end(status >= 400 ? 'not now' : undefined);
    if (token !== undefined && call.headers.authorization !== `Bearer ${token}`) return answer(401);
    if (call.method === 'DELETE') return answer(files.delete(name) ? 204 : 404);
    if (call.method !== 'PUT') return answer(405);
    const behaviour = behaviours[Math.min(uploads++, behaviours.length - 1)] ?? 'keep';
    if (behaviour === 'cut') return void request.socket.destroy();
    if (behaviour === 'silent') return;
    if (typeof behaviour === 'object' && 'status' in behaviour) return answer(behaviour.status, behaviour.headers);
    if (createHash('sha256').update(body).digest('hex') !== call.headers['x-content-sha256']) return answer(422);
    files.set(name, body);
    if (typeof behaviour === 'object') {
      await behaviour.keepThen();
      return void request.socket.destroy();
    }
    answer(201);
  }, files);
}

export interface HubOptions {
  readonly token: string;
  readonly repository: string;
  /** How the hub wants files: in the commit itself, or in its storage first. */
  readonly uploadMode: 'regular' | 'lfs';
  /** Status of the commits in turn, 200 when there is none. */
  readonly commits?: readonly number[];
}

/**
 * The hub: preupload, the storage of large files, commit. `files` is what the data set holds now; `history` counts commits that changed
 * something.
 */
export async function startHub({
  token,
  repository,
  uploadMode,
  commits = [],
}: HubOptions): Promise<SharingServer & { readonly history: () => number }> {
  const files = new Map<string, Buffer>();
  const storage = new Map<string, Buffer>();
  let committed = 0;
  let asked = 0;
  let address = '';
  const api = `/api/datasets/${repository}`;
  const server = await serve(async (call, body, _request, response) => {
    const json = (status: number, value: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (call.path.startsWith('/storage/')) {
      storage.set(call.path.slice('/storage/'.length), body);
      return json(200, {});
    }
    if (call.headers.authorization !== `Bearer ${token}`) return json(401, { error: 'Invalid username or password.' });
    if (call.path === `${api}/preupload/main`) {
      const { files: wanted } = JSON.parse(body.toString()) as { files: { path: string }[] };
      return json(200, { files: wanted.map(({ path }) => ({ path, uploadMode })) });
    }
    if (call.path === `/datasets/${repository}.git/info/lfs/objects/batch`) {
      const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] };
      return json(200, {
        transfer: 'basic',
        objects: objects.map(({ oid, size }) => ({
          oid,
          size,
          ...(storage.has(oid) ? {} : { actions: { upload: { href: `${address}/storage/${oid}`, header: {} } } }),
        })),
      });
    }
    if (call.path === `${api}/commit/main`) {
      const status = commits[asked++] ?? 200;
      if (status !== 200) return json(status, { error: `commit refused with ${status}` });
      const before = JSON.stringify([...files.keys()]);
      for (const line of body.toString().split('\n')) {
        const { key, value } = JSON.parse(line) as { key: string; value: { path: string; content?: string; oid?: string } };
        if (key === 'file') files.set(value.path, Buffer.from(value.content ?? '', 'base64'));
        if (key === 'lfsFile') {
          const content = storage.get(value.oid ?? '');
          if (content === undefined) return json(400, { error: 'LFS pointer pointed to a file that does not exist' });
          files.set(value.path, content);
        }
        if (key === 'deletedFile' && !files.delete(value.path)) return json(404, { error: `${value.path} does not exist` });
      }
      if (JSON.stringify([...files.keys()]) !== before) committed += 1;
      return json(200, {
        success: true,
        commitOid: createHash('sha1').update(body).digest('hex'),
        commitUrl: `${address}/datasets/${repository}/commit/x`,
        hookOutput: '',
      });
    }
    return json(404, { error: `no such place ${call.method} ${call.path}` });
  }, files);
  address = server.url;
  return { ...server, history: () => committed };
}
