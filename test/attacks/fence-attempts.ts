/**
 * What hostile tests try from their fence, by class. Each is a program that says `GOT` and what, or prints what it read; what it wrote, reached
 * or left running is looked for from the outside. None does harm where it gets through: what is the machine's is written as it is.
 *
 * `node` bodies know `P` (the places), Node's modules by name, `t(action)` (an action whose failing is the wall and whose result, if any, was
 * got) and `reach(options)`. `python` bodies know `P`, `t`, `syscall(number, …)` (a result below zero raises) and their modules.
 */
export interface Attempt {
  readonly name: string;
  readonly node?: string;
  readonly python?: string;
  readonly sh?: string;
  /** Limit of the wall clock, ms, for one that goes on until it is ended. */
  readonly wallMs?: number;
}

const read = (name: string, path: string): Attempt => ({
  name,
  node: `t(() => { process.stdout.write(fs.readFileSync(${path}, 'utf8')); });`,
});
/** For files of the machine, whose text nobody here knows. */
const readMachine = (name: string, path: string): Attempt => ({
  name,
  node: `t(() => fs.readSync(fs.openSync('${path}'), Buffer.alloc(9)) > 0 && 'bytes');`,
});
const write = (name: string, path: string): Attempt => ({
  name,
  node: `t(() => { fs.mkdirSync(path.dirname(${path}), { recursive: true }); }); t(() => { fs.appendFileSync(${path}, 'written'); });`,
});
/** For files of the machine: opening for writing is the attempt, and what is written is what stands there. */
const rewrite = (name: string, path: string): Attempt => ({
  name,
  node: `t(() => { const old = fs.readFileSync('${path}'); fs.writeFileSync('${path}', old); return 'written'; });`,
});
const reach = (name: string, options: string): Attempt => ({ name, node: `for (const options of ${options}) await reach(options);` });
const leave = (name: string, sh: string): Attempt => ({ name, sh });

