import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layOut } from '../../src/process/fence/layout.ts';
import { optionsAt, parseMountTable } from '../../src/process/fence/mount-table.ts';
import type { FenceView } from '../../src/process/fence/types.ts';
import { fenceView, type ViewRequest } from '../../src/process/fence/view.ts';
import { wantedBeyond } from '../../src/process/fence/wanted.ts';
import { allowText, grantsByFolderSchema, openFor } from '../../src/process/index.ts';

const empty: FenceView = { shown: [], links: [], hidden: [], home: '/home/u', network: false, namespaces: false };
const folder = (path: string, access: 'read' | 'write' | 'discard' = 'read') => ({ path, access, folder: true });
const at = (place: string) => `/s/${place}`;
const mounts = (view: Partial<FenceView>, discards = true, table = '') =>
  layOut({ ...empty, ...view }, at, discards, parseMountTable(table)).mounts.map(({ target, source, access }) =>
    source === target ? `${access} ${target}` : `${access} ${target} <- ${source}`,
  );
const own = ['write /home/u <- /s/home', 'write /tmp <- /s/tmp', 'write /var/tmp <- /s/var-tmp'];

describe('the root of a fenced command', () => {
  it('has a home and temporary folders of its own, and nothing else', () => {
    expect(mounts({})).toEqual(own);
  });

  it('shows parents before what lies in them, each path once and at its strongest', () => {
    const shown = [
      folder('/usr/local'),
      folder('/usr'),
      folder('/home/u/a b/copy', 'write'),
      folder('/home/u/a b/copy'),
      folder('/usr/x', 'discard'),
    ];
    expect(mounts({ shown })).toEqual([own[0], 'write /home/u/a b/copy', own[1], 'read /usr', 'discard /usr/x', own[2]]);
  });

  it('only shows what it cannot throw away', () => {
    expect(mounts({ shown: [folder('/cache', 'discard'), { path: '/file', access: 'discard', folder: false }] }, false)).toEqual([
      'read /cache',
      'read /file',
      ...own,
    ]);
    expect(mounts({ shown: [{ path: '/file', access: 'discard', folder: false }] })).toContain('read /file');
  });

  it('hides what lies below something shown, and puts what is shown in there on top', () => {
    const hidden = [
      { path: '/opt/work', folder: true },
      { path: '/opt/key', folder: false },
      { path: '/elsewhere', folder: true },
    ];
    const layout = layOut({ ...empty, shown: [folder('/opt'), folder('/opt/work/node_modules', 'discard')], hidden }, at, true, []);
    expect(layout.mounts.map(({ target, source }) => `${target} <- ${source}`).slice(1, -2)).toEqual([
      '/opt <- /opt',
      '/opt/key <- /s/hidden/1',
      '/opt/work <- /s/hidden/0',
      '/opt/work/node_modules <- /opt/work/node_modules',
    ]);
    expect(layout.files).toContain('hidden/1');
    expect(layout.folders).toContain('hidden/0/node_modules');
  });

  it('makes mount points only in folders of its own', () => {
    const shown = [
      folder('/usr'),
      folder('/usr/lib/x', 'discard'),
      folder('/home/u/.cargo/registry'),
      folder('/tmp/copy', 'write'),
      folder('/data/y'),
    ];
    const { folders } = layOut({ ...empty, shown }, at, true, []);
    expect(folders).toEqual(expect.arrayContaining(['root/usr', 'home/.cargo/registry', 'tmp/copy', 'root/data/y', 'root/home/u']));
    expect(folders.filter((path) => path.includes('lib/x'))).toEqual([]);
  });

  it('makes every file system below a folder read-only as well', () => {
    const table = [
      '1 0 8:1 / / rw - ext4 x rw',
      '2 1 8:2 / /etc/resolv.conf rw,nosuid - ext4 x rw',
      '3 1 7:0 / /usr/snap ro - squashfs x ro',
    ].join('\n');
    expect(mounts({ shown: [folder('/etc'), folder('/usr')] }, true, table)).toEqual([
      'read /etc',
      'read /etc/resolv.conf',
      ...own.slice(0, 2),
      'read /usr',
      own[2],
    ]);
  });

  it('has the links that lead to what it shows, where they lead through folders of its own', () => {
    const links = [
      { at: '/bin', to: 'usr/bin' },
      { at: '/usr/lib/inside', to: '../x' },
      { at: '/home/u/l', to: '/data' },
    ];
    expect(layOut({ ...empty, shown: [folder('/usr')], links: [...links, ...links] }, at, true, []).links).toEqual([
      { at: 'root/bin', to: 'usr/bin' },
      { at: 'home/l', to: '/data' },
    ]);
  });
});

