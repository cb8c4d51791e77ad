/** What honest tests do works in their fence as it does without. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fences } from '../support/fences.ts';
import { python } from '../support/python.ts';
import { type WalledPlace, walledPlace } from '../support/walled-place.ts';

if (fences.length === 0) test.skip('no fence works on this machine', () => undefined);

const node = (body: string): string[] => [
  process.execPath,
  '-e',
  `const fs = require('node:fs'), os = require('node:os'), path = require('node:path'), net = require('node:net'), http = require('node:http'), child = require('node:child_process'), assert = require('node:assert');\n(async () => {\n${body}\n})();`,
];

/** What they do, and that it says `fine`. */
const works: Readonly<Record<string, readonly string[]>> = {
  'temporary files': node(
    "const d = fs.mkdtempSync(os.tmpdir() + '/x'); fs.writeFileSync(d + '/f', 'a'); fs.renameSync(d + '/f', d + '/g'); fs.rmSync(d, { recursive: true }); console.log('fine')",
  ),
  'files in the home': node(
    "for (const d of ['.cache/x', '.config/y', '.local/share/z']) { fs.mkdirSync(os.homedir() + '/' + d, { recursive: true }); fs.writeFileSync(os.homedir() + '/' + d + '/f', 'a'); } console.log('fine')",
  ),
  'links and locks in the copy': node(
    "fs.writeFileSync('f', 'a'); fs.linkSync('f', 'g'); fs.symlinkSync('f', 'h'); assert.equal(fs.readFileSync('h', 'utf8'), 'a'); fs.chmodSync('f', 0o755); fs.utimesSync('f', 1, 1); fs.renameSync('g', 'i'); for (const f of ['f', 'h', 'i']) fs.rmSync(f); console.log('fine')",
  ),
  'watching files': node(
    "const { promise, resolve } = Promise.withResolvers(); const w = fs.watch('.', resolve); setTimeout(() => fs.writeFileSync('watched', ''), 20); await promise; w.close(); fs.rmSync('watched'); console.log('fine')",
  ),
  'a server of their own': node(
    "for (const host of ['127.0.0.1', '::1', 'localhost', '0.0.0.0']) { const s = http.createServer((q, r) => r.end('fine')); await new Promise((r) => s.listen(0, host, r)); const a = await fetch('http://localhost:' + s.address().port).catch(() => fetch('http://' + (host === '::1' ? '[::1]' : '127.0.0.1') + ':' + s.address().port)); assert.equal(await a.text(), 'fine'); s.closeAllConnections(); s.close(); } console.log('fine')",
  ),
  'sockets in the file system and without one': node(
    "for (const path of [os.tmpdir() + '/s', '\\0mine', 'own.sock']) { const s = net.createServer((c) => c.end('x')).listen(path); await new Promise((r) => s.on('listening', r)); await new Promise((r) => net.connect(path).on('data', r)); s.close(); } console.log('fine')",
  ),
  datagrams: node(
    "const s = require('node:dgram').createSocket('udp4'); s.bind(0, '127.0.0.1', () => s.send('x', s.address().port, '127.0.0.1')); await new Promise((r) => s.on('message', r)); s.close(); console.log('fine')",
  ),
  'many processes, and their ends': node(
    "const all = await Promise.all(Array.from({ length: 40 }, (_, i) => new Promise((r) => child.spawn('/bin/sh', ['-c', 'exit ' + i]).on('exit', r)))); assert.deepEqual(all, all.map((_, i) => i)); const c = child.spawn('sleep', ['100']); c.kill('SIGTERM'); assert.equal(await new Promise((r) => c.on('exit', (a, s) => r(s))), 'SIGTERM'); console.log('fine')",
  ),
  'threads and shared memory': node(
    "const { Worker } = require('node:worker_threads'); const b = new Int32Array(new SharedArrayBuffer(4)); await Promise.all([1, 2, 3].map(() => new Promise((r) => new Worker('Atomics.add(require(\"node:worker_threads\").workerData, 0, 1)', { eval: true, workerData: b }).on('exit', r)))); assert.equal(b[0], 3); console.log('fine')",
  ),
  'facts of the machine': node(
    "assert(os.cpus().length > 0 && os.totalmem() > 0 && os.availableParallelism() > 0 && os.hostname() !== '' && os.userInfo().username !== ''); os.networkInterfaces(); console.log('fine')",
  ),
  'a child that talks over a channel': node(
    "fs.writeFileSync('c.js', \"process.on('message', (m) => { process.send(m); process.disconnect(); })\"); const c = child.fork('c.js'); c.send('x'); assert.equal(await new Promise((r) => c.on('message', r)), 'x'); fs.rmSync('c.js'); console.log('fine')",
  ),
  "node's own runner, side by side": node(
    "fs.mkdirSync('t', { recursive: true }); for (const n of [1, 2, 3]) fs.writeFileSync('t/' + n + '.test.js', \"require('node:test').test('x', () => {})\"); const r = child.spawnSync(process.execPath, ['--test', 't/*.test.js'], { encoding: 'utf8' }); fs.rmSync('t', { recursive: true }); assert.match(r.stdout, /pass 3/); console.log('fine')",
  ),
  'a package, and a cache in it': node(
    "assert.match(fs.readFileSync('node_modules/dep/index.js', 'utf8'), /dependency/); console.log('fine')",
  ),
  git: [
    '/bin/sh',
    '-c',
    'set -e; export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; git init -q r; cd r; git config user.name x; echo a >f; git add f; git commit -qm a; git clone -q . ../r2; git log --oneline >/dev/null; git worktree add -q ../r3; cd ..; rm -rf r r2 r3; echo fine',
  ],
  'a terminal of their own': ['/bin/sh', '-c', 'script -qec "test -t 0 && tty >/dev/null && echo fine" /dev/null | tr -d "\\r"'],
  'the standard descriptors by name': [
    '/bin/sh',
    '-c',
    'echo fine | cat /dev/stdin; echo >/dev/stderr; : >/dev/null; head -c 4 /dev/urandom >/dev/null; exec 9<<E\nE\ncat /dev/fd/9',
  ],
  'jobs, pipes and traps': [
    '/bin/sh',
    '-c',
    'trap "echo fine" EXIT; sleep 0.05 & wait $!; mkfifo p; (echo a >p) & read x <p; rm p; timeout 5 sleep 0.01; kill -0 $$',
  ],
  'time, place and language': [
    '/bin/sh',
    '-c',
    'TZ=Europe/Berlin date >/dev/null && getent hosts localhost >/dev/null && getent passwd "$(id -u)" >/dev/null && locale >/dev/null && echo fine',
  ],
};

