/** Sharing against real servers on this machine: what goes out, when, once, and how it is taken back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openSharing, parseTarget, type Sharing, type SharingPorts, sharingGate } from '../../src/lessons/sharing/index.ts';
import { type RealRuns, realRuns } from '../support/real-runs.ts';
import { type Behaviour, type SharingServer, startEndpoint, startHub } from '../support/sharing-servers.ts';

let runs: RealRuns;
beforeAll(async () => {
  runs = await realRuns();
});
afterAll(() => runs.dispose());

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const never = new AbortController().signal;

interface Scene {
  readonly dataDir: string;
  readonly server: SharingServer;
  readonly sharing: Sharing;
  now: number;
  readonly switches: { env: Record<string, string>; telemetry: boolean };
}

/** A copy of the runs with sharing turned on for their workspace, and a server that behaves as told. */
async function scene(behaviours: readonly Behaviour[] = ['keep'], more: Partial<SharingPorts> = {}): Promise<Scene> {
  const dataDir = mkdtempSync(join(tmpdir(), 'teamwright-sharing-'));
  cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
  for (const place of ['runs', 'ends']) cpSync(join(runs.dataDir, place), join(dataDir, place), { recursive: true });
  const server = await startEndpoint(behaviours);
  cleanUps.push(server.close);
  const here = { dataDir, server, now: Date.UTC(2026, 10, 25), switches: { env: {}, telemetry: true } } as Omit<Scene, 'sharing'> & {
    sharing?: Sharing;
  };
  here.sharing = openSharing({
    dataDir,
    gate: async (workspace) =>
      await sharingGate(dataDir, here.switches.env, () => (here.switches.telemetry ? undefined : 'Telemetry is off in VS Code.'))(
        workspace,
      ),
    tokenOf: async () => undefined,
    clock: () => here.now,
    random: () => 0.5,
    privacy: { known: [], user: 'annbell', host: 'annbox', home: '/home/annbell', dataDir },
    ...more,
  });
  await here.sharing.turnOn(runs.workspace, 'diffs', parseTarget(`${server.url}/share`));
  return here as Scene;
}

async function queued({ sharing }: Scene): Promise<string> {
  const draft = await sharing.draft('samples');
  return (await sharing.approve(draft, draft.payload)).id;
}

const puts = (server: SharingServer): number => server.calls.filter(({ method }) => method === 'PUT').length;

describe('a run whose record was changed after it was written', () => {
  test.each<[string, (lines: string) => string]>([
    ['in what it says', (lines) => lines.replace('"type":"run.started"', '"type":"run.started" ')],
    ['by taking the whole chain off', (lines) => lines.replaceAll(/,"prev":"[0-9a-f]*"/g, '')],
    ['in its last line', (lines) => lines.replace(/"at":(?=[^\n]*\n$)/, '"at": ')],
    ['by cutting its last line off', (lines) => `${lines.trimEnd().split('\n').slice(0, -1).join('\n')}\n`],
    ['by taking a line out', (lines) => lines.split('\n').toSpliced(3, 1).join('\n')],
  ])('%s: nothing of it is shared', async (_, change) => {
    const here = await scene();
    const file = join(here.dataDir, 'runs', 'samples', 'events.jsonl');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    await expect(here.sharing.draft('samples')).rejects.toMatchObject({
      code: 'nothing-to-share',
      message: expect.stringContaining('its record was changed after it was written'),
    });
    expect(here.server.calls).toEqual([]);
  });
});