it('a table of mounts is read with its escapes, and the restrictions at a path are those of the last mount there', () => {
  const table = parseMountTable(
    '1 0 8:1 / / rw,relatime - ext4 x rw\n2 1 8:2 / /a\\040b\\134\\303\\274 rw,nosuid,nodev,noatime shared:1 - ext4 x rw\n3 1 8:2 / /a rw - ext4 x rw\n',
  );
  expect(table.map(({ path }) => path)).toEqual(['/', '/a b\\ü', '/a']);
  expect(optionsAt(table, '/a b\\ü/c')).toEqual(['nosuid', 'nodev', 'noatime']);
  expect(optionsAt(table, '/a/c')).toEqual([]);
  expect(optionsAt(table, '/x')).toEqual(['relatime']);
});

describe.skipIf(process.platform === 'win32')('what is shown of this machine', () => {
  let top: string;
  let home: string;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'teamwright view é, ')));
    home = join(top, 'home/u');
    mkdirSync(home, { recursive: true });
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const put = (path: string, text = ''): string => {
    const full = join(top, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text, { mode: 0o755 });
    return full;
  };
  const seen = (request: Partial<ViewRequest>) =>
    Object.fromEntries(
      fenceView({ environment: {}, homes: [home], hidden: [], ...request })
        .shown.filter(({ path }) => path.startsWith(top))
        .map(({ path, access }) => [path.slice(top.length + 1), access]),
    );

  it('is of the home its tools and caches, never the home, its keys or the settings that hold logins', () => {
    for (const path of [
      '.ssh/id',
      '.config/gh/hosts',
      '.pyenv/x',
      '.cargo/bin/cargo',
      '.cargo/registry/x',
      '.cargo/credentials.toml',
      '.npmrc',
      'notes',
    ])
      put(`home/u/${path}`);
    put('home/u/.cargo/config.toml', '[build]\njobs = 2\n');
    put('home/u/.gradle/gradle.properties', 'nexusPassword=x\n');
    expect(seen({})).toEqual({
      'home/u/.pyenv': 'read',
      'home/u/.cargo/bin': 'read',
      'home/u/.cargo/registry': 'discard',
      'home/u/.cargo/config.toml': 'read',
    });
  });

  it('follows the variables that move tools and caches, not to keys, a home or something broad', () => {
    put('cargo/registry/x');
    put('cache/x');
    put('home/u/.ssh/id');
    const environment = {
      CARGO_HOME: join(top, 'cargo'),
      GOCACHE: join(top, 'cache'),
      JAVA_HOME: home,
      NODE_PATH: `${home}/.ssh:/:relative`,
    };
    expect(seen({ environment })).toEqual({ 'cargo/registry': 'discard', cache: 'discard' });
  });

  it('is of the PATH its folders, with the installation they belong to', () => {
    for (const path of [
      'node/bin/node',
      'node/lib/x',
      'home/u/bin/tool',
      'home/u/.local/bin/tool',
      'home/u/.local/share/keyrings/k',
      'home/u/.cargo/bin/cargo',
    ])
      put(path);
    put('home/u/.cargo/credentials.toml');
    put('work/bin/x');
    put('work/lib/x');
    const PATH = ['node/bin', 'home/u/bin', 'home/u/.local/bin', 'home/u/.cargo/bin', 'home/u', 'work/bin']
      .map((path) => join(top, path))
      .join(':');
    expect(seen({ environment: { PATH: `${PATH}:.:` }, hidden: [join(top, 'work')] })).toEqual({
      'node/bin': 'read',
      node: 'read',
      'home/u/bin': 'read',
      'home/u/.local/bin': 'read',
      'home/u/.cargo/bin': 'read',
    });
  });

  it('is of the workspace its dependency folders, and what their links and environments lead to', () => {
    put('work/node_modules/a/package.json');
    put('lib/package.json');
    symlinkSync(join(top, 'lib'), join(top, 'work/node_modules/lib'));
    mkdirSync(join(top, 'work/node_modules/@s'));
    put('home/u/secret/plan.txt');
    symlinkSync(join(top, 'home/u/secret'), join(top, 'work/node_modules/@s/secret'));
    put('python/bin/python3');
    put('work/.venv/pyvenv.cfg', `home = ${join(top, 'python/bin')}\n`);
    put('editable/x.py');
    put('work/.venv/lib/python3.12/site-packages/e.pth', `${join(top, 'editable')}\n${home}\nimport os\n`);
    put('elsewhere/node_modules/b/package.json');
    mkdirSync(join(top, 'work/app'));
    symlinkSync(join(top, 'elsewhere/node_modules'), join(top, 'work/app/node_modules'));
    symlinkSync(join(home, 'secret'), join(top, 'work/app/vendor'));
    const dependencies = ['node_modules', '.venv', 'app/node_modules', 'app/vendor', 'app/gone'].map((path) => join(top, 'work', path));
    expect(seen({ hidden: [join(top, 'work')], dependencies })).toEqual({
      'work/node_modules': 'discard',
      lib: 'read',
      'work/.venv': 'discard',
      python: 'read',
      editable: 'read',
      'elsewhere/node_modules': 'discard',
    });
  });

  it('has the links on the way, so that a path works as it is written', () => {
    put('real/home/.pyenv/x');
    symlinkSync('real/home', join(top, 'h'));
    const view = fenceView({ environment: {}, homes: [join(top, 'h')], hidden: [] });
    expect(view.home).toBe(join(top, 'real/home'));
    expect(view.links).toContainEqual({ at: join(top, 'h'), to: 'real/home' });
    expect(openFor(view, [join(top, 'h')]).shown).toContainEqual({ path: join(top, 'real/home'), access: 'write', folder: true });
  });
});