export const attempts: Readonly<Record<string, readonly Attempt[]>> = {
  'reading the home': [
    read('an SSH key', "P.home + '/.ssh/id_ed25519'"),
    read('cloud credentials', "P.home + '/.aws/credentials'"),
    read('the login of a tool in .config', "P.home + '/.config/gh/hosts.yml'"),
    read('the login of the package registry', "P.home + '/.npmrc'"),
    read('credentials beside a cache that is shown', "P.home + '/.cargo/credentials.toml'"),
    read('a cluster configuration', "P.home + '/.kube/config'"),
    read('a document', "P.home + '/notes.txt'"),
    read("another user's home", "path.dirname(P.home) + '/other/notes.txt'"),
    { name: 'a list of it', node: `t(() => fs.readdirSync(P.home).filter((name) => /ssh|aws|notes|bashrc/.test(name)).join());` },
    {
      name: 'the home of the user database',
      node: `t(() => fs.readdirSync(os.userInfo().homedir).filter((name) => /ssh|bash|profile|config/.test(name)).join());`,
    },
  ],
  'reading the workspace and the data folder': [
    read('a source file', "P.workspace + '/src/secret.js'"),
    read('a file of secrets', "P.workspace + '/.env'"),
    read('the repository', "P.workspace + '/.git/secret'"),
    read('through the link to its packages', "P.copy + '/node_modules/../src/secret.js'"),
    read("a run's trace", "P.data + '/runs/r1/events.jsonl'"),
    read('the store', "P.data + '/store/config'"),
    read('settings', "P.data + '/settings.json'"),
    read('another candidate', "P.copy + '/../c2/candidate.js'"),
    read('a file beside the copy', "P.copy + '/../other.index'"),
    {
      name: 'by looking through everything that is not the system',
      sh: "grep -rls TOP-SECRET-7c1f / --exclude-dir=usr --exclude-dir=proc --exclude-dir=sys --exclude-dir=lib --exclude-dir=opt --exclude-dir=node_modules --exclude-dir=bin --exclude-dir=.git 2>/dev/null | sed 's/^/GOT /'",
      wallMs: 60_000,
    },
  ],
  'reading through links and descriptors': [
    read('/proc/self/root', "'/proc/self/root' + P.workspace + '/.env'"),
    read('/proc/1/root', "'/proc/1/root' + P.home + '/notes.txt'"),
    read('/proc/self/cwd', "'/proc/self/cwd/../../../runs/r1/events.jsonl'"),
    {
      name: 'a symbolic link in the copy',
      node: `fs.symlinkSync(P.workspace, 'out'); t(() => fs.readFileSync('out/.env', 'utf8')); fs.unlinkSync('out');`,
    },
    {
      name: 'a hard link in the copy',
      node: `t(() => { fs.linkSync(P.workspace + '/.env', 'hard'); return fs.readFileSync('hard', 'utf8'); });`,
    },
    {
      name: 'a rename into the copy',
      node: `t(() => { fs.renameSync(P.workspace + '/.env', 'moved'); return fs.readFileSync('moved', 'utf8'); });`,
    },
    {
      name: 'descriptors of every process',
      sh: 'for file in /proc/[0-9]*/fd/*; do timeout 1 head -c 4096 "$file" 2>/dev/null; ls "$file/." 2>/dev/null; ls "$file/" 2>/dev/null | grep -x workspace; done </dev/null',
    },
    {
      name: 'the root by way of an open folder and ".."',
      python: `f = os.open('/', os.O_RDONLY)\nfor i in range(20): os.fchdir(f); os.chdir('..')\nt(lambda: open('.' + P['home'] + '/notes.txt').read())`,
    },
    {
      name: 'a root within the root',
      python: `t(lambda: os.chroot('/tmp'))\nfor i in range(20): os.chdir('..')\nt(lambda: os.chroot('.') or 'a root of its own')`,
    },
    {
      name: 'files by handle',
      python: `h = ctypes.create_string_buffer(b'\\x08\\0\\0\\0\\x01\\0\\0\\0\\x02' + b'\\0' * 64); f = os.open('/tmp', os.O_RDONLY)\nt(lambda: 'handle %d' % syscall(304, f, h, 0))`,
    },
  ],
  'reading processes': [
    read('the environment of the first process', "'/proc/1/environ'"),
    { name: 'the environment of every process', sh: 'cat /proc/[0-9]*/environ 2>/dev/null' },
    {
      name: 'the environment of the parent',
      node: "t(() => { process.stdout.write(fs.readFileSync('/proc/' + process.ppid + '/environ', 'utf8')); }); t(() => fs.readFileSync('/proc/' + P.victim + '/environ', 'utf8').includes('VICTIM') && 'victim');",
    },
    { name: 'its own environment', sh: 'env; set; export' },
    {
      name: 'a list of processes',
      node: "for (const pid of fs.readdirSync('/proc')) t(() => /^(sleep\\0|node.*vitest)/.exec(fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8'))?.[0]);",
    },
    {
      name: 'the memory of a process',
      python: `t(lambda: open('/proc/%d/mem' % P['victim'], 'rb').name)\nt(lambda: 'ptrace %d' % syscall(101, 16, P['victim'], 0, 0))`,
    },
    { name: 'where an outside process works', node: "t(() => fs.readlinkSync('/proc/' + P.victim + '/cwd'));" },
  ],
  'reading the kernel and devices': [
    readMachine('password hashes', '/etc/shadow'),
    readMachine('host keys', '/etc/ssh/ssh_host_ed25519_key'),
    readMachine('memory', '/dev/mem'),
    { name: 'kernel memory', node: "t(() => { fs.readSync(fs.openSync('/proc/kcore'), Buffer.alloc(8)); return 'read'; });" },
    {
      name: 'the kernel log by device',
      node: "t(() => { fs.closeSync(fs.openSync('/dev/kmsg', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)); return 'open'; }); t(() => { fs.closeSync(fs.openSync('/proc/kmsg', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)); return 'open'; });",
    },
    {
      name: 'the kernel log by call',
      python: `b = ctypes.create_string_buffer(65536)\nt(lambda: 'kernel log %d' % syscall(103, 3, b, 65536))\nt(lambda: 'size %d' % syscall(103, 10, 0, 0))`,
    },
    {
      name: 'disks',
      sh: 'for disk in /dev/sd* /dev/vd* /dev/nvme* /dev/xvd* /dev/loop* /dev/dm-* /dev/fuse /dev/kvm /dev/vsock /dev/net/tun /dev/input /dev/dri /dev/video* /dev/snd; do [ ! -e "$disk" ] || echo GOT "$disk"; done',
    },
    {
      name: 'a device made anew',
      python: `t(lambda: os.mknod('disk', 0o60600, os.makedev(254, 0)) or 'made')\nt(lambda: os.mknod('/tmp/mem', 0o20600, os.makedev(1, 1)) or 'made')`,
    },
    readMachine('firmware', '/sys/firmware/dmi/tables/DMI'),
    { name: 'keys of the kernel', sh: 'cat /proc/keys /proc/key-users | sed "s/^/GOT /"' },
    {
      name: 'performance counters and programs of the kernel',
      python: `t(lambda: 'bpf map %d' % syscall(321, 0, ctypes.create_string_buffer(b'\\x02\\0\\0\\0\\x04\\0\\0\\0\\x04\\0\\0\\0\\x01\\0\\0\\0' + b'\\0' * 100), 116))`,
    },
  ],
  'writing in the home': [
    write('the start of a shell', "P.home + '/.bashrc'"),
    write('keys that may log in', "P.home + '/.ssh/authorized_keys'"),
    write('configuration of git', "P.home + '/.gitconfig'"),
    write('a program on the PATH', "P.home + '/.local/bin/git'"),
    write('what starts with the session', "P.home + '/.config/autostart/x.desktop'"),
    write('a service', "P.home + '/.config/systemd/user/x.service'"),
    write('a tool folder that is shown', "P.home + '/.pyenv/version'"),
    write('a new program in a tool folder', "P.home + '/.pyenv/shims/python3'"),
    write('a cache', "P.home + '/.cache/go-build/x/object'"),
    {
      name: 'a cache by deleting and renaming',
      node: "const cache = P.home + '/.cache/go-build'; t(() => { fs.renameSync(cache + '/x', cache + '/y'); }); t(() => { fs.rmSync(cache + '/y', { recursive: true }); }); t(() => { fs.rmSync(cache + '/x', { recursive: true }); });",
    },
    write("another user's home", "path.dirname(P.home) + '/other/new'"),
  ],
  'writing in the workspace and the data folder': [
    write('a source file', "P.workspace + '/src/secret.js'"),
    write('a hook of the repository', "P.workspace + '/.git/hooks/post-checkout'"),
    write('configuration of the repository', "P.workspace + '/.git/config'"),
    write('a package', "P.workspace + '/node_modules/dep/index.js'"),
    write('a package, through the link', "P.copy + '/node_modules/dep/index.js'"),
    write('a new program of the packages', "P.copy + '/node_modules/.bin/eslint'"),
    { name: 'a package by deleting it', node: "t(() => { fs.rmSync(P.workspace + '/node_modules/dep', { recursive: true }); });" },
    {
      name: "a package's mode and times",
      node: "const file = P.workspace + '/node_modules/dep/index.js'; t(() => { fs.chmodSync(file, 0o4777); }); t(() => { fs.utimesSync(file, 1, 1); });",
    },
    write("a run's trace", "P.data + '/runs/r1/events.jsonl'"),
    write('another candidate', "P.copy + '/../c2/candidate.js'"),
    write('the store', "P.data + '/store/hooks/post-checkout'"),
    write('beside the copy', "P.copy + '/../c3/new.js'"),
    {
      name: 'a link to outside, written through',
      node: "fs.symlinkSync(P.workspace + '/src/secret.js', 'through'); t(() => { fs.appendFileSync('through', 'x'); }); fs.unlinkSync('through');",
    },
    {
      name: 'the copy itself, put elsewhere',
      node: "t(() => { fs.renameSync(P.copy, P.copy + '-away'); }); t(() => { fs.renameSync('own.js', P.data + '/own.js'); });",
    },
  ],
  'writing on the machine': [
    write('temporary files', "'/tmp/' + P.mark"),
    write('temporary files that stay', "'/var/tmp/' + P.mark"),
    write('shared memory', "'/dev/shm/' + P.mark"),
    write('programs', "'/usr/local/bin/' + P.mark"),
    write('scheduled programs', "'/etc/cron.d/' + P.mark"),
    write('libraries', "'/opt/' + P.mark"),
    write('spools', "'/var/spool/cron/' + P.mark"),
    write('runtime folders', "'/run/' + P.mark"),
    rewrite('the helper for crashed programs', '/proc/sys/kernel/core_pattern'),
    rewrite('the helper for modules', '/proc/sys/kernel/modprobe'),
    rewrite('the helper for devices', '/sys/kernel/uevent_helper'),
    rewrite('forwarding', '/proc/sys/net/ipv4/ip_forward'),
    rewrite('how many processes there may be', '/proc/sys/kernel/pid_max'),
    rewrite('whether user namespaces may be made', '/proc/sys/user/max_user_namespaces'),
    rewrite('processors', '/sys/devices/system/cpu/cpu1/online'),
    rewrite('whom the kernel ends first', '/proc/self/oom_score_adj'),
    rewrite('control groups', '/sys/fs/cgroup/cgroup.procs'),
    { name: 'the magic key', node: "t(() => { fs.writeFileSync('/proc/sysrq-trigger', 'h'); return 'pressed'; });" },
    { name: 'names of the machine', python: `t(lambda: socket.sethostname('${'walls'}') or 'named')` },
    { name: 'the clock', python: `t(lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()) or 'set')` },
  ],
  'mounts and namespaces': [
    { name: 'a mount', sh: 'mount -t tmpfs none "$HOME" 2>/dev/null && echo GOT mount; mount --bind / /tmp 2>/dev/null && echo GOT bind' },
    {
      name: 'a mount made writable',
      sh: 'for place in / /usr /etc /proc /sys/devices/system; do mount -o remount,rw,bind "$place" 2>/dev/null && echo GOT "$place"; mount -o remount,rw "$place" 2>/dev/null && echo GOT "$place"; done',
    },
    {
      name: 'a mount taken away',
      sh: 'cut -d" " -f5 /proc/self/mountinfo | sort -r | while read -r place; do umount -l "$(printf "%b" "$place")" 2>/dev/null && echo GOT "$place"; done',
    },
    {
      name: 'a user namespace within',
      sh: 'unshare --user --map-root-user echo GOT user 2>/dev/null; unshare --user echo GOT user 2>/dev/null',
    },
    {
      name: 'other namespaces within',
      sh: 'for kind in mount net pid ipc uts cgroup time; do unshare --$kind echo GOT $kind 2>/dev/null; done',
    },
    {
      name: 'namespaces of other processes',
      sh: 'for kind in user mnt net pid; do for process in 1 $PPID; do nsenter --$kind=/proc/$process/ns/$kind echo GOT $kind 2>/dev/null; done; done',
    },
    {
      name: 'the other calls for mounts',
      python: `t(lambda: 'tree %d' % syscall(428, -100, b'/', 1))\nt(lambda: 'fs %d' % syscall(430, b'tmpfs', 0))\nt(lambda: 'root %d' % syscall(155, b'/tmp', b'/tmp'))\nt(lambda: 'attr %d' % syscall(442, -100, b'/', 0x8000, ctypes.create_string_buffer(b'\\0' * 8 + b'\\x01' + b'\\0' * 23), 32))`,
    },
    {
      name: 'a clone with a new user',
      python: `t(lambda: 'clone3 %d' % syscall(435, ctypes.create_string_buffer((0x10000000).to_bytes(8, 'little') + b'\\0' * 80), 88))`,
    },
    {
      name: 'programs of root',
      sh: 'for program in su sudo passwd newgrp chsh mount ping pkexec; do setpriv --dump 2>/dev/null | grep -q "Effective capabilities: [^[]*cap" && echo GOT capabilities; done; sudo -n true 2>/dev/null && echo GOT sudo; grep -E "^Cap(Eff|Prm|Bnd|Amb|Inh):" /proc/self/status | grep -v "0000000000000000" | sed "s/^/GOT /"; grep -q "NoNewPrivs:.1" /proc/self/status || echo GOT new privileges',
    },
    {
      name: 'a program with the bit of another user',
      sh: 'cp /bin/sh own-sh; chmod 6755 own-sh; chown 1:1 own-sh 2>/dev/null && echo GOT owner; ./own-sh -c "id -u" | grep -vx "$(id -u)" | sed "s/^/GOT /"; rm own-sh',
    },
    {
      name: 'another user',
      python: `t(lambda: os.setuid(1 if os.getuid() == 0 else 0) or 'user')\nt(lambda: os.setgroups([0]) or 'groups')`,
    },
  ],
  'other processes': [
    { name: 'a signal to one', node: "t(() => process.kill(P.victim, 'SIGKILL')); t(() => process.kill(P.victim, 'SIGSTOP'));" },
    { name: 'a signal to all', node: "process.on('SIGTERM', () => {}); t(() => { process.kill(-1, 'SIGTERM'); });" },
    {
      name: 'a signal to each number',
      node: "for (let pid = 2; pid < 70000; pid += 1) if (pid !== process.pid) try { process.kill(pid, 'SIGKILL'); } catch {}",
    },
    { name: 'a debugger', python: `t(lambda: 'seized %d' % syscall(101, 0x4206, P['victim'], 0, 0))` },
    { name: 'a handle', python: `t(lambda: 'handle %d' % os.pidfd_open(P['victim']))` },
    {
      name: 'a handle of whoever reads the output',
      python: `f = None\ntry: f = int.from_bytes(socket.socket(fileno=os.dup(1)).getsockopt(1, 77, 4), 'little')\nexcept OSError: pass\nif f is not None:\n  t(lambda: 'signal %d' % syscall(424, f, 10, 0, 0))\n  t(lambda: 'file %d' % syscall(438, f, 0, 0))\n  t(lambda: 'namespace %d' % syscall(308, f, 0x00020000))`,
    },
    {
      name: 'descriptors handed to whoever reads the output',
      python: `t(lambda: socket.socket(fileno=os.dup(1)).sendmsg([b'.'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('i', os.open('/', os.O_RDONLY)))]) and None)`,
    },
    {
      name: 'limits and order',
      python: `import resource\nt(lambda: resource.prlimit(P['victim'], resource.RLIMIT_NOFILE))\nt(lambda: os.setpriority(os.PRIO_PROCESS, P['victim'], 19) or 'slower')\nt(lambda: os.sched_setaffinity(P['victim'], [0]) or 'moved')`,
    },
  ],
  'the network': [
    reach('a server of the user over IPv4 and IPv6', 'P.addresses.map((host) => ({ host, port: P.port }))'),
    reach(
      'localhost by name',
      "[{ host: 'localhost', port: P.port }, { host: os.hostname(), port: P.port }, { host: '0.0.0.0', port: P.port }]",
    ),
    reach('the data of the cloud', "[{ host: '169.254.169.254', port: 80 }, { host: 'fd00:ec2::254', port: 80 }]"),
    reach('a server far away', "[{ host: '1.1.1.1', port: 443 }, { host: '2606:4700:4700::1111', port: 443 }]"),
    reach('an abstract socket', "[{ path: '\\0' + P.abstract }]"),
    reach('sockets in the home, and below tools and packages that are shown', 'P.sockets.map((path) => ({ path }))'),
    reach(
      'the sockets of a container engine',
      "['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock', '/run/containerd/containerd.sock'].map((path) => ({ path }))",
    ),
    reach(
      'the buses',
      "['/run/dbus/system_bus_socket', '/run/user/' + process.getuid() + '/bus', '/run/systemd/private', '/run/systemd/journal/stdout'].map((path) => ({ path }))",
    ),
    reach(
      'agents and screens',
      "[process.env.SSH_AUTH_SOCK ?? '/run/ssh', '/tmp/.X11-unix/X0', '/run/user/' + process.getuid() + '/wayland-0', '/run/user/' + process.getuid() + '/gnupg/S.gpg-agent'].flatMap((path) => [{ path }, { path: '\\0' + path }])",
    ),
    {
      name: 'a name',
      node: "for (const name of ['example.com', 'secret-7c1f.example.com']) await t(async () => (await require('node:dns/promises').lookup(name)).address);",
    },
    {
      name: 'a name, from the server itself',
      node: "const { Resolver } = require('node:dns/promises'); for (const address of P.addresses) { const resolver = new Resolver({ timeout: 300, tries: 1 }); t(() => resolver.setServers([(address.includes(':') ? '[' + address + ']' : address) + ':' + P.port])); await t(() => resolver.resolve4('x.example')); }",
    },
    {
      name: 'datagrams',
      node: "for (const host of [...P.addresses, '224.0.0.251', '255.255.255.255', 'ff02::1']) { const s = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4'); s.on('error', () => {}); s.bind(() => { try { s.setBroadcast(true); } catch {} s.send('out', P.port, host, () => {}); }); } await new Promise((r) => setTimeout(r, 150)); process.exit();",
    },
    {
      name: 'raw sockets',
      python: `for family, kind, protocol in [(2, 3, 1), (2, 3, 255), (10, 3, 58), (17, 3, 0x300), (17, 2, 0x300)]: t(lambda: socket.socket(family, kind, protocol) and 'raw %d' % family)`,
    },
    {
      name: 'the machine below this one',
      python: `t(lambda: socket.socket(40, 1) and 'vsock')\nt(lambda: socket.socket(40, 2) and 'vsock')`,
    },
    {
      name: 'other families of sockets',
      python: `for family in [*range(3, 10), *range(11, 16), *range(18, 46)]: t(lambda: socket.socket(family, 2) and 'family %d' % family); t(lambda: socket.socket(family, 3) and 'family %d' % family); t(lambda: socket.socket(family, 5) and 'family %d' % family)`,
    },
    { name: 'the ring of the kernel', python: `t(lambda: 'ring %d' % syscall(425, 4, ctypes.create_string_buffer(120)))` },
    {
      name: 'interfaces and routes',
      sh: 'ip link add walls0 type dummy 2>/dev/null && echo GOT link; ip route add default dev lo 2>/dev/null && echo GOT route; ip addr add 10.9.9.9/24 dev lo 2>/dev/null && echo GOT address; ip -o link 2>/dev/null | grep -v ": lo:" | sed "s/^/GOT /"',
    },
    { name: 'a tunnel', node: "t(() => { fs.openSync('/dev/net/tun', 'r+'); return 'tunnel'; });" },
  ],
  'memory that processes share': [
    {
      name: 'segments of System V',
      python: `for i in range(0, 70000): \n  a = libc.shmat(i, None, 0o10000)\n  if a not in (-1, 0xffffffffffffffff): print('GOT segment', i)\nt(lambda: libc.shmget(0x7c1f, 16, 0) >= 0 and 'by key')`,
    },
    {
      name: 'a segment left behind',
      python: `libc.shmget(0x7c1e, 4096, 0o1666)\nlibc.semget(0x7c1e, 1, 0o1666)\nlibc.msgget(0x7c1e, 0o1666)`,
    },
    {
      name: 'queues',
      python: `t(lambda: os.listdir('/dev/mqueue') or None)\nrt = ctypes.CDLL(None, use_errno=True)\nrt.mq_open(b'/' + P['mark'].encode(), 0o102, 0o600, None)`,
    },
    { name: 'named memory', sh: 'ls -A /dev/shm | sed "s/^/GOT /"' },
    {
      name: 'a key of the session',
      python: `t(lambda: 'keyring %d' % syscall(250, 0, -3, 0))\nt(lambda: 'key %d' % syscall(250, 10, -3, b'user', b'walls', 0))\nt(lambda: 'made %d' % syscall(248, b'user', b'walls', b'x', 1, -4))`,
    },
  ],
  'staying behind': [
    leave('a program in the background', 'sleep 1000 "$MARK" & sh -c "sleep 1000; : $MARK" &'),
    leave('a session of its own', 'setsid sh -c "sleep 1000; : $MARK" >/dev/null 2>&1 </dev/null &'),
    leave('deaf to everything', 'nohup sh -c "trap \'\' TERM HUP INT QUIT; sleep 1000; : $MARK" >/dev/null 2>&1 & sleep 0.1'),
    leave('twice away from its parent', '(setsid sh -c "(sleep 1000; : $MARK) &" &) >/dev/null 2>&1'),
    leave('without an environment', 'setsid env -i sh -c "sleep 1000; : $MARK" >/dev/null 2>&1 & sleep 0.1'),
    leave('holding the output', 'setsid sh -c "sleep 1000; : $MARK" & sleep 0.05'),
    leave(
      'by those who start programs for others',
      'echo "touch /tmp/$MARK" | at now 2>/dev/null; echo "* * * * * : $MARK" | crontab - 2>/dev/null; systemd-run --user sh -c "sleep 1000; : $MARK" 2>/dev/null; batch </dev/null 2>/dev/null; true',
    ),
    {
      name: 'until the time is up',
      sh: 'trap "" TERM; setsid sh -c "trap \'\' TERM; while :; do sleep 1; done; : $MARK" & while :; do sleep 1; done',
      wallMs: 600,
    },
    { name: 'by stopping itself', sh: 'setsid sh -c "kill -STOP \\$\\$; : $MARK" & kill -STOP $$', wallMs: 600 },
    {
      name: 'by more and more processes',
      sh: 'f() { f "$MARK" & f "$MARK" & wait; }; ulimit -u 2000 2>/dev/null; i=0; while [ $i -lt 300 ]; do sh -c "sleep 1000; : $MARK" & i=$((i + 1)); done; while :; do sleep 1; done',
      wallMs: 1500,
    },
    { name: 'by ending the first process', sh: 'kill -KILL 1; kill -STOP 1; setsid sh -c "sleep 1000; : $MARK" >/dev/null 2>&1 & true' },
  ],
  'filling the machine': [
    {
      name: 'folders deeper than a path may be',
      python: `os.chdir('/tmp')\nfor i in range(3000): os.mkdir('d' * 100); os.chdir('d' * 100)`,
    },
    {
      name: 'folders nobody may open',
      sh: 'for place in "$HOME" /tmp /var/tmp; do mkdir -p "$place/a/b/c"; touch "$place/a/b/c/file"; chmod 0 "$place/a/b/c" "$place/a/b" "$place/a"; done',
    },
    { name: 'many files', node: "for (let i = 0; i < 3000; i += 1) fs.writeFileSync('/tmp/' + i, '');" },
    { name: 'a file with holes', node: "t(() => { fs.truncateSync((fs.writeFileSync('/tmp/large', ''), '/tmp/large'), 2 ** 40); });" },
    {
      name: 'strange names',
      sh: 'cd /tmp; touch -- "-rf" "$(printf "a\\nb")" "$(printf "\\377\\376")"; mkfifo pipe; ln -s / all; ln -s loop loop; mkdir x; ln -s .. x/up',
    },
    { name: 'output without end', sh: 'yes out; true', wallMs: 700 },
    {
      name: 'memory, before whom the kernel spares',
      node: "t(() => Number(fs.readFileSync('/proc/self/oom_score_adj', 'utf8')) < 500 ? 'spared' : undefined);",
    },
  ],
};