describe('the opt-in', () => {
  test('without it nothing is queued and nothing is sent', async () => {
    const here = await scene();
    await here.sharing.turnOff(runs.workspace);
    const draft = await here.sharing.draft('samples');
    await expect(here.sharing.approve(draft, draft.payload)).rejects.toMatchObject({ code: 'sharing-off' });
    expect(await here.sharing.drain(never)).toEqual({ shared: [], waiting: [], busy: false });
    expect(here.server.calls).toEqual([]);
  });

  test.each([
    ['the workspace is turned off', async (here: Scene) => here.sharing.turnOff(runs.workspace), 'Sharing is off for this workspace.'],
    [
      'the telemetry switch is turned off',
      async (here: Scene) => Object.assign(here.switches, { telemetry: false }),
      'Telemetry is off in VS Code.',
    ],
    ['DO_NOT_TRACK is set', async (here: Scene) => Object.assign(here.switches.env, { DO_NOT_TRACK: '1' }), 'DO_NOT_TRACK is set.'],
    [
      'our own switch is off',
      async (here: Scene) => Object.assign(here.switches.env, { TEAMWRIGHT_TELEMETRY: 'off' }),
      'TEAMWRIGHT_TELEMETRY is off.',
    ],
  ])('is asked again before the upload: %s after the payload was queued', async (_, change, why) => {
    const here = await scene();
    const id = await queued(here);
    await change(here);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [], waiting: [{ id, why }] });
    expect(here.server.calls).toEqual([]);
  });

  test('is asked again between two uploads', async () => {
    const here: Scene = await scene([{ keepThen: () => void Object.assign(here.switches, { telemetry: false }) }]);
    await queued(here);
    const other = await here.sharing.draft('samples', 'plans');
    await here.sharing.approve(other, other.payload);
    await here.sharing.drain(never);
    expect(puts(here.server)).toBe(1);
  });

  test('holds for one workspace only', async () => {
    const here = await scene();
    const draft = await here.sharing.draft('other');
    expect(draft.workspace).not.toBe(runs.workspace);
    await expect(here.sharing.approve(draft, draft.payload)).rejects.toMatchObject({ code: 'sharing-off' });
  });
});

describe('what goes out', () => {
  test('is exactly the payload that was shown', async () => {
    const here = await scene();
    const draft = await here.sharing.draft('samples');
    const item = await here.sharing.approve(draft, draft.payload);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [item.id] });
    expect(here.server.text(`${item.id}.jsonl.gz`)).toBe(draft.payload.text);
    expect(await here.sharing.payloadText(item.id)).toBe(draft.payload.text);
    expect(await here.sharing.items()).toMatchObject([
      { id: item.id, status: 'shared', sharedAt: here.now, bytes: here.server.files.get(`${item.id}.jsonl.gz`)?.length, attempts: 1 },
    ]);
  });

  test('depends on the level: plans and rewards hold no code and no request, diffs no transcript, everything both', async () => {
    const here = await scene();
    const [plans, diffs, everything] = await Promise.all(
      (['plans', 'diffs', 'everything'] as const).map((level) => here.sharing.draft('designed', level)),
    );
    expect(plans?.payload.text).toContain('"reward"');
    expect(plans?.payload.text).toContain('"plans"');
    expect(plans?.payload.text).not.toContain('Fix the bug');
    expect(plans?.payload.text).not.toContain('function sum');
    expect(plans?.payload.text).not.toContain('sum.js');
    expect(diffs?.payload.text).toContain('Fix the bug');
    expect(diffs?.payload.text).toContain('+  return a + b;');
    expect(diffs?.payload.text).not.toContain('"line":"call"');
    expect(everything?.payload.text).toContain('"line":"call"');
    expect(everything?.payload.text).toContain('It is a one-line bug.');
    for (const draft of [plans, diffs, everything]) expect(draft?.payload.text).not.toContain(draft?.workspace);
  });

  test('can be edited; what is added goes through redaction again, and what is no JSON is refused', async () => {
    const here = await scene();
    const draft = await here.sharing.draft('samples');
    const [first, ...rest] = draft.payload.text.split('\n');
    const clean = await draft.edited([first, ...rest].join('\n').replace('Fix the bug', 'Mend the flaw'));
    expect(clean.text).toContain('Mend the flaw');
    const careless = await draft.edited(draft.payload.text.replace('Fix the bug', 'DB_PASSWORD=w1nter99! at /home/annbell/x'));
    expect(careless.text).not.toMatch(/w1nter99|annbell/);
    await expect(draft.edited('{"line": "head"\n')).rejects.toMatchObject({ code: 'payload-broken', facts: { why: 'not-json' } });
    const item = await here.sharing.approve(draft, clean);
    await here.sharing.drain(never);
    expect(here.server.text(`${item.id}.jsonl.gz`)).toBe(clean.text);
  });

  test('has the token of the target in its header and nowhere on disk', async () => {
    const token = ['share', 'token', '0123456789'].join('-');
    const dataDir = mkdtempSync(join(tmpdir(), 'teamwright-token-'));
    cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const server = await startEndpoint(['keep'], token);
    cleanUps.push(server.close);
    const here = await scene(['keep'], { tokenOf: async () => token });
    await here.sharing.turnOn(runs.workspace, 'plans', parseTarget(server.url));
    const id = await queued(here);
    await here.sharing.drain(never);
    expect(server.files.has(`${id}.jsonl.gz`)).toBe(true);
    for (const entry of readdirSync(here.dataDir, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) expect(readFileSync(join(entry.parentPath, entry.name), 'latin1')).not.toContain(token);
  });
});

