import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Fence, fenceView, type NoFence, openFor, removeScratch, takeScratch } from './fence/index.ts';
import { runCommand } from './run-command.ts';

let found: Promise<Fence | NoFence> | undefined;

/**
 * The fence that works here, or why none does. Found once per process by really trying: a program may be installed and forbidden to do its work,
 * or do less than it says. About 100 ms for each try.
 */
export function findFence(): Promise<Fence | NoFence> {
  found ??= find();
  return found;
}

async function find(): Promise<Fence | NoFence> {
  if (process.platform !== 'linux') return { by: 'none', reason: `there is no fence for ${process.platform} yet` };
  const tries: readonly Fence[] = [
    { by: 'unshare', discards: true },
    { by: 'unshare', discards: false },
    { by: 'bwrap', discards: false },
  ];
  const reasons: string[] = [];
  for (const fence of tries) {
    const reason = await tryFence(fence);
    if (reason === undefined) return fence;
    if (!reasons.includes(reason)) reasons.push(reason);
  }
  return { by: 'none', reason: [kernelSays(), ...reasons].filter((reason) => reason !== undefined).join('; ') };
}

const wallMs = 10_000;

/** Undefined when it holds, else in which way it does not, or why it does not stand. */
export async function tryFence(fence: Fence): Promise<string | undefined> {
  const scratch = takeScratch('disk');
  const server = await listening();
  try {
    const at = (name: string): string => join(scratch, name);
    for (const name of ['copy', 'read', 'layer']) mkdirSync(at(name));
    writeFileSync(at('secret'), 'x');
    const view = fenceView({ environment: process.env, homes: [homedir()], hidden: [] });
    const shown = [
      ...view.shown,
      { path: at('read'), access: 'read' as const, folder: true },
      { path: at('layer'), access: 'discard' as const, folder: true },
    ];
    const result = await runCommand(
      {
        argv: [process.execPath, '-e', script, JSON.stringify({ discards: fence.discards, port: portOf(server) }), scratch],
        cwd: at('copy'),
        env: { ELECTRON_RUN_AS_NODE: '1' },
        wallMs,
      },
      { fence: { fence, view: openFor({ ...view, shown }, [at('copy')]) } },
      new AbortController().signal,
    );
    if (result.ending !== 'exited' || result.exitCode !== 0) return `${fence.by}: ${firstLine(result.stderr) ?? result.ending}`;
    const faults = result.stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    if (existsSync(at('layer/written'))) faults.push('it writes through what should be thrown away');
    if (!existsSync(at('copy/written'))) faults.push('it cannot write in its copy');
    return faults.length === 0 ? undefined : `${fence.by}: ${faults.join(', ')}`;
  } finally {
    server.close();
    removeScratch(scratch);
  }
}

/** Runs inside; every line it prints is something that should not be so. */
const script = `
const fs = require('fs'), net = require('net'), path = require('path');
const [{ discards, port }, scratch] = [JSON.parse(process.argv[1]), process.argv[2]];
const at = (name) => path.join(scratch, name);
const attempt = (action) => { try { action(); return true; } catch { return false; } };
const fault = (text) => console.log(text);
if (attempt(() => fs.readFileSync(at('secret')))) fault('it reads what it is not shown');
if (attempt(() => fs.writeFileSync(at('read/written'), ''))) fault('it writes where it may only read');
if (!attempt(() => fs.writeFileSync(at('copy/written'), ''))) fault('it cannot write in its copy');
if (!attempt(() => fs.writeFileSync('/tmp/written', ''))) fault('it has no temporary folder');
if (discards && !attempt(() => fs.writeFileSync(at('layer/written'), ''))) fault('it cannot write in a cache');
if (!/^Seccomp:\\s+2/m.test(fs.readFileSync('/proc/self/status', 'utf8'))) fault('no call of the kernel is refused');
if (process.pid === 1) fault('it is the first process of its namespace');
net.connect(port, '127.0.0.1', () => { fault("it reaches the machine's network"); process.exit(); }).on('error', () => {
  const own = net.createServer().listen(0, '127.0.0.1', () => {
    net.connect(own.address().port, '127.0.0.1', () => process.exit()).on('error', () => { fault('it has no loopback'); process.exit(); });
  }).on('error', () => { fault('it has no loopback'); process.exit(); });
});
`;

async function listening(): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer((socket) => socket.destroy())
    .once('error', reject)
    .listen(0, '127.0.0.1', resolve);
  await promise;
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

const firstLine = (text: string): string | undefined =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');

/** The usual reasons, in words that lead to what can be done. */
function kernelSays(): string | undefined {
  const setting = (name: string): string | undefined => {
    const file = join('/proc/sys', name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  };
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'AppArmor allows namespaces to named programs only (kernel.apparmor_restrict_unprivileged_userns = 1)';
  if (setting('kernel/unprivileged_userns_clone') === '0') return 'user namespaces are switched off (kernel.unprivileged_userns_clone = 0)';
  if (setting('user/max_user_namespaces') === '0') return 'user namespaces are switched off (user.max_user_namespaces = 0)';
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return 'this is a container, which may forbid namespaces';
  return undefined;
}
