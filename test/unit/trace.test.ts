import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NewEvent, TraceEvent } from '../../src/trace/events.ts';
import {
  createTrace,
  deleteRun,
  describeDamage,
  fold,
  listRuns,
  newRunId,
  openRun,
  recordedReplies,
  runDir,
  sha256,
  sweepTraces,
  timeInRunId,
  userDataDir,
} from '../../src/trace/index.ts';
import { completeEvent, readTrace } from '../../src/trace/reader.ts';
import { createUpgrader } from '../../src/trace/upgrade.ts';
import { beforeEndsWereKept } from '../support/kept-end.ts';
import { attempt, enveloped, opening, wholeRun } from '../support/trace-events.ts';
import { verifyTrace } from '../support/verify-trace.ts';

let dataDir: string;
let now: number;
const clock = () => now++;

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw trace é-'));
  now = Date.UTC(2026, 10, 22, 10);
});
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }));

const open = (runId: string, more: object = {}) => createTrace({ dataDir, runId, clock, ...more });
const eventsFile = (runId: string) => path.join(runDir(dataDir, runId), 'events.jsonl');

async function record(runId: string, events: readonly NewEvent[]): Promise<void> {
  const trace = await open(runId);
  for (const event of events) trace.emit(event);
  await trace.close();
}

/** A lock file such as a process that was killed leaves behind. */
function leaveDeadLock(runId: string): void {
  fs.writeFileSync(path.join(runDir(dataDir, runId), 'lock.1'), JSON.stringify({ pid: 2 ** 22 + 1, host: os.hostname() }));
}

