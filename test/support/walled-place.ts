/** A home, a workspace, a data folder and servers as a user has them, all of it made up, for commands that try to get at them from a fence. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CommandResult, type Fence, type Fenced, fenceView, openFor, runCommand } from '../../src/process/index.ts';

/** Where everything is, as an attempt is told. */
export interface Places {
  readonly home: string;
  readonly workspace: string;
  readonly data: string;
  /** What the command may write. */
  readonly copy: string;
  /** TCP and UDP, on every address of the machine. */
  readonly port: number;
  readonly addresses: readonly string[];
  /** Sockets in the file system: in the home, and below folders that the fence shows. */
  readonly sockets: readonly string[];
  readonly abstract: string;
  /** A process of the user that does nothing. */
  readonly victim: number;
  /** Stands in the command line of every process that an attempt wants to leave behind. */
  readonly mark: string;
}

export interface WalledPlace extends Places {
  readonly top: string;
  /** What reached a server since it was asked last. */
  heard(): string;
  victimLives(): boolean;
  /** Processes of this machine with the mark, or that have it in their environment. */
  left(): string[];
  fenced(more?: Partial<Parameters<typeof fenceView>[0]>): Fenced;
  /** Runs a program in the fence, in the copy. `wallMs` default 30,000. */
  run(argv: readonly string[], more?: { readonly wallMs?: number; readonly fenced?: Fenced }): Promise<CommandResult>;
  /** Every file and link outside of the copy with its content, mode and times: what must not change. */
  outside(): Readonly<Record<string, string>>;
  dispose(): void;
}

/** Stands in every file that is not the command's to read. */
export const secret = 'TOP-SECRET-7c1f';

/** Variables of the user that are nobody else's business. */
const keys = {
  OPENAI_API_KEY: secret,
  AWS_SECRET_ACCESS_KEY: secret,
  GITHUB_TOKEN: secret,
  DATABASE_URL: `postgres://u:${secret}@localhost/db`,
  HTTPS_PROXY: `http://u:${secret}@localhost:1`,
  SSH_AUTH_SOCK: `/tmp/${secret}`,
  DBUS_SESSION_BUS_ADDRESS: `unix:path=/tmp/${secret}`,
  NODE_OPTIONS: `--title=${secret}`,
  UNHEARD_OF: secret,
};

export async function walledPlace(fence: Fence): Promise<WalledPlace> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright walls é,')));
  const home = join(top, 'home/u');
  const workspace = join(home, 'work/project');
  const data = join(home, '.local/share/teamwright');
  const copy = join(data, 'copies/run/c1');
  const put = (path: string, text = secret): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const path of [
    ...[
      '.ssh/id_ed25519',
      '.ssh/authorized_keys',
      '.aws/credentials',
      '.config/gh/hosts.yml',
      '.config/settings.json',
      '.bashrc',
      '.netrc',
    ],
    ...['.npmrc', '.gitconfig', '.cargo/credentials.toml', '.kube/config', '.docker/config.json', '.m2/settings.xml', '.bash_history'],
    ...['notes.txt', '.mozilla/cookies', '../other/notes.txt'],
  ])
    put(join(home, path));
  put(join(home, '.cache/go-build/x/object'), 'cached');
  put(join(home, '.pyenv/version'), 'tool');
  put(join(workspace, 'src/secret.js'));
  put(join(workspace, '.env'));
  put(join(workspace, 'node_modules/dep/index.js'), 'dependency');
  execFileSync('git', ['init', '-q', workspace]);
  put(join(workspace, '.git/secret'));
  for (const path of ['runs/r1/events.jsonl', 'store/config', 'settings.json', 'copies/run/c2/candidate.js', 'copies/run/other.index'])
    put(join(data, path));
  put(join(copy, 'own.js'), 'own');
  symlinkSync(join(workspace, 'node_modules'), join(copy, 'node_modules'));

  let heard = '';
  const listen = async (where: ListenOptions): Promise<Server> => {
    const server = createServer((socket) => {
      heard += `connection to ${JSON.stringify(where)}`;
      socket.on('error', () => undefined).end(secret);
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(where, resolve));
    return server;
  };
  const sockets = ['run/agent.sock', '.pyenv/agent.sock', 'work/project/node_modules/.cache/dev.sock'].map((path) => join(home, path));
  const abstract = `teamwright-walls-${process.pid}-${fence.by}`;
  const everywhere = await listen({ host: '::', port: 0 });
  const address = everywhere.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const servers = [everywhere, await listen({ path: `\0${abstract}` })];
  for (const path of sockets) {
    mkdirSync(dirname(path), { recursive: true });
    servers.push(await listen({ path }));
  }
  const datagrams = createSocket('udp6').on('message', (message) => {
    heard += `datagram ${message.toString()}`;
  });
  await new Promise<void>((resolve) => datagrams.bind(port, '::', resolve));

  const mark = `walls-${process.pid}-${Math.floor(Math.random() * 1e9)}`;
  const victim = spawn('sleep', ['1000'], { stdio: 'ignore', env: { VICTIM: secret } });
  const places: Places = {
    ...{ home, workspace, data, copy, port, sockets, abstract, victim: victim.pid ?? 0, mark },
    addresses: [
      ...['127.0.0.1', '::1'],
      ...Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal).map((one) => one.address)),
    ],
  };
  const fenced: WalledPlace['fenced'] = (more = {}) => {
    const view = fenceView({
      environment: process.env,
      homes: [home],
      hidden: [workspace, data],
      dependencies: [join(workspace, 'node_modules')],
      ...more,
    });
    return { fence, view: openFor(view, [copy]) };
  };
  const usual = fenced();
  return {
    ...places,
    top,
    heard: () => {
      const since = heard;
      heard = '';
      return since;
    },
    victimLives: () => isThere(victim),
    left: () => marked(mark),
    fenced,
    run: (argv, { wallMs = 30_000, fenced: how = usual } = {}) =>
      runCommand(
        { argv, cwd: copy, env: { HOME: home, PLACES: JSON.stringify(places) }, wallMs },
        { fence: how, environment: { ...process.env, ...keys } },
        new AbortController().signal,
      ),
    outside: () => contents(top, copy),
    dispose: () => {
      victim.kill('SIGKILL');
      for (const server of servers) server.close();
      datagrams.close();
      rmSync(top, { recursive: true, force: true });
    },
  };
}

/** Not ended, and not stopped either. */
function isThere(child: ChildProcess): boolean {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  return /^State:\s+[SR]/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
}

function marked(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const about = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1').replaceAll('\0', ' '));
        return about.join(' ').includes(mark) ? [`${pid} ${about[0]}`] : [];
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // It has ended meanwhile, or is another user's.
        if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
        throw error;
      }
    });
}

function contents(folder: string, but: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (path === but) continue;
    if (entry.isDirectory()) Object.assign(found, { [path]: 'folder' }, contents(path, but));
    else if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(path)}`;
    else if (entry.isFile()) {
      const { mode, mtimeMs, uid, nlink } = statSync(path);
      found[path] = `${mode} ${mtimeMs} ${uid} ${nlink} ${readFileSync(path, 'utf8')}`;
    } else found[path] = 'special';
  }
  return found;
}
