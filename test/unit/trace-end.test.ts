/** The end of a record, kept apart from it: what is changed after the last line that a chain vouches for is found as well. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src/trace/events.ts';
import { changedBefore, createTrace, deleteRun, describeDamage, openRun, runDir, sweepTraces } from '../../src/trace/index.ts';
import { beforeEndsWereKept, endFileOf, killedHere } from '../support/kept-end.ts';
import { chainedLines, wholeRun } from '../support/trace-events.ts';

let dataDir: string;
let now: number;
beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tw-end-'));
  now = Date.UTC(2026, 10, 28, 10);
});
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }));

const clock = () => now++;
const fileOf = (runId: string): string => path.join(runDir(dataDir, runId), 'events.jsonl');
const read = (runId: string): string => fs.readFileSync(fileOf(runId), 'utf8');
const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const unchained = (text: string): string => text.replaceAll(/,"prev":"[0-9a-f]*"/g, '');
const eventsIn = (text: string): object[] => linesOf(text).map((line) => ({ ...JSON.parse(line), prev: undefined }));

async function record(runId: string, events: readonly NewEvent[] = wholeRun): Promise<void> {
  const trace = await createTrace({ dataDir, runId, clock });
  for (const event of events) trace.emit(event);
  await trace.close();
}

async function found(runId: string): Promise<{ line: number | undefined; words: string }> {
  const { damage } = await (await openRun(dataDir, runId)).read();
  return { line: changedBefore(damage), words: describeDamage(damage).join('\n') };
}

const declined: NewEvent = { type: 'plan.declined', hash: 'h', comment: '' };
const whole = { line: undefined, words: '' };
const ending = wholeRun.length + 1;

const changes: readonly [string, (text: string) => string][] = [
  ['another last line', (text) => text.replace(/"at":(\d+)(?=[^\n]*\n$)/, (_, at) => `"at":${Number(at) + 1}`)],
  ['a longer last line', (text) => text.replace(/"at":(?=[^\n]*\n$)/, '"at": ')],
  ['no last line', (text) => joined(linesOf(text).slice(0, -1))],
  ['half a last line', (text) => text.slice(0, -20)],
  ['no line break', (text) => text.slice(0, -1)],
  ['no line of the second half', (text) => joined(linesOf(text).slice(0, wholeRun.length / 2))],
  ['no line but the first', (text) => joined(linesOf(text).slice(0, 1))],
  ['nothing', () => ''],
  ['one line more, which names the one before', (text) => chainedLines([...eventsIn(text), { v: 2, seq: 900, at: 1, ...declined }])],
  ['an empty line more', (text) => `${text}\n`],
  ['the beginning of a line more', (text) => `${text}{"v":2,"se`],
  ['a chain made anew', (text) => chainedLines(eventsIn(text.replace('"seq":4,', '"seq":4, ')).map((event) => ({ at: 1, ...event })))],
  ['a chain made anew over a changed line', (text) => chainedLines(eventsIn(text).map((event) => ({ ...event, at: 7 })))],
  ['no chain', unchained],
  ['no chain, and the version of programs that made none', (text) => asVersion1(text)],
];

const asVersion1 = (text: string): string =>
  unchained(text)
    .replaceAll('{"v":2,', '{"v":1,')
    .replaceAll(/"planHash":"[0-9a-f]*",|,"rounds":\[[0-9,]*\]/g, '');

describe('a run that has ended', () => {
  it.each(changes)('with %s afterwards is found out', async (_, change) => {
    await record('r1');
    expect(await found('r1')).toEqual(whole);
    const written = read('r1');
    fs.writeFileSync(fileOf('r1'), change(written));
    expect(read('r1')).not.toBe(written);
    const { line, words } = await found('r1');
    expect(line).toBeDefined();
    expect(words).toContain('the record was changed after it was written');
    fs.writeFileSync(fileOf('r1'), written);
    expect(await found('r1')).toEqual(whole);
  });

  it('names the place: the end is behind the last line', async () => {
    await record('r1');
    fs.writeFileSync(fileOf('r1'), read('r1').replace(/"at":(?=[^\n]*\n$)/, '"at": '));
    expect(await found('r1')).toEqual({ line: ending, words: `the record was changed after it was written (before line ${ending})` });
  });

  it.each<[string, (file: string) => void]>([
    ['removed', (file) => fs.rmSync(file)],
    ['emptied', (file) => fs.writeFileSync(file, '')],
    ['filled with something else', (file) => fs.writeFileSync(file, '{"v":1,"open":true}')],
    ['taken from another run', (file) => fs.copyFileSync(endFileOf(dataDir, 'r2'), file)],
  ])('whose end was %s counts as changed', async (_, damage) => {
    await record('r1');
    await record('r2', wholeRun.slice(0, 4));
    damage(endFileOf(dataDir, 'r1'));
    expect((await found('r1')).line).toBe(ending);
    expect(await found('r2')).toEqual(whole);
  });

  it('is not taken for an old one when chain, version and end are all taken off', async () => {
    await record('r1');
    fs.writeFileSync(fileOf('r1'), asVersion1(read('r1')));
    fs.rmSync(endFileOf(dataDir, 'r1'));
    expect((await found('r1')).line).toBeDefined();
  });

  it('that is written on, by applies and undos, ends where it ends then', async () => {
    for (let more = 0; more < 4; more += 1) {
      await record('r1', more === 0 ? wholeRun : [declined]);
      expect(await found('r1')).toEqual(whole);
      const written = read('r1');
      fs.writeFileSync(fileOf('r1'), joined(linesOf(written).slice(0, -1)));
      expect((await found('r1')).line).toBe(ending + more - 1);
      fs.writeFileSync(fileOf('r1'), written);
    }
  });

  it.each(changes.filter(([name]) => name !== 'nothing'))(
    'with %s stays found out, whoever writes on and however often',
    async (_, change) => {
      await record('r1');
      fs.writeFileSync(fileOf('r1'), change(read('r1')));
      for (const more of [[], [declined], [], [declined, declined]]) {
        await record('r1', more);
        expect((await found('r1')).line).toBeLessThanOrEqual(ending + 2);
      }
    },
  );
});

describe('a run whose writer was killed', () => {
  const killed = async (text: (written: string) => string): Promise<void> => {
    await record('r1');
    fs.writeFileSync(fileOf('r1'), text(read('r1')));
    killedHere(runDir(dataDir, 'r1'));
  };

  it.each<[string, (written: string) => string, string]>([
    ['after a line', (written) => joined(linesOf(written).slice(0, 5)), ''],
    ['in the middle of one', (written) => `${joined(linesOf(written).slice(0, 5))}{"v":2,`, 'the last line is incomplete'],
    ['before its first', () => '', ''],
  ])('%s is whole as it is, and goes on', async (_, text, words) => {
    await killed(text);
    expect(await found('r1')).toEqual({ line: undefined, words });
    for (const more of [[], [declined], [], [declined]]) {
      await record('r1', more);
      expect((await found('r1')).line).toBeUndefined();
    }
  });

  it.each(changes.filter(([name]) => !name.startsWith('half') && name !== 'no line break'))(
    'with %s afterwards is found out',
    async (_, change) => {
      await killed((written) => joined(linesOf(written).slice(0, 12)));
      fs.writeFileSync(fileOf('r1'), change(read('r1')));
      expect((await found('r1')).line).toBeDefined();
    },
  );

  it('by a power cut may have lost what was not yet durable, and only where the machine was started since', async () => {
    await record('r1');
    const written = read('r1');
    const end = JSON.parse(fs.readFileSync(endFileOf(dataDir, 'r1'), 'utf8'));
    const lines = linesOf(written).slice(0, 4);
    fs.writeFileSync(fileOf('r1'), joined(lines));
    killedHere(runDir(dataDir, 'r1'));
    const { durable } = JSON.parse(fs.readFileSync(endFileOf(dataDir, 'r1'), 'utf8'));
    fs.writeFileSync(endFileOf(dataDir, 'r1'), JSON.stringify({ ...end, open: true, durable }));
    const cut = [joined(lines), joined(linesOf(written).slice(0, 6)), `${joined(lines)}\0\0\0`];
    for (const text of cut) {
      fs.writeFileSync(fileOf('r1'), text);
      expect((await found('r1')).line).toBeDefined();
    }
    const longAgo = new Date(Date.now() - os.uptime() * 1000 - 60_000);
    fs.utimesSync(endFileOf(dataDir, 'r1'), longAgo, longAgo);
    for (const text of cut) {
      fs.writeFileSync(fileOf('r1'), text);
      expect((await found('r1')).line).toBeUndefined();
    }
    fs.writeFileSync(fileOf('r1'), joined(lines.slice(0, 3)));
    expect((await found('r1')).line).toBeDefined();
  });
});

describe('runs from before ends were kept', () => {
  it('are read, say that they are old, and get an end when they are written on', async () => {
    await record('r1');
    await record('r2');
    beforeEndsWereKept(dataDir);
    const old = { line: undefined, words: 'it is old: whether its last lines were changed cannot be told' };
    expect(await found('r1')).toEqual(old);
    await record('r3');
    expect(await found('r1')).toEqual(old);
    await record('r1', [declined]);
    expect(await found('r1')).toEqual(whole);
    expect(await found('r2')).toEqual(old);
    fs.writeFileSync(fileOf('r1'), joined(linesOf(read('r1')).slice(0, -1)));
    expect((await found('r1')).line).toBe(ending);
    fs.writeFileSync(fileOf('r2'), read('r2').replace('"seq":3,', '"seq":3, '));
    expect((await found('r2')).line).toBe(5);
  });

  it('are told from one that is put in afterwards', async () => {
    await record('r1');
    fs.cpSync(runDir(dataDir, 'r1'), runDir(dataDir, 'r2'), { recursive: true });
    expect((await found('r2')).line).toBe(ending);
  });
});

describe('while it is written', () => {
  it('a record is never taken for a changed one', async () => {
    const trace = await createTrace({ dataDir, runId: 'r1', clock });
    let readings = 0;
    const reading = (async () => {
      while (readings < 40) {
        expect(await found('r1')).toEqual(whole);
        readings += 1;
      }
    })();
    for (let turn = 0; readings < 40; turn += 1) {
      trace.emit(declined);
      if (turn % 5 === 0) await trace.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await reading;
    await trace.close();
    expect(await found('r1')).toEqual(whole);
  });
});

describe('ends', () => {
  const kept = (): string[] => fs.readdirSync(path.join(dataDir, 'ends')).sort();

  it('go with their runs, also where a deletion was cut short', async () => {
    for (const runId of ['r1', 'r2', 'r3']) await record(runId);
    expect(kept()).toEqual(['.without', 'r1.json', 'r2.json', 'r3.json']);
    await deleteRun(dataDir, 'r1');
    fs.rmSync(runDir(dataDir, 'r2'), { recursive: true });
    await sweepTraces(dataDir, { maxBytes: 1e9, maxAgeDays: 1000 }, Date.now);
    expect(kept()).toEqual(['.without', 'r3.json']);
  });

  it('are for the user alone, and begun once by writers that come at the same time', async () => {
    await Promise.all(['r1', 'r2', 'r3', 'r4'].map((runId) => record(runId)));
    expect(kept()).toEqual(['.without', 'r1.json', 'r2.json', 'r3.json', 'r4.json']);
    for (const name of kept()) expect(fs.statSync(path.join(dataDir, 'ends', name)).mode & 0o077).toBe(0);
    for (const runId of ['r1', 'r2', 'r3', 'r4']) expect(await found(runId)).toEqual(whole);
    expect(fs.readdirSync(dataDir).sort()).toEqual(['ends', 'runs']);
  });
});