describe('writing', () => {
  it.each([30, 2, 1])('a long text whose line a kill cut by %i bytes is written again by a later writer', async (bytes) => {
    const text = 'He said "yes" {"to":"it"}';
    const first = await open('r');
    const hash = first.blob(text);
    await first.close();
    const file = path.join(runDir(dataDir, 'r'), 'blobs.jsonl');
    fs.truncateSync(file, fs.statSync(file).size - bytes);
    for (const other of ['another text', text]) {
      const later = await open('r');
      later.blob(other);
      await later.close();
    }
    expect(await (await openRun(dataDir, 'r')).readBlob(hash)).toBe(text);
  });

  it('keeps what was emitted, in order', async () => {
    const heard: TraceEvent[] = [];
    const trace = await open('r1', { onEvent: (event: TraceEvent) => heard.push(event) });
    for (const event of wholeRun) trace.emit(event);
    await trace.close();
    const { events, damage } = await readTrace(runDir(dataDir, 'r1'));
    expect(events.map((event) => event.type)).toEqual(wholeRun.map((event) => event.type));
    expect(events.map((event) => event.seq)).toEqual(wholeRun.map((_, index) => index));
    expect(events).toEqual(heard);
    expect(events.find((event) => event.type === 'plan.proposed')?.budget.calls).toBe(20);
    expect(describeDamage(damage)).toEqual([]);
  });

  it('stores an event as it was emitted: whole by its type, it is what the schema of its reader makes of it', () => {
    const failure = { code: 'model-timeout', message: 'Too slow.', next: '' };
    const more = enveloped([
      ...wholeRun,
      { type: 'step.done', step: 's', path: 'r0/s', ms: 1, failure },
      { type: 'step.done', step: 's', path: 'r0/s', ms: 1 },
      { type: 'plan.declined', hash: 'h', comment: '' },
      { type: 'verdict.given', decision: 'rejected', reason: '' },
      { type: 'hunk.decided', candidate: 'c1', path: 'a', hunk: 'h1', decision: 'open', reason: '' },
      { type: 'control.used', action: 'raise-budget', budget: { calls: 3 } },
    ]);
    for (const event of more) {
      const bySchema = completeEvent(structuredClone(event) as unknown as Parameters<typeof completeEvent>[0]);
      expect(bySchema.problem).toBeUndefined();
      expect(bySchema.event).toEqual(event);
    }
  });

  it('lets flushes of one turn share a write; each has its events on the disk when it resolves', async () => {
    const trace = await open('r1');
    const sync = vi.spyOn(fs, 'fdatasync');
    const emitted: number[] = [];
    const flushes = wholeRun.map(async (event, index) => {
      trace.emit(event);
      emitted.push(index);
      await trace.flush();
      return (await readTrace(runDir(dataDir, 'r1'))).events.length;
    });
    const seen = await Promise.all(flushes);
    expect(seen.every((length, index) => length > index)).toBe(true);
    expect(sync.mock.calls.length).toBeLessThanOrEqual(4);
    sync.mockRestore();
    await trace.close();
  });

  it('closes with everything, also right after a flush that nobody waits for', async () => {
    const trace = await open('r1');
    for (const event of wholeRun) {
      trace.emit(event);
      trace.flush().catch(() => expect.unreachable());
    }
    await trace.close();
    expect((await readTrace(runDir(dataDir, 'r1'))).events).toHaveLength(wholeRun.length);
  });

  it('is readable after a turn of the event loop, without a flush', async () => {
    const trace = await open('r1');
    trace.emit(wholeRun[0] as NewEvent);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect((await readTrace(runDir(dataDir, 'r1'))).events).toHaveLength(1);
    await trace.close();
  });

  it('stores a text once, under its hash, whatever is in it', async () => {
    const texts = ['', 'a', 'zwei\r\nZeilen', '\uFEFFbom', 'lone \ud800 half', '𝒳'.repeat(300_000), '{"sha256":"x"}\n'];
    const trace = await open('r1');
    const hashes = texts.map((text) => trace.blob(text));
    expect(texts.map((text) => trace.blob(text))).toEqual(hashes);
    expect(hashes[1]).toBe(sha256('a'));
    await trace.flush();
    const run = await openRun(dataDir, 'r1');
    for (const [index, hash] of hashes.entries()) expect(await run.readBlob(hash)).toBe(texts[index]);
    const later = trace.blob('written after the reader looked');
    await trace.close();
    expect(await run.readBlob(later)).toBe('written after the reader looked');
    const lines = fs.readFileSync(path.join(run.dir, 'blobs.jsonl'), 'utf8').split('\n');
    expect(lines).toHaveLength(texts.length + 2);
  });

  it('refuses a text that is absent or was changed on disk', async () => {
    const trace = await open('r1');
    const hash = trace.blob('the truth');
    await trace.close();
    const run = await openRun(dataDir, 'r1');
    await expect(run.readBlob(sha256('never written'))).rejects.toMatchObject({ code: 'trace-unreadable' });
    const file = path.join(run.dir, 'blobs.jsonl');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('truth', 'trust'));
    await expect((await openRun(dataDir, 'r1')).readBlob(hash)).rejects.toMatchObject({ code: 'trace-unreadable' });
  });

  it.skipIf(process.platform === 'win32')('is for the user alone', async () => {
    await record('r1', wholeRun);
    const dir = runDir(dataDir, 'r1');
    expect(fs.statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of fs.readdirSync(dir)) expect(fs.statSync(path.join(dir, name)).mode & 0o777).toBe(0o600);
  });

  it('has one writer at a time', async () => {
    const first = await open('r1');
    await expect(open('r1')).rejects.toMatchObject({ code: 'run-busy', facts: { pid: process.pid } });
    await first.close();
    const second = await open('r1');
    await second.close();
  });

  it('lets only one of many successors of a dead writer in', async () => {
    await record('r1', wholeRun);
    leaveDeadLock('r1');
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => open('r1')));
    const won = tries.filter((attempt) => attempt.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const winner of won) await winner.value.close();
    expect(fs.readdirSync(runDir(dataDir, 'r1')).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  it('goes on where an earlier writer stopped, and keeps its torn line apart', async () => {
    await record('r1', wholeRun.slice(0, 5));
    fs.appendFileSync(eventsFile('r1'), '{"v":1,"seq":5,"at":1,"type":"plan.app');
    const trace = await open('r1');
    trace.emit({ type: 'plan.declined', hash: 'x', comment: '' });
    await trace.close();
    const { events, damage } = await readTrace(runDir(dataDir, 'r1'));
    expect(events.map((event) => event.seq)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(damage).toMatchObject({ garbage: 1, gaps: [], tornTail: false });
    expect(damage.oddities[0]?.raw).toContain('plan.app');
  });

  it('accepts nothing after it was closed', async () => {
    const trace = await open('r1');
    await trace.close();
    await trace.close();
    expect(() => trace.emit(wholeRun[0] as NewEvent)).toThrow('closed');
    expect(() => trace.blob('x')).toThrow('closed');
    await expect(trace.flush()).rejects.toThrow('closed');
  });

  it.each(['', '..', '../x', 'a/b', 'a\\b', 'a\0', 'x'.repeat(101), '.hidden', 'a.'])('refuses %j as a run id', async (runId) => {
    await expect(open(runId)).rejects.toMatchObject({ code: 'run-id-invalid' });
  });

  it('says which folder cannot be written', async () => {
    fs.writeFileSync(path.join(dataDir, 'runs'), 'a file in the way');
    await expect(open('r1')).rejects.toMatchObject({ code: 'trace-unwritable' });
  });

  it('tells of a full disk, keeps what was written, and writes the rest when there is room again', async () => {
    const failures: string[] = [];
    const trace = await open('r1', { onFailure: (error: { code: string }) => failures.push(error.code) });
    for (const event of wholeRun.slice(0, 3)) trace.emit(event);
    await trace.flush();
    const real = fs.writeSync as (fd: number, buffer: Uint8Array, ...where: number[]) => number;
    let room = 50;
    // The disk takes 50 bytes more and then no others, in the middle of a line.
    const full = vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, buffer: Uint8Array, ...where: number[]) => {
      // What overwrites needs none.
      if (where.length > 0) return real(fd, buffer, ...where);
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const taken = real(fd, buffer.subarray(0, room));
      room -= taken;
      return taken;
    }) as typeof fs.writeSync);
    try {
      for (const event of wholeRun.slice(3, 6)) trace.emit(event);
      await expect(trace.flush()).rejects.toMatchObject({ code: 'disk-full' });
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      expect(failures).toEqual(['disk-full']);
      const { events, damage } = await readTrace(runDir(dataDir, 'r1'));
      expect(events).toHaveLength(3);
      expect(damage.tornTail).toBe(true);
    } finally {
      full.mockRestore();
    }
    await trace.close();
    const { events, damage } = await readTrace(runDir(dataDir, 'r1'));
    expect(events).toHaveLength(6);
    expect(describeDamage(damage)).toEqual([]);
  });
});