const pythons: Readonly<Record<string, string>> = {
  'processes that share memory and locks':
    "import multiprocessing as m\nfrom multiprocessing import shared_memory\nif __name__ == '__main__':\n  with m.Pool(2) as p: assert p.map(abs, [-1, -2]) == [1, 2]\n  s = shared_memory.SharedMemory(create=True, size=9); s.close(); s.unlink()\n  m.Lock(); m.Queue().put(1)\n  print('fine')",
  'databases in a file':
    "import sqlite3, os\nc = sqlite3.connect('d.db'); c.execute('pragma journal_mode=wal'); c.execute('create table t(a)'); c.execute('insert into t values (1)'); c.commit(); c.close(); os.remove('d.db'); print('fine')",
  'loops of events':
    "import asyncio\nasync def f():\n  p = await asyncio.create_subprocess_exec('echo', 'fine', stdout=-1)\n  s = await asyncio.start_server(lambda r, w: w.close(), '127.0.0.1', 0)\n  await asyncio.open_connection(*s.sockets[0].getsockname())\n  return (await p.communicate())[0]\nprint(asyncio.run(f()).decode())",
};

for (const fence of fences) {
  describe(`in the fence by ${fence.by}`, () => {
    let place: WalledPlace;
    beforeAll(async () => {
      place = await walledPlace(fence);
    });
    afterAll(() => place.dispose());

    const finds = async (argv: readonly string[]): Promise<void> => {
      const { ending, exitCode, stdout, stderr } = await place.run(argv);
      expect({ ending, exitCode, stdout, stderr }).toMatchObject({
        ending: 'exited',
        exitCode: 0,
        stdout: expect.stringContaining('fine'),
      });
    };
    for (const [name, argv] of Object.entries(works)) test(name, () => finds(argv));
    for (const [name, body] of Object.entries(pythons)) test.skipIf(python === undefined)(name, () => finds([python ?? '', '-c', body]));

    test('what is written in the copy stays', async () => {
      await finds(node("fs.mkdirSync('out'); fs.writeFileSync('out/file', 'kept'); console.log('fine')"));
      expect(readFileSync(join(place.copy, 'out/file'), 'utf8')).toBe('kept');
    });

    test.runIf(fence.discards)('packages and caches can be written, for as long as the command runs', async () => {
      await finds(
        node(`for (const f of ['node_modules/.cache/a', os.homedir() + '/.cache/go-build/b']) { fs.mkdirSync(path.dirname(f), { recursive: true }); fs.writeFileSync(f, 'x'); assert(fs.existsSync(f)); }
fs.rmSync('node_modules/dep', { recursive: true }); console.log('fine')`),
      );
      expect(['node_modules/.cache/a', 'node_modules/dep'].map((path) => existsSync(join(place.workspace, path)))).toEqual([false, true]);
    });
  });
}
