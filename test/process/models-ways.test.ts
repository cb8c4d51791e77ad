/** The ways to a model server: addresses in every form, proxies of the environment (a real one), certificates of an authority made here. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { addressOf } from '../../src/models/address.ts';
import { openAiClient } from '../../src/models/index.ts';
import { proxyFor } from '../../src/models/proxy.ts';
import { never } from '../support/model-scenes.ts';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(server: Server & { closeAllConnections?(): void }, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((done) => server.listen(0, host, done));
  closing.push(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

interface Asked {
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
}
const answer =
  (asked: Asked[], text = 'here') =>
  (incoming: IncomingMessage, response: ServerResponse) => {
    asked.push({ url: incoming.url, headers: incoming.headers });
    incoming.resume();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ choices: [{ message: { content: text }, finish_reason: 'stop' }] }));
  };

describe('an address', () => {
  test.each([
    ['http://h/v1', 'http://h/v1/chat/completions'],
    ['http://h/v1///', 'http://h/v1/chat/completions'],
    ['http://h/v1/chat/completions', 'http://h/v1/chat/completions'],
    ['http://h/v1/models', 'http://h/v1/chat/completions'],
    ['https://h/api/paas/v4?x=1', 'https://h/api/paas/v4/chat/completions?x=1'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1/chat/completions'],
    ['https://n.openai.azure.com', 'https://n.openai.azure.com/openai/v1/chat/completions'],
    ['https://n.openai.azure.com/openai/v1/', 'https://n.openai.azure.com/openai/v1/chat/completions'],
    [
      'https://n.openai.azure.com/openai/deployments/d?api-version=2025-01-01',
      'https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01',
    ],
    [
      'https://n.openai.azure.com/openai/deployments/d/chat/completions',
      'https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21',
    ],
  ])('%s', (base, chat) => {
    expect(addressOf(base, '/chat/completions').href).toBe(chat);
  });

  test('without /v1 finds it, once, also on the loopback of IPv6', async () => {
    const asked: Asked[] = [];
    const good = answer(asked);
    const port = await listening(
      createServer((incoming, response) => {
        if (incoming.url?.startsWith('/v1/')) return good(incoming, response);
        asked.push({ url: incoming.url, headers: incoming.headers });
        response.writeHead(404).end('{"error": "not here"}');
      }),
      '::1',
    );
    const client = openAiClient({ endpoint: 's', baseUrl: `http://[::1]:${port}` });
    for (const _ of [1, 2]) expect((await client.chat({ model: 'm', messages: [] }, undefined, never())).text).toBe('here');
    expect(asked.map(({ url }) => url)).toEqual(['/chat/completions', '/v1/chat/completions', '/v1/chat/completions']);
  });
});

describe('a proxy', () => {
  const proxy = 'http://proxy.corp:3128';
  test.each<[string, Record<string, string>, string | undefined]>([
    ['http://a.example/', { HTTP_PROXY: proxy }, 'proxy.corp:3128'],
    ['http://a.example/', { http_proxy: 'proxy.corp:3128' }, 'proxy.corp:3128'],
    ['https://a.example/', { HTTP_PROXY: proxy }, undefined],
    ['https://a.example/', { HTTPS_PROXY: proxy }, 'proxy.corp:3128'],
    ['https://a.example/', { ALL_PROXY: proxy }, 'proxy.corp:3128'],
    ['https://a.example/', { HTTPS_PROXY: ' ', all_proxy: proxy }, 'proxy.corp:3128'],
    ['http://127.0.0.1:8080/', { HTTP_PROXY: proxy }, undefined],
    ['http://localhost:8080/', { HTTP_PROXY: proxy }, undefined],
    ['http://[::1]:8080/', { HTTP_PROXY: proxy }, undefined],
    ['http://a.example/', { HTTP_PROXY: proxy, NO_PROXY: '*' }, undefined],
    ['http://a.example/', { HTTP_PROXY: proxy, no_proxy: 'b.example, a.example' }, undefined],
    ['http://x.a.example/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example' }, undefined],
    ['http://x.a.example/', { HTTP_PROXY: proxy, NO_PROXY: '.a.example' }, undefined],
    ['http://x.a.example/', { HTTP_PROXY: proxy, NO_PROXY: '*.A.example' }, undefined],
    ['http://xa.example/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example' }, 'proxy.corp:3128'],
    ['http://a.example:81/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example:82' }, 'proxy.corp:3128'],
    ['http://a.example:82/', { HTTP_PROXY: proxy, NO_PROXY: 'a.example:82' }, undefined],
    ['http://10.1.2.3/', { HTTP_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, undefined],
    ['http://11.1.2.3/', { HTTP_PROXY: proxy, NO_PROXY: '10.0.0.0/8' }, 'proxy.corp:3128'],
    ['http://[fd00::5]/', { HTTP_PROXY: proxy, NO_PROXY: 'fd00::/8' }, undefined],
    ['http://[fd00::5]:8/', { HTTP_PROXY: proxy, NO_PROXY: '[fd00::5]:8' }, undefined],
    ['http://[fd00::5]/', { HTTP_PROXY: proxy, NO_PROXY: 'fd00::5' }, undefined],
  ])('for %s with %j is %s', (address, env, host) => {
    expect(proxyFor(new URL(address), env)?.host).toBe(host);
  });

  test('that is none of HTTP is named', () => {
    expect(() => proxyFor(new URL('http://a.example'), { ALL_PROXY: 'socks5://p:1' })).toThrow('all_proxy'.toUpperCase());
  });
});

const child = resolve(import.meta.dirname, '../support/ask-a-model.ts');
async function ask(baseUrl: string, env: Readonly<Record<string, string>>): Promise<string> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/proxy|NODE_EXTRA/i.test(name)));
  return (await promisify(execFile)(process.execPath, [child, baseUrl], { env: { ...clean, ...env } })).stdout;
}

/** A real proxy of both kinds. Names that it alone knows lead to `port`. */
async function startProxy(port: number, login?: string): Promise<{ address: string; seen: string[] }> {
  const seen: string[] = [];
  const mayPass = (headers: IncomingMessage['headers']): boolean =>
    login === undefined || headers['proxy-authorization'] === `Basic ${Buffer.from(login).toString('base64')}`;
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (!mayPass(incoming.headers)) return void response.writeHead(407).end();
    const { pathname } = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    incoming.pipe(
      request({ host: '127.0.0.1', port, path: pathname, method: incoming.method, headers }, (answered) => {
        response.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(response);
      }),
    );
  });
  server.on('connect', (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    if (!mayPass(incoming.headers)) return void socket.end('HTTP/1.1 407 Login\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { address: `127.0.0.1:${await listening(server)}`, seen };
}

function authority(): { folder: string; ca: string; key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'teamwright-ca-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=models.corp.example');
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:models.corp.example,IP:127.0.0.1');
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'server.pem',
    '-days',
    '2',
    '-extfile',
    'names',
  );
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { folder, ca: join(folder, 'ca.pem'), key: read('server.key'), cert: read('server.pem') };
}