describe('secrets', () => {
  const keys = ['sk-live-0123456789', 'pa"ss\\wörd\n=1'];

  it('never reach the disk, in no form', async () => {
    const trace = await open('r1', { secrets: [...keys, 'none', ''] });
    for (const key of keys) {
      trace.emit({
        ...(opening[0] as Extract<NewEvent, { type: 'run.started' }>),
        request: { text: `use ${key} none`, files: [] },
        models: { [key]: { endpoint: key, model: key } },
      });
      trace.emit({ type: 'loop.found', agent: 'coder', detail: JSON.stringify({ nested: JSON.stringify({ key }) }), action: 'warned' });
      trace.blob(`plain ${key}, json ${JSON.stringify({ key })}, url https://x/?k=${encodeURIComponent(key)}`);
    }
    await trace.close();
    const dir = runDir(dataDir, 'r1');
    const disk = fs
      .readdirSync(dir)
      .map((name) => fs.readFileSync(path.join(dir, name), 'utf8'))
      .join('\n');
    for (const key of keys) {
      const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
      for (const form of [key, inJson(key), inJson(inJson(key)), inJson(inJson(inJson(key))), encodeURIComponent(key)])
        expect(disk).not.toContain(form);
      // Nor does what reading gives back.
      expect(JSON.stringify((await readTrace(dir)).events)).not.toContain(JSON.stringify(key).slice(1, -1));
    }
    expect(disk).toContain('[redacted]');
    expect(await verifyTrace(dir)).toEqual([]);
  });

  it('never reach the disk encoded, wherever the encoded text begins', async () => {
    const key = keys[0] as string;
    const percent = Buffer.from(key).toString('hex').replace(/../g, '%$&');
    const encoded = [
      ...['', 'x', 'xy'].flatMap((before) =>
        (['base64', 'base64url'] as const).map((alphabet) => Buffer.from(before + key).toString(alphabet)),
      ),
      ...[Buffer.from(key).toString('hex'), percent].flatMap((text) => [text, text.toUpperCase()]),
    ];
    const trace = await open('r1', { secrets: keys });
    const hash = trace.blob(JSON.stringify({ reply: encoded.map((text) => `said ${text} here`) }));
    trace.emit({ type: 'loop.found', agent: 'coder', detail: encoded.join(' '), action: 'warned' });
    await trace.close();
    const { reply } = JSON.parse(await (await openRun(dataDir, 'r1')).readBlob(hash)) as { reply: string[] };
    // Of base64 the characters stay that the neighbours shape: less than a byte of the key at either end.
    for (const text of reply) expect(text).toMatch(/^said \S{0,4}\[redacted\]\S{0,4} here$/);
    expect(JSON.stringify((await readTrace(runDir(dataDir, 'r1'))).events)).not.toContain(encoded[0]?.slice(4, -4));
  });

  it('leave placeholders such as "none" alone', async () => {
    const trace = await open('r1', { secrets: ['none'] });
    const hash = trace.blob('none of it');
    await trace.close();
    expect(await (await openRun(dataDir, 'r1')).readBlob(hash)).toBe('none of it');
  });
});