describe('targets that fail', () => {
  test.each<[string, Behaviour, number | undefined]>([
    ['a server error', { status: 500 }, 750],
    ['a busy server', { status: 429, headers: { 'retry-after': '7' } }, 7000],
    ['a line that is cut', 'cut', 750],
  ])('%s: the payload stays, waits, and is sent once', async (_, failure, wait) => {
    const here = await scene([failure, 'keep']);
    const id = await queued(here);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [], waiting: [{ id, retryAt: here.now + (wait ?? 0) }] });
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [] });
    expect(puts(here.server)).toBe(1);
    here.now += wait ?? 0;
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id] });
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [], waiting: [] });
    expect(puts(here.server)).toBe(2);
    expect([...here.server.files.keys()]).toEqual([`${id}.jsonl.gz`]);
  });

  test('a no is a no: it is not tried again by itself, and again when asked', async () => {
    const here = await scene([{ status: 403 }, 'keep']);
    const id = await queued(here);
    await here.sharing.drain(never);
    expect(await here.sharing.items()).toMatchObject([{ status: 'refused', problem: expect.stringContaining('403') }]);
    here.now += 24 * 3600_000;
    await here.sharing.drain(never);
    expect(puts(here.server)).toBe(1);
    await here.sharing.retry(id);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id] });
  });

  test('a target that sends elsewhere gets nothing there', async () => {
    const elsewhere = await startEndpoint();
    cleanUps.push(elsewhere.close);
    const here = await scene([{ status: 307, headers: { location: elsewhere.url } }]);
    await queued(here);
    await here.sharing.drain(never);
    expect(elsewhere.calls).toEqual([]);
    expect(await here.sharing.items()).toMatchObject([{ status: 'refused', problem: expect.stringContaining('nothing was sent there') }]);
  });

  test('a silent one can be left at once, and the payload stays', async () => {
    const here = await scene(['silent', 'keep']);
    const id = await queued(here);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await expect(here.sharing.drain(stop.signal)).rejects.toMatchObject({ code: 'stopped' });
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id] });
  });

  test.each([
    'http://example.com/x',
    'https://user:pass@example.com/x',
    'https://example.com/x?key=1',
    'ftp://example.com',
    'hf:nobody',
    'nowhere',
  ])('the address %s is refused', (address) => {
    expect(() => parseTarget(address)).toThrow(expect.objectContaining({ code: 'address-invalid' }));
  });
});

