/** Hostile tests in their fence: nothing is read, written, reached or left running that is not theirs. In every fence that works here. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fences } from '../support/fences.ts';
import { python } from '../support/python.ts';
import { secret, type WalledPlace, walledPlace } from '../support/walled-place.ts';
import { type Attempt, attempts } from './fence-attempts.ts';

const nodePrelude = `
const P = JSON.parse(process.env.PLACES);
const fs = require('node:fs'), os = require('node:os'), path = require('node:path'), net = require('node:net'), dgram = require('node:dgram');
const got = (what) => { if (what !== undefined && what !== false && what !== '') console.log('GOT', what); };
const t = (action) => { try { const what = action(); if (what instanceof Promise) return what.then(got, () => {}); got(what); } catch {} };
const reach = (options) => new Promise((resolve) => {
  const socket = net.connect({ timeout: 500, ...options }, () => { got(JSON.stringify(options)); socket.destroy(); });
  socket.on('error', resolve).on('close', resolve).on('timeout', () => socket.destroy());
});
`;
const pythonPrelude = `
import ctypes, json, os, socket, struct, time
P = json.loads(os.environ['PLACES'])
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_size_t
def syscall(*a):
  r = libc.syscall(*a)
  if r < 0: raise OSError(ctypes.get_errno(), 'no')
  return r
def t(action):
  try:
    what = action()
    if what is not None and what is not False: print('GOT', what, flush=True)
  except (OSError, OverflowError, ValueError): pass
`;

function programOf({ node, python: text, sh }: Attempt, mark: string): readonly string[] {
  if (node !== undefined) return [process.execPath, '-e', `${nodePrelude}(async () => {\n${node}\n})();`];
  if (text !== undefined) return [python ?? '', '-c', `${pythonPrelude}\n${text}`];
  return ['/bin/sh', '-c', `MARK='${mark}'\n${sh}`];
}

/** What System V keeps for all, by key and owner. */
const shared = (): string => ['shm', 'sem', 'msg'].map((kind) => readFileSync(`/proc/sysvipc/${kind}`, 'utf8').split('\n').length).join();

const machine = ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue', '/usr/local/bin', '/etc/cron.d', '/opt', '/var/spool/cron', '/run'];

if (fences.length === 0) test.skip('no fence works on this machine', () => undefined);

for (const fence of fences.flatMap((one) => (one.discards ? [one, { ...one, discards: false }] : [one]))) {
  describe(`in the fence by ${fence.by}${fence.discards ? '' : ' that discards nothing'}`, () => {
    let place: WalledPlace;
    let before: Readonly<Record<string, string>>;
    let sharedBefore: string;
    beforeAll(async () => {
      place = await walledPlace(fence);
      before = place.outside();
      sharedBefore = shared();
    });
    afterAll(() => place.dispose());

    for (const [kind, all] of Object.entries(attempts)) {
      describe(kind, () => {
        for (const attempt of all) {
          test.skipIf(attempt.python !== undefined && python === undefined)(attempt.name, async () => {
            const { wallMs } = attempt;
            const result = await place.run(programOf(attempt, place.mark), wallMs === undefined ? {} : { wallMs });
            const said = `${result.stdout}\n${result.stderr}`;
            expect(result).toMatchObject({ fenced: true, ending: expect.not.stringMatching(/^not-/) });
            expect(said).not.toContain(secret);
            expect(said).not.toMatch(/^GOT.*/m);
            expect(said).not.toMatch(/SyntaxError|Traceback|ReferenceError|TypeError|command not found/);
            if (wallMs === undefined) expect(result.ending).not.toBe('wall-limit');
            else expect(result.ms).toBeLessThan(wallMs + 5000);
            expect([place.left(), place.heard(), place.victimLives(), shared()]).toEqual([[], '', true, sharedBefore]);
            expect(place.outside()).toEqual(before);
            expect(machine.filter((folder) => existsSync(folder) && readdirSync(folder).some((name) => name.includes(place.mark)))).toEqual(
              [],
            );
          });
        }
      });
    }

    test('nothing of them stays on the disk or in memory', async () => {
      const { stdout } = await place.run(['/bin/cat', '/proc/self/mountinfo']);
      const bases = [...stdout.matchAll(/\/(teamwright-\w+)\/\d+\/(?:root|home)/g)].map(([, name]) => name ?? '');
      const found = [tmpdir(), '/dev/shm'].flatMap((top) => bases.map((name) => join(top, name))).filter((path) => existsSync(path));
      expect(found.length).toBeGreaterThan(0);
      await expect.poll(() => found.flatMap((base) => readdirSync(base)), { timeout: 20_000 }).toEqual([]);
    });
  });
}