describe('the chain of lines', () => {
  /** The lines of a trace that two writers made, one after the other. */
  const written = async (): Promise<{ file: string; lines: string[] }> => {
    for (const part of [wholeRun.slice(0, 3), wholeRun.slice(3)]) {
      const trace = await open('r1');
      for (const event of part) trace.emit(event);
      await trace.close();
    }
    const file = path.join(runDir(dataDir, 'r1'), 'events.jsonl');
    return { file, lines: fs.readFileSync(file, 'utf8').split('\n').slice(0, -1) };
  };
  const brokenIn = async (file: string, lines: readonly string[]): Promise<readonly number[]> => {
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
    const { damage } = await readTrace(path.dirname(file));
    expect(describeDamage(damage).some((line) => line.includes('changed after it was written'))).toBe(damage.brokenLinks.length > 0);
    return damage.brokenLinks;
  };

  it('is whole over several writers, and no part of the events', async () => {
    const { file, lines } = await written();
    expect(await brokenIn(file, lines)).toEqual([]);
    expect(new Set(lines.map((line) => JSON.parse(line).prev)).size).toBe(lines.length);
    expect((await readTrace(path.dirname(file))).events.some((event) => 'prev' in event)).toBe(false);
  });

  it.each<[string, (lines: string[]) => string[]]>([
    ['changed in one character', (lines) => lines.with(2, (lines[2] as string).replace('"at":', '"at": '))],
    ['changed in what it says', (lines) => lines.with(2, JSON.stringify({ ...JSON.parse(lines[2] as string), at: 77 }))],
    ['taken out', (lines) => lines.toSpliced(2, 1)],
    ['exchanged with the next one', (lines) => lines.with(2, lines[3] as string).with(3, lines[2] as string)],
    ['put in', (lines) => lines.toSpliced(3, 0, lines[2] as string)],
    ['put in, and no event', (lines) => lines.toSpliced(3, 0, 'garbage')],
    ['put in without a link', (lines) => lines.toSpliced(3, 0, '{"v":2,"seq":900,"at":1,"type":"plan.declined","hash":"h"}')],
    ['robbed of its link', (lines) => lines.with(3, JSON.stringify({ ...JSON.parse(lines[3] as string), prev: undefined }))],
    ['the first one, and taken out', (lines) => lines.slice(1)],
  ])('finds a line that was %s', async (_, change) => {
    const { file, lines } = await written();
    const broken = await brokenIn(file, change(lines));
    expect(broken.length).toBeGreaterThan(0);
    expect(Math.min(...broken)).toBeLessThanOrEqual(5);
  });

  it('goes on after a torn line, and after a trace of a program that did not chain', async () => {
    const { file, lines } = await written();
    for (const before of [
      `${lines.join('\n')}\n{"v":2,"se`,
      `${JSON.stringify({ ...JSON.parse(lines[0] as string), v: 1, prev: undefined })}\n`,
    ]) {
      beforeEndsWereKept(dataDir);
      fs.writeFileSync(file, before);
      const trace = await open('r1');
      trace.emit({ type: 'plan.declined', hash: 'h', comment: '' });
      trace.emit({ type: 'plan.declined', hash: 'h', comment: 'again' });
      await trace.close();
      expect((await readTrace(path.dirname(file))).damage.brokenLinks).toEqual([]);
    }
  });
});