describe('a crash loses nothing and duplicates nothing', () => {
  const child = (dataDir: string): ChildProcess => {
    const started = spawn(process.execPath, [resolve('test/process/sharing-child.ts'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanUps.push(() => started.kill('SIGKILL'));
    return started;
  };
  const ended = (started: ChildProcess): Promise<void> => new Promise((done) => void started.once('exit', () => done()));

  test('killed after the server kept the payload and before its answer came: sent again under the same name, where it replaces itself', async () => {
    let sending: ChildProcess | undefined;
    const here = await scene([{ keepThen: () => void sending?.kill('SIGKILL') }, 'keep']);
    const id = await queued(here);
    sending = child(here.dataDir);
    await ended(sending);
    expect(await here.sharing.items()).toMatchObject([{ id, status: 'waiting', attempts: 1 }]);
    const before = here.server.files.get(`${id}.jsonl.gz`);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id] });
    expect([...here.server.files.keys()]).toEqual([`${id}.jsonl.gz`]);
    expect(here.server.files.get(`${id}.jsonl.gz`)).toEqual(before);
    expect(here.server.calls.map(({ headers }) => headers['idempotency-key'])).toEqual([id, id]);
    expect(await here.sharing.items()).toMatchObject([{ id, status: 'shared' }]);
  });

  test('killed in the middle of an upload: the next one to come sends it', async () => {
    const here = await scene(['silent', 'keep']);
    const id = await queued(here);
    const sending = child(here.dataDir);
    await expect.poll(() => puts(here.server), { timeout: 30_000 }).toBe(1);
    // While it lives, the queue is its own.
    expect(await here.sharing.drain(never)).toMatchObject({ busy: true });
    sending.kill('SIGKILL');
    await ended(sending);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id], busy: false });
  });

  test('a payload that somebody deleted is told, and holds up no other', async () => {
    const here = await scene();
    const id = await queued(here);
    const other = await here.sharing.draft('samples', 'plans');
    const second = await here.sharing.approve(other, other.payload);
    rmSync(join(here.dataDir, 'sharing', 'payloads', `${id}.jsonl.gz`));
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [second.id], waiting: [{ id, why: expect.stringContaining('gone') }] });
  });

  test('a line of the record that was torn is left out, and what follows is read', async () => {
    const here = await scene();
    const id = await queued(here);
    writeFileSync(join(here.dataDir, 'sharing', 'log.jsonl'), '{"v":1,"at":1,"id":"x","ty', { flag: 'a' });
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id] });
    expect(await here.sharing.items()).toMatchObject([{ id, status: 'shared' }]);
  });

  test('the same payload is not queued twice', async () => {
    const here = await scene();
    expect(await queued(here)).toBe(await queued(here));
    await here.sharing.drain(never);
    await queued(here);
    await here.sharing.drain(never);
    expect(puts(here.server)).toBe(1);
  });
});