describe('a request goes', () => {
  test('through the proxy of the environment, with its login and without the key of the model', async () => {
    const asked: Asked[] = [];
    const target = await listening(createServer(answer(asked)));
    const { address, seen } = await startProxy(target, 'me:p@ss');
    const env = { HTTP_PROXY: `http://me:p%40ss@${address}` };
    expect(await ask('http://models.corp.example/v1', env)).toBe('here');
    expect(seen).toEqual(['POST http://models.corp.example/v1/chat/completions']);
    expect(asked[0]?.headers).toMatchObject({ host: 'models.corp.example', authorization: 'Bearer sk-test' });
    const told = await ask('http://models.corp.example/v1', { HTTP_PROXY: `http://me:wrong@${address}` });
    expect(told).toContain('407');
    expect(told).not.toContain('wrong');
    expect(await ask(`http://127.0.0.1:${target}/v1`, env)).toBe('here');
    expect(seen).toHaveLength(2);
  });

  test('through a tunnel to a server whose authority the user names', async () => {
    const { ca, key, cert } = authority();
    const asked: Asked[] = [];
    const target = await listening(createTlsServer({ key, cert }, answer(asked)));
    const { address, seen } = await startProxy(target, 'me:secret');
    const HTTPS_PROXY = `http://me:secret@${address}`;
    expect(await ask('https://models.corp.example/v1', { HTTPS_PROXY, NODE_EXTRA_CA_CERTS: ca })).toBe('here');
    expect(seen).toEqual(['CONNECT models.corp.example:443']);
    expect(asked[0]?.headers['proxy-authorization']).toBeUndefined();
    expect(asked[0]?.headers.host).toBe('models.corp.example');
    expect(await ask('https://models.corp.example/v1', { HTTPS_PROXY })).toContain('set NODE_EXTRA_CA_CERTS');
    expect(await ask(`https://127.0.0.1:${target}/v1`, { NODE_EXTRA_CA_CERTS: ca })).toBe('here');
    expect(await ask('https://models.corp.example/v1', { HTTPS_PROXY: `http://me:wrong@${address}` })).toMatch(
      /the proxy http:\/\/127\.0\.0\.1:\d+ wants a login \(407\)/,
    );
    expect(await ask('https://models.corp.example/v1', { HTTPS_PROXY: 'http://127.0.0.1:1' })).toContain(
      'the proxy http://127.0.0.1:1 cannot be reached: nothing listens there',
    );
  });
});