describe('reading', () => {
  const write = (lines: readonly string[]) => {
    const dir = runDir(dataDir, 'r1');
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, 'events.jsonl'), lines.join('\n'));
    return dir;
  };
  const lines = () => enveloped(wholeRun).map((event) => JSON.stringify(event));

  it('counts garbage, malformed bodies, repeats and gaps, and goes on', async () => {
    const all = lines();
    const dir = write([
      ...all.slice(0, 2),
      'garbage \0\xff {',
      '',
      '[]',
      '{"v":1,"seq":-1,"at":1,"type":"x"}',
      all[1] as string,
      '{"v":1,"seq":2,"at":1,"type":"run.finished"}',
      ...all.slice(5),
      '{"v":1,"se',
    ]);
    const { events, damage } = await readTrace(dir);
    expect(events.map((event) => event.seq)).toEqual([0, 1, ...wholeRun.keys()].filter((seq, index) => index < 2 || seq >= 5));
    expect(damage).toMatchObject({ garbage: 3, badBodies: 1, repeatedSeqs: 1, gaps: [{ from: 3, to: 4 }], tornTail: true });
    expect(damage.oddities.map((oddity) => oddity.line)).toEqual([3, 5, 6, 7, 8]);
    expect(describeDamage(damage).join('\n')).toContain('events 3–4 are missing');
  });

  it('skips what a newer program wrote, keeps it raw, and takes fields it does not know', async () => {
    const [first, second] = enveloped(wholeRun);
    const newer = JSON.stringify({ v: 99, seq: 2, at: 1, type: 'run.finished', whatever: true });
    const unknown = JSON.stringify({ v: 1, seq: 3, at: 1, type: 'agent.sang', song: 'la' });
    const dir = write([JSON.stringify(first), JSON.stringify({ ...second, mood: 'good' }), newer, unknown, '']);
    const { events, damage } = await readTrace(dir);
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({ mood: 'good', ms: 12 });
    expect(damage).toMatchObject({ newerVersions: 1, unknownTypes: 1, garbage: 0, tornTail: false, gaps: [] });
    expect(damage.oddities.map((oddity) => oddity.raw)).toEqual([newer, unknown]);
  });

  it('takes CRLF, a line without its line break, and an empty file', async () => {
    expect((await readTrace(write(lines().map((line) => `${line}\r`)))).events).toHaveLength(wholeRun.length);
    expect((await readTrace(write(lines()))).damage.tornTail).toBe(false);
    expect(await readTrace(write([]))).toMatchObject({ events: [] });
    await expect(readTrace(path.join(dataDir, 'nowhere'))).rejects.toMatchObject({ code: 'trace-unreadable' });
  });

  it('reads lines across chunks and survives one that is endless', async () => {
    const big = JSON.stringify(
      enveloped([{ ...(opening[0] as Extract<NewEvent, { type: 'run.started' }>), workspace: 'ü'.repeat(400_000) }])[0],
    );
    const dir = write([big, 'x'.repeat(17 * 1024 * 1024), JSON.stringify(enveloped(wholeRun)[1]), '']);
    const { events, damage } = await readTrace(dir);
    expect(events.map((event) => event.seq)).toEqual([0, 1]);
    expect(damage.garbage).toBe(1);
  });

  it('upgrades old versions through the table, one version at a time', () => {
    const table: Parameters<typeof createUpgrader>[0] = {
      1: () => {
        let seen = 0;
        return (event) => {
          seen += 1;
          return { ...event, b: seen };
        };
      },
      2: () => (event) => ({ ...event, c: 2 }),
    };
    const old = { v: 1, seq: 0, at: 0, type: 'x' };
    const upgrade = createUpgrader(table, 3);
    expect(upgrade(old)).toEqual({ v: 3, seq: 0, at: 0, type: 'x', b: 1, c: 2 });
    expect(upgrade({ ...old, v: 2 })).toEqual({ v: 3, seq: 0, at: 0, type: 'x', c: 2 });
    expect(upgrade(old)).toMatchObject({ b: 2 });
    expect(upgrade({ ...old, v: 3 })).toEqual({ ...old, v: 3 });
    expect(createUpgrader(table, 3)(old)).toMatchObject({ b: 1 });
    expect(createUpgrader({}, 3)(old)).toBeUndefined();
  });

  it('names what is wrong with a trace', async () => {
    await record('r1', wholeRun);
    const problems = await verifyTrace(runDir(dataDir, 'r1'));
    expect(problems.length).toBeGreaterThan(3);
    expect(problems[0]).toContain('is not in it');
  });
});