describe('taking back', () => {
  test('what was shared is deleted at the target, also when the opt-in is gone', async () => {
    const here = await scene();
    const id = await queued(here);
    await here.sharing.drain(never);
    await here.sharing.turnOff(runs.workspace);
    expect(await here.sharing.takeBack(id, never)).toMatchObject({ id, status: 'deleted' });
    expect(here.server.files.size).toBe(0);
    expect(await here.sharing.payloadText(id)).toBeUndefined();
  });

  test('a deletion that was not confirmed says so and can be asked for again', async () => {
    const here = await scene();
    const id = await queued(here);
    await here.sharing.drain(never);
    await here.server.close();
    expect(await here.sharing.takeBack(id, never)).toMatchObject({ id, status: 'deleting', problem: expect.any(String) });
  });

  test('in the middle of its upload: it does not stay at the target', async () => {
    let taken: unknown;
    const here: Scene = await scene([
      {
        keepThen: async () => {
          // The deletion overtakes the upload: the target keeps the payload only after it.
          const files = here.server.files as Map<string, Buffer>;
          const kept = [...files];
          files.clear();
          taken = await here.sharing.takeBack(id, never);
          for (const [name, content] of kept) files.set(name, content);
        },
      },
    ]);
    const id = await queued(here);
    expect((await here.sharing.drain(never)).shared).toEqual([]);
    expect(taken).toMatchObject({ status: 'deleted' });
    expect([...here.server.files]).toEqual([]);
    expect(await here.sharing.items()).toMatchObject([{ id, status: 'deleted' }]);
  });

  test('before its turn came: it is not tried, and stays taken back', async () => {
    let second = '';
    const here: Scene = await scene([{ keepThen: async () => void (await here.sharing.takeBack(second, never)) }]);
    const first = await queued(here);
    const other = await here.sharing.draft('samples', 'plans');
    second = (await here.sharing.approve(other, other.payload)).id;
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [], waiting: [{ id: first }] });
    expect((await here.sharing.items()).map(({ status }) => status)).toEqual(['waiting', 'removed']);
    expect(here.server.calls.map(({ method }) => method)).toEqual(['PUT']);
  });

  test('what was never sent only leaves the queue', async () => {
    const here = await scene();
    const id = await queued(here);
    expect(await here.sharing.takeBack(id, never)).toMatchObject({ status: 'removed' });
    await here.sharing.drain(never);
    expect(here.server.calls).toEqual([]);
  });

  test('withdrawal turns the workspace off, empties the queue and names what is out there', async () => {
    const here = await scene();
    const shared = await queued(here);
    await here.sharing.drain(never);
    const other = await here.sharing.draft('samples', 'plans');
    const waiting = await here.sharing.approve(other, other.payload);
    expect(await here.sharing.withdraw(runs.workspace)).toMatchObject({ removed: [waiting.id], outThere: [{ id: shared }] });
    expect(await here.sharing.consents()).toEqual({});
    await here.sharing.drain(never);
    expect([...here.server.files.keys()]).toEqual([`${shared}.jsonl.gz`]);
    expect(readdirSync(join(here.dataDir, 'sharing', 'payloads'))).toEqual([`${shared}.jsonl.gz`]);
  });
});

describe("the user's own data set at Hugging Face", () => {
  const token = ['hf', '_', 'notARealTokenOfAnybodyAtAll'].join('');
  const repository = 'ann/teamwright-runs';

  test.each(['regular', 'lfs'] as const)('takes payloads as the hub asks for them (%s), and gives them back', async (uploadMode) => {
    const hub = await startHub({ token, repository, uploadMode, commits: [503, 200] });
    cleanUps.push(hub.close);
    const here = await scene(['keep'], { tokenOf: async () => token });
    await here.sharing.turnOn(runs.workspace, 'diffs', parseTarget(`hf:${repository}`, hub.url));
    const draft = await here.sharing.draft('samples');
    const { id } = await here.sharing.approve(draft, draft.payload);
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [], waiting: [{ why: expect.stringContaining('503') }] });
    here.now += 60_000;
    expect(await here.sharing.drain(never)).toMatchObject({ shared: [id] });
    expect([...hub.files.keys()]).toEqual([`data/${id}.jsonl.gz`]);
    expect(hub.text(`data/${id}.jsonl.gz`)).toBe(draft.payload.text);
    expect(hub.history()).toBe(1);
    expect(await here.sharing.takeBack(id, never)).toMatchObject({ status: 'deleted' });
    expect(hub.files.size).toBe(0);
  });

  test('a wrong token is a no, and is never told', async () => {
    const hub = await startHub({ token, repository, uploadMode: 'regular' });
    cleanUps.push(hub.close);
    const wrong = `${token}x`;
    const here = await scene(['keep'], { tokenOf: async () => wrong });
    await here.sharing.turnOn(runs.workspace, 'plans', parseTarget(`hf:${repository}`, hub.url));
    await queued(here);
    await here.sharing.drain(never);
    const [item] = await here.sharing.items();
    expect(item).toMatchObject({ status: 'refused', problem: expect.stringContaining('401') });
    expect(JSON.stringify(item)).not.toContain(wrong);
    expect(existsSync(join(here.dataDir, 'sharing', 'log.jsonl'))).toBe(true);
  });
});