describe('what a fenced command wanted', () => {
  const view: FenceView = { ...empty, hidden: [{ path: '/etc/hosts', folder: false }] };
  const wanted = (text: string, more: Partial<FenceView> = {}) =>
    wantedBeyond(text, { ...view, ...more }).map(({ kind, what }) => `${kind} ${what}`);

  it.each([
    ['Error: connect ECONNREFUSED 10.1.2.3:5432', 'network 10.1.2.3:5432'],
    ['Error: connect ENETUNREACH 2001:db8::1:443 - Local (:::0)', 'network [2001:db8::1]:443'],
    ['Error: getaddrinfo EAI_AGAIN db.example.org', 'network db.example.org'],
    ['dial tcp 10.1.2.3:6379: connect: network is unreachable', 'network 10.1.2.3:6379'],
    ['dial tcp: lookup db.example.org: Temporary failure in name resolution', 'network db.example.org'],
    ["urllib3: HTTPSConnectionPool(host='example.org', port=443): Max retries exceeded", 'network example.org:443'],
    ['connection to server at "db.example.org" (10.1.2.3), port 5432 failed: Network is unreachable', 'network db.example.org:5432'],
    ["Error: ENOENT: no such file or directory, open '/etc/passwd'", 'read /etc/passwd'],
    ["FileNotFoundError: [Errno 2] No such file or directory: '/etc/passwd'", 'read /etc/passwd'],
    ['open /etc/passwd: no such file or directory', 'read /etc/passwd'],
    ["Error: EROFS: read-only file system, open '/etc/new-file'", 'write /etc/new-file'],
    ["OSError: [Errno 30] Read-only file system: '/etc/passwd'", 'write /etc/passwd'],
  ])('is read from %j', (text, expected) => {
    expect(wanted(`before\n  ${text}\nafter`)).toEqual([expected]);
  });

  it.each([
    ['a port of this machine at which nobody listens', 'connect ECONNREFUSED 127.0.0.1:1'],
    ['what is not there outside either', "ENOENT: no such file or directory, open '/no/such/file'"],
    ['what is hidden on purpose', "ENOENT: no such file or directory, open '/etc/hosts'"],
    ['its own temporary files', "ENOENT: no such file or directory, open '/tmp/x'"],
    ['a relative path', "ENOENT: no such file or directory, open 'etc/passwd'"],
  ])('is not %s', (_what, text) => {
    expect(wanted(text)).toEqual([]);
  });

  it('is not what it has: the network, or what is shown', () => {
    expect(wanted('connect ECONNREFUSED 10.1.2.3:5432', { network: true })).toEqual([]);
    const text = "ENOENT: no such file or directory, open '/etc/passwd'";
    expect(wanted(text, { shown: [folder('/etc')] })).toEqual([]);
    expect(wanted("EROFS: read-only file system, open '/etc/passwd'", { shown: [folder('/etc')] })).toEqual(['write /etc/passwd']);
  });

  it('is never a place of keys, nor the whole home', () => {
    // Not below the temporary folder, which every command has to itself.
    const home = realpathSync(mkdtempSync(join(homedir(), '.teamwright-test-')));
    mkdirSync(join(home, '.ssh'));
    for (const file of ['.ssh/id', '.netrc', 'notes']) writeFileSync(join(home, file), '');
    const text = ['.ssh/id', '.netrc', '.ssh', '', 'notes'].map((file) => `ENOENT: no such file, open '${join(home, file)}'`).join('\n');
    expect(wanted(text, { home })).toEqual([`read ${home}/notes`]);
    rmSync(home, { recursive: true });
  });

  it('becomes the setting that allows it', () => {
    const all = [
      { kind: 'network', what: 'x:1' },
      { kind: 'network', what: 'y' },
      { kind: 'read', what: '/a' },
      { kind: 'write', what: '/b' },
    ] as const;
    expect(JSON.parse(allowText('/w', all))).toEqual({ '/w': { network: true, read: ['/a'], write: ['/b'] } });
    expect(grantsByFolderSchema.parse(JSON.parse(allowText('/w', all)))['/w']).toMatchObject({ network: true, variables: [] });
  });
});