describe('runs of this machine', () => {
  it('are listed also when something among them is no run that can be read', async () => {
    await record('good', opening);
    fs.mkdirSync(eventsFile('bad'), { recursive: true });
    expect((await listRuns(dataDir)).map(({ runId }) => runId)).toEqual(['good']);
  });

  it('lists them newest first, with outcome, spend and size', async () => {
    await record('older', wholeRun);
    now += 60_000;
    await record('newer', opening);
    const [newer, older, ...none] = await listRuns(dataDir);
    expect(none).toEqual([]);
    expect(newer).toMatchObject({ runId: 'newer', status: 'interrupted', summary: { waiting: true } });
    expect(older).toMatchObject({
      runId: 'older',
      status: 'done',
      summary: { title: 'Fix the failing test.', workspace: '/home/ann/my project', outcome: 'solved', spend: { calls: 2 } },
    });
    expect(older?.bytes).toBe(fs.statSync(eventsFile('older')).size);
  });

  it('makes a summary that is lost, torn or stale again from the events', async () => {
    await record('r1', wholeRun);
    const summary = path.join(runDir(dataDir, 'r1'), 'summary.json');
    const whole = fs.readFileSync(summary, 'utf8');
    for (const damage of [
      () => fs.rmSync(summary),
      () => fs.writeFileSync(summary, whole.slice(0, 40)),
      () => fs.writeFileSync(summary, '{"version":9}'),
    ]) {
      damage();
      expect((await listRuns(dataDir))[0]?.summary.outcome).toBe('solved');
      expect(JSON.parse(fs.readFileSync(summary, 'utf8'))).toEqual(JSON.parse(whole));
    }
    fs.appendFileSync(
      eventsFile('r1'),
      `${JSON.stringify(enveloped([{ type: 'diff.applied', applied: ['a'], conflicts: [], undo: { commit: '', tree: '' } }], wholeRun.length)[0])}\n`,
    );
    expect((await listRuns(dataDir))[0]?.summary.standing).toMatchObject({ kind: 'applied', apply: { files: ['a'] } });
  });

  it('tells a running run, one that waits, and one whose process died', async () => {
    const running = await open('running');
    for (const event of [...opening, { type: 'plan.approved', hash: 'x', by: 'user' } as NewEvent]) running.emit(event);
    const waiting = await open('waiting');
    for (const event of opening) waiting.emit(event);
    await Promise.all([running.flush(), waiting.flush()]);
    await record('dead', opening);
    leaveDeadLock('dead');
    const statuses = Object.fromEntries((await listRuns(dataDir)).map((run) => [run.runId, run.status]));
    expect(statuses).toEqual({ running: 'running', waiting: 'waiting-for-review', dead: 'interrupted' });
    await Promise.all([running.close(), waiting.close()]);
  });

  it('takes odd folders in its stride', async () => {
    expect(await listRuns(path.join(dataDir, 'none'))).toEqual([]);
    await record('r1', wholeRun);
    fs.mkdirSync(path.join(dataDir, 'runs', 'empty'));
    fs.writeFileSync(path.join(dataDir, 'runs', 'stray.txt'), '');
    fs.mkdirSync(path.join(dataDir, 'runs', 'garbage'));
    fs.writeFileSync(eventsFile('garbage'), '\0\0\0');
    const ids = (await listRuns(dataDir)).map((run) => run.runId);
    expect(ids.sort()).toEqual(['empty', 'garbage', 'r1']);
  });

  it('opens a run by the beginning of its id', async () => {
    await record('20261122-a', wholeRun);
    await record('20261122-b', wholeRun);
    expect((await openRun(dataDir, '20261122-a')).runId).toBe('20261122-a');
    expect((await openRun(dataDir, '20261122-b')).runId).toBe('20261122-b');
    await expect(openRun(dataDir, '2026')).rejects.toMatchObject({ code: 'run-ambiguous' });
    await expect(openRun(dataDir, 'nope')).rejects.toMatchObject({ code: 'run-unknown' });
    await expect(openRun(dataDir, '../../etc')).rejects.toMatchObject({ code: 'run-id-invalid' });
  });

  it('deletes a run with everything, but not while it is written', async () => {
    const trace = await open('r1');
    trace.blob('private');
    await expect(deleteRun(dataDir, 'r1')).rejects.toMatchObject({ code: 'run-busy' });
    await trace.close();
    expect(await deleteRun(dataDir, 'r1')).toBeGreaterThan(0);
    expect(fs.readdirSync(path.join(dataDir, 'runs'))).toEqual([]);
    await expect(deleteRun(dataDir, 'r1')).rejects.toMatchObject({ code: 'run-unknown' });
  });

  it.skipIf(process.platform === 'win32')('never deletes through a link', async () => {
    const precious = path.join(dataDir, 'precious');
    fs.mkdirSync(precious);
    fs.mkdirSync(path.join(dataDir, 'runs'));
    fs.symlinkSync(precious, path.join(dataDir, 'runs', 'link'));
    await expect(deleteRun(dataDir, 'link')).rejects.toMatchObject({ code: 'run-unknown' });
    expect(fs.existsSync(precious)).toBe(true);
  });

  it('sweeps by age and by size, oldest first, and never a running one', async () => {
    for (const name of ['a', 'b', 'c']) {
      await record(name, wholeRun);
      now += 1000;
    }
    const running = await open('running');
    await running.flush();
    fs.mkdirSync(path.join(dataDir, 'runs', '.deleted-x'));
    const size = fs.statSync(eventsFile('a')).size;
    const real = () => Date.now();
    expect((await sweepTraces(dataDir, { maxBytes: size * 10, maxAgeDays: 30 }, real)).deleted).toEqual([]);
    expect(fs.existsSync(path.join(dataDir, 'runs', '.deleted-x'))).toBe(false);
    const quota = await sweepTraces(dataDir, { maxBytes: size * 2, maxAgeDays: 30 }, real);
    expect(quota).toMatchObject({ deleted: [{ runId: 'a', reason: 'quota', bytes: size }], bytes: size * 2 });
    const age = await sweepTraces(dataDir, { maxBytes: size * 10, maxAgeDays: 30 }, () => Date.now() + 31 * 24 * 3600 * 1000);
    expect(age.deleted.map((run) => [run.runId, run.reason])).toEqual([
      ['b', 'age'],
      ['c', 'age'],
    ]);
    expect((await listRuns(dataDir)).map((run) => run.runId)).toEqual(['running']);
    await running.close();
  });
});

describe('replay', () => {
  const reply = {
    text: 'done',
    reasoning: '',
    toolCalls: [],
    finish: 'stop',
    usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, estimated: false },
    servedModel: 'm',
    ms: 1,
  };

  it('gives the attempts of each call in order, failures included, cut-off ones not', async () => {
    const trace = await open('r1');
    const [started, done] = attempt(1, true) as [Extract<NewEvent, { type: 'call.started' }>, Extract<NewEvent, { type: 'call.done' }>];
    const failure = { code: 'model-timeout', message: 'Too slow.', next: '' };
    trace.emit(started);
    trace.emit({ type: 'call.failed', call: started.call, attempt: 1, agent: 'coder', failure, willRetry: true, ms: 5, spend: done.spend });
    trace.emit({ ...started, attempt: 2, promptHash: 'second' });
    trace.emit({ ...done, attempt: 2, reply: trace.blob(JSON.stringify(reply)) });
    trace.emit({ ...started, call: 'cut/off' });
    await trace.close();
    const run = await openRun(dataDir, 'r1');
    const calls = await recordedReplies((await run.read()).events, run.readBlob);
    expect([...calls]).toEqual([
      [
        started.call,
        [
          { promptHash: started.promptHash, failure, usage: undefined, last: false },
          { promptHash: 'second', reply },
        ],
      ],
    ]);
  });

  it('refuses a text that is no reply', async () => {
    const events = enveloped(attempt(1, true));
    await expect(recordedReplies(events, async () => '{"text":1}')).rejects.toMatchObject({ code: 'trace-unreadable' });
  });
});

describe('the data folder', () => {
  it.each([
    [{ TEAMWRIGHT_DATA: '/data/x', XDG_DATA_HOME: '/xdg' }, 'linux', '/home/u', '/data/x'],
    [{ XDG_DATA_HOME: '/xdg' }, 'linux', '/home/u', '/xdg/teamwright'],
    [{ XDG_DATA_HOME: 'relative' }, 'linux', '/home/u', '/home/u/.local/share/teamwright'],
    [{ TEAMWRIGHT_DATA: '' }, 'linux', '/home/u', '/home/u/.local/share/teamwright'],
    [{}, 'darwin', '/Users/u', '/Users/u/Library/Application Support/teamwright'],
    [{ APPDATA: 'C:\\Users\\u\\AppData\\Roaming' }, 'win32', 'C:\\Users\\u', 'C:\\Users\\u\\AppData\\Roaming\\teamwright'],
    [{}, 'win32', 'C:\\Users\\u', 'C:\\Users\\u\\AppData\\Roaming\\teamwright'],
  ] as const)('%j on %s', (env, platform, home, expected) => {
    expect(userDataDir(env, platform, home)).toBe(expected);
  });

  it('refuses a relative TEAMWRIGHT_DATA', () => {
    expect(() => userDataDir({ TEAMWRIGHT_DATA: 'here' }, 'linux', '/home/u')).toThrow('absolute');
  });

  it('names runs so that they sort by time', () => {
    const ids = [0, 0.5, 0.999999].map((random, index) =>
      newRunId(
        () => Date.UTC(2026, 10, 22, 10, 15, 30 + index),
        () => random,
      ),
    );
    expect(ids[0]).toBe('20261122-101530-000000');
    expect(ids.slice(0, 2).map(timeInRunId)).toEqual([30, 31].map((second) => Date.UTC(2026, 10, 22, 10, 15, second)));
    expect(timeInRunId('samples')).toBeUndefined();
    expect([...ids].sort()).toEqual(ids);
    expect(fold([])).toMatchObject({ events: 0 });
  });
});
